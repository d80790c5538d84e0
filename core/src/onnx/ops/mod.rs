//! The operators: each lowers one node whose operands are known.

mod activation;
mod concat;
mod conv;
mod elementwise;
mod geometry;
mod matmul;
mod operand;
mod pool;
mod shape;

use super::array::{Array, Data};
use super::call::Call;
use super::context::Context;
use super::error::Fault;
use super::qdq;
use super::value::Value;
use crate::tensor::DType;
use elementwise::Binary;

/// Operators of ONNX's own domain.
const ONNX: [&str; 2] = ["", "ai.onnx"];
/// Operators of ONNX Runtime.
const MICROSOFT: &str = "com.microsoft";

/// Lowers a node to its results.
pub(super) fn lower(cx: &mut Context, call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    if call.node.op_type == "Split" && ONNX.contains(&call.node.domain) {
        return shape::split(cx, call);
    }
    let used = call.node.outputs.iter().skip(1).any(|o| !o.is_empty());
    if used && !matches!(call.node.op_type, "Dropout" | "MaxPool") {
        return Err(Fault::unsupported("more than one output", "use the first output only"));
    }
    let known = if ONNX.contains(&call.node.domain) {
        onnx(cx, call)?
    } else if call.node.domain == MICROSOFT {
        microsoft(cx, call)?
    } else {
        None
    };
    known.map(|v| vec![v]).ok_or_else(|| unknown(call))
}

fn onnx(cx: &mut Context, call: &Call<'_>) -> Result<Option<Value>, Fault> {
    Ok(Some(match call.node.op_type {
        "QuantizeLinear" => qdq::quantize_linear(cx, call)?,
        "DequantizeLinear" => qdq::dequantize_linear(cx, call)?,
        "Conv" => conv::conv(cx, call)?,
        "QLinearConv" => conv::qlinear_conv(cx, call)?,
        "ConvInteger" => conv::conv_integer(cx, call)?,
        "MatMul" => matmul::matmul(cx, call)?,
        "Gemm" => matmul::gemm(cx, call)?,
        "QLinearMatMul" => matmul::qlinear_matmul(cx, call)?,
        "MatMulInteger" => matmul::matmul_integer(cx, call)?,
        "Add" => elementwise::binary(cx, call, Binary::Add)?,
        "Sub" => elementwise::binary(cx, call, Binary::Sub)?,
        "Mul" => elementwise::binary(cx, call, Binary::Mul)?,
        "Div" => elementwise::binary(cx, call, Binary::Div)?,
        "Pow" => elementwise::binary(cx, call, Binary::Pow)?,
        "PRelu" => elementwise::binary(cx, call, Binary::PRelu)?,
        "Max" => elementwise::reduce(cx, call, Binary::Max)?,
        "Min" => elementwise::reduce(cx, call, Binary::Min)?,
        "Sum" => elementwise::reduce(cx, call, Binary::Add)?,
        "MaxPool" => pool::max_pool(cx, call, false)?,
        "GlobalMaxPool" => pool::max_pool(cx, call, true)?,
        "AveragePool" => pool::average_pool(cx, call)?,
        "GlobalAveragePool" => pool::global_average_pool(cx, call)?,
        "ReduceMean" => pool::reduce(cx, call, true)?,
        "ReduceSum" => pool::reduce(cx, call, false)?,
        "Clip" => activation::clip(cx, call)?,
        "Cast" => activation::cast(cx, call)?,
        "Reshape" => shape::reshape(cx, call)?,
        "Flatten" => shape::flatten(cx, call)?,
        "Transpose" => shape::transpose(cx, call)?,
        "Squeeze" => shape::squeeze(cx, call)?,
        "Unsqueeze" => shape::unsqueeze(cx, call)?,
        "Slice" => shape::slice(cx, call)?,
        "Concat" => concat::concat(cx, call)?,
        "Pad" => shape::pad(cx, call)?,
        "Expand" => shape::expand(cx, call)?,
        "Gather" => shape::gather(cx, call)?,
        "DepthToSpace" => shape::depth_to_space(cx, call, false)?,
        "SpaceToDepth" => shape::depth_to_space(cx, call, true)?,
        "Identity" => call.operand(0)?.clone(),
        "Dropout" => dropout(call)?,
        "Constant" => Value::of(call.constant_value()?),
        "ConstantOfShape" => constant_of_shape(call)?,
        "Shape" => shape_of(cx, call)?,
        "Size" => {
            let total = cx.shape(call.operand(0)?).iter().try_fold(1i64, |acc, &n| acc.checked_mul(n as i64));
            Value::of(Array::ints(vec![], DType::I64, vec![total.ok_or_else(|| Fault::invalid("the size exceeds 64 bits"))?]))
        }
        _ => match activation::function(call)? {
            Some(f) => activation::apply(cx, call, &f)?,
            None => return Ok(None),
        },
    }))
}

