"""Matrix products: QLinearMatMul, QGemm, MatMulInteger, and Gemm and MatMul in the QDQ form."""

import numpy as np

from cases import case

U8, I8 = np.uint8, np.int8

# name: shapes of the two operands
SHAPES = {
    "plain": ((5, 7), (7, 3)),
    "row": ((1, 33), (33, 10)),
    "batched": ((2, 3, 5), (2, 5, 4)),
    "batched_deep": ((2, 3, 4, 5), (2, 3, 5, 2)),
    "broadcast_weight": ((3, 2, 5), (5, 4)),
    "broadcast_left": ((4, 5), (3, 5, 2)),
    "broadcast_both": ((2, 1, 3, 5), (3, 5, 2)),
    "vector_left": ((7,), (7, 3)),
    "vector_right": ((4, 7), (7,)),
}


def qlinear(net, left, right, x_type=U8, w_type=U8, constant=True, columns=False):
    a = net.quantised(net.input(left, x_type), x_type)
    if constant:
        b = net.weights(right, w_type, right[-1] if columns else None)
    else:
        b = net.quantised(net.input(right, w_type, "x2"), w_type)
    y = net.params(x_type, net.product_scale(a, b, left[-1]))
    net.output(net.op("QLinearMatMul", *a, *b, *y))


def qdq(net, left, right, x_type=U8, w_type=I8, constant=True, columns=False):
    a = net.quantised(net.input(left, x_type), x_type)
    if constant:
        b = net.weights(right, w_type, right[-1] if columns else None)
    else:
        b = net.quantised(net.input(right, w_type, "x2"), w_type)
    product = net.op("MatMul", net.dq(a), net.dq(b, axis=len(right) - 1 if columns else None))
    net.output(net.q(product, x_type, net.product_scale(a, b, left[-1]))[0])


def integer(net, left, right, x_type=U8, w_type=U8, constant=True, zeros=2, bias=False):
    a = net.quantised(net.input(left, x_type), x_type)
    if constant:
        b = net.weights(right, w_type, symmetric=False)
    else:
        b = net.quantised(net.input(right, w_type, "x2"), w_type)
    y = net.op("MatMulInteger", a[0], b[0], *[a[2], b[2]][:zeros])
    net.output(net.op("Add", y, net.bias(right[-1], left[-1])) if bias else y)


for name, (left, right) in SHAPES.items():
    shapes = dict(left=left, right=right)
    case(f"qlinearmatmul_{name}", **shapes)(qlinear)
    case(f"qlinearmatmul_{name}_two_inputs", constant=False, **shapes)(qlinear)
    case(f"qdq_matmul_{name}", **shapes)(qdq)
    case(f"matmulinteger_{name}", **shapes)(integer)
PLAIN = dict(left=(5, 7), right=(7, 3))
case("qlinearmatmul_u8i8", w_type=I8, **PLAIN)(qlinear)
case("qlinearmatmul_i8i8", x_type=I8, w_type=I8, **PLAIN)(qlinear)
case("qlinearmatmul_per_column", w_type=I8, columns=True, **PLAIN)(qlinear)
case("qlinearmatmul_opset10", opset=10, **PLAIN)(qlinear)
case("qlinearmatmul_opset21", opset=21, **PLAIN)(qlinear)
case("qdq_matmul_two_inputs", w_type=U8, constant=False, left=(2, 3, 5), right=(2, 5, 4))(qdq)
case("qdq_matmul_two_inputs_i8", x_type=I8, constant=False, left=(3, 5), right=(2, 5, 4))(qdq)
case("qdq_matmul_per_column", columns=True, **PLAIN)(qdq)
case("matmulinteger_two_inputs", constant=False, **PLAIN)(integer)
case("matmulinteger_i8i8", x_type=I8, w_type=I8, **PLAIN)(integer)
case("matmulinteger_u8i8", w_type=I8, **PLAIN)(integer)
case("matmulinteger_x_zero_only", zeros=1, **PLAIN)(integer)
case("matmulinteger_no_zeros", zeros=0, **PLAIN)(integer)
case("matmulinteger_add_bias", bias=True, **PLAIN)(integer)


