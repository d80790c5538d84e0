//! Operands of products: quantised activations, quantised constant weights, biases.

use crate::onnx::array::{Array, Element};
use crate::onnx::call::Call;
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::onnx::qdq;
use crate::onnx::value::{Params, Value};
use crate::program::TensorId;
use crate::tensor::DType;

/// A runtime operand as integers.
pub(in crate::onnx) fn activation(cx: &mut Context, value: &Value, what: &str) -> Result<(TensorId, Params), Fault> {
    let origin = match value {
        Value::Coded(coded) => coded.origin.clone(),
        _ => None,
    };
    let origin = origin.ok_or_else(|| {
        Fault::unsupported(
            format!("{what} that does not come straight from a DequantizeLinear"),
            "quantise it: put QuantizeLinear and DequantizeLinear before this node",
        )
    })?;
    Ok((cx.force(&origin.int)?, origin.params))
}

/// An integer operand and its zero point, of the operators that compute int32.
pub(in crate::onnx) fn integers(cx: &mut Context, call: &Call<'_>, x: usize, zero: usize) -> Result<(TensorId, i64), Fault> {
    let zero = match call.array(zero, "a zero point")? {
        None => 0,
        Some(array) => match array.as_ints("a zero point")? {
            [] => 0,
            [first, rest @ ..] if rest.iter().all(|z| z == first) => *first,
            _ => return Err(Fault::unsupported("a zero point for each row", "use one zero point for the whole input")),
        },
    };
    if zero.abs() > 1 << 8 {
        return Err(Fault::invalid(format!("its zero point {zero} is not of 8 bits")));
    }
    match call.operand(x)? {
        Value::Int(int) if matches!(int.dtype, DType::U8 | DType::I8) => Ok((cx.force(&int.clone())?, zero)),
        _ => Err(Fault::unsupported(format!("operand {x} that is not a runtime int8 or uint8 tensor"), "quantise it to 8 bits")),
    }
}

/// The values of `x`, its zero point included.
pub(in crate::onnx) fn range_with(cx: &Context, x: TensorId, zero: i64) -> (i64, i64) {
    let range = cx.builder.range(x);
    (range.lo.min(zero), range.hi.max(zero))
}

/// Quantised constant weights.
pub(in crate::onnx) struct Weights {
    /// The weights, zero point removed.
    pub ints: Array,
    /// A scale for each of them.
    scale: Array,
}

impl Weights {
    /// The weights of a dequantised constant.
    pub fn of(value: &Value) -> Result<Weights, Fault> {
        let constant = value.constant("a weight tensor")?;
        let origin = constant.origin.as_ref().ok_or_else(|| {
            Fault::unsupported("a weight tensor of floats", "quantise the weights: DequantizeLinear of an int8 or uint8 initializer")
        })?;
        if !matches!(origin.ints.element, Element::Int(dtype) if dtype.num_bytes() <= 2) {
            return Err(Fault::unsupported("a weight tensor of more than 16 bits", "quantise the weights to 8 bits"));
        }
        let zeros = origin.zero.as_ints("a zero point")?;
        if zeros.iter().any(|z| z.abs() > 1 << 16) {
            return Err(Fault::invalid("a zero point of the weights is not of their type"));
        }
        let ints = origin.ints.as_ints("weights")?.iter().zip(zeros).map(|(w, z)| w - z).collect();
        Ok(Weights { ints: Array::ints(origin.ints.shape.clone(), DType::I64, ints), scale: origin.scale.clone() })
    }

    /// Integer weights with zero points along an axis, scale 1.
    pub fn integers(value: &Value, zero: Option<&Array>, along: i64) -> Result<Weights, Fault> {
        let constant = value.constant("a weight tensor")?;
        let count = zero.map_or(1, Array::len);
        let ones = Array::floats(zero.map_or(vec![], |z| z.shape.clone()), vec![1.0; count]);
        Weights::of(&qdq::dequantize_constant(&constant.array, along, &ones, zero)?)
    }

    /// The scale of the weight at a flat position.
    pub fn scale_at(&self, flat: usize) -> f32 {
        self.scale.as_floats("a scale").ok().and_then(|s| s.get(flat).or(s.last())).copied().unwrap_or(1.0)
    }

    /// One scale for all cells, or one for each.
    pub fn cell_scales(&self, cell_of: &[usize], cells: usize, what: &str) -> Result<Vec<f32>, Fault> {
        let scales = self.scale.as_floats("a scale")?;
        if let [first, rest @ ..] = scales
            && rest.iter().all(|s| s == first)
        {
            return Ok(vec![*first]);
        }
        let mut by_cell = vec![None; cells];
        for (&scale, &cell) in scales.iter().zip(cell_of) {
            if *by_cell[cell].get_or_insert(scale) != scale {
                return Err(Fault::unsupported(
                    format!("a weight tensor whose scale varies within one {what}"),
                    format!("quantise weights per tensor or per {what}"),
                ));
            }
        }
        Ok(by_cell.into_iter().map(|s| s.unwrap_or(1.0)).collect())
    }
}

/// A bias of a product of dequantised tensors.
pub(in crate::onnx) enum Bias {
    None,
    /// Integers in the unit of the product's sums.
    Ints(Array),
    /// Any floats.
    Floats(Array),
}

impl Bias {
    /// The integers.
    pub fn ints(&self) -> Option<&Array> {
        match self {
            Bias::Ints(array) => Some(array),
            _ => None,
        }
    }
}

/// Reads a bias. One that was quantised to int32 with the product's own scale adds to its integer sums, as ONNX Runtime's
/// fused kernels have it; `product_scale(i)` is that scale at the bias's entry i. Scales may differ by f32 rounding.
pub(in crate::onnx) fn bias(value: &Value, product_scale: impl Fn(usize) -> f32) -> Result<Bias, Fault> {
    let constant = value.constant("a bias")?;
    if let Some(origin) = &constant.origin {
        let scales = origin.scale.as_floats("a scale")?;
        let close = |(i, s): (usize, &f32)| (s - product_scale(i)).abs() <= 4.0 * f32::EPSILON * s.abs();
        if scales.iter().enumerate().all(close) {
            let zeros = origin.zero.as_ints("a zero point")?;
            let ints = origin.ints.as_ints("a bias")?.iter().zip(zeros).map(|(b, z)| b - z).collect();
            return Ok(Bias::Ints(Array::ints(origin.ints.shape.clone(), DType::I64, ints)));
        }
    }
    let floats = constant.array.as_floats("a bias")?;
    if let Some(bad) = floats.iter().find(|f| !f.is_finite()) {
        return Err(Fault::invalid(format!("its bias holds {bad}")));
    }
    Ok(Bias::Floats(constant.array.clone()))
}
