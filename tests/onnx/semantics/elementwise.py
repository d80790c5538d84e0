"""Sums and products of two bytes: all 65,536 pairs, many scales."""

import numpy as np
from runtime import TYPES, Tally, dequantise, every, every_pair, f32, f64, fma, inside, outside, run, zero


def qlinear_add(a, b, sa, sb, sy, za, zb, zy):
    """What QLinearAdd rounds: a fused multiply-add for each operand, the constants gathered first."""
    ra, rb = sa / sy, sb / sy
    constant = f32(zy) - fma(ra, f32(za), rb * f32(zb))
    return fma(ra, a.astype(f32), fma(rb, b.astype(f32), constant))


def qlinear_mul(a, b, sa, sb, sy, za, zb, zy):
    product = (a.astype(np.int32) - int(za)) * (b.astype(np.int32) - int(zb))
    return product.astype(f32) * ((sa * sb) / sy) + f32(zy)


def parameters(rng, kind, dtype, powers):
    sa, sb = (f32(2.0 ** rng.integers(-7, -4)) if powers else f32(rng.uniform(0.002, 0.1)) for _ in range(2))
    if kind == "Mul":
        sy = f32(2.0**-7) if powers else f32(sa * sb * 128 * rng.uniform(0.3, 1.2))
    else:
        sy = 2 * max(sa, sb) if powers else f32((sa + sb) * rng.uniform(0.3, 1.2))
    return sa, sb, sy, zero(rng, dtype), zero(rng, dtype), zero(rng, dtype)


def experiment(rng, rounds=240):
    tally = Tally()
    for i in range(rounds):
        dtype, powers = TYPES[i % 2], i % 4 == 0
        a, b = every_pair(dtype)
        for kind in ("Add", "Mul", "Sub"):
            sa, sb, sy, za, zb, zy = parameters(rng, kind, dtype, powers)
            constants = dict(sa=sa, sb=sb, sy=sy, za=za, zb=zb, zy=zy)
            nodes = [
                ("DequantizeLinear", ["a", "sa", "za"], "da"),
                ("DequantizeLinear", ["b", "sb", "zb"], "db"),
                (kind, ["da", "db"], "f"),
                ("QuantizeLinear", ["f", "sy", "zy"], "qdq"),
            ]
            if kind != "Sub":
                nodes.append((f"QLinear{kind}", ["a", "sa", "za", "b", "sb", "zb", "sy", "zy"], "qlinear"))
            y = run(nodes, constants, dict(a=a, b=b), ["qdq"] if kind == "Sub" else ["qdq", "qlinear"])
            combine = {"Add": np.add, "Mul": np.multiply, "Sub": np.subtract}[kind]
            key = f"{'pow2' if powers else 'free'} {{}}{kind}"
            tally.compare(key.format("QDQ "), "f32", y[0], outside(combine(dequantise(a, sa, za), dequantise(b, sb, zb)) / sy, zy, dtype))
            x1, x2 = (a.astype(f64) - f64(za)), (b.astype(f64) - f64(zb))
            if kind == "Mul":
                real = x1 * x2 * (f64(sa) * f64(sb) / f64(sy))
            else:
                real = combine(x1 * f64(sa), x2 * f64(sb)) / f64(sy)
            tally.compare(key.format("QDQ "), "real, outside", y[0], outside(real, zy, dtype))
            if kind != "Sub":
                emulate = qlinear_add if kind == "Add" else qlinear_mul
                tally.compare(key.format("QLinear"), "f32", y[1], inside(emulate(a, b, sa, sb, sy, za, zb, zy), 0, dtype))
                tally.compare(key.format("QLinear"), "real, inside", y[1], inside(real, zy, dtype))
                tally.compare(key.format("QLinear"), "real, outside", y[1], outside(real, zy, dtype))
    tally.show()


def scalar_operand(rng, rounds=6000):
    """A broadcast scalar takes another path in ONNX Runtime; the arithmetic is the same."""
    tally = Tally()
    for i in range(rounds):
        dtype = TYPES[i % 2]
        a, b = every(dtype), np.array(zero(rng, dtype))
        for kind, emulate in (("Add", qlinear_add), ("Mul", qlinear_mul)):
            sa, sb, sy, za, zb, zy = parameters(rng, kind, dtype, False)
            constants = dict(sa=sa, sb=sb, sy=sy, za=za, zb=zb, zy=zy)
            nodes = [
                (f"QLinear{kind}", ["a", "sa", "za", "b", "sb", "zb", "sy", "zy"], "right"),
                (f"QLinear{kind}", ["b", "sb", "zb", "a", "sa", "za", "sy", "zy"], "left"),
            ]
            y = run(nodes, constants, dict(a=a, b=b), ["right", "left"])
            candidate = inside(emulate(a, b, sa, sb, sy, za, zb, zy), 0, dtype)
            tally.compare(f"QLinear{kind}", "f32, scalar on the right", y[0], candidate)
            tally.compare(f"QLinear{kind}", "f32, scalar on the left", y[1], candidate)
    tally.show()
