"""Sums and products of two tensors: QLinearAdd, QLinearMul, and Add, Mul, Sub in the QDQ form."""

import numpy as np

from cases import case

U8, I8 = np.uint8, np.int8
SHAPES = {
    "plain": ((2, 3, 5), (2, 3, 5)),
    "broadcast_channel": ((2, 3, 5, 4), (3, 1, 1)),
    "broadcast_both": ((2, 1, 5), (1, 3, 1)),
    "broadcast_left": ((5,), (3, 2, 5)),
    "scalar": ((3, 7), ()),
}


def operands(net, left, right, dtype, constant, twice, ties):
    a = net.quantised(net.input(left, dtype), dtype, 1 / 32 if ties else None, 77 if ties else None)
    if twice:
        return a, a
    if constant:
        values = np.iinfo(dtype)
        b = net.const(net.rng.integers(values.min, values.max + 1, right).astype(dtype))
        return a, net.quantised(b, dtype)
    return a, net.quantised(net.input(right, dtype, "x2"), dtype, 1 / 64 if ties else None)


def out_scale(net, kind, a, b):
    sa, sb = (float(net.values[t[1]]) for t in (a, b))
    return np.float32((sa * sb * 74 * 74 if kind == "Mul" else 74 * np.hypot(sa, sb)) * 2.2 / 128)


def qlinear(net, kind, left, right, dtype=U8, constant=False, twice=False, ties=False):
    a, b = operands(net, left, right, dtype, constant, twice, ties)
    # With powers of two every sum is exact and one in four is a tie; an odd zero point then shows.
    y = net.params(dtype, 1 / 16, 111) if ties else net.params(dtype, out_scale(net, kind, a, b))
    net.output(net.ms(f"QLinear{kind}", *a, *b, *y))


def qdq(net, kind, left, right, dtype=U8, constant=False, twice=False, relu=False, ties=False):
    a, b = operands(net, left, right, dtype, constant, twice, ties)
    y = net.op(kind, net.dq(a), net.dq(b))
    if ties:
        net.output(net.q(y, dtype, 1 / 16, 111)[0])
        return
    scale = out_scale(net, kind, a, b)
    net.output(net.q(net.op("Relu", y), dtype, scale, np.iinfo(dtype).min)[0] if relu else net.q(y, dtype, scale)[0])


for kind in ("Add", "Mul"):
    low = kind.lower()
    for name, (left, right) in SHAPES.items():
        case(f"qlinear{low}_{name}", kind=kind, left=left, right=right)(qlinear)
        case(f"qdq_{low}_{name}", kind=kind, left=left, right=right)(qdq)
    plain = dict(kind=kind, left=(3, 11), right=(3, 11))
    case(f"qlinear{low}_i8", dtype=I8, **plain)(qlinear)
    case(f"qlinear{low}_constant", constant=True, **plain)(qlinear)
    case(f"qlinear{low}_twice", twice=True, **plain)(qlinear)
    case(f"qdq_{low}_i8", dtype=I8, **plain)(qdq)
    case(f"qdq_{low}_constant", constant=True, **plain)(qdq)
    case(f"qdq_{low}_twice", twice=True, **plain)(qdq)
    case(f"qdq_{low}_relu", relu=True, **plain)(qdq)
    case(f"qlinear{low}_ties", ties=True, **plain)(qlinear)
    case(f"qdq_{low}_ties", ties=True, **plain)(qdq)
    case(f"qdq_{low}_opset21", opset=21, **plain)(qdq)
case("qdq_sub_plain", kind="Sub", left=(3, 11), right=(3, 11))(qdq)
case("qdq_sub_broadcast", kind="Sub", left=(3, 1), right=(2, 1, 5))(qdq)