fn microsoft(cx: &mut Context, call: &Call<'_>) -> Result<Option<Value>, Fault> {
    Ok(Some(match call.node.op_type {
        "QuantizeLinear" => qdq::quantize_linear(cx, call)?,
        "DequantizeLinear" => qdq::dequantize_linear(cx, call)?,
        "QGemm" => matmul::qgemm(cx, call)?,
        "QLinearAdd" => elementwise::qlinear(cx, call, Binary::Add)?,
        "QLinearMul" => elementwise::qlinear(cx, call, Binary::Mul)?,
        "QLinearConcat" => concat::qlinear_concat(cx, call)?,
        "QLinearAveragePool" => pool::qlinear_average_pool(cx, call)?,
        "QLinearGlobalAveragePool" => pool::qlinear_global_average_pool(cx, call)?,
        "QLinearSigmoid" | "QLinearLeakyRelu" => match activation::function(call)? {
            Some(f) => activation::qlinear(cx, call, &f)?,
            None => return Ok(None),
        },
        "Gelu" | "FastGelu" | "QuickGelu" => match activation::function(call)? {
            Some(f) => activation::apply(cx, call, &f)?,
            None => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

/// Says what to do about an operator that is not supported.
fn unknown(call: &Call<'_>) -> Fault {
    let instead = match call.node.op_type {
        "BatchNormalization" => "fold it into the convolution before it (onnxruntime's preprocessing does)",
        "Softmax" | "LogSoftmax" | "QLinearSoftmax" => "leave it out: the class with the greatest logit is the same",
        "ArgMax" | "TopK" => "end the model at the logits and take the maximum outside",
        "DynamicQuantizeLinear" => "quantise statically (`onnxruntime.quantization.quantize_static`)",
        "Loop" | "If" | "Scan" => "unroll it before the import",
        "LSTM" | "GRU" | "RNN" => "unroll it into MatMul, Add, Sigmoid and Tanh",
        "ConvTranspose" => "use DepthToSpace after Conv",
        "Resize" | "Upsample" => "use DepthToSpace after Conv",
        _ => {
            "supported are convolutions, matrix products, pools, elementwise and activation functions of 8-bit tensors, and operators that move elements"
        }
    };
    let domain = if ONNX.contains(&call.node.domain) { String::new() } else { format!(" of domain `{}`", call.node.domain) };
    Fault::unsupported(format!("this operator{domain}"), instead)
}

fn dropout(call: &Call<'_>) -> Result<Value, Fault> {
    if let Some(training) = call.array(2, "training mode")?
        && training.scalar_int("training mode")? != 0
    {
        return Err(Fault::unsupported("dropout in training mode", "export the model for inference"));
    }
    if call.node.outputs.get(1).is_some_and(|o| !o.is_empty()) {
        return Err(Fault::unsupported("the mask of a dropout", "use the first output only"));
    }
    Ok(call.operand(0)?.clone())
}

fn constant_of_shape(call: &Call<'_>) -> Result<Value, Fault> {
    let shape = call.array(0, "a shape")?.ok_or_else(|| Fault::invalid("its shape is missing"))?.as_ints("a shape")?;
    let shape =
        shape.iter().map(|&n| usize::try_from(n)).collect::<Result<Vec<_>, _>>().map_err(|_| Fault::invalid("its shape is negative"))?;
    let total = super::array::num_elements(&shape).ok_or_else(|| Fault::invalid(format!("a constant of shape {shape:?} is too large")))?;
    let value = call.tensor("value")?.unwrap_or_else(|| Array::floats(vec![1], vec![0.0]));
    if value.len() != 1 {
        return Err(Fault::invalid("its value must be one number"));
    }
    let data = match &value.data {
        Data::Float(v) => Data::Float(vec![v[0]; total]),
        Data::Int(v) => Data::Int(vec![v[0]; total]),
    };
    Ok(Value::of(Array { shape, element: value.element, data }))
}

fn shape_of(cx: &Context, call: &Call<'_>) -> Result<Value, Fault> {
    let shape = cx.shape(call.operand(0)?);
    let rank = shape.len() as i64;
    let place = |v: i64| (if v < 0 { v.saturating_add(rank) } else { v }).clamp(0, rank) as usize;
    let (start, end) = (place(call.int("start", 0)?), place(call.int("end", rank)?));
    let part: Vec<i64> = shape.get(start..end).unwrap_or(&[]).iter().map(|&n| n as i64).collect();
    Ok(Value::of(Array::ints(vec![part.len()], DType::I64, part)))
}
