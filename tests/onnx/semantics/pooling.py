"""Average pooling: f32 sums, ties, and what an overhanging window is divided by."""

import numpy as np
from runtime import TYPES, Tally, dequantise, f32, f64, inside, outside, run, zero


def scales(rng, kind):
    sx = f32(rng.uniform(0.005, 0.08))
    if kind == "pow2":
        return f32(2.0**-5), f32(2.0**-6)
    return sx, sx if kind == "equal" else f32(sx * rng.uniform(0.4, 1.2))


def experiment(rng, rounds=200):
    tally = Tally()
    for kind in ("free", "equal", "pow2"):
        for i in range(rounds):
            dtype = TYPES[i % 2]
            limits = np.iinfo(dtype)
            height, width = (int(v) for v in rng.integers(1, 5, 2))
            count = height * width
            sx, sy = scales(rng, kind)
            zx = zero(rng, dtype)
            zy = zx if kind == "equal" else zero(rng, dtype)
            x = rng.integers(limits.min, limits.max + 1, (2, 16, 24 * height, 24 * width)).astype(dtype)
            window = dict(kernel_shape=[height, width], strides=[height, width])
            quantised = ["x", "sx", "zx", "sy", "zy"]
            nodes = [
                ("QLinearAveragePool", quantised, "q", window),
                ("DequantizeLinear", ["x", "sx", "zx"], "d"),
                ("AveragePool", ["d"], "a", window),
                ("QuantizeLinear", ["a", "sy", "zy"], "qdq"),
                ("QLinearGlobalAveragePool", quantised, "g", dict(channels_last=0)),
                ("GlobalAveragePool", ["d"], "ga"),
                ("QuantizeLinear", ["ga", "sy", "zy"], "gqdq"),
            ]
            q, qdq, g, gqdq = run(nodes, dict(sx=sx, sy=sy, zx=zx, zy=zy), dict(x=x), ["q", "qdq", "g", "gqdq"])
            tiles = x.reshape(2, 16, 24, height, 24, width).transpose(0, 1, 2, 4, 3, 5).reshape(2, 16, 24, 24, count)
            total = np.zeros(tiles.shape[:-1], f32)
            for tap in range(count):
                total = total + dequantise(tiles[..., tap], sx, zx)
            sums = (tiles.astype(np.int64) - int(zx)).sum(-1)
            real = sums * f64(sx) / (f64(sy) * count)
            tie = abs(abs(real - np.floor(real)) - 0.5) < 1e-9
            tally.compare(f"{kind} ties", "", tie, np.zeros_like(tie))
            tally.compare(f"{kind} QLinearAveragePool", "f32, row by row, inside", q, inside(total / f32(count) / sy, zy, dtype))
            tally.compare(f"{kind} QLinearAveragePool", "real, inside", q, inside(real, zy, dtype))
            tally.compare(f"{kind} QLinearAveragePool", "real, inside, ties aside", q[~tie], inside(real, zy, dtype)[~tie])
            tally.compare(f"{kind} QDQ AveragePool", "real, outside", qdq, outside(real, zy, dtype))
            tally.compare(f"{kind} QDQ AveragePool", "real, outside, ties aside", qdq[~tie], outside(real, zy, dtype)[~tie])
            area = x.shape[2] * x.shape[3]
            sums = (x.astype(np.int64) - int(zx)).sum((2, 3))
            real = sums * f64(sx) / (f64(sy) * area)
            tally.compare(f"{kind} QLinearGlobalAveragePool", "fl(S)*fl(sx/fl(sy*n)), outside", g[..., 0, 0], outside(sums.astype(f32) * (sx / (sy * f32(area))), zy, dtype))
            tally.compare(f"{kind} QLinearGlobalAveragePool", "real, outside", g[..., 0, 0], outside(real, zy, dtype))
            tally.compare(f"{kind} QDQ GlobalAveragePool", "real, outside", gqdq[..., 0, 0], outside(real, zy, dtype))
    tally.show()


def small_global(rng, rounds=1500):
    """Global pooling over the sizes that networks end with; the larger images above average to almost nothing."""
    tally = Tally()
    for i in range(rounds):
        dtype, kind = TYPES[i % 2], "pow2" if i % 3 == 0 else "free"
        limits = np.iinfo(dtype)
        shape = ((2, 2), (4, 4), (3, 5), (7, 7), (8, 8), (1, 2))[i % 6]
        area = shape[0] * shape[1]
        sx, sy = scales(rng, kind)
        zx, zy = zero(rng, dtype), zero(rng, dtype)
        x = rng.integers(limits.min, limits.max + 1, (4, 256, *shape)).astype(dtype)
        nodes = [
            ("QLinearGlobalAveragePool", ["x", "sx", "zx", "sy", "zy"], "g", dict(channels_last=0)),
            ("DequantizeLinear", ["x", "sx", "zx"], "d"),
            ("GlobalAveragePool", ["d"], "ga"),
            ("QuantizeLinear", ["ga", "sy", "zy"], "gqdq"),
        ]
        g, gqdq = (y[..., 0, 0] for y in run(nodes, dict(sx=sx, sy=sy, zx=zx, zy=zy), dict(x=x), ["g", "gqdq"]))
        sums = (x.astype(np.int64) - int(zx)).sum((2, 3))
        real = sums * f64(sx) / (f64(sy) * area)
        scaled = sums.astype(f32) * (sx / (sy * f32(area)))
        tally.compare(f"{kind} QLinearGlobalAveragePool", "fl(S)*fl(sx/fl(sy*n)), outside", g, outside(scaled, zy, dtype))
        tally.compare(f"{kind} QLinearGlobalAveragePool", "fl(S)*fl(sx/fl(sy*n)), inside", g, inside(scaled, zy, dtype))
        tally.compare(f"{kind} QLinearGlobalAveragePool", "real, outside", g, outside(real, zy, dtype))
        tally.compare(f"{kind} QDQ GlobalAveragePool", "real, outside", gqdq, outside(real, zy, dtype))
    tally.show()


def counts():
    x = np.arange(1, 9, dtype=f32).reshape(1, 1, 8)
    stored, constants = (x * 8).astype(np.uint8), dict(s=f32(0.125), z=np.uint8(0))
    for pads in ([0, 0], [1, 1], [0, 1]):
        for counted in (0, 1):
            window = dict(kernel_shape=[3], strides=[2], ceil_mode=1, count_include_pad=counted, pads=pads)
            plain = run([("AveragePool", ["x"], "y", window)], {}, dict(x=x), ["y"])[0].ravel()
            newer = run([("AveragePool", ["x"], "y", window)], {}, dict(x=x), ["y"], opset=19)[0].ravel()
            quantised = run([("QLinearAveragePool", ["x", "s", "z", "s", "z"], "y", window)], constants, dict(x=stored), ["y"])[0].ravel() / 8
            print(f"[1..8] kernel 3 stride 2 ceil, pads {pads}, counted {counted}: AveragePool {plain}, opset 19 {newer}, QLinearAveragePool {quantised}")
