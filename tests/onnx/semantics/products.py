"""Convolution and matrix product, quantised and in the QDQ form, against the integer rule."""

import numpy as np
from runtime import TYPES, Tally, f32, f64, outside, run, zero


def problem(rng, i, terms, columns, rows, powers, per_channel):
    dtype = TYPES[i % 2]
    limits = np.iinfo(dtype)
    sx = f32(2.0**-5) if powers else f32(rng.uniform(0.005, 0.08))
    sw = np.full(columns, 2.0**-6 if powers else rng.uniform(0.002, 0.02)).astype(f32)
    if per_channel and not powers:
        sw = rng.uniform(0.002, 0.02, columns).astype(f32)
    sy = f32(sx * sw.mean() * np.sqrt(terms) * 74 * 37 * rng.uniform(1, 4) / 128)
    if powers:
        sy = f32(np.exp2(np.ceil(np.log2(sy))))
    a = rng.integers(limits.min, limits.max + 1, (rows, terms)).astype(dtype)
    w = rng.integers(-64, 64, (terms, columns)).astype(np.int8)
    b = rng.integers(-8000, 8000, columns).astype(np.int32)
    zx, zy = zero(rng, dtype), zero(rng, dtype)
    acc = (a.astype(np.int64) - int(zx)) @ w.astype(np.int64)
    return dtype, sx, sw, sy, zx, zy, a, w, b, acc


def rules(tally, key, y, acc, scale, real, zy, dtype):
    tally.compare(key, "f32: rhe(fl(fl(acc)*s)) + z", y, outside(acc.astype(f32) * scale, zy, dtype))
    # Products of a 24-bit mantissa and an accumulator below 2^29 are exact in f64.
    tally.compare(key, "integer: rhe(acc*M/2^sh) + z", y, outside(acc * scale.astype(f64), zy, dtype))
    tally.compare(key, "real scale", y, outside(acc * real, zy, dtype))


def qlinear(rng, rounds=1500):
    tally = Tally()
    for i in range(rounds):
        powers = i % 3 == 0
        dtype, sx, sw, sy, zx, zy, a, w, b, acc = problem(rng, i, 9, 64, 256, powers, False)
        alpha = f32(rng.uniform(0.1, 3))
        image, kernel = np.ascontiguousarray(a.T.reshape(1, 9, -1, 1)), np.ascontiguousarray(w.T.reshape(64, 9, 1, 1))
        constants = dict(sx=sx, zx=zx, w=w, k=kernel, sw=sw[0], zw=np.int8(0), sy=sy, zy=zy, b=b)
        nodes = [
            ("QLinearMatMul", ["a", "sx", "zx", "w", "sw", "zw", "sy", "zy"], "matmul"),
            ("QGemm", ["a", "sx", "zx", "w", "sw", "zw", "b", "sy", "zy"], "gemm"),
            ("QGemm", ["a", "sx", "zx", "w", "sw", "zw", "b", "sy", "zy"], "gemm_alpha", dict(alpha=float(alpha))),
            ("QGemm", ["a", "sx", "zx", "w", "sw", "zw", "b"], "gemm_float", dict(alpha=float(alpha))),
            ("QLinearConv", ["image", "sx", "zx", "k", "sw", "zw", "sy", "zy", "b"], "conv"),
        ]
        names = ["matmul", "gemm", "gemm_alpha", "gemm_float", "conv"]
        y = dict(zip(names, run(nodes, constants, dict(a=a, image=image), names)))
        y["conv"] = y["conv"][0, :, :, 0].T
        scale, real = (sx * sw[0]) / sy, f64(sx) * f64(sw[0]) / f64(sy)
        for name in ("matmul", "gemm", "conv"):
            rules(tally, f"{'pow2' if powers else 'free'} {name}", y[name], acc if name == "matmul" else acc + b, scale, real, zy, dtype)
        product = (alpha * sx) * sw[0]
        tally.compare("QGemm alpha", "s = ((alpha*sx)*sw)/sy", y["gemm_alpha"], outside((acc + b).astype(f32) * f32(product / sy), zy, dtype))
        tally.compare("QGemm alpha", "s = (alpha*(sx*sw))/sy", y["gemm_alpha"], outside((acc + b).astype(f32) * f32((alpha * (sx * sw[0])) / sy), zy, dtype))
        tally.compare("QGemm to float", "fl(acc) * ((alpha*sx)*sw)", y["gemm_float"], (acc + b).astype(f32) * product)
    tally.show()


def qdq(rng, rounds=900):
    tally = Tally()
    for i in range(rounds):
        powers, per_channel, terms = i % 5 == 0, i % 4 == 1, (9, 64, 784)[i % 3]
        dtype, sx, sw, sy, zx, zy, a, w, b, acc = problem(rng, i, terms, 64, max(16, 4096 // terms * 4), powers, per_channel)
        image, kernel = np.ascontiguousarray(a.T.reshape(1, terms, -1, 1)), np.ascontiguousarray(w.T.reshape(64, terms, 1, 1))
        sb = sx * sw
        if per_channel:
            constants = dict(sw=sw, zw=np.zeros(64, np.int8), sb=sb, zb=np.zeros(64, np.int32))
        else:
            constants = dict(sw=sw[0], zw=np.int8(0), sb=sb[0], zb=np.int32(0))
        constants |= dict(sx=sx, zx=zx, sy=sy, zy=zy, w=w, k=kernel, b=b)
        rows, columns = (dict(axis=0), dict(axis=1)) if per_channel else ({}, {})
        nodes = [
            ("DequantizeLinear", ["a", "sx", "zx"], "da"),
            ("DequantizeLinear", ["image", "sx", "zx"], "di"),
            ("DequantizeLinear", ["w", "sw", "zw"], "dw", columns),
            ("DequantizeLinear", ["k", "sw", "zw"], "dk", rows),
            ("DequantizeLinear", ["b", "sb", "zb"], "db", rows),
            ("MatMul", ["da", "dw"], "m"),
            ("Gemm", ["da", "dw", "db"], "g"),
            ("Conv", ["di", "dk", "db"], "c"),
        ] + [("QuantizeLinear", [n, "sy", "zy"], f"q{n}") for n in "mgc"]
        m, g, c = run(nodes, constants, dict(a=a, image=image), ["qm", "qg", "qc"])
        for name, y, total in (("matmul", m, acc), ("gemm", g, acc + b), ("conv", c[0, :, :, 0].T, acc + b)):
            rules(tally, f"{'pow2' if powers else 'free'} QDQ {name}, {terms} terms", y, total, sb / sy, f64(sx) * sw.astype(f64) / f64(sy), zy, dtype)
    tally.show()
