"""Convolutions: QLinearConv, ConvInteger, and Conv between DequantizeLinear and QuantizeLinear."""

import numpy as np

from cases import case

U8, I8 = np.uint8, np.int8

# name: input shape, weight shape, attributes
GEOMETRY = {
    "plain": ((1, 3, 7, 5), (4, 3, 3, 3), {}),
    "pointwise": ((1, 5, 3, 7), (7, 5, 1, 1), {}),
    "batch": ((3, 2, 5, 5), (3, 2, 3, 3), dict(pads=[1, 1, 1, 1])),
    "pads_asymmetric": ((1, 2, 6, 7), (3, 2, 3, 3), dict(pads=[1, 0, 2, 1])),
    "pads_wide": ((1, 1, 3, 3), (2, 1, 5, 5), dict(pads=[3, 4, 3, 2])),
    "strides": ((1, 3, 9, 11), (5, 3, 3, 2), dict(strides=[2, 3])),
    "dilations": ((1, 2, 9, 8), (3, 2, 3, 3), dict(dilations=[2, 3], pads=[1, 2, 0, 1])),
    "strides_pads_dilations": ((2, 3, 11, 9), (2, 3, 3, 3), dict(strides=[3, 2], pads=[2, 1, 0, 3], dilations=[2, 1])),
    "groups": ((1, 6, 5, 7), (9, 2, 3, 3), dict(group=3, pads=[1, 1, 1, 1])),
    "depthwise": ((1, 5, 7, 6), (5, 1, 3, 3), dict(group=5, pads=[1, 1, 1, 1], strides=[2, 1])),
    "depthwise_multiplier": ((1, 3, 5, 5), (6, 1, 3, 3), dict(group=3)),
    "same_upper": ((1, 2, 7, 6), (3, 2, 4, 3), dict(auto_pad="SAME_UPPER", strides=[2, 2])),
    "same_lower": ((1, 2, 7, 6), (3, 2, 4, 3), dict(auto_pad="SAME_LOWER", strides=[2, 2])),
    "valid": ((1, 2, 7, 6), (3, 2, 4, 3), dict(auto_pad="VALID", strides=[1, 2])),
    "one_axis": ((2, 3, 11), (4, 3, 3), dict(pads=[1, 2], strides=[2])),
    "three_axes": ((1, 2, 4, 5, 3), (3, 2, 2, 3, 2), dict(pads=[1, 0, 1, 0, 1, 0])),
}


def terms(shape):
    return int(np.prod(shape[1:]))


def qlinear(net, shape, weight, attributes, x_type=U8, w_type=U8, y_type=None, per_channel=False, bias=True, full=False, ties=False):
    x = net.quantised(net.input(shape, x_type), x_type, 1 / 32 if ties else None)
    w = net.weights(weight, w_type, weight[0] if per_channel else None, full=full)
    if ties:  # powers of two: exact halves occur, and the even neighbour wins
        w = net.quantised(w[0], w_type, 1 / 64, 0)
    scale = net.product_scale(x, w, terms(weight))
    y = net.params(y_type or x_type, np.exp2(np.ceil(np.log2(scale))) if ties else scale)
    extra = [net.bias(weight[0], terms(weight))] if bias else []
    net.output(net.op("QLinearConv", *x, *w, *y, *extra, **attributes))


def qdq(net, shape, weight, attributes, x_type=U8, w_type=I8, per_channel=False, bias=True, after=None):
    x = net.quantised(net.input(shape, x_type), x_type)
    w = net.weights(weight, w_type, weight[0] if per_channel else None)
    scale = net.product_scale(x, w, terms(weight))
    inputs = [net.dq(x), net.dq(w, axis=0 if per_channel else None)]
    if bias:
        product = (net.values[x[1]] * net.values[w[1]]).astype(np.float32)
        b = (net.bias(weight[0], terms(weight)), net.const(product, "s"), net.const(np.zeros(product.shape, np.int32), "z"))
        inputs.append(net.dq(b, axis=0 if per_channel else None))
    y = net.op("Conv", *inputs, **attributes)
    if after:
        y = after(net, y)
    # With the activations of `after` the useful half of the range is the positive one.
    net.output(net.q(y, x_type, scale, np.iinfo(x_type).min + 3 if after else None)[0])


