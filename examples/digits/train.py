#!/usr/bin/env python3
"""Trains a small CNN on scikit-learn's handwritten digits and writes it as two int8 ONNX networks.

    pip install -r requirements.txt && python train.py

Everything is seeded, but ONNX Runtime's calibration and numpy's matrix products may round differently on
another processor, so a new run may give slightly different weights. The committed files are the ones that
the tests and the README use.
"""

import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from sklearn.datasets import load_digits

HERE = Path(__file__).parent
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEST = 360
EPOCHS, BATCH, RATE, MOMENTUM = 60, 32, 0.05, 0.9


def data(rng):
    """Images as float32 [n, 1, 8, 8] in [0, 1], and labels: shuffled, split into training and test set."""
    digits = load_digits()
    order = rng.permutation(len(digits.target))
    images = (digits.images[order] / 16).astype(np.float32)[:, None]
    labels = digits.target[order].astype(np.uint8)
    return (images[TEST:], labels[TEST:]), (images[:TEST], labels[:TEST])


# ---- the network in numpy: conv 3x3, relu, max-pool 2x2, conv 3x3, relu, fully connected

def windows(x):
    """[n, c, h, w] -> [n, h, w, c * 9]: the 3x3 neighbourhoods, zero-padded."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    return views.transpose(0, 2, 3, 1, 4, 5).reshape(*x.shape[:1], *x.shape[2:], -1)


def windows_transposed(g, channels):
    """The adjoint of `windows`."""
    n, h, w, _ = g.shape
    g = g.reshape(n, h, w, channels, 3, 3)
    x = np.zeros((n, channels, h + 2, w + 2), g.dtype)
    for i in range(3):
        for j in range(3):
            x[:, :, i : i + h, j : j + w] += g[..., i, j].transpose(0, 3, 1, 2)
    return x[:, :, 1:-1, 1:-1]


def forward(p, x):
    a = windows(x)
    b = np.maximum(a @ p["conv1.weight"].reshape(8, -1).T + p["conv1.bias"], 0)
    blocks = b.reshape(len(x), 4, 2, 4, 2, 8)
    pooled = blocks.max((2, 4))
    c = windows(pooled.transpose(0, 3, 1, 2))
    d = np.maximum(c @ p["conv2.weight"].reshape(16, -1).T + p["conv2.bias"], 0)
    flat = d.transpose(0, 3, 1, 2).reshape(len(x), -1)
    logits = flat @ p["fc.weight"].T + p["fc.bias"]
    return logits, (a, b, blocks, pooled, c, d, flat)


def gradients(p, x, labels):
    logits, (a, b, blocks, pooled, c, d, flat) = forward(p, x)
    e = np.exp(logits - logits.max(1, keepdims=True))
    g = e / e.sum(1, keepdims=True)
    g[np.arange(len(x)), labels] -= 1
    g /= len(x)
    out = {"fc.weight": g.T @ flat, "fc.bias": g.sum(0)}
    g = (g @ p["fc.weight"]).reshape(len(x), 16, 4, 4).transpose(0, 2, 3, 1) * (d > 0)
    out["conv2.weight"] = (g.reshape(-1, 16).T @ c.reshape(-1, 72)).reshape(16, 8, 3, 3)
    out["conv2.bias"] = g.sum((0, 1, 2))
    g = windows_transposed(g @ p["conv2.weight"].reshape(16, -1), 8).transpose(0, 2, 3, 1)
    top = blocks == pooled[:, :, None, :, None, :]
    g = (g[:, :, None, :, None, :] * top / top.sum((2, 4), keepdims=True)).reshape(b.shape) * (b > 0)
    out["conv1.weight"] = (g.reshape(-1, 8).T @ a.reshape(-1, 9)).reshape(8, 1, 3, 3)
    out["conv1.bias"] = g.sum((0, 1, 2))
    return out


def train(rng, images, labels):
    p = {
        "conv1.weight": rng.normal(0, 0.4, (8, 1, 3, 3)),
        "conv1.bias": np.zeros(8),
        "conv2.weight": rng.normal(0, 0.17, (16, 8, 3, 3)),
        "conv2.bias": np.zeros(16),
        "fc.weight": rng.normal(0, 0.09, (10, 256)),
        "fc.bias": np.zeros(10),
    }
    speed = {k: np.zeros_like(v) for k, v in p.items()}
    for epoch in range(EPOCHS):
        rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        order = rng.permutation(len(images))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            # Shifts by at most one pixel stand in for a larger training set.
            shifted = np.roll(images[batch], rng.integers(-1, 2, 2), (2, 3))
            for k, g in gradients(p, shifted, labels[batch]).items():
                speed[k] = MOMENTUM * speed[k] - rate * (g + 1e-4 * p[k])
                p[k] += speed[k]
    return {k: v.astype(np.float32) for k, v in p.items()}


# ---- ONNX

def float_model(p):
    same = dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    nodes = [
        helper.make_node("Conv", ["image", "conv1.weight", "conv1.bias"], ["conv1"], name="conv1", **same),
        helper.make_node("Relu", ["conv1"], ["relu1"], name="relu1"),
        helper.make_node("MaxPool", ["relu1"], ["pool"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["pool", "conv2.weight", "conv2.bias"], ["conv2"], name="conv2", **same),
        helper.make_node("Relu", ["conv2"], ["relu2"], name="relu2"),
        helper.make_node("Flatten", ["relu2"], ["flat"], name="flatten"),
        helper.make_node("Gemm", ["flat", "fc.weight", "fc.bias"], ["logits"], name="fc", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 10])],
        [numpy_helper.from_array(v, k) for k, v in p.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


class Calibration(CalibrationDataReader):
    def __init__(self, images):
        self.images = iter(images)

    def get_next(self):
        image = next(self.images, None)
        return None if image is None else {"image": image[None]}


def outputs(model, images):
    """The quantised logits (the operand of the last DequantizeLinear) for every image."""
    last = next(n for n in model.graph.node if "logits" in n.output)
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.append(onnx.ValueInfoProto(name=last.input[0]))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run([last.input[0]], {"image": image[None]})[0] for image in images])


def main():
    rng = np.random.default_rng(20)
    (images, labels), (test, truth) = data(rng)
    p = train(rng, images.astype(np.float64), labels)
    accuracy = (forward(p, test)[0].argmax(1) == truth).mean()
    print(f"float: {accuracy:.2%} of {TEST} test images")
    np.save(HERE / "test_images.npy", test)
    np.save(HERE / "test_labels.npy", truth)
    guesses = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "float.onnx"
        onnx.save(float_model(p), source)
        for form, per_channel in ((QuantFormat.QDQ, True), (QuantFormat.QOperator, False)):
            name = form.name.lower()
            target = HERE / f"digits_{name}.onnx"
            # reduce_range keeps the references the same on processors that saturate 16-bit sums.
            quantize_static(
                source, target, Calibration(images[:512]), quant_format=form, per_channel=per_channel, reduce_range=True,
                activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            )
            logits = outputs(onnx.load(target), test)
            np.save(HERE / f"test_outputs_{name}.npy", logits)
            guesses.append(logits.argmax(1))
            print(f"{target.name}: {(guesses[-1] == truth).mean():.2%}, {target.stat().st_size} bytes")
    for digit, name in enumerate(NAMES):
        right = np.flatnonzero((truth == digit) & np.all([g == digit for g in guesses], axis=0))
        np.save(HERE / f"{name}.npy", test[right[:1]])


if __name__ == "__main__":
    main()
