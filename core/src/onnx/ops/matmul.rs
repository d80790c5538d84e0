//! Matrix products: MatMul and Gemm between DequantizeLinear and QuantizeLinear, QLinearMatMul, QGemm, MatMulInteger.

use super::operand::{self, Bias, Weights};
use crate::onnx::array::{Array, broadcast_shape};
use crate::onnx::call::Call;
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::onnx::moves::Move;
use crate::onnx::product;
use crate::onnx::qdq;
use crate::onnx::requantize::requantize;
use crate::onnx::value::{Affine, Int, Product, Source, Term, Value};
use crate::program::TensorId;
use crate::tensor::DType;

/// One factor.
enum Factor {
    /// A tensor, its zero point and scale.
    Runtime { x: TensorId, zero: i64, scale: f32 },
    /// Constant weights.
    Constant(Weights),
}

impl Factor {
    fn of(cx: &mut Context, value: &Value, what: &str) -> Result<Factor, Fault> {
        if let Value::Const(_) = value {
            return Ok(Factor::Constant(Weights::of(value)?));
        }
        let (x, params) = operand::activation(cx, value, what)?;
        Ok(Factor::Runtime { x, zero: params.zero, scale: params.scale })
    }

    fn shape(&self, cx: &Context) -> Vec<usize> {
        match self {
            Factor::Runtime { x, .. } => cx.shape_of(*x),
            Factor::Constant(w) => w.ints.shape.clone(),
        }
    }

    fn scale_at(&self, flat: usize) -> f32 {
        match self {
            Factor::Runtime { scale, .. } => *scale,
            Factor::Constant(w) => w.scale_at(flat),
        }
    }
}

/// Which of a factor's axes survive: broadcast axes of extent 1 are dropped.
struct Labelled {
    shape: Vec<usize>,
    labels: Vec<u8>,
}

fn label(shape: &[usize], batch_axes: usize, inner: &[u8]) -> Labelled {
    let own_batch = shape.len() - inner.len();
    let mut out = Labelled { shape: vec![], labels: vec![] };
    for (i, &n) in shape.iter().enumerate() {
        if i >= own_batch {
            out.shape.push(n);
            out.labels.push(inner[i - own_batch]);
        } else if n > 1 {
            out.shape.push(n);
            out.labels.push(b'A' + (batch_axes - own_batch + i) as u8);
        }
    }
    out
}

/// `sum_k (a - zero_a) (b - zero_b) + bias`, scaled, by numpy's rules; `bias` broadcasts to the result.
fn multiply(cx: &mut Context, a: &Factor, b: &Factor, bias: Option<&Array>) -> Result<Affine, Fault> {
    let (a_shape, b_shape) = (a.shape(cx), b.shape(cx));
    let (a_inner, b_inner): (&[u8], &[u8]) = (if a_shape.len() == 1 { b"k" } else { b"mk" }, if b_shape.len() == 1 { b"k" } else { b"kn" });
    if a_shape.is_empty() || b_shape.is_empty() || a_shape.len() > 8 || b_shape.len() > 8 {
        return Err(Fault::invalid(format!("it multiplies shapes {a_shape:?} and {b_shape:?}")));
    }
    let (a_batch, b_batch) = (&a_shape[..a_shape.len() - a_inner.len()], &b_shape[..b_shape.len() - b_inner.len()]);
    let (a_terms, b_terms) = (a_shape[a_shape.len() - 1], b_shape[b_shape.len() - b_inner.len()]);
    if a_terms != b_terms {
        return Err(Fault::invalid(format!("it multiplies shapes {a_shape:?} and {b_shape:?}")));
    }
    let batch = broadcast_shape(a_batch, b_batch)?;
    let (left, right) = (label(&a_shape, batch.len(), a_inner), label(&b_shape, batch.len(), b_inner));
    let mut shape = batch.clone();
    let mut out_axes: Vec<u8> = (0..batch.len()).filter(|&i| batch[i] > 1).map(|i| b'A' + i as u8).collect();
    if a_inner.len() == 2 {
        shape.push(a_shape[a_shape.len() - 2]);
        out_axes.push(b'm');
    }
    if b_inner.len() == 2 {
        shape.push(b_shape[b_shape.len() - 1]);
        out_axes.push(b'n');
    }
    cx.check_size(&shape)?;
    match (a, b) {
        (Factor::Runtime { x, zero, scale }, Factor::Constant(w)) => {
            let cell = (b_inner.len() == 2).then_some(b'n');
            by_constant(cx, (*x, *zero, *scale, left), (w, right), (out_axes, shape), cell, bias)
        }
        (Factor::Constant(w), Factor::Runtime { x, zero, scale }) => {
            let cell = (a_inner.len() == 2).then_some(b'm');
            by_constant(cx, (*x, *zero, *scale, right), (w, left), (out_axes, shape), cell, bias)
        }
        (Factor::Runtime { x: a, zero: za, scale: sa }, Factor::Runtime { x: b, zero: zb, scale: sb }) => {
            let mut centred = |x: TensorId, zero: i64, shape: &[usize]| -> Result<TensorId, Fault> {
                let x = cx.builder.reshape(x, shape)?;
                Ok(if zero == 0 { x } else { cx.builder.linear(&[(x, 1)], -zero)? })
            };
            let (x, y) = (centred(*a, *za, &left.shape)?, centred(*b, *zb, &right.shape)?);
            let text = |labels: &[u8]| String::from_utf8_lossy(labels).into_owned();
            let spec = format!("{},{}->{}", text(&left.labels), text(&right.labels), text(&out_axes));
            let sum = cx.builder.contract(&spec, x, y)?;
            let mut sum = cx.builder.reshape(sum, &shape)?;
            if let Some(bias) = bias {
                let bias = cx.grid("bias", bias, &shape)?;
                sum = cx.builder.add(sum, bias)?;
            }
            let range = cx.builder.range(sum);
            if range.lo < i32::MIN.into() || range.hi > i32::MAX.into() {
                let (lo, hi) = (range.lo, range.hi);
                return Err(Fault::invalid(format!("its sums can reach {lo}..={hi}, beyond the 32 bits in which ONNX Runtime sums")));
            }
            let scale = Array::floats(vec![1; shape.len()], vec![sa * sb]);
            Ok(Affine::of(shape, Term { source: Source::Tensor(sum), scale }))
        }
        (Factor::Constant(_), Factor::Constant(_)) => {
            Err(Fault::unsupported("a product of two constants", "fold it before the import (onnxruntime's offline optimisation does)"))
        }
    }
}

