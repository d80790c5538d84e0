#!/usr/bin/env python3
"""Writes the three networks that the comparison runs: float for EZKL, int8 for Assay.

    python models.py              float networks and EZKL's inputs into build/, int8 ones into models/
    python models.py --float      only the float networks

Random weights and inputs, seeded: what is timed does not depend on them. Each float network is quantised in
both ONNX forms, per tensor and per channel; models/ also holds 64 inputs with ONNX Runtime's outputs, as
`input.NAME.npy` and `output.NAME.npy` beside each `model.onnx`, one more leading axis than the model declares.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

HERE = Path(__file__).parent
BUILD = HERE / "build"
MODELS = HERE / "models"
NETWORKS = ("mlp64", "cnn28", "mlp784")
SAMPLES = 64


def save_float(rng, name, nodes, weights, shape, classes):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, classes])],
        [numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, BUILD / f"{name}.onnx")
    x = rng.uniform(-1, 1, shape).astype(np.float32)
    (BUILD / f"{name}.json").write_text(json.dumps({"input_data": [x.flatten().tolist()]}))
    np.save(BUILD / f"{name}.npy", x)


def mlp(rng, name, sizes):
    nodes, weights, current = [], {}, "input"
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        weights[f"w{i}"] = rng.normal(0, 1 / np.sqrt(a), (b, a))
        weights[f"b{i}"] = rng.normal(0, 0.1, (b,))
        last = i == len(sizes) - 2
        out = "output" if last else f"g{i}"
        nodes.append(helper.make_node("Gemm", [current, f"w{i}", f"b{i}"], [out], transB=1, name=f"gemm{i}"))
        if not last:
            nodes.append(helper.make_node("Relu", [out], [f"r{i}"], name=f"relu{i}"))
            current = f"r{i}"
    save_float(rng, name, nodes, weights, [1, sizes[0]], sizes[-1])


def cnn(rng, name):
    weights = {
        "c1": rng.normal(0, 0.2, (4, 1, 5, 5)),
        "cb1": rng.normal(0, 0.1, (4,)),
        "c2": rng.normal(0, 0.1, (8, 4, 5, 5)),
        "cb2": rng.normal(0, 0.1, (8,)),
        "w": rng.normal(0, 0.1, (10, 128)),
        "b": rng.normal(0, 0.1, (10,)),
    }
    conv = dict(kernel_shape=[5, 5], strides=[2, 2], pads=[0, 0, 0, 0])
    nodes = [
        helper.make_node("Conv", ["input", "c1", "cb1"], ["a"], name="conv1", **conv),
        helper.make_node("Relu", ["a"], ["a1"], name="relu1"),
        helper.make_node("Conv", ["a1", "c2", "cb2"], ["d"], name="conv2", **conv),
        helper.make_node("Relu", ["d"], ["d1"], name="relu2"),
        helper.make_node("Flatten", ["d1"], ["f"], axis=1, name="flat"),
        helper.make_node("Gemm", ["f", "w", "b"], ["output"], transB=1, name="fc"),
    ]
    save_float(rng, name, nodes, weights, [1, 1, 28, 28], 10)


def write_float():
    BUILD.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)  # one stream for all: the order matters
    mlp(rng, "mlp64", [64, 64, 10])
    mlp(rng, "mlp784", [784, 128, 10])
    cnn(rng, "cnn28")


class Calibration(CalibrationDataReader):
    def __init__(self, rng, shape):
        self.batches = iter([{"input": rng.uniform(-1, 1, shape).astype(np.float32)} for _ in range(64)])

    def get_next(self):
        return next(self.batches, None)


def write_quantised():
    for name in NETWORKS:
        source = BUILD / f"{name}.onnx"
        shape = [d.dim_value for d in onnx.load(source).graph.input[0].type.tensor_type.shape.dim]
        for form in (QuantFormat.QDQ, QuantFormat.QOperator):
            for per_channel in (False, True):
                rng = np.random.default_rng(1)
                folder = MODELS / f"{name}_{form.name.lower()}{'_per_channel' if per_channel else ''}"
                folder.mkdir(parents=True, exist_ok=True)
                target = folder / "model.onnx"
                quantize_static(
                    source, target, Calibration(rng, shape), quant_format=form, per_channel=per_channel, reduce_range=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                )
                options = onnxruntime.SessionOptions()
                options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
                session = onnxruntime.InferenceSession(target, options, providers=["CPUExecutionProvider"])
                # Few levels keep the committed inputs compressible; every uint8 input still occurs.
                inputs = (rng.integers(-128, 129, (SAMPLES, *shape)) / 128).astype(np.float32)
                outputs = np.stack([session.run(None, {"input": x})[0] for x in inputs])
                np.save(folder / "input.input.npy", inputs)
                np.save(folder / "output.output.npy", outputs)
                print(f"{folder.name}: {target.stat().st_size} bytes, {len(np.unique(outputs))} distinct outputs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--float", action="store_true")
    arguments = parser.parse_args()
    write_float()
    if not arguments.float:
        write_quantised()
