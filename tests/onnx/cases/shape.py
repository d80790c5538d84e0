"""Operators that move values: on integers directly, and between DequantizeLinear and QuantizeLinear."""

import numpy as np

from cases import case

U8, I8 = np.uint8, np.int8


def direct(net, shape, build, dtype=U8):
    y = build(net, net.input(shape, dtype))
    net.output(*([y] if isinstance(y, str) else y))


def qdq(net, shape, build, dtype=U8):
    """The same scale and zero point on both sides, as a quantiser writes it: no value changes."""
    scale, zero = 0.031, int(net.zero(dtype))
    y = build(net, net.dq_input(shape, dtype, scale=scale, zero=zero))
    net.output(*[net.q(v, dtype, scale, zero)[0] for v in ([y] if isinstance(y, str) else y)])


def slices(net, x, starts, ends, axes=None, steps=None):
    optional = [net.ints(*axes) if axes else ""] + ([net.ints(*steps)] if steps else [])
    return net.op("Slice", x, net.ints(*starts), net.ints(*ends), *(optional if axes or steps else []))


# name: first opset, shape, builder
MOVES = {
    "flatten": (13, (2, 3, 4, 5), lambda n, x: n.op("Flatten", x)),
    "flatten_axis0": (13, (2, 3, 5), lambda n, x: n.op("Flatten", x, axis=0)),
    "flatten_negative_axis": (13, (2, 3, 4, 5), lambda n, x: n.op("Flatten", x, axis=-1)),
    "reshape": (13, (2, 3, 4, 5), lambda n, x: n.op("Reshape", x, n.ints(5, 24))),
    "reshape_zero_infer": (13, (2, 3, 4, 5), lambda n, x: n.op("Reshape", x, n.ints(0, -1, 0))),
    "reshape_opset14": (14, (2, 3, 4, 5), lambda n, x: n.op("Reshape", x, n.ints(0, 2, -1), allowzero=0)),
    "transpose": (13, (2, 3, 4, 5), lambda n, x: n.op("Transpose", x, perm=[2, 0, 3, 1])),
    "transpose_default": (13, (2, 3, 5), lambda n, x: n.op("Transpose", x)),
    "squeeze_attribute": (11, (1, 3, 1, 5), lambda n, x: n.op("Squeeze", x, axes=[0, 2])),
    "squeeze_input": (13, (1, 3, 1, 5), lambda n, x: n.op("Squeeze", x, n.ints(-2))),
    "squeeze_all": (13, (1, 3, 1, 5), lambda n, x: n.op("Squeeze", x)),
    "unsqueeze_attribute": (11, (3, 5), lambda n, x: n.op("Unsqueeze", x, axes=[0, 3])),
    "unsqueeze_input": (13, (3, 5), lambda n, x: n.op("Unsqueeze", x, n.ints(1, -1))),
    "slice": (13, (4, 7, 5), lambda n, x: slices(n, x, [1, 0, 2], [3, 7, 5])),
    "slice_axes": (13, (4, 7, 5), lambda n, x: slices(n, x, [2, 1], [6, 4], [1, -1])),
    "slice_steps": (13, (4, 11, 5), lambda n, x: slices(n, x, [1, 0], [2**31, 4], [1, 2], [3, 2])),
    "slice_negative_steps": (13, (4, 7, 5), lambda n, x: slices(n, x, [-1, 5], [-(2**31), 0], [0, 1], [-1, -2])),
    "slice_negative_indices": (13, (4, 7, 5), lambda n, x: slices(n, x, [-3, -5], [-1, 2**62], [0, 1])),
    "slice_opset1_attributes": (9, (4, 7, 5), lambda n, x: n.op("Slice", x, starts=[1, 2], ends=[3, -1], axes=[0, 1])),
    "split_equal": (13, (4, 6), lambda n, x: n.op("Split", x, outputs=3, axis=1)),
    "split_sizes": (13, (4, 7), lambda n, x: n.op("Split", x, n.ints(2, 1, 4), outputs=3, axis=-1)),
    "split_attribute": (11, (7, 3), lambda n, x: n.op("Split", x, outputs=2, axis=0, split=[2, 5])),
    "split_num_outputs": (18, (4, 7), lambda n, x: n.op("Split", x, outputs=3, axis=1, num_outputs=3)),
    "identity": (13, (3, 5), lambda n, x: n.op("Identity", x)),
    "depth_to_space": (13, (1, 8, 3, 2), lambda n, x: n.op("DepthToSpace", x, blocksize=2)),
    "concat_self": (13, (2, 3, 5), lambda n, x: n.op("Concat", x, x, axis=-2)),
}
for name, (opset, shape, build) in MOVES.items():
    case(f"{name}_u8", opset, shape=shape, build=build)(direct)
    if opset >= 10:
        case(f"qdq_{name}_i8", opset, shape=shape, build=build, dtype=I8)(qdq)
case("qdq_dropout", 13, shape=(3, 5), build=lambda n, x: n.op("Dropout", x))(qdq)
case("qdq_dropout_opset10", 10, shape=(3, 5), build=lambda n, x: n.op("Dropout", x, ratio=0.3))(qdq)
case("qdq_dropout_ratio", 13, shape=(3, 5), build=lambda n, x: n.op("Dropout", x, n.const(np.float32(0.3)), n.const(np.array(False))))(qdq)