/// The product of a tensor and constant weights; `cell` is the label along which the weights may have scales.
fn by_constant(
    cx: &mut Context,
    (x, zero, x_scale, x_labels): (TensorId, i64, f32, Labelled),
    (weights, w_labels): (&Weights, Labelled),
    (out_axes, shape): (Vec<u8>, Vec<usize>),
    cell: Option<u8>,
    bias: Option<&Array>,
) -> Result<Affine, Fault> {
    let values = weights.ints.as_ints("weights")?;
    let position = cell.and_then(|c| w_labels.labels.iter().position(|l| *l == c));
    // A single-axis factor leaves a leading or trailing axis out, so the cell's axis is counted from the end.
    let grid_axis = cell.and_then(|c| out_axes.iter().rev().position(|l| *l == c)).map(|from_end| shape.len() - 1 - from_end);
    let (cells, cell_of) = match position {
        Some(axis) => {
            let strides: Vec<usize> = (0..w_labels.shape.len()).map(|i| usize::from(i == axis)).collect();
            (w_labels.shape[axis], crate::onnx::array::strided_index(&w_labels.shape, &strides, values.len()))
        }
        None => (1, vec![0; values.len()]),
    };
    let grid: Vec<usize> = (0..shape.len()).map(|i| if Some(i) == grid_axis { cells } else { 1 }).collect();
    let batched = w_labels.labels.iter().any(|l| l.is_ascii_uppercase());
    let range = operand::range_with(cx, x, zero);
    let mut x = cx.builder.reshape(x, &x_labels.shape)?;
    let mut correction = vec![0i64; cells];
    let mut range = range;
    if batched && zero != 0 {
        x = cx.builder.linear(&[(x, 1)], -zero)?;
        range = (range.0 - zero, range.1 - zero);
    } else {
        values.iter().zip(&cell_of).for_each(|(w, &c)| correction[c] -= zero * w);
    }
    let correction = Array::ints(grid.clone(), DType::I64, correction);
    let added = match bias {
        Some(bias) => product::combine(&[&correction, bias], |v| v[0].checked_add(v[1]))?,
        None => correction,
    };
    let scales = weights.cell_scales(&cell_of, cells, "output column")?;
    let scales: Vec<f32> = scales.iter().map(|w| x_scale * w).collect();
    let scale_shape = if scales.len() == 1 { vec![1; shape.len()] } else { grid.clone() };
    let product = Product::new(
        (x, x_labels.labels),
        (Array::ints(w_labels.shape, DType::I64, values.to_vec()), w_labels.labels),
        (out_axes, shape.clone()),
        (cell_of, grid),
        added,
        range,
    )?;
    Ok(Affine::of(shape, Term { source: Source::Product(product), scale: Array::floats(scale_shape, scales) }))
}

/// MatMul of dequantised tensors.
pub(super) fn matmul(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let a = Factor::of(cx, call.operand(0)?, "the left factor")?;
    let b = Factor::of(cx, call.operand(1)?, "the right factor")?;
    Ok(Value::Affine(multiply(cx, &a, &b, None)?))
}

/// QLinearMatMul.
pub(super) fn qlinear_matmul(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let a = qdq::dequantize_operand(cx, call, 0, 1, 2, -2)?;
    let b = qdq::dequantize_operand(cx, call, 3, 4, 5, -1)?;
    let (a, b) = (Factor::of(cx, &a, "the left factor")?, Factor::of(cx, &b, "the right factor")?);
    let params = call.params(6, 7, None)?;
    let affine = multiply(cx, &a, &b, None)?;
    Ok(Value::Int(requantize(cx, &affine, params)?))
}

