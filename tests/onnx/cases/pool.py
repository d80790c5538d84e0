"""Pooling: on integers directly, in the QDQ form, and the QLinear operators."""

import numpy as np

from cases import case

U8, I8 = np.uint8, np.int8
# name: input shape, attributes (valid for both kinds of pooling)
GEOMETRY = {
    "plain": ((1, 3, 7, 9), dict(kernel_shape=[2, 2], strides=[2, 2])),
    "overlapping": ((2, 2, 5, 7), dict(kernel_shape=[3, 3])),
    "pads": ((1, 2, 7, 6), dict(kernel_shape=[3, 4], strides=[2, 2], pads=[1, 0, 1, 2])),
    "ceil": ((1, 2, 8, 9), dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
    "ceil_pads": ((1, 2, 8, 7), dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)),
    "same_upper": ((1, 2, 7, 8), dict(kernel_shape=[4, 3], strides=[2, 2], auto_pad="SAME_UPPER")),
    "same_lower": ((1, 2, 7, 8), dict(kernel_shape=[4, 3], strides=[2, 2], auto_pad="SAME_LOWER")),
    "valid": ((1, 2, 7, 8), dict(kernel_shape=[4, 3], strides=[2, 3], auto_pad="VALID")),
    "one_axis": ((2, 3, 11), dict(kernel_shape=[3], strides=[2], pads=[1, 1])),
}
COUNTED = {name: (shape, dict(a, count_include_pad=1)) for name, (shape, a) in GEOMETRY.items() if "pads" in name or name in ("ceil", "same_upper")}


def max_direct(net, shape, attributes, dtype=U8):
    net.output(net.op("MaxPool", net.input(shape, dtype), **attributes))


def pool_qdq(net, kind, shape, attributes, dtype=U8, same=None):
    """`same`: one scale on both sides, as quantisers write it around MaxPool and AveragePool. For an
    average it makes ties frequent, and floating point decides them, unless it is a power of two."""
    scale, zero = (same, int(net.zero(dtype))) if same else (None, None)
    y = net.op(kind, net.dq_input(shape, dtype, scale=scale or 0.029, zero=zero), **attributes)
    net.output(net.q(y, dtype, scale or 0.023, zero)[0])


def average_qlinear(net, shape, attributes, dtype=U8, x_scale=0.029, y_scale=0.017):
    x = net.quantised(net.input(shape, dtype), dtype, x_scale)
    net.output(net.ms("QLinearAveragePool", *x, *net.params(dtype, y_scale), **attributes))


for name, (shape, attributes) in GEOMETRY.items():
    geometry = dict(shape=shape, attributes=attributes)
    case(f"maxpool_{name}", **geometry)(max_direct)
    case(f"qdq_averagepool_{name}", kind="AveragePool", **geometry)(pool_qdq)
    case(f"qlinearaveragepool_{name}", **geometry)(average_qlinear)
for name, (shape, attributes) in COUNTED.items():
    geometry = dict(shape=shape, attributes=attributes)
    case(f"qdq_averagepool_counted_{name}", kind="AveragePool", **geometry)(pool_qdq)
    case(f"qdq_averagepool_counted_{name}_opset19", 19, kind="AveragePool", **geometry)(pool_qdq)
    case(f"qlinearaveragepool_counted_{name}", **geometry)(average_qlinear)
PADDED = dict(zip(("shape", "attributes"), GEOMETRY["pads"]))
DILATED = dict(shape=(1, 2, 9, 8), attributes=dict(kernel_shape=[3, 2], dilations=[2, 3], strides=[1, 2], pads=[1, 0, 0, 1]))
case("maxpool_i8", dtype=I8, **PADDED)(max_direct)
case("maxpool_dilations", **DILATED)(max_direct)
case("maxpool_opset12", 12, **PADDED)(max_direct)
case("qdq_maxpool", kind="MaxPool", **PADDED)(pool_qdq)
case("qdq_maxpool_same_parameters", kind="MaxPool", same=0.031, **PADDED)(pool_qdq)
case("qdq_maxpool_i8", kind="MaxPool", dtype=I8, **PADDED)(pool_qdq)
case("qdq_averagepool_i8", kind="AveragePool", dtype=I8, **PADDED)(pool_qdq)
for size in ("plain", "pads", "ceil_pads"):
    tied = dict(zip(("shape", "attributes"), GEOMETRY[size]))
    case(f"qdq_averagepool_ties_{size}", kind="AveragePool", same=1 / 32, **tied)(pool_qdq)
    case(f"qlinearaveragepool_ties_{size}", x_scale=1 / 32, y_scale=1 / 32, **tied)(average_qlinear)
case("qdq_averagepool_dilations_opset19", 19, kind="AveragePool", **DILATED)(pool_qdq)
case("qdq_averagepool_opset11", 11, kind="AveragePool", **PADDED)(pool_qdq)
case("qlinearaveragepool_i8", dtype=I8, **PADDED)(average_qlinear)


def global_qlinear(net, dtype, shape):
    x = net.quantised(net.input(shape, dtype), dtype, 0.029)
    net.output(net.ms("QLinearGlobalAveragePool", *x, *net.params(dtype, 0.009), channels_last=0))


for dtype, suffix in ((U8, "u8"), (I8, "i8")):
    for shape in ((2, 3, 5, 7), (1, 4, 8, 8)):
        size = "x".join(map(str, shape[2:]))
        case(f"qlinearglobalaveragepool_{size}_{suffix}", dtype=dtype, shape=shape)(global_qlinear)
        case(f"qdq_globalaveragepool_{size}_{suffix}", kind="GlobalAveragePool", dtype=dtype, shape=shape, attributes={})(pool_qdq)
case("qdq_globalmaxpool", kind="GlobalMaxPool", shape=(2, 3, 5, 7), attributes={})(pool_qdq)
