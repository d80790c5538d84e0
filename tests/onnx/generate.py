#!/usr/bin/env python3
"""Writes tests/onnx/fixtures: small ONNX networks with inputs and ONNX Runtime's outputs.

    python generate.py            write everything
    python generate.py --check    write nothing; fail if a committed fixture differs

A fixture is a folder with `model.onnx`, `input.NAME.npy` and `output.NAME.npy`. Each array has one more
leading axis than the model declares: it counts the samples.
"""

import argparse
import importlib
import io
import sys
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from cases import CASES
from net import ELEMENT, Net

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures"
SAMPLES = 4


def session(model):
    """ONNX Runtime on one thread, with every graph optimisation off: operators as the file has them."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def draw(rng, sample, shape, dtype):
    """Random values; the second sample has only extremes. Shape (1, 256) is every value, shuffled."""
    if dtype == np.float32:
        return rng.uniform(-5, 5, shape).astype(dtype)
    values = np.iinfo(dtype)
    if shape == (1, 256):
        every = np.arange(values.min, values.max + 1).astype(dtype)
        return (every if sample == 0 else rng.permutation(every)).reshape(shape)
    if sample == 1:
        return rng.choice(np.array([values.min, values.max], dtype), shape)
    return rng.integers(values.min, values.max + 1, shape).astype(dtype)


def build(name):
    """The files of a case, by name."""
    opset, fill = CASES[name]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    net = Net(rng, opset)
    fill(net)
    samples = 1 if any(shape == (1, 256) for _, _, shape, _ in net.inputs) else SAMPLES
    feeds = [{n: draw(rng, s, shape, dtype) for n, _, shape, dtype in net.inputs} for s in range(samples)]
    # The output types are not known before the first run; ONNX Runtime infers them.
    draft = net.model([1] * len(net.outputs), [None] * len(net.outputs))
    for value in draft.graph.output:
        value.ClearField("type")
    first = session(draft).run(None, feeds[0])
    symbolic = any(list(declared) != list(shape) for _, declared, shape, _ in net.inputs)
    shapes = [[None] * y.ndim if symbolic else y.shape for y in first]
    model = net.model([ELEMENT[y.dtype] for y in first], shapes)
    onnx.checker.check_model(model)
    return pack(model, feeds)


def pack(model, feeds, expected=None, runs=True):
    """The fixture's files, by name. Outputs are ONNX Runtime's, which must be `expected` if given;
    where ONNX Runtime refuses the model (`runs` is false) they are `expected`."""
    outputs = expected
    if runs:
        run = session(model)
        outputs = [run.run(None, feed) for feed in feeds]
        if expected and any((a != b).any() for ys, zs in zip(outputs, expected) for a, b in zip(ys, zs)):
            raise ValueError("ONNX Runtime's output is not the expected one")
    files = {"model.onnx": model.SerializeToString()}
    for name in feeds[0]:
        files[f"input.{name}.npy"] = npy(np.stack([feed[name] for feed in feeds]))
    for i, value in enumerate(model.graph.output):
        files[f"output.{value.name}.npy"] = npy(np.stack([ys[i] for ys in outputs]))
    return files


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def refuse_saturating_processor():
    """ONNX Runtime sums u8 x i8 products in pairs of 16 bits on processors without VNNI: those
    references would be wrong, so a fixture with full-range signed weights cannot be made there."""
    net = Net(np.random.default_rng(0))
    a = net.input((1, 64))
    net.output(net.op("MatMulInteger", a, net.const(np.full((64, 1), 127, np.int8))))
    total = session(net.model([ELEMENT[np.dtype(np.int32)]], [[1, 1]])).run(None, {a: np.full((1, 64), 255, np.uint8)})[0]
    if total != 64 * 255 * 127:
        sys.exit("This processor saturates u8 x i8 sums (no VNNI): generate the fixtures on another.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", default="", help="cases whose names contain this")
    arguments = parser.parse_args()
    refuse_saturating_processor()
    for module in ("conv", "linear", "elementwise", "activation", "pool", "shape", "deep", "node_tests"):
        importlib.import_module(f"cases.{module}")
    total, different, failed = 0, [], []
    for name in sorted(CASES):
        if arguments.only not in name:
            continue
        try:
            files = build(name) if isinstance(CASES[name], tuple) else pack(*CASES[name]())
        except Exception as error:
            failed.append(f"{name}: {error}")
            continue
        folder = FIXTURES / name
        for file, content in files.items():
            total += len(content)
            path = folder / file
            if arguments.check:
                if not path.exists() or path.read_bytes() != content:
                    different.append(f"{name}/{file}")
            else:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    print(f"{len(CASES)} cases, {total / 1024:.0f} KiB, onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
    if failed:
        sys.exit("\n".join(failed))
    if different:
        sys.exit("different: " + ", ".join(different))


if __name__ == "__main__":
    main()
