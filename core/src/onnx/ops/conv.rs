//! Convolutions: Conv between DequantizeLinear and QuantizeLinear, QLinearConv, ConvInteger.
//!
//! A convolution is a contraction of the windows of x with the weights: `n g c A i B j, g o c i j -> n g o A B`.

use super::geometry::{self, POSITIONS, TAPS};
use super::operand::{self, Weights};
use crate::onnx::array::Array;
use crate::onnx::call::Call;
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::onnx::product;
use crate::onnx::qdq;
use crate::onnx::requantize::requantize;
use crate::onnx::value::{Affine, Int, Product, Source, Term, Value};
use crate::program::TensorId;
use crate::tensor::DType;
use std::rc::Rc;

/// `sum (x - zero) (w - zero_w) + bias`.
fn convolve(cx: &mut Context, call: &Call<'_>, x: (TensorId, i64), weights: &Weights, bias: Option<&Array>) -> Result<Rc<Product>, Fault> {
    let (x, zero) = x;
    let from = cx.shape_of(x);
    let shape = weights.ints.shape.clone();
    if from.len() < 3 || from.len() > 5 || shape.len() != from.len() {
        return Err(Fault::unsupported(
            format!("a convolution of shapes {from:?} and {shape:?}"),
            "one to three spatial axes, weights with as many axes as the input",
        ));
    }
    let groups = usize::try_from(call.int("group", 1)?).ok().filter(|g| *g > 0);
    let groups = groups.filter(|g| shape[0].is_multiple_of(*g) && shape[1].checked_mul(*g) == Some(from[1]));
    let groups = groups.ok_or_else(|| Fault::invalid(format!("its groups do not divide the channels of {from:?} and {shape:?}")))?;
    let axes = geometry::axes(call, &from[2..], &shape[2..])?;
    let windows = geometry::windows(cx, x, &axes, groups, zero)?;
    let (mut w_axes, mut w_shape) = (vec![], vec![]);
    let mut keep = |label: u8, extent: usize| {
        w_axes.push(label);
        w_shape.push(extent);
    };
    let mut out_axes = vec![b'n'];
    if groups > 1 {
        keep(b'g', groups);
        out_axes.push(b'g');
    }
    if groups == 1 || shape[0] > groups {
        keep(b'o', shape[0] / groups);
        out_axes.push(b'o');
    }
    if groups == 1 || shape[1] > 1 {
        keep(b'c', shape[1]);
    }
    for (i, axis) in axes.iter().enumerate() {
        if axis.kernel > 1 {
            keep(TAPS[i], axis.kernel);
        }
        out_axes.push(POSITIONS[i]);
    }
    let channels = shape[0];
    let mut out = vec![from[0], channels];
    out.extend(axes.iter().map(|a| a.out));
    cx.check_size(&out)?;
    let grid: Vec<usize> = (0..out.len()).map(|i| if i == 1 { channels } else { 1 }).collect();
    let values = weights.ints.as_ints("weights")?;
    let per_channel = (values.len() / channels.max(1)).max(1);
    let cell_of: Vec<usize> = (0..values.len()).map(|i| i / per_channel).collect();
    let mut added = vec![0i64; channels];
    for (w, &cell) in values.iter().zip(&cell_of) {
        added[cell] -= zero * w;
    }
    if let Some(bias) = bias {
        let values = bias.as_ints("a bias")?;
        if values.len() != channels {
            return Err(Fault::invalid(format!("its bias has {} entries for {channels} channels", values.len())));
        }
        for (a, b) in added.iter_mut().zip(values) {
            *a = a.checked_add(*b).ok_or_else(|| Fault::invalid("its bias exceeds 32 bits"))?;
        }
    }
    let range = operand::range_with(cx, x, zero);
    Product::new(
        (windows.tensor, windows.labels),
        (Array::ints(w_shape, DType::I64, values.to_vec()), w_axes),
        (out_axes, out),
        (cell_of, grid.clone()),
        Array::ints(grid, DType::I64, added),
        range,
    )
}

/// A convolution's scaled sum.
fn scaled(product: Rc<Product>, x_scale: f32, weights: &Weights) -> Result<Affine, Fault> {
    let scales = weights.cell_scales(&product.cell_of, product.bounds.len(), "output channel")?;
    let scales: Vec<f32> = scales.iter().map(|w| x_scale * w).collect();
    let shape = if scales.len() == 1 { vec![1; product.grid.len()] } else { product.grid.clone() };
    let term = Term { scale: Array::floats(shape, scales), source: Source::Product(product.clone()) };
    Ok(Affine::of(product.shape.clone(), term))
}

/// Conv of dequantised tensors.
pub(super) fn conv(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let (x, params) = operand::activation(cx, call.operand(0)?, "the input")?;
    let weights = Weights::of(call.operand(1)?)?;
    let channels = weights.ints.shape.first().copied().unwrap_or(1);
    let bias = match call.optional(2) {
        None => operand::Bias::None,
        Some(bias) => operand::bias(bias, |i| params.scale * weights.scale_at(i * (weights.ints.len() / channels.max(1))))?,
    };
    let product = convolve(cx, call, (x, params.zero), &weights, bias.ints())?;
    let mut affine = scaled(product.clone(), params.scale, &weights)?;
    if let operand::Bias::Floats(floats) = bias {
        if floats.len() != channels {
            return Err(Fault::invalid(format!("its bias has {} entries for {channels} channels", floats.len())));
        }
        affine.bias = Some(Array { shape: product.grid.clone(), ..floats });
    }
    Ok(Value::Affine(affine))
}

/// QLinearConv.
pub(super) fn qlinear_conv(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let x = qdq::dequantize_operand(cx, call, 0, 1, 2, 1)?;
    let w = qdq::dequantize_operand(cx, call, 3, 4, 5, 0)?;
    let params = call.params(6, 7, None)?;
    let (x, x_params) = operand::activation(cx, &x, "the input")?;
    let weights = Weights::of(&w)?;
    let product = convolve(cx, call, (x, x_params.zero), &weights, call.array(8, "a bias")?)?;
    let affine = scaled(product, x_params.scale, &weights)?;
    Ok(Value::Int(requantize(cx, &affine, params)?))
}

/// ConvInteger: the exact sums, as int32.
pub(super) fn conv_integer(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let (x, zero) = operand::integers(cx, call, 0, 2)?;
    let weights = Weights::integers(call.operand(1)?, call.array(3, "a zero point")?, 0)?;
    let product = convolve(cx, call, (x, zero), &weights, None)?;
    let sum = product::emit(cx, &product, &[1], &[0])?;
    Ok(Value::Int(Int::plain(DType::I32, sum)))
}
