"""Runs a few operators in ONNX Runtime, and the f32 steps that the emulations are made of."""

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

f32, f64 = np.float32, np.float64
TYPES = (np.uint8, np.int8)
MICROSOFT = "com.microsoft"
ELEMENT = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6}


def run(nodes, constants, inputs, outputs, opset=14):
    """Evaluates `nodes`, tuples of (operator, inputs, output, attributes); operators are looked up in
    com.microsoft when they start with Q and are not ONNX's own."""
    own = {"QuantizeLinear", "QLinearConv", "QLinearMatMul"}
    graph = helper.make_graph(
        [
            helper.make_node(kind, ins, [out], domain=MICROSOFT if kind.startswith("Q") and kind not in own else "", **(rest[0] if rest else {}))
            for kind, ins, out, *rest in nodes
        ],
        "semantics",
        [helper.make_tensor_value_info(k, ELEMENT[v.dtype.name], v.shape) for k, v in inputs.items()],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid(MICROSOFT, 1)])
    model.ir_version = 9
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(outputs, inputs)


class Tally:
    """Counts mismatches of candidate formulas, and the parameter sets that have any."""

    def __init__(self):
        self.rows = {}

    def compare(self, operator, formula, actual, candidate):
        different = int((actual != candidate).sum())
        row = self.rows.setdefault((operator, formula), [0, 0, 0, 0])
        for i, n in enumerate((different, actual.size, different > 0, 1)):
            row[i] += int(n)

    def show(self):
        for (operator, formula), (different, values, bad, sets) in self.rows.items():
            print(f"{operator:34} {formula:38} {different:9,} / {values:11,}   in {bad} of {sets} parameter sets")


def every(dtype):
    values = np.iinfo(dtype)
    return np.arange(values.min, values.max + 1).astype(dtype)


def every_pair(dtype):
    values = every(dtype)
    return np.repeat(values, 256), np.tile(values, 256)


def saturate(values, dtype):
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)


def outside(v, zero, dtype):
    """sat(rhe(v) + zero)"""
    return saturate(np.rint(v) + f64(zero), dtype)


def inside(v, zero, dtype):
    """sat(rhe(v + zero))"""
    return saturate(v + np.asarray(v).dtype.type(zero), dtype)


def dequantise(x, scale, zero):
    return (x.astype(f32) - f32(zero)) * scale


def fma(a, b, c):
    """One rounding: the product of two f32 is exact in f64."""
    return (np.asarray(a, f64) * np.asarray(b, f64) + np.asarray(c, f64)).astype(f32)


def zero(rng, dtype):
    limits = np.iinfo(dtype)
    return dtype(rng.integers(limits.min, limits.max + 1))
