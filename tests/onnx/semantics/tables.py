"""Conversions and functions of one byte: all 256 inputs, many scales."""

import warnings

import numpy as np
from runtime import TYPES, Tally, dequantise, every, f32, f64, outside, run, saturate, zero
from scipy.special import erf, expit

C13 = f64(f32(1.3))
# operator: attributes, the function in f64 (of x and alpha)
IN_F64 = {
    "Relu": ({}, lambda x, a: np.maximum(x, 0)),
    "LeakyRelu": ("alpha", lambda x, a: np.where(x >= 0, x, x * a)),
    "Sigmoid": ({}, lambda x, a: expit(x)),
    "Tanh": ({}, lambda x, a: np.tanh(x)),
    "HardSwish": ({}, lambda x, a: x * np.clip(x / 6 + 0.5, 0, 1)),
    "HardSigmoid": ({"alpha": 1 / 6, "beta": 0.5}, lambda x, a: np.clip(x * f64(f32(1 / 6)) + 0.5, 0, 1)),
    "Elu": ("alpha", lambda x, a: np.where(x > 0, x, a * np.expm1(x))),
    "Celu": ({"alpha": 1.3}, lambda x, a: np.maximum(x, 0) + np.minimum(0, C13 * np.expm1(x / C13))),
    "Selu": ({}, lambda x, a: f64(f32(1.05070102)) * np.where(x > 0, x, f64(f32(1.67326319)) * np.expm1(x))),
    "Softplus": ({}, lambda x, a: np.log1p(np.exp(-abs(x))) + np.maximum(x, 0)),
    "Softsign": ({}, lambda x, a: x / (1 + abs(x))),
    "Erf": ({}, lambda x, a: erf(x)),
    "Exp": ({}, lambda x, a: np.exp(x)),
    "Abs": ({}, lambda x, a: abs(x)),
    "Sqrt": ({}, lambda x, a: np.sqrt(x)),
    "Sin": ({}, lambda x, a: np.sin(x)),
    "Cos": ({}, lambda x, a: np.cos(x)),
    "Atan": ({}, lambda x, a: np.arctan(x)),
    "Gelu": ({}, lambda x, a: x * 0.5 * (1 + erf(x / np.sqrt(2)))),
    "Mish": ({}, lambda x, a: x * np.tanh(np.log1p(np.exp(x)))),
    "Neg": ({}, lambda x, a: -x),
    "Sign": ({}, lambda x, a: np.sign(x)),
    "Floor": ({}, lambda x, a: np.floor(x)),
    "Ceil": ({}, lambda x, a: np.ceil(x)),
    "Round": ({}, lambda x, a: np.rint(x)),
    "Reciprocal": ({}, lambda x, a: 1 / x),
    "ThresholdedRelu": ("alpha", lambda x, a: np.where(x > a, x, 0)),
    "Mul": ({}, lambda x, a: x * a),
    "Div": ({}, lambda x, a: x / a),
    "Add": ({}, lambda x, a: x + a),
    "Pow": ({}, lambda x, a: x * x),
}
# The second operand of those that have one.
CONSTANT = {"Mul": ["alpha"], "Div": ["alpha"], "Add": ["alpha"], "Pow": ["two"]}
SIXTH = f32(1 / 6)


def hard_sigmoid(x):
    return np.clip(SIXTH * x + f32(0.5), f32(0), f32(1))


# Where f64 does not do: ONNX Runtime's own sequence of f32 operations.
IN_F32 = {
    "HardSigmoid": hard_sigmoid,
    "HardSwish": lambda x: x * hard_sigmoid(x),
    "Softsign": lambda x: x * (f32(1) / (f32(1) + abs(x))),
}


def experiment(rng, rounds=1500):
    tally = Tally()
    warnings.filterwarnings("ignore", category=RuntimeWarning)  # square roots of negative values are meant
    for i in range(rounds):
        dtype = TYPES[i % 2]
        powers = i % 3 == 0
        sx, sy = f32(rng.uniform(0.005, 0.08)), f32(rng.uniform(0.003, 0.05))
        if powers:
            sx, sy = f32(2.0**-5), f32(2.0 ** rng.integers(-6, -2))
        zx, zy = zero(rng, dtype), zero(rng, dtype)
        alpha = f32(0.25) if powers else f32(rng.uniform(0.01, 0.5))
        x = every(dtype)
        v = dequantise(x, sx, zx)
        constants = dict(sx=sx, zx=zx, sy=sy, zy=zy, alpha=alpha, two=f32(2))
        nodes = [
            ("DequantizeLinear", ["x", "sx", "zx"], "d"),
            ("QuantizeLinear", ["d", "sy", "zy"], "requantised"),
            ("QLinearSigmoid", ["x", "sx", "zx", "sy", "zy"], "qsigmoid"),
            ("QLinearLeakyRelu", ["x", "sx", "zx", "sy", "zy"], "qleaky", dict(alpha=float(alpha))),
            ("QLinearConcat", ["sy", "zy", "x", "sx", "zx", "x", "sy", "zy"], "qconcat", dict(axis=0)),
        ]
        for kind, (attributes, _) in IN_F64.items():
            attributes = dict(alpha=float(alpha)) if attributes == "alpha" else attributes
            nodes.append((kind, ["d", *CONSTANT.get(kind, [])], f"f{kind}", attributes))
            nodes.append(("QuantizeLinear", [f"f{kind}", "sy", "zy"], f"q{kind}"))
        names = ["d", "requantised", "qsigmoid", "qleaky", "qconcat"] + [f"q{k}" for k in IN_F64] + [f"f{k}" for k in IN_F64]
        y = dict(zip(names, run(nodes, constants, dict(x=x), names, opset=20)))

        def quantise(values):
            return outside(np.nan_to_num(values, nan=-np.inf) / sy, zy, dtype)

        leaky = np.where(v >= 0, v, v * alpha)
        tally.compare("DequantizeLinear", "fl((x-z)*s)", y["d"], v)
        tally.compare("QuantizeLinear", "rhe(fl(v/s)) + z", y["requantised"], quantise(v))
        tally.compare("QuantizeLinear", "rhe(fl(v*fl(1/s))) + z", y["requantised"], outside(v * f32(f32(1) / sy), zy, dtype))
        tally.compare("QLinearSigmoid", "f64, f32, quantise", y["qsigmoid"], quantise(expit(v.astype(f64)).astype(f32)))
        tally.compare("QLinearLeakyRelu", "f32, outside", y["qleaky"], quantise(leaky))
        tally.compare("QLinearLeakyRelu", "f32, inside", y["qleaky"], saturate(leaky / sy + f32(zy), dtype))
        tally.compare("QLinearConcat", "dequantise, quantise", y["qconcat"], np.concatenate([quantise(v), x]))
        for kind, (_, function) in IN_F64.items():
            value = function(v.astype(f64), f64(alpha)).astype(f32)
            tally.compare(f"QDQ {kind}", "f64, f32, quantise", y[f"q{kind}"], quantise(value))
            tally.compare(f"QDQ {kind}", "the float value itself", np.nan_to_num(y[f"f{kind}"]), np.nan_to_num(value))
        for kind, function in IN_F32.items():
            tally.compare(f"QDQ {kind}", "f32, quantise", y[f"q{kind}"], quantise(function(v)))
            tally.compare(f"QDQ {kind}", "f32, the float value itself", y[f"f{kind}"], function(v))
    tally.show()
