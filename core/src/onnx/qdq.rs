//! QuantizeLinear and DequantizeLinear: where floats begin and end.

use super::array::{Array, Element};
use super::call::{Call, axis, check_scale};
use super::context::Context;
use super::error::Fault;
use super::quant;
use super::requantize::requantize;
use super::value::{Constant, Int, Origin, Params, Value};
use crate::tensor::DType;
use std::rc::Rc;

/// Scales and zero points of a constant, element by element: one for all, or one for each entry of an axis.
fn spread(shape: &[usize], along: i64, scale: &Array, zero: Option<&Array>) -> Result<(Array, Array), Fault> {
    let zeros_default = Array::ints(scale.shape.clone(), DType::I32, vec![0; scale.len()]);
    let zero = zero.unwrap_or(&zeros_default);
    for s in scale.as_floats("a scale")? {
        check_scale(*s)?;
    }
    if zero.as_ints("a zero point")?.iter().any(|z| i32::try_from(*z).is_err()) {
        return Err(Fault::invalid("a zero point exceeds 32 bits"));
    }
    let place = |a: &Array| -> Result<Array, Fault> {
        let mut a = a.clone();
        if a.len() == 1 {
            a.shape = vec![];
        } else {
            let at = axis(along, shape.len())?;
            let elsewhere = a.shape.iter().filter(|n| **n != 1).count();
            if elsewhere != 1 || a.len() != shape[at] {
                return Err(Fault::unsupported(
                    format!("a scale of shape {:?} for a tensor of shape {shape:?} along axis {at}", a.shape),
                    "quantise per tensor or per channel, not in blocks",
                ));
            }
            a.shape = (0..shape.len()).map(|i| if i == at { shape[at] } else { 1 }).collect();
        }
        a.broadcast(shape)
    };
    Ok((place(scale)?, place(zero)?))
}

/// DequantizeLinear of a constant.
pub(super) fn dequantize_constant(ints: &Array, along: i64, scale: &Array, zero: Option<&Array>) -> Result<Value, Fault> {
    if !matches!(ints.element, Element::Int(dtype) if dtype != DType::I64) {
        return Err(Fault::invalid("it dequantises a constant that is not of 8, 16 or 32 bits"));
    }
    let (scale, zero) = spread(&ints.shape, along, scale, zero)?;
    let values = ints
        .as_ints("a quantised constant")?
        .iter()
        .zip(scale.as_floats("a scale")?.iter().zip(zero.as_ints("a zero point")?))
        .map(|(&q, (&s, &z))| quant::dequantize(q, z, s))
        .collect();
    let array = Array::floats(ints.shape.clone(), values);
    Ok(Value::Const(Rc::new(Constant { array, origin: Some(Origin { ints: ints.clone(), scale, zero }) })))
}

/// Dequantises any value by the operands `scale` and `zero` of the call.
pub(super) fn dequantize_operand(
    cx: &mut Context,
    call: &Call<'_>,
    x: usize,
    scale: usize,
    zero: usize,
    along: i64,
) -> Result<Value, Fault> {
    match call.operand(x)? {
        Value::Const(c) => {
            let scales = call.array(scale, "a scale")?.ok_or_else(|| Fault::invalid("a scale is missing"))?;
            dequantize_constant(&c.array, along, scales, call.array(zero, "a zero point")?)
        }
        Value::Int(int) => {
            let int = int.clone();
            let params = call.params(scale, zero, Some(int.dtype))?;
            cx.dequantize(&int, params)
        }
        _ => Err(Fault::invalid(format!("operand {x} must be quantised integers, but is float"))),
    }
}

/// DequantizeLinear.
pub(super) fn dequantize_linear(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    refuse_blocks(call)?;
    dequantize_operand(cx, call, 0, 1, 2, call.int("axis", 1)?)
}

/// QuantizeLinear.
pub(super) fn quantize_linear(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    refuse_blocks(call)?;
    let declared = match call.int("output_dtype", 0)? {
        0 => None,
        code => match Element::from_code(code) {
            Ok(Element::Int(dtype)) => Some(dtype),
            _ => return Err(Fault::unsupported("this output type", "quantise to int8 or uint8")),
        },
    };
    if let Value::Const(c) = call.operand(0)? {
        return quantize_constant(call, &c.array, declared);
    }
    let params = call.params(1, 2, if call.optional(2).is_some() { None } else { declared })?;
    quantize_value(cx, call.operand(0)?, params).map(Value::Int)
}

/// Quantises any float that is not constant.
pub(super) fn quantize_value(cx: &mut Context, value: &Value, params: Params) -> Result<Int, Fault> {
    if !matches!(params.dtype, DType::U8 | DType::I8) {
        return Err(Fault::unsupported(format!("an activation quantised to {}", params.dtype), "quantise activations to int8 or uint8"));
    }
    match value {
        Value::Coded(coded) => cx.quantize_coded(coded, params),
        Value::Affine(affine) => requantize(cx, affine, params),
        Value::Input(input) if input.params == params => Ok(input.int.clone()),
        Value::Input(_) => Err(Fault::unsupported("a float input quantised in two ways", "quantise each float input once")),
        Value::Int(_) => Err(Fault::invalid("it quantises integers")),
        Value::Const(_) => Err(Fault::invalid("a float that is not constant was expected")),
    }
}

fn quantize_constant(call: &Call<'_>, x: &Array, declared: Option<DType>) -> Result<Value, Fault> {
    let scale = call.array(1, "a scale")?.ok_or_else(|| Fault::invalid("a scale is missing"))?;
    let zero = call.array(2, "a zero point")?;
    let dtype = match zero.map(|z| z.element) {
        Some(Element::Int(dtype)) => dtype,
        _ => declared.unwrap_or(DType::U8),
    };
    if dtype == DType::I64 {
        return Err(Fault::invalid("it quantises to 64 bits"));
    }
    let (scales, zeros) = spread(&x.shape, call.int("axis", 1)?, scale, zero)?;
    let values = x
        .as_floats("what QuantizeLinear reads")?
        .iter()
        .zip(scales.as_floats("a scale")?.iter().zip(zeros.as_ints("a zero point")?))
        .map(|(&x, (&scale, &zero))| quant::quantize(x, Params { scale, zero, dtype }))
        .collect();
    Ok(Value::of(Array::ints(x.shape.clone(), dtype, values)))
}

fn refuse_blocks(call: &Call<'_>) -> Result<(), Fault> {
    if call.int("block_size", 0)? != 0 {
        return Err(Fault::unsupported("quantisation in blocks", "quantise per tensor or per channel"));
    }
    Ok(())
}
