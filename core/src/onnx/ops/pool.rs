//! Pools: maxima as tournaments of `max(a, b) = b + relu(a - b)`, means as sums that are requantised.

use super::geometry::{self, Axis, TAPS};
use super::operand;
use crate::onnx::array::Array;
use crate::onnx::call::{Call, axis};
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::onnx::qdq;
use crate::onnx::requantize::requantize;
use crate::onnx::value::{Affine, Coded, Dequantized, Int, IntTable, Params, Product, Rule, Source, Term, Value};
use crate::program::TensorId;
use crate::tensor::DType;
use std::rc::Rc;

/// The most positions with divisors of their own.
const MAX_POSITIONS: usize = 1 << 16;
/// The most summands of a mean.
const MAX_SUMMANDS: usize = 1 << 22;

fn kernel(call: &Call<'_>, rank: usize) -> Result<Vec<usize>, Fault> {
    let kernel = call.ints("kernel_shape")?.ok_or_else(|| Fault::invalid("its kernel_shape is missing"))?;
    if kernel.len() != rank || kernel.iter().any(|k| !(1..=1 << 20).contains(k)) {
        return Err(Fault::invalid(format!("its kernel_shape {kernel:?} does not match {rank} spatial axes")));
    }
    Ok(kernel.iter().map(|&k| k as usize).collect())
}

fn spatial(cx: &Context, value: &Value) -> Result<Vec<usize>, Fault> {
    let shape = cx.shape(value);
    if !(3..=5).contains(&shape.len()) {
        return Err(Fault::unsupported(format!("a pool of shape {shape:?}"), "one to three spatial axes"));
    }
    Ok(shape[2..].to_vec())
}

/// MaxPool, or GlobalMaxPool.
pub(super) fn max_pool(cx: &mut Context, call: &Call<'_>, global: bool) -> Result<Value, Fault> {
    if call.node.outputs.iter().skip(1).any(|o| !o.is_empty()) {
        return Err(Fault::unsupported("the indices of maxima", "use the first output only"));
    }
    let x = call.operand(0)?.clone();
    let spatial = spatial(cx, &x)?;
    let axes = if global {
        spatial.iter().map(|&n| Axis { extent: n, kernel: n, stride: 1, dilation: 1, before: 0, after: 0, out: 1 }).collect()
    } else {
        geometry::axes(call, &spatial, &kernel(call, spatial.len())?)?
    };
    match &x {
        Value::Int(int) => Ok(Value::Int(max_of_ints(cx, int, &axes)?)),
        Value::Coded(Coded { origin: Some(origin), .. }) => {
            let int = max_of_ints(cx, &origin.int, &axes)?;
            Ok(Value::Coded(cx.coded(Dequantized { int, params: origin.params })?))
        }
        Value::Coded(coded) => {
            // Any floats: the maximum of their ranks is the rank of their maximum.
            let mut sorted = coded.table.to_vec();
            sorted.sort_by(f32::total_cmp);
            sorted.dedup_by_key(|v| v.to_bits());
            let ranks: Vec<i32> = coded.table.iter().map(|v| sorted.partition_point(|t| t.total_cmp(v).is_lt()) as i32).collect();
            let codes = cx.codes(coded)?;
            let ranked = Int::mapped(DType::I32, codes, IntTable { lo: coded.lo, values: ranks });
            let top = max_of_ints(cx, &ranked, &axes)?;
            let codes = cx.force(&top)?;
            Ok(Value::Coded(Coded::new(codes, 0, Rc::new(sorted))))
        }
        _ => Err(Fault::unsupported("a maximum of sums that are not yet quantised", "put QuantizeLinear and DequantizeLinear before it")),
    }
}