PADS = (1, 0, 2, 0, 2, 1)
case("pad_u8", shape=(2, 3, 4), build=lambda n, x: n.op("Pad", x, n.ints(*PADS), n.const(U8(77))))(direct)
case("pad_i8_default_value", shape=(2, 3, 4), build=lambda n, x: n.op("Pad", x, n.ints(*PADS)), dtype=I8)(direct)
case("pad_crop_u8", shape=(4, 5), build=lambda n, x: n.op("Pad", x, n.ints(-1, 2, 0, -1), n.const(U8(9))))(direct)
case("pad_axes_u8", 18, shape=(2, 3, 4), build=lambda n, x: n.op("Pad", x, n.ints(1, 2, 0, 3), n.const(U8(5)), n.ints(-1, 0)))(direct)
case("qdq_pad", shape=(2, 3, 4), build=lambda n, x: n.op("Pad", x, n.ints(*PADS), n.const(np.float32(0))))(qdq)
case("qdq_pad_value", shape=(2, 3, 4), build=lambda n, x: n.op("Pad", x, n.ints(*PADS), n.const(np.float32(0.777))))(qdq)
case("qdq_pad_opset10_attributes", 10, shape=(2, 3, 4), build=lambda n, x: n.op("Pad", x, pads=list(PADS), mode="constant", value=0.5))(qdq)


# ---- several inputs

def concat_inputs(net, dtype, scales=None):
    shapes = ((2, 3, 4), (2, 1, 4), (2, 5, 4))
    scales = scales or [0.031, 0.017, 0.023]
    names = [net.input(s, dtype, f"x{i + 1}") for i, s in enumerate(shapes)]
    return [net.quantised(n, dtype, s) for n, s in zip(names, scales)]


@case("concat_u8")
def concat_direct(net):
    net.output(net.op("Concat", *[t[0] for t in concat_inputs(net, U8)], axis=1))


def concat_qdq(net, dtype):
    """The scales differ: each part is requantised."""
    net.output(net.q(net.op("Concat", *[net.dq(t) for t in concat_inputs(net, dtype)], axis=1), dtype, 0.027)[0])


def concat_qlinear(net, dtype):
    parts = [name for t in concat_inputs(net, dtype) for name in t]
    net.output(net.ms("QLinearConcat", *net.params(dtype, 0.027), *parts, axis=1))


for dtype, suffix in ((U8, "u8"), (I8, "i8")):
    case(f"qdq_concat_{suffix}", dtype=dtype)(concat_qdq)
    case(f"qlinearconcat_{suffix}", dtype=dtype)(concat_qlinear)


@case("qlinearconcat_same_parameters")
def concat_same(net):
    s, z = net.const(np.float32(0.031)), net.const(U8(99))
    parts = [net.input(shape, U8, f"x{i}") for i, shape in enumerate(((3, 2), (3, 5)))]
    net.output(net.ms("QLinearConcat", s, z, parts[0], s, z, parts[1], s, z, axis=-1))


# ---- shape arithmetic, folded before anything runs

def keep_batch(net, batch, declared):
    """reshape(x, concat(shape(x)[0:1], [-1])), as exporters write flatten."""
    x = net.input((batch, 3, 4), declared=declared)
    first = net.op("Gather", net.op("Shape", x), net.const(np.int64(0)), axis=0)
    shape = net.op("Concat", net.op("Unsqueeze", first, net.ints(0)), net.ints(-1), axis=0)
    net.output(net.op("Reshape", x, shape))


case("shape_arithmetic_fixed", batch=2, declared=None)(keep_batch)
case("shape_arithmetic_symbolic_1", batch=1, declared=["batch", 3, 4])(keep_batch)
case("shape_arithmetic_symbolic_3", batch=3, declared=["batch", 3, 4])(keep_batch)


@case("shape_arithmetic_slice", 15)
def shape_slice(net):
    """Shape with start and end, Slice of a shape, Mul, Cast, a Constant node."""
    x = net.input((2, 3, 4, 5), declared=[None, 3, 4, 5])
    tail = net.op("Shape", x, start=2, end=4)
    product = net.op("Mul", net.op("Slice", tail, net.ints(0), net.ints(1)), net.op("Slice", tail, net.ints(1), net.ints(2)))
    head = net.op("Cast", net.op("Cast", net.op("Shape", x, end=2), to=6), to=7)
    one = net.op("Constant", value_ints=[1])
    net.output(net.op("Reshape", x, net.op("Concat", head, product, one, axis=0)))


@case("shape_arithmetic_qdq_symbolic", 13)
def shape_qdq(net):
    """A view over the float tensor between DequantizeLinear and QuantizeLinear, symbolic batch."""
    x = net.dq(net.quantised(net.input((2, 6, 5), declared=["n", 6, 5]), U8, 0.031, 99))
    dims = net.op("Shape", x)
    batch = net.op("Slice", dims, net.ints(0), net.ints(1), net.ints(0))
    half = net.op("Div", net.op("Gather", dims, net.ints(1)), net.ints(2))
    y = net.op("Reshape", x, net.op("Concat", batch, half, net.ints(2, -1), axis=0))
    net.output(net.q(net.op("Transpose", y, perm=[0, 2, 1, 3]), U8, 0.031, 99)[0])
