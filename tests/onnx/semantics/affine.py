"""How often an integer rule can equal the f32 one for EVERY input: scans, and the search for its constant."""

import numpy as np
from elementwise import parameters, qlinear_add, qlinear_mul
from runtime import TYPES, dequantise, every_pair, f32, f64

SHIFT = 34


def scan_accumulators(rng, scales=400):
    """Every accumulator that does not saturate: f32 rule against `rhe(acc*M / 2^sh)`."""
    values = different = bad = 0
    for _ in range(scales):
        s = f32(2.0 ** rng.uniform(-14, -6))
        reach = int(140 / s)
        acc = np.arange(-reach, reach + 1)
        n = int((np.rint(acc.astype(f32) * s) != np.rint(acc * f64(s))).sum())
        values, different, bad = values + len(acc), different + n, bad + (n > 0)
    print(f"f32 against integer requantisation: {different:,} of {values:,} accumulators differ, in {bad} of {scales} scales")


def thresholds(s, low, high):
    """The least accumulator that reaches each output step, by bisection on the monotone f32 rule."""
    steps = np.arange(low, high + 1)
    below, at = np.full(len(steps), -(1 << 30)), np.full(len(steps), 1 << 30)
    while (at - below > 1).any():
        middle = (below + at) // 2
        reached = np.rint(middle.astype(f32) * s) >= steps
        at, below = np.where(reached, middle, at), np.where(reached, below, middle)
    return steps, at


def search_accumulators(rng, scales=400):
    half = found = 0
    for _ in range(scales):
        s, zero = f32(2.0 ** rng.uniform(-14, -6)), int(rng.integers(0, 256))
        steps, at = thresholds(s, 1 - zero, 255 - zero)
        mantissa, exponent = np.frexp(f64(s))
        m, shift = int(mantissa * 2**24), 24 - int(exponent)
        low = max((int(k) << shift) - m * int(t) for k, t in zip(steps, at))
        high = min((int(k) << shift) - m * (int(t) - 1) for k, t in zip(steps, at)) - 1
        half += low <= 1 << (shift - 1) <= high
        found += low <= high
    print(f"floor((acc*M + c) / 2^sh) exact for every accumulator: c = half {half}, c searched {found} of {scales} scales")


def search_pairs(rng, rounds=300):
    counts = {}
    for i in range(rounds):
        dtype = TYPES[i % 2]
        limits = np.iinfo(dtype)
        a, b = every_pair(dtype)
        for kind in ("QLinearAdd", "QDQ Add", "QLinearMul", "QDQ Mul"):
            add = "Add" in kind
            sa, sb, sy, za, zb, zy = values = parameters(rng, "Add" if add else "Mul", dtype, False)
            da, db = dequantise(a, sa, za), dequantise(b, sb, zb)
            if kind.startswith("QLinear"):
                y = np.rint((qlinear_add if add else qlinear_mul)(a, b, *values)) - float(zy)
            else:
                y = np.rint((da + db if add else da * db) / sy)
            low, high = limits.min - int(zy), limits.max - int(zy)
            y = np.clip(y, low, high).astype(np.int64)
            x1, x2 = a.astype(np.int64) - int(za), b.astype(np.int64) - int(zb)
            one = 1 << SHIFT
            if add:
                base = x1 * round(f64(sa) / f64(sy) * one) + x2 * round(f64(sb) / f64(sy) * one)
            else:
                base = x1 * x2 * round(f64(sa) * f64(sb) / f64(sy) * one)
            least = np.where(y > low, y * one - base, -(1 << 62)).max()
            most = np.where(y < high, (y + 1) * one - base - 1, 1 << 62).min()
            row = counts.setdefault(kind, [0, 0])
            row[0] += bool(least <= one // 2 <= most)
            row[1] += bool(least <= most)
    for kind, (half, found) in counts.items():
        print(f"{kind:12} exact for all 65,536 pairs: c = half {half}, c searched {found} of {rounds} parameter sets")