def gemm_parts(net, x_type, w_type, rows, terms, columns, transposed, per_channel, left_transposed=False):
    x = net.quantised(net.input((terms, rows) if left_transposed else (rows, terms), x_type), x_type)
    w = net.weights((columns, terms) if transposed else (terms, columns), w_type, columns if per_channel else None)
    return x, w


def qgemm(net, x_type=U8, w_type=U8, transposed=True, left_transposed=False, per_channel=False, bias=True, alpha=1.0, y_float=False):
    rows, terms, columns = 3, 19, 7
    x, w = gemm_parts(net, x_type, w_type, rows, terms, columns, transposed, per_channel, left_transposed)
    b = net.bias(columns, terms) if bias else ""
    y = () if y_float else net.params(x_type, net.product_scale(x, w, terms) * np.float32(alpha))
    net.output(net.ms("QGemm", *x, *w, b, *y, alpha=alpha, transA=int(left_transposed), transB=int(transposed)))


case("qgemm")(qgemm)
case("qgemm_not_transposed", transposed=False)(qgemm)
case("qgemm_both_transposed", left_transposed=True)(qgemm)
case("qgemm_no_bias", bias=False)(qgemm)
case("qgemm_alpha", alpha=0.37, bias=False)(qgemm)
case("qgemm_alpha_bias", alpha=0.37)(qgemm)
case("qgemm_u8i8", w_type=I8)(qgemm)
case("qgemm_i8i8", x_type=I8, w_type=I8)(qgemm)
case("qgemm_per_channel", w_type=I8, per_channel=True, transposed=False)(qgemm)
case("qgemm_float_output", y_float=True)(qgemm)


def qdq_gemm(net, x_type=U8, w_type=I8, transposed=True, left_transposed=False, per_channel=False, bias="row", alpha=1.0, beta=1.0, relu=False):
    rows, terms, columns = 3, 19, 7
    x, w = gemm_parts(net, x_type, w_type, rows, terms, columns, transposed, per_channel, left_transposed)
    axis = (0 if transposed else 1) if per_channel else None
    inputs = [net.dq(x), net.dq(w, axis=axis)]
    if bias:
        product = (net.values[x[1]] * net.values[w[1]]).astype(np.float32)
        value = net.bias(1 if bias == "one" else columns, terms)
        if bias == "matrix":
            value = net.op("Reshape", value, net.ints(1, columns))
        zero = net.const(np.zeros(product.shape, np.int32), "z")
        inputs.append(net.dq((value, net.const(product, "s"), zero), axis=0 if per_channel else None))
    attributes = dict(alpha=alpha, beta=beta, transA=int(left_transposed), transB=int(transposed))
    y = net.op("Gemm", *inputs, **attributes)
    scale = net.product_scale(x, w, terms) * np.float32(alpha)
    if relu:
        net.output(net.q(net.op("Relu", y), x_type, scale, np.iinfo(x_type).min)[0])
    else:
        net.output(net.q(y, x_type, scale)[0])


case("qdq_gemm")(qdq_gemm)
case("qdq_gemm_not_transposed", transposed=False)(qdq_gemm)
case("qdq_gemm_both_transposed", left_transposed=True)(qdq_gemm)
case("qdq_gemm_no_bias", bias=None)(qdq_gemm)
case("qdq_gemm_scalar_bias", bias="one")(qdq_gemm)
case("qdq_gemm_matrix_bias", bias="matrix")(qdq_gemm)
case("qdq_gemm_alpha_beta", alpha=0.5, beta=2.0)(qdq_gemm)
case("qdq_gemm_i8", x_type=I8)(qdq_gemm)
case("qdq_gemm_u8_weights", w_type=U8)(qdq_gemm)
case("qdq_gemm_per_channel", per_channel=True)(qdq_gemm)
case("qdq_gemm_per_channel_not_transposed", per_channel=True, transposed=False)(qdq_gemm)
case("qdq_gemm_relu", relu=True)(qdq_gemm)
case("qdq_gemm_relu_i8", relu=True, x_type=I8, per_channel=True)(qdq_gemm)
case("qdq_gemm_opset21", opset=21)(qdq_gemm)