fn max_of_ints(cx: &mut Context, int: &Int, axes: &[Axis]) -> Result<Int, Fault> {
    let x = cx.force(int)?;
    let range = cx.builder.range(x);
    // Windows cannot miss the tensor altogether, so the least value that occurs serves as minus infinity.
    let fill = range.lo;
    let lookups = |order: &[&Axis], from: usize| {
        let mut size = from;
        order.iter().fold(0usize, |acc, a| {
            size = size / a.extent * a.out;
            acc + size * (a.kernel - 1)
        })
    };
    let from: usize = axes.iter().map(|a| a.extent).product();
    let apart = lookups(&axes.iter().rev().collect::<Vec<_>>(), from);
    let out: usize = axes.iter().map(|a| a.out).product();
    let taps: usize = axes.iter().map(|a| a.kernel).product();
    let mut top = x;
    if apart < out * (taps - 1) {
        for i in (0..axes.len()).rev() {
            let current = cx.shape_of(top);
            let still = |(j, a): (usize, &Axis)| {
                let n = current[j + 2];
                if j == i { *a } else { Axis { extent: n, kernel: 1, stride: 1, dilation: 1, before: 0, after: 0, out: n } }
            };
            let one: Vec<Axis> = axes.iter().enumerate().map(still).collect();
            top = max_of_windows(cx, top, &one, fill)?;
        }
    } else {
        top = max_of_windows(cx, top, axes, fill)?;
    }
    let reached = cx.builder.range(top);
    if range.covers(reached) {
        return Ok(Int::plain(int.dtype, top));
    }
    // Interval analysis does not see that a maximum stays within its operands' range; a table does.
    let values = (range.lo..=range.hi).map(|v| v as i32).collect();
    Ok(Int::mapped(int.dtype, top, IntTable { lo: range.lo, values }))
}

fn max_of_windows(cx: &mut Context, x: TensorId, axes: &[Axis], fill: i64) -> Result<TensorId, Fault> {
    let windows = geometry::windows(cx, x, axes, 1, fill)?;
    let (mut top, mut labels) = (windows.tensor, windows.labels);
    while let Some(at) = labels.iter().rposition(|l| TAPS.contains(l)) {
        top = max_over(cx, top, at)?;
        labels.remove(at);
        let mut shape = cx.shape_of(top);
        shape.remove(at);
        top = cx.builder.reshape(top, &shape)?;
    }
    Ok(top)
}

/// The maximum over an axis, which stays with extent 1.
fn max_over(cx: &mut Context, x: TensorId, at: usize) -> Result<TensorId, Fault> {
    let n = cx.shape_of(x)[at];
    if n == 1 {
        return Ok(x);
    }
    let mut part = |start: usize, len: usize| cx.builder.slice(x, at, start as i64, 1, len);
    if n % 2 == 1 {
        let (most, last) = (part(0, n - 1)?, part(n - 1, 1)?);
        let most = max_over(cx, most, at)?;
        return max_of_two(cx, most, last);
    }
    let (a, b) = (part(0, n / 2)?, part(n / 2, n / 2)?);
    let half = max_of_two(cx, a, b)?;
    max_over(cx, half, at)
}

fn max_of_two(cx: &mut Context, a: TensorId, b: TensorId) -> Result<TensorId, Fault> {
    let difference = cx.builder.sub(a, b)?;
    let positive = cx.lookup(difference, |d| d.max(0))?;
    Ok(cx.builder.add(b, positive)?)
}

/// A sum over windows, its zero point taken away.
fn sum_of_windows(cx: &mut Context, x: TensorId, zero: i64, axes: &[Axis]) -> Result<Rc<Product>, Fault> {
    let from = cx.shape_of(x);
    let windows = geometry::windows(cx, x, axes, 1, zero)?;
    let taps: Vec<(u8, usize)> = axes.iter().zip(TAPS).filter(|(a, _)| a.kernel > 1).map(|(a, l)| (l, a.kernel)).collect();
    let out_axes = windows.labels.iter().copied().filter(|l| !TAPS.contains(l)).collect();
    let mut shape = from[..2].to_vec();
    shape.extend(axes.iter().map(|a| a.out));
    ones_product(cx, (windows.tensor, windows.labels), taps, (out_axes, shape), operand::range_with(cx, x, zero), zero)
}

