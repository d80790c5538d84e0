"""The `onnx` package's own node tests of the quantised operators, 8-bit ones, with its own expected outputs.

Its models take scales, zero points and weights as graph inputs; here they become constants, as in
every network that a quantiser writes. Left out:

- float8, float4, float16 scales, 16-, 4- and 2-bit integers: not 8-bit types of a supported network;
- blocked quantisation: several scales along one row, which no integer matrix product has;
- DynamicQuantizeLinear: its scale depends on the data.
"""

import warnings

import numpy as np
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

from cases import CASES

# test: the graph inputs that stay inputs
NODE_TESTS = {
    "test_qlinearconv": ["x"],
    "test_qlinearmatmul_2D_uint8_float32": ["a", "b"],
    "test_qlinearmatmul_3D_uint8_float32": ["a", "b"],
    "test_qlinearmatmul_2D_int8_float32": ["a", "b"],
    "test_qlinearmatmul_3D_int8_float32": ["a", "b"],
    "test_quantizelinear": ["x"],
    "test_quantizelinear_axis": ["x"],
    "test_dequantizelinear": ["x"],
    "test_dequantizelinear_axis": ["x"],
    "test_matmulinteger": ["A", "B"],
    "test_convinteger_without_padding": ["x"],
    "test_convinteger_with_padding": ["x"],
}
# ONNX Runtime takes one zero point for all of ConvInteger's weights; this test has one a channel.
REFUSED_BY_ONNXRUNTIME = {"test_convinteger_with_padding"}
OPSET = 21  # the newest that ONNX Runtime 1.32 and this project both read

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package computes other operators' expected overflows
    TESTS = {t.name: t for t in load_model_tests(kind="node")}


def export(name):
    test = TESTS[name]
    model, (values, expected) = test.model, test.data_sets[0]
    feeds, kept = {}, []
    for info, value in zip(list(model.graph.input), values):
        if info.name in NODE_TESTS[name]:
            kept.append(info)
            feeds[info.name] = np.asarray(value)
        else:
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), info.name))
    del model.graph.input[:]
    model.graph.input.extend(kept)
    model.opset_import[0].version = OPSET
    model.ir_version = 10
    return model, [feeds], [[np.asarray(y) for y in expected]], name not in REFUSED_BY_ONNXRUNTIME


for name in NODE_TESTS:
    CASES[name.replace("test_", "node_test_")] = lambda name=name: export(name)