for name, (shape, weight, attributes) in GEOMETRY.items():
    geometry = dict(shape=shape, weight=weight, attributes=attributes)
    case(f"qlinearconv_{name}", **geometry)(qlinear)
    case(f"qdq_conv_{name}", **geometry)(qdq)

PADDED = dict(shape=(1, 3, 7, 5), weight=(4, 3, 3, 3), attributes=dict(pads=[1, 1, 1, 1], kernel_shape=[3, 3]))
for depth, geometry in {
    "": PADDED,
    "depthwise_": dict(shape=(1, 5, 6, 7), weight=(5, 1, 3, 3), attributes=dict(group=5, pads=[1, 1, 1, 1])),
}.items():
    case(f"qlinearconv_{depth}per_channel", w_type=I8, per_channel=True, **geometry)(qlinear)
    case(f"qlinearconv_{depth}per_channel_i8", x_type=I8, w_type=I8, per_channel=True, **geometry)(qlinear)
    case(f"qdq_conv_{depth}per_channel", per_channel=True, **geometry)(qdq)
    case(f"qdq_conv_{depth}per_channel_i8", x_type=I8, per_channel=True, **geometry)(qdq)
case("qlinearconv_u8i8", w_type=I8, **PADDED)(qlinear)
case("qlinearconv_i8i8", x_type=I8, w_type=I8, **PADDED)(qlinear)
case("qlinearconv_full_range_weights", w_type=I8, full=True, **PADDED)(qlinear)
case("qlinearconv_ties", w_type=I8, ties=True, shape=(1, 1, 7, 5), weight=(3, 1, 1, 1), attributes={})(qlinear)
case("qlinearconv_no_bias", bias=False, **PADDED)(qlinear)
case("qlinearconv_opset10", opset=10, **PADDED)(qlinear)
case("qlinearconv_opset21", opset=21, **PADDED)(qlinear)
case("qdq_conv_no_bias", bias=False, **PADDED)(qdq)
case("qdq_conv_u8_weights", w_type=U8, **PADDED)(qdq)
case("qdq_conv_i8", x_type=I8, **PADDED)(qdq)
case("qdq_conv_opset11", opset=11, **PADDED)(qdq)
case("qdq_conv_opset19", opset=19, per_channel=True, **PADDED)(qdq)
case("qdq_conv_opset21", opset=21, per_channel=True, **PADDED)(qdq)
case("qdq_conv_relu", after=lambda net, y: net.op("Relu", y), **PADDED)(qdq)
case("qdq_conv_relu_per_channel_i8", x_type=I8, per_channel=True, after=lambda net, y: net.op("Relu", y), **PADDED)(qdq)
case("qdq_conv_clip", after=lambda net, y: net.op("Clip", y, net.const(np.float32(0)), net.const(np.float32(6))), **PADDED)(qdq)


def integer(net, shape, weight, attributes, w_type=U8, x_zero=True, w_zero=True):
    x, w = net.quantised(net.input(shape)), net.weights(weight, w_type, symmetric=False)
    zeros = [x[2], w[2]] if w_zero else [x[2]] if x_zero else []
    net.output(net.op("ConvInteger", x[0], w[0], *zeros, **attributes))


for name in ("plain", "pads_asymmetric", "strides_pads_dilations", "groups", "depthwise", "same_lower", "one_axis"):
    shape, weight, attributes = GEOMETRY[name]
    case(f"convinteger_{name}", shape=shape, weight=weight, attributes=attributes)(integer)
case("convinteger_i8_weights", w_type=I8, **PADDED)(integer)
case("convinteger_x_zero_only", w_zero=False, **PADDED)(integer)
case("convinteger_no_zeros", x_zero=False, w_zero=False, **PADDED)(integer)