/// `sum (x - zero)` over the labelled axes.
fn ones_product(
    cx: &mut Context,
    x: (TensorId, Vec<u8>),
    summed: Vec<(u8, usize)>,
    out: (Vec<u8>, Vec<usize>),
    range: (i64, i64),
    zero: i64,
) -> Result<Rc<Product>, Fault> {
    cx.check_size(&out.1)?;
    let shape: Vec<usize> = summed.iter().map(|s| s.1).collect();
    cx.check_size(&shape)?;
    let count: usize = shape.iter().product();
    if count > MAX_SUMMANDS {
        return Err(Fault::unsupported(format!("a sum of {count} elements"), format!("at most {MAX_SUMMANDS} are")));
    }
    let grid = vec![1; out.1.len()];
    let added = Array::ints(grid.clone(), DType::I64, vec![-zero * count as i64]);
    let weights = Array::ints(shape, DType::I64, vec![1; count]);
    Product::new(x, (weights, summed.iter().map(|s| s.0).collect()), out, (vec![0; count], grid), added, range)
}

/// AveragePool of dequantised values.
pub(super) fn average_pool(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let x = call.operand(0)?.clone();
    let (affine, _) = average(cx, call, &x, |a, p| a.inside_padded(p), Rule::Mean)?;
    Ok(Value::Affine(affine))
}

/// A mean over windows; `padded` counts a window's entries where pads count.
fn average(
    cx: &mut Context,
    call: &Call<'_>,
    x: &Value,
    padded: impl Fn(&Axis, usize) -> usize,
    rule: Rule,
) -> Result<(Affine, Params), Fault> {
    let spatial = spatial(cx, x)?;
    let axes = geometry::axes(call, &spatial, &kernel(call, spatial.len())?)?;
    let (x, params) = operand::activation(cx, x, "the input")?;
    let product = sum_of_windows(cx, x, params.zero, &axes)?;
    let include = call.int("count_include_pad", 0)? != 0;
    let divisor = divisors(&axes, |a, p| if include { padded(a, p) } else { a.inside(p) })?;
    Ok((mean(product, params.scale, divisor, rule), params))
}

fn mean(product: Rc<Product>, scale: f32, divisor: Array, rule: Rule) -> Affine {
    let shape = product.shape.clone();
    let scale = Array::floats(vec![1; shape.len()], vec![scale]);
    Affine { divisor: Some(divisor), rule, ..Affine::of(shape, Term { source: Source::Product(product), scale }) }
}

/// The number of entries of each window: a product over the axes, which varies along few.
fn divisors(axes: &[Axis], count: impl Fn(&Axis, usize) -> usize) -> Result<Array, Fault> {
    let mut shape = vec![1, 1];
    let mut divisors = vec![1usize];
    for a in axes {
        let first = count(a, 0);
        if a.fits() || (0..a.out).all(|p| count(a, p) == first) {
            divisors.iter_mut().for_each(|d| *d *= first);
            shape.push(1);
        } else {
            if divisors.len().saturating_mul(a.out) > MAX_POSITIONS {
                let what = format!("a mean with a divisor for each of more than {MAX_POSITIONS} positions");
                return Err(Fault::unsupported(what, "pad before the pool, or count the pads"));
            }
            let along: Vec<usize> = (0..a.out).map(|p| count(a, p)).collect();
            divisors = divisors.iter().flat_map(|d| along.iter().map(move |c| d * c)).collect();
            shape.push(a.out);
        }
    }
    if divisors.contains(&0) {
        return Err(Fault::unsupported("a window that lies in the padding only", "reduce the pads below the kernel"));
    }
    Ok(Array::floats(shape, divisors.iter().map(|&d| d as f32).collect()))
}

