"""Functions of one 8-bit value: each case feeds all 256 inputs, in their order.

In the QDQ form any function of one tensor is a table; so is a chain of such functions.
"""

import numpy as np

from cases import case

U8, I8 = np.uint8, np.int8
EVERY = (1, 256)  # `generate.py` fills an input of this shape with every value of its type


def qlinear(net, kind, dtype, **attributes):
    x = net.quantised(net.input(EVERY, dtype), dtype)
    scale = 1 / 256 if kind == "QLinearSigmoid" else None
    zero = np.iinfo(dtype).min if kind == "QLinearSigmoid" else None
    net.output(net.ms(kind, *x, *net.params(dtype, scale, zero), **attributes))


for dtype, suffix in ((U8, "u8"), (I8, "i8")):
    case(f"qlinearsigmoid_{suffix}", kind="QLinearSigmoid", dtype=dtype)(qlinear)
    case(f"qlinearleakyrelu_{suffix}", kind="QLinearLeakyRelu", dtype=dtype, alpha=0.1)(qlinear)


def qdq(net, chain, dtype, x_scale, y_scale, x_zero=None, y_zero=None):
    y = net.dq_input(EVERY, dtype, scale=x_scale, zero=x_zero)
    for kind, attributes, constants in chain:
        y = net.op(kind, y, *[c if c == "" else net.const(np.asarray(c)) for c in constants], **attributes)
    net.output(net.q(y, dtype, y_scale, y_zero)[0])


f = np.float32
# name: first opset, chain of (operator, attributes, constant inputs), scale of x, scale of y, unsigned zero of y
FUNCTIONS = {
    "relu": (13, [("Relu", {}, [])], 0.031, 0.027, 0),
    "clip": (13, [("Clip", {}, [f(-0.7), f(1.9)])], 0.031, 0.012, 70),
    "clip_max_only": (13, [("Clip", {}, ["", f(1.1)])], 0.031, 0.022, 170),
    "relu6": (13, [("Clip", {}, [f(0), f(6)])], 0.061, 6 / 255, 0),
    "leakyrelu": (13, [("LeakyRelu", dict(alpha=0.2), [])], 0.031, 0.021, 50),
    "leakyrelu_default": (13, [("LeakyRelu", {}, [])], 0.029, 0.019, 3),
    "prelu_scalar": (16, [("PRelu", {}, [f([0.3])])], 0.031, 0.021, 60),
    "thresholdedrelu": (13, [("ThresholdedRelu", dict(alpha=0.6), [])], 0.031, 0.021, 0),
    "sigmoid": (13, [("Sigmoid", {}, [])], 0.043, 1 / 255, 0),
    "tanh": (13, [("Tanh", {}, [])], 0.027, 1 / 127, 128),
    "hardsigmoid": (13, [("HardSigmoid", dict(alpha=1 / 6, beta=0.5), [])], 0.047, 1 / 255, 0),
    "hardswish": (14, [("HardSwish", {}, [])], 0.047, 0.024, 16),
    "elu": (13, [("Elu", dict(alpha=0.8), [])], 0.031, 0.021, 40),
    "selu": (13, [("Selu", {}, [])], 0.031, 0.021, 90),
    "celu": (13, [("Celu", dict(alpha=1.3), [])], 0.031, 0.021, 60),
    "softplus": (13, [("Softplus", {}, [])], 0.031, 0.017, 0),
    "softsign": (13, [("Softsign", {}, [])], 0.031, 0.007, 128),
    "gelu": (20, [("Gelu", {}, [])], 0.031, 0.019, 9),
    "gelu_tanh": (20, [("Gelu", dict(approximate="tanh"), [])], 0.031, 0.019, 9),
    "mish": (18, [("Mish", {}, [])], 0.031, 0.019, 17),
    "erf": (13, [("Erf", {}, [])], 0.021, 1 / 127, 128),
    "exp": (13, [("Exp", {}, [])], 0.013, 0.021, 0),
    "abs": (13, [("Abs", {}, [])], 0.013, 0.009, 0),
    "neg": (13, [("Neg", {}, [])], 0.013, 0.015, 120),
    "sign": (13, [("Sign", {}, [])], 0.013, 0.01, 120),
    "floor": (13, [("Floor", {}, [])], 0.031, 0.05, 120),
    "ceil": (13, [("Ceil", {}, [])], 0.031, 0.05, 120),
    "round": (13, [("Round", {}, [])], 0.5, 0.51, 120),
    "sqrt_of_abs": (13, [("Abs", {}, []), ("Sqrt", {}, [])], 0.031, 0.009, 0),
    "sin": (13, [("Sin", {}, [])], 0.031, 0.009, 128),
    "cos": (13, [("Cos", {}, [])], 0.031, 0.009, 128),
    "atan": (13, [("Atan", {}, [])], 0.031, 0.011, 128),
    "square": (13, [("Pow", {}, [f(2)])], 0.013, 0.011, 0),
    "divide_by_constant": (13, [("Div", {}, [f(3.3)])], 0.031, 0.011, 128),
    "add_constant": (13, [("Add", {}, [f(0.77)])], 0.031, 0.029, 128),
    "multiply_by_constant": (13, [("Mul", {}, [f(1.3)])], 0.031, 0.041, 128),
    "chain": (14, [("LeakyRelu", {}, []), ("Tanh", {}, []), ("Neg", {}, [])], 0.027, 1 / 127, 128),
    "requantise": (13, [], 0.027, 0.019, 101),
}
for name, (opset, chain, x_scale, y_scale, y_zero) in FUNCTIONS.items():
    common = dict(chain=chain, x_scale=x_scale, y_scale=y_scale)
    case(f"qdq_{name}_u8", opset, dtype=U8, y_zero=y_zero, **common)(qdq)
    case(f"qdq_{name}_i8", opset, dtype=I8, y_zero=y_zero - 128, **common)(qdq)


