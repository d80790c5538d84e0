"""Deeper networks: written by hand in the QLinear form, and random ones through `quantize_static`."""

import tempfile
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from cases import CASES, case

U8, I8 = np.uint8, np.int8


# ---- by hand

def conv(net, x, weight, attributes=None, dtype=U8, zero=None):
    w = net.weights(weight, I8, weight[0])
    terms = int(np.prod(weight[1:]))
    y = net.params(dtype, net.product_scale(x, w, terms), zero)
    return (net.op("QLinearConv", *x, *w, *y, net.bias(weight[0], terms), **(attributes or {})), *y)


def add(net, a, b, dtype=U8):
    y = net.params(dtype, 74 * np.hypot(float(net.values[a[1]]), float(net.values[b[1]])) * 2.2 / 128)
    return (net.ms("QLinearAdd", *a, *b, *y), *y)


@case("deep_residual")
def residual(net):
    """Two residual blocks, one with a strided projection, global pooling and a classifier."""
    same = dict(pads=[1, 1, 1, 1])
    x = conv(net, net.quantised(net.input((1, 3, 9, 7)), U8), (5, 3, 3, 3), same, zero=0)
    x = add(net, x, conv(net, conv(net, x, (5, 5, 3, 3), same, zero=0), (5, 5, 3, 3), same))
    strided = dict(strides=[2, 2], pads=[1, 1, 1, 1])
    y = conv(net, conv(net, x, (7, 5, 3, 3), strided, zero=0), (7, 7, 3, 3), same)
    x = add(net, conv(net, x, (7, 5, 1, 1), dict(strides=[2, 2])), y)
    pooled = net.params(U8, 0.4 * float(net.values[x[1]]))
    p = net.ms("QLinearGlobalAveragePool", *x, *pooled, channels_last=0)
    w = net.weights((4, 7), I8)
    features = (net.op("Flatten", p), *pooled)
    net.output(net.ms("QGemm", *features, *w, net.bias(4, 7), *net.params(U8, net.product_scale(features, w, 7)), transB=1))


@case("deep_branches")
def branches(net):
    """Depthwise, grouped and pooled branches, concatenated, gated by a sigmoid; two outputs."""
    x = net.quantised(net.input((2, 4, 7, 9), I8), I8)
    a = conv(net, x, (4, 1, 3, 3), dict(group=4, pads=[1, 1, 1, 1]), I8)
    b = conv(net, x, (6, 2, 3, 3), dict(group=2, pads=[2, 2, 2, 2], dilations=[2, 2]), I8)
    c = (net.op("MaxPool", x[0], kernel_shape=[3, 3], pads=[1, 1, 1, 1]), x[1], x[2])
    y = net.params(I8, 1.1 * max(float(net.values[t[1]]) for t in (a, b, c)))
    joined = (net.ms("QLinearConcat", *y, *a, *b, *c, axis=1), *y)
    gate_params = net.params(I8, 1 / 256, -128)
    gate = (net.ms("QLinearSigmoid", *joined, *gate_params), *gate_params)
    product = net.ms("QLinearMul", *joined, *gate, *net.params(I8, 0.7 * float(net.values[y[0]])))
    halves = net.op("Split", product, net.ints(5, 9), outputs=2, axis=1)
    net.output(net.op("Transpose", halves[0], perm=[0, 2, 3, 1]), halves[1])


@case("deep_attention_like")
def attention_like(net):
    """Two inputs, projections, a product of activations with a transpose, a second product."""
    q = net.quantised(net.input((2, 5, 6), U8, "x1"), U8)
    k = net.quantised(net.input((2, 7, 6), U8, "x2"), U8)

    def project(x, columns):
        w = net.weights((6, columns), I8)
        y = net.params(U8, net.product_scale(x, w, 6))
        return (net.op("QLinearMatMul", *x, *w, *y), *y)

    a, b, v = project(q, 8), project(k, 8), project(k, 3)
    turned = (net.op("Transpose", b[0], perm=[0, 2, 1]), b[1], b[2])
    y = net.params(U8, net.product_scale(a, turned, 8))
    scores = (net.op("QLinearMatMul", *a, *turned, *y), *y)
    z = net.params(U8, net.product_scale(scores, v, 7))
    net.output(net.op("QLinearMatMul", *scores, *v, *z))


# ---- random float networks, quantised by onnxruntime

class Reader(CalibrationDataReader):
    def __init__(self, rng, shape):
        self.batches = iter([{"x": rng.uniform(-1, 1, shape).astype(np.float32)} for _ in range(16)])

    def get_next(self):
        return next(self.batches, None)