/// Sum or mean over the last axes, all spatial ones.
fn global_sum(cx: &mut Context, x: TensorId, zero: i64, summed: &[usize], keep: bool) -> Result<(Rc<Product>, usize), Fault> {
    let from = cx.shape_of(x);
    let labels: Vec<u8> = (0..from.len()).map(|i| b'a' + i as u8).collect();
    let over: Vec<(u8, usize)> = summed.iter().map(|&i| (labels[i], from[i])).collect();
    let count = over.iter().map(|o| o.1).product();
    let out_axes = (0..from.len()).filter(|i| !summed.contains(i)).map(|i| labels[i]).collect();
    let shape = if keep {
        (0..from.len()).map(|i| if summed.contains(&i) { 1 } else { from[i] }).collect()
    } else {
        (0..from.len()).filter(|i| !summed.contains(i)).map(|i| from[i]).collect()
    };
    let range = operand::range_with(cx, x, zero);
    Ok((ones_product(cx, (x, labels), over, (out_axes, shape), range, zero)?, count))
}

/// GlobalAveragePool of dequantised values.
pub(super) fn global_average_pool(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let x = call.operand(0)?.clone();
    let rank = spatial(cx, &x)?.len() + 2;
    reduce_axes(cx, &x, &(2..rank).collect::<Vec<_>>(), true, true)
}

/// ReduceMean and ReduceSum of dequantised values.
pub(super) fn reduce(cx: &mut Context, call: &Call<'_>, mean: bool) -> Result<Value, Fault> {
    let x = call.operand(0)?.clone();
    let rank = cx.shape(&x).len();
    let axes = match call.ints_at(1, "axes")?.filter(|a| !a.is_empty()) {
        Some(axes) => axes.iter().map(|&a| axis(a, rank)).collect::<Result<Vec<_>, _>>()?,
        None if call.int("noop_with_empty_axes", 0)? != 0 => return Ok(x),
        None => (0..rank).collect(),
    };
    reduce_axes(cx, &x, &axes, call.int("keepdims", 1)? != 0, mean)
}

fn reduce_axes(cx: &mut Context, x: &Value, axes: &[usize], keep: bool, mean: bool) -> Result<Value, Fault> {
    let (x, params) = operand::activation(cx, x, "the input")?;
    let (product, count) = global_sum(cx, x, params.zero, axes, keep)?;
    if mean {
        let divisor = Array::floats(vec![], vec![count as f32]);
        return Ok(Value::Affine(self::mean(product, params.scale, divisor, Rule::Mean)));
    }
    let scale = Array::floats(vec![1; product.shape.len()], vec![params.scale]);
    let term = Term { source: Source::Product(product.clone()), scale };
    Ok(Value::Affine(Affine::of(product.shape.clone(), term)))
}

fn refuse_channels_last(call: &Call<'_>) -> Result<(), Fault> {
    if call.int("channels_last", 0)? != 0 {
        return Err(Fault::unsupported("channels in the last axis", "use the channels-first form"));
    }
    Ok(())
}

/// com.microsoft QLinearAveragePool.
pub(super) fn qlinear_average_pool(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    refuse_channels_last(call)?;
    let x = qdq::dequantize_operand(cx, call, 0, 1, 2, 0)?;
    // Unlike AveragePool, it counts the whole kernel even where a window overhangs the padded input.
    let (affine, own) = average(cx, call, &x, |a, _| a.kernel, Rule::MeanInside)?;
    let params = call.params(3, 4, Some(own.dtype))?;
    Ok(Value::Int(requantize(cx, &affine, params)?))
}

/// com.microsoft QLinearGlobalAveragePool.
pub(super) fn qlinear_global_average_pool(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    refuse_channels_last(call)?;
    let x = qdq::dequantize_operand(cx, call, 0, 1, 2, 0)?;
    let rank = spatial(cx, &x)?.len() + 2;
    let (x, own) = operand::activation(cx, &x, "the input")?;
    let params = call.params(3, 4, Some(own.dtype))?;
    let (product, count) = global_sum(cx, x, own.zero, &(2..rank).collect::<Vec<_>>(), true)?;
    // ONNX Runtime divides once, by the product: sx / (sy * count).
    let ratio = Array::floats(vec![1; product.shape.len()], vec![own.scale / (params.scale * count as f32)]);
    let term = Term { source: Source::Product(product.clone()), scale: ratio };
    let affine = Affine { rule: Rule::Ratio, ..Affine::of(product.shape.clone(), term) };
    Ok(Value::Int(requantize(cx, &affine, params)?))
}
