"""Builds one small quantised ONNX network, with random but reproducible parameters."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"
# The intermediate-representation version that goes with an operator set.
IR_VERSION = {19: 9, 20: 9, 21: 10}
ELEMENT = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.uint8): TensorProto.UINT8,
    np.dtype(np.int8): TensorProto.INT8,
    np.dtype(np.int32): TensorProto.INT32,
    np.dtype(np.int64): TensorProto.INT64,
}


class Net:
    """A graph under construction. Methods return the name of the tensor they create.

    A tensor that is quantised is a triple `(name, scale, zero_point)` of names, as the quantised
    operators take it.
    """

    def __init__(self, rng, opset=13):
        self.rng = rng
        self.opset = opset
        self.nodes = []
        self.initializers = []
        self.inputs = []  # (name, declared shape, concrete shape, dtype)
        self.outputs = []
        self.values = {}  # constants, by name

    # ---- tensors

    def fresh(self, stem):
        return f"{stem}_{len(self.nodes) + len(self.initializers)}"

    def input(self, shape, dtype=np.uint8, name="x", declared=None):
        self.inputs.append((name, declared or list(shape), tuple(shape), np.dtype(dtype)))
        return name

    def const(self, value, stem="c"):
        name = self.fresh(stem)
        value = np.asarray(value)
        self.values[name] = value
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def ints(self, *values):
        return self.const(np.array(values, np.int64), "i")

    def op(self, kind, *inputs, outputs=1, domain="", **attributes):
        names = [f"{self.fresh(kind.lower())}{'abcdef'[i] if outputs > 1 else ''}" for i in range(outputs)]
        node = helper.make_node(kind, list(inputs), names, name=f"n{len(self.nodes)}", domain=domain, **attributes)
        self.nodes.append(node)
        return names[0] if outputs == 1 else names

    def ms(self, kind, *inputs, **attributes):
        return self.op(kind, *inputs, domain=MICROSOFT, **attributes)

    def output(self, *names):
        self.outputs += names

    # ---- quantisation parameters

    def scale(self, low=0.004, high=0.06):
        return np.float32(self.rng.uniform(low, high))

    def zero(self, dtype):
        low, high = (96, 160) if np.dtype(dtype) == np.uint8 else (-32, 32)
        return np.array(self.rng.integers(low, high), dtype)

    def quantised(self, name, dtype=np.uint8, scale=None, zero=None):
        """`name`, an integer tensor, together with constants for its scale and zero point."""
        scale = self.scale() if scale is None else np.float32(scale)
        zero = self.zero(dtype) if zero is None else np.array(zero, dtype)
        return (name, self.const(scale, "s"), self.const(zero, "z"))

    def params(self, dtype=np.uint8, scale=None, zero=None):
        """Scale and zero point of an output, as names."""
        return self.quantised("", dtype, scale, zero)[1:]

    def weights(self, shape, dtype=np.int8, channels=None, axis=0, full=False, symmetric=True):
        """A constant weight tensor; `channels` scales along `axis` make it per-channel.

        Signed weights stay in [-64, 63], unless `full`, so that the pairwise 16-bit sums of
        processors without VNNI do not saturate inside ONNX Runtime.
        """
        dtype = np.dtype(dtype)
        low, high = (0, 256) if dtype == np.uint8 else (-128, 128) if full else (-64, 64)
        value = self.rng.integers(low, high, shape).astype(dtype)
        if channels:
            scales = self.rng.uniform(0.002, 0.02, channels).astype(np.float32)
            return (self.const(value, "w"), self.const(scales, "s"), self.const(np.zeros(channels, dtype), "z"))
        zero = 0 if symmetric and dtype == np.int8 else self.zero(dtype)
        return self.quantised(self.const(value, "w"), dtype, self.scale(0.002, 0.02), zero)

    def bias(self, channels, terms):
        """An int32 bias of the size of a sum of `terms` products."""
        spread = int(74 * 37 * np.sqrt(terms))
        return self.const(self.rng.integers(-spread, spread + 1, channels).astype(np.int32), "b")

    def product_scale(self, x, w, terms):
        """An output scale that a sum of `terms` products of `x` and `w` fills, saturating at times."""
        spread = 37 if self.values[w[2]].dtype == np.int8 else 74
        sx, sw = (float(np.mean(self.values[t[1]])) for t in (x, w))
        return np.float32(sx * sw * np.sqrt(terms) * 74 * spread * self.rng.uniform(2.0, 2.6) / 128)

    # ---- the QDQ form

    def dq(self, tensor, axis=None):
        return self.op("DequantizeLinear", *tensor, **({} if axis is None else {"axis": axis}))

    def q(self, name, dtype=np.uint8, scale=None, zero=None):
        params = self.params(dtype, scale, zero)
        return (self.op("QuantizeLinear", name, *params), *params)

    def dq_input(self, shape, dtype=np.uint8, name="x", scale=None, zero=None):
        """A graph input of quantised integers, dequantised."""
        return self.dq(self.quantised(self.input(shape, dtype, name), dtype, scale, zero))

    # ---- the file

    def model(self, output_types, output_shapes):
        value_info = helper.make_tensor_value_info
        domains = {n.domain for n in self.nodes}
        graph = helper.make_graph(
            self.nodes,
            "net",
            [value_info(n, ELEMENT[d], declared) for n, declared, _, d in self.inputs],
            [value_info(n, t, s) for n, t, s in zip(self.outputs, output_types, output_shapes)],
            self.initializers,
        )
        opsets = [helper.make_opsetid("", self.opset)]
        if MICROSOFT in domains:
            opsets.append(helper.make_opsetid(MICROSOFT, 1))
        model = helper.make_model(graph, opset_imports=opsets, producer_name="assay-tests")
        model.ir_version = IR_VERSION.get(self.opset, 8)
        return model