/// MatMulInteger: the exact sums, as int32.
pub(super) fn matmul_integer(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let mut factor = |x: usize, zero: usize, along: i64| -> Result<Factor, Fault> {
        if let Value::Const(_) = call.operand(x)? {
            return Ok(Factor::Constant(Weights::integers(call.operand(x)?, call.array(zero, "a zero point")?, along)?));
        }
        let (x, zero) = operand::integers(cx, call, x, zero)?;
        Ok(Factor::Runtime { x, zero, scale: 1.0 })
    };
    let (a, b) = (factor(0, 2, -2)?, factor(1, 3, -1)?);
    let affine = multiply(cx, &a, &b, None)?;
    let sum = cx.emit_source(&affine.terms[0].source)?;
    Ok(Value::Int(Int::plain(DType::I32, sum)))
}

fn transposed(cx: &mut Context, value: &Value, yes: bool) -> Result<Value, Fault> {
    if cx.shape(value).len() != 2 {
        return Err(Fault::invalid(format!("it needs matrices, found shape {:?}", cx.shape(value))));
    }
    if yes { cx.apply(value, &[Move::Transpose(vec![1, 0])]) } else { Ok(value.clone()) }
}

/// Multiplies all scales of a sum.
fn rescale(affine: &mut Affine, by: f32) -> Result<(), Fault> {
    if by == 1.0 {
        return Ok(());
    }
    if !(by.is_finite() && by > 0.0) {
        return Err(Fault::unsupported(format!("alpha = {by}"), "alpha must be positive"));
    }
    for term in &mut affine.terms {
        let scales = term.scale.as_floats("a scale")?.iter().map(|s| s * by).collect();
        term.scale = Array::floats(term.scale.shape.clone(), scales);
    }
    Ok(())
}

/// Gemm of dequantised tensors.
pub(super) fn gemm(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let a = transposed(cx, call.operand(0)?, call.int("transA", 0)? != 0)?;
    let b = transposed(cx, call.operand(1)?, call.int("transB", 0)? != 0)?;
    let (a, b) = (Factor::of(cx, &a, "the left factor")?, Factor::of(cx, &b, "the right factor")?);
    let (alpha, beta) = (call.float("alpha", 1.0)?, call.float("beta", 1.0)?);
    let mut bias = match call.optional(2) {
        None => Bias::None,
        // The scale at column i: weights stand as [k, n], so its first row has them all.
        Some(bias) => operand::bias(bias, |i| a.scale_at(0) * b.scale_at(i))?,
    };
    if (alpha, beta) != (1.0, 1.0)
        && let (Bias::Ints(_), Some(Value::Const(c))) = (&bias, call.optional(2))
    {
        bias = Bias::Floats(c.array.clone());
    }
    let mut affine = multiply(cx, &a, &b, bias.ints())?;
    rescale(&mut affine, alpha)?;
    if let Bias::Floats(floats) = bias {
        let values = floats.as_floats("a bias")?.iter().map(|b| b * beta).collect();
        affine.bias = Some(Array::floats(floats.shape.clone(), values));
    }
    Ok(Value::Affine(affine))
}

/// com.microsoft QGemm; without an output scale the result is float.
pub(super) fn qgemm(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let a = qdq::dequantize_operand(cx, call, 0, 1, 2, 0)?;
    let b = transposed(cx, call.operand(3)?, call.int("transB", 0)? != 0)?;
    let scale = call.array(4, "a scale")?.ok_or_else(|| Fault::invalid("a scale is missing"))?;
    let b = match &b {
        Value::Const(c) => qdq::dequantize_constant(&c.array, 1, scale, call.array(5, "a zero point")?)?,
        _ => qdq::dequantize_operand(cx, call, 3, 4, 5, 1).and_then(|b| transposed(cx, &b, call.int("transB", 0)? != 0))?,
    };
    let a = transposed(cx, &a, call.int("transA", 0)? != 0)?;
    let (a, b) = (Factor::of(cx, &a, "the left factor")?, Factor::of(cx, &b, "the right factor")?);
    let alpha = call.float("alpha", 1.0)?;
    // ONNX Runtime multiplies alpha by the scale of a first, then by that of b.
    let a = match a {
        Factor::Runtime { x, zero, scale } if alpha > 0.0 && alpha.is_finite() => Factor::Runtime { x, zero, scale: alpha * scale },
        _ if alpha == 1.0 => a,
        _ => return Err(Fault::unsupported(format!("alpha = {alpha}"), "alpha must be positive and the left factor an activation")),
    };
    let affine = multiply(cx, &a, &b, call.array(6, "a bias")?)?;
    if call.optional(7).is_none() {
        return Ok(Value::Affine(Affine { exact: true, ..affine }));
    }
    let params = call.params(7, 8, None)?;
    Ok(Value::Int(requantize(cx, &affine, params)?))
}