class FloatNet:
    """A random chain of layers with skip connections, on `[1, channels, height, width]`."""

    ACTIVATIONS = ("Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSwish", "Clip", "")

    def __init__(self, rng):
        self.rng, self.nodes, self.inits = rng, [], []
        self.shape = (1, int(rng.integers(1, 4)), int(rng.integers(9, 13)), int(rng.integers(8, 12)))

    def const(self, value, kind=np.float32):
        name = f"c{len(self.inits)}"
        self.inits.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def op(self, kind, *inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=f"node{len(self.nodes)}", **attributes))
        return name

    def conv(self, x, channels, out, group=1, **attributes):
        w = self.const(self.rng.normal(0, np.sqrt(group / (channels * 9)), (out, channels // group, 3, 3)))
        return self.op("Conv", x, w, self.const(self.rng.normal(0, 0.1, out)), kernel_shape=[3, 3], group=group, **attributes)

    def activation(self, x):
        kind = self.rng.choice(self.ACTIVATIONS)
        if kind == "Clip":
            return self.op("Clip", x, self.const(0.0), self.const(1.0))
        return self.op(str(kind), x) if kind else x

    def build(self):
        rng, channels = self.rng, self.shape[1]
        width = int(rng.choice([4, 6]))
        x = self.activation(self.conv("x", channels, width, pads=[1, 1, 1, 1], strides=[1, int(rng.integers(1, 3))]))
        for layer in rng.permutation(["residual", "pool", "gate", "branch", "depthwise"]):
            same = dict(pads=[1, 1, 1, 1])
            if layer == "residual":
                x = self.op("Add", x, self.activation(self.conv(x, width, width, **same)))
            elif layer == "pool":
                kind = str(rng.choice(["MaxPool", "AveragePool"]))
                x = self.op(kind, x, kernel_shape=[2, 2], strides=[2, 2], **({"count_include_pad": 1, "pads": [0, 1, 1, 0]} if kind == "AveragePool" else {}))
            elif layer == "gate":
                x = self.op("Mul", x, self.op("Sigmoid", self.conv(x, width, width, 2, **same)))
            elif layer == "branch":
                x = self.conv(self.op("Concat", x, self.activation(self.conv(x, width, 3, **same)), axis=1), width + 3, width, **same)
            else:
                x = self.activation(self.conv(x, width, width, width, dilations=[1, 2], pads=[1, 2, 1, 2]))
        x = self.op("Flatten", self.op("GlobalAveragePool", x))
        hidden = self.op("MatMul", x, self.const(rng.normal(0, 0.5, (width, 9))))
        hidden = self.op("Relu", self.op("Add", hidden, self.const(rng.normal(0, 0.1, 9))))
        y = self.op("Gemm", hidden, self.const(rng.normal(0, 0.4, (5, 9))), self.const(rng.normal(0, 0.1, 5)), transB=1)
        value = helper.make_tensor_value_info
        graph = helper.make_graph(self.nodes, "net", [value("x", TensorProto.FLOAT, self.shape)], [value(y, TensorProto.FLOAT, [1, 5])], self.inits)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model


def quantised(seed, form, per_channel, x_type, w_type):
    rng = np.random.default_rng(zlib.crc32(f"deep {seed}".encode()))
    net = FloatNet(rng)
    model = net.build()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "quantised.onnx"
        onnx.save(model, source)
        # The QDQ form gives AveragePool one scale on both sides: ties, which floating point decides.
        averages = [n.name for n in model.graph.node if n.op_type == "AveragePool"]
        quantize_static(
            source, target, Reader(rng, net.shape), quant_format=form, per_channel=per_channel, nodes_to_exclude=averages if form == QuantFormat.QDQ else [],
            activation_type=x_type, weight_type=w_type, reduce_range=w_type == QuantType.QInt8,
        )
        result = onnx.load(target)
    return result, [{"x": rng.uniform(-1, 1, net.shape).astype(np.float32)} for _ in range(8)]


for seed in range(8):
    # Per-channel weights are signed; signed activations only go with signed weights.
    x_type, w_type = ((QuantType.QUInt8, QuantType.QUInt8), (QuantType.QUInt8, QuantType.QInt8), (QuantType.QInt8, QuantType.QInt8))[seed % 3]
    for form in (QuantFormat.QDQ, QuantFormat.QOperator):
        per_channel = w_type == QuantType.QInt8 and seed % 2 == 0

        def make(seed=seed, form=form, per_channel=per_channel, x_type=x_type, w_type=w_type):
            return quantised(seed, form, per_channel, x_type, w_type)

        CASES[f"deep_random{seed}_{form.name.lower()}"] = make