@case("qdq_clip_opset6_attributes", 10)
def clip_attributes(net):
    y = net.op("Clip", net.dq_input(EVERY, scale=0.031), min=-0.7, max=1.9)
    net.output(net.q(y, U8, 0.012, 70)[0])


@case("qdq_sigmoid_opset21", 21)
def sigmoid_21(net):
    net.output(net.q(net.op("Sigmoid", net.dq_input(EVERY, scale=0.043)), U8, 1 / 255, 0)[0])


@case("qdq_swish", 13)
def swish(net):
    """x * sigmoid(x) in one fused group: still a function of one byte."""
    x = net.dq_input(EVERY, scale=0.047)
    net.output(net.q(net.op("Mul", x, net.op("Sigmoid", x)), U8, 0.023, 13)[0])


@case("relu_i8_direct", 14)
def relu_direct(net):
    net.output(net.op("Relu", net.input(EVERY, I8)))


@case("clip_u8_direct", 13)
def clip_direct(net):
    net.output(net.op("Clip", net.input(EVERY, U8), net.const(U8(17)), net.const(U8(200))))


@case("clip_i8_direct", 13)
def clip_direct_signed(net):
    net.output(net.op("Clip", net.input(EVERY, I8), net.const(I8(-17)), net.const(I8(99))))


@case("microsoft_quantize_dequantize", 13)
def microsoft(net):
    x = net.ms("DequantizeLinear", *net.quantised(net.input(EVERY), scale=0.031))
    net.output(net.ms("QuantizeLinear", net.op("Relu", x), *net.params(U8, 0.021, 4)))


def quantise(net, dtype, opset=13, **attributes):
    scale, zero = net.params(dtype, 0.031)
    net.output(net.op("QuantizeLinear", net.input((3, 41), np.float32), scale, zero, **attributes))


case("quantizelinear_u8", dtype=U8)(quantise)
case("quantizelinear_i8", dtype=I8)(quantise)
case("quantizelinear_u8_opset10", 10, dtype=U8)(quantise)
case("quantizelinear_u8_opset21", 21, dtype=U8)(quantise)


@case("quantizelinear_no_zero")
def quantise_no_zero(net):
    net.output(net.op("QuantizeLinear", net.input((3, 41), np.float32), net.const(f(0.031))))


def dequantise(net, dtype):
    net.output(net.dq_input(EVERY, dtype, scale=0.031))


case("dequantizelinear_u8", dtype=U8)(dequantise)
case("dequantizelinear_i8", dtype=I8)(dequantise)
case("dequantizelinear_u8_opset21", 21, dtype=U8)(dequantise)


@case("dequantizelinear_no_zero")
def dequantise_no_zero(net):
    net.output(net.op("DequantizeLinear", net.input(EVERY, U8), net.const(f(0.031))))
