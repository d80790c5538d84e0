//! Quantisation arithmetic, and requantisation of exact sums into 8-bit integers.
//!
//! ONNX Runtime computes `y = saturate(round_half_even(f32(acc) * s) + z)` with `s = f32(sx * sw / sy)`. As a function of
//! the exact sum `acc` this is a staircase of at most 255 steps. The import finds integers M, B and a shift with
//! ```text
//! floor((M acc + B) / 2^shift) = round_half_even(f32(acc) * s) + z     for every reachable acc that does not saturate
//! ```
//! by checking every step, so the program equals the f32 computation bit for bit, its roundings included. Where no such
//! triple exists (exact ties of both parities are reachable) the division rounds half to even instead, with
//! `s = M / 2^shift` exactly: a 24-bit significand represents an f32.

use super::array::{Array, broadcast_index, broadcast_shape};
use super::context::{Context, MAX_TABLE};
use super::error::Fault;
use super::value::{Affine, Int, IntTable, Params, Product, Source};
use crate::program::{Rounding, TensorId};
use std::rc::Rc;

/// Products stay below this, well inside the 61 bits of exact arithmetic.
const MAX_PRODUCT: i128 = 1 << 60;
/// The largest shift that is tried.
const MAX_SHIFT: u32 = 56;

/// `(q - zero) * scale` as DequantizeLinear computes it.
pub(super) fn dequantize(q: i64, zero: i64, scale: f32) -> f32 {
    (q - zero) as f32 * scale
}

/// QuantizeLinear of one value; NaN becomes the least integer, as x86's minimum and maximum have it.
pub(super) fn quantize(x: f32, params: Params) -> i64 {
    let (lo, hi) = params.dtype.bounds();
    let (lo, hi) = ((lo - params.zero) as f32, (hi - params.zero) as f32);
    let scaled = x / params.scale;
    let scaled = if scaled > lo { scaled.min(hi) } else { lo };
    scaled.round_ties_even() as i64 + params.zero
}

/// One output channel or position: sums `lo..=hi` that are to be multiplied by `ratio`.
pub(super) struct Cell {
    pub ratio: f32,
    /// What is added after the multiplication, in output steps; the zero point included.
    pub offset: f64,
    pub lo: i64,
    pub hi: i64,
}

/// `floor_or_half_even((multiplier acc + offset) / 2^shift) + zero_after`, cell by cell.
#[derive(Debug)]
pub(super) struct Fit {
    pub shift: u32,
    pub rounding: Rounding,
    pub multipliers: Vec<i64>,
    pub offsets: Vec<i64>,
    pub zero_after: i64,
}

/// The steps of a staircase on `lo..=hi`: the first value, and for each greater value the least argument that reaches it.
struct Staircase {
    first: i64,
    steps: Vec<i64>,
}

/// Requires that `f` does not decrease.
fn staircase(cell: &Cell, f: impl Fn(i64) -> i64) -> Staircase {
    let (first, last) = (f(cell.lo), f(cell.hi));
    let stride = (1.0 / f64::from(cell.ratio)).min(1e15) as i64;
    let mut steps: Vec<i64> = Vec::with_capacity((last - first).max(0) as usize);
    let mut below = cell.lo; // f(below) < value, or the previous step
    for value in first + 1..=last {
        if f(below) >= value {
            steps.push(below);
            continue;
        }
        let guess = below.saturating_add(stride).clamp(below, cell.hi);
        let (mut a, mut b) = (guess.saturating_sub(2).max(below), guess.saturating_add(2).min(cell.hi));
        if f(a) >= value {
            (a, b) = (below, a);
        } else if f(b) < value {
            (a, b) = (b, cell.hi);
        }
        // f(a) < value <= f(b)
        while b - a > 1 {
            let middle = a + (b - a) / 2;
            if f(middle) >= value { b = middle } else { a = middle }
        }
        steps.push(b);
        below = b;
    }
    Staircase { first, steps }
}

/// `ratio = significand * 2^exponent` with an odd significand; (0, 0) for zero.
fn split(ratio: f32) -> (i128, i32) {
    let bits = ratio.to_bits();
    let (exponent, fraction) = ((bits >> 23 & 0xff) as i32, i128::from(bits & 0x7f_ffff));
    let (significand, exponent) = if exponent == 0 { (fraction, -149) } else { (fraction | 1 << 23, exponent - 150) };
    let zeros = if significand == 0 { return (0, 0) } else { significand.trailing_zeros() };
    (significand >> zeros, exponent + zeros as i32)
}

/// `round(ratio * 2^shift)`, if it is below 2^61.
fn scaled(ratio: f32, shift: u32) -> Option<i128> {
    let (significand, exponent) = split(ratio);
    let shift = shift as i32 + exponent;
    match shift {
        37.. => None,
        0.. => Some(significand << shift),
        -100..0 => Some((significand + (1 << (-shift - 1))) >> -shift),
        _ => Some(0),
    }
}

/// Finds integer arithmetic that equals the staircase `f` on every cell.
///
/// `f(cell, acc)` must not decrease in acc, and lies in `bounds`; values at a bound may be exceeded, since the table
/// that follows saturates.
pub(super) fn fit(cells: &[Cell], bounds: (i64, i64), zero: i64, f: impl Fn(usize, i64) -> i64) -> Fit {
    let stairs: Vec<Staircase> = cells.iter().enumerate().map(|(i, cell)| staircase(cell, |x| f(i, x))).collect();
    for shift in 1..=MAX_SHIFT {
        if let Some((multipliers, offsets)) = fit_floor(cells, &stairs, bounds, shift) {
            return Fit { shift, rounding: Rounding::Floor, multipliers, offsets, zero_after: 0 };
        }
    }
    half_even(cells, zero)
}

fn fit_floor(cells: &[Cell], stairs: &[Staircase], bounds: (i64, i64), shift: u32) -> Option<(Vec<i64>, Vec<i64>)> {
    let mut found = (Vec::with_capacity(cells.len()), Vec::with_capacity(cells.len()));
    for (cell, stair) in cells.iter().zip(stairs) {
        let centre = scaled(cell.ratio, shift)?;
        let (multiplier, offset) =
            [centre, centre - 1, centre + 1].into_iter().filter(|m| *m >= 0).find_map(|m| fit_cell(cell, stair, bounds, shift, m))?;
        found.0.push(multiplier);
        found.1.push(offset);
    }
    Some(found)
}

/// The offset with which `multiplier` makes every step of the staircase, if there is one.
fn fit_cell(cell: &Cell, stair: &Staircase, bounds: (i64, i64), shift: u32, multiplier: i128) -> Option<(i64, i64)> {
    let unit = 1i128 << shift;
    let at = |value: i64, acc: i64| i128::from(value) * unit - i128::from(acc) * multiplier;
    let (mut least, mut most) = (-MAX_PRODUCT, MAX_PRODUCT);
    let last = stair.first + stair.steps.len() as i64;
    if stair.first > bounds.0 {
        least = least.max(at(stair.first, cell.lo));
    }
    if last < bounds.1 {
        most = most.min(at(last + 1, cell.hi) - 1);
    }
    for (value, &step) in (stair.first + 1..).zip(&stair.steps) {
        least = least.max(at(value, step));
        most = most.min(at(value, step - 1) - 1);
        if least > most {
            return None;
        }
    }
    if least > most {
        return None;
    }
    let natural = (cell.offset * unit as f64) as i128 + unit / 2;
    let offset = natural.clamp(least, most);
    let reach = i128::from(cell.lo).abs().max(i128::from(cell.hi).abs()) * multiplier + offset.abs();
    (reach < MAX_PRODUCT).then_some((multiplier as i64, offset as i64))
}

/// The multipliers exactly, rounding half to even; the zero point is added afterwards, since it may be odd.
fn half_even(cells: &[Cell], zero: i64) -> Fit {
    let exact = cells.iter().map(|c| -split(c.ratio).1).max().unwrap_or(1).max(1) as u32;
    let reach = |shift: u32| {
        cells.iter().all(|c| {
            let acc = i128::from(c.lo).abs().max(i128::from(c.hi).abs());
            scaled(c.ratio, shift).and_then(|m| m.checked_mul(acc)).is_some_and(|r| r < MAX_PRODUCT)
        })
    };
    let shift = (1..=exact.min(MAX_SHIFT)).rev().find(|s| reach(*s)).unwrap_or(1);
    let multipliers = cells.iter().map(|c| scaled(c.ratio, shift).unwrap_or(i128::from(i64::MAX)) as i64).collect();
    let offsets = cells.iter().map(|c| ((c.offset - zero as f64) * (1i64 << shift) as f64).round() as i64).collect();
    Fit { shift, rounding: Rounding::HalfEven, multipliers, offsets, zero_after: zero }
}

/// Emits `multiplier * (sum + bias) + offset`; one multiplier and offset for all cells, or one for each.
pub(super) fn emit_product(cx: &mut Context, p: &Product, multipliers: &[i64], offsets: &[i64]) -> Result<TensorId, Fault> {
    let uniform = multipliers.iter().all(|m| *m == multipliers[0]);
    let weights = p.weights.as_ints("weights")?;
    let folded: Vec<i64>;
    let weights = if uniform {
        weights
    } else {
        folded = weights
            .iter()
            .zip(&p.cell_of)
            .map(|(w, &c)| w.checked_mul(multipliers[c]))
            .collect::<Option<_>>()
            .ok_or_else(|| Fault::invalid("a scaled weight exceeds 64 bits"))?;
        &folded
    };
    let w = cx.constant("weights", &p.weights.shape, weights)?;
    let text = |labels: &[u8]| String::from_utf8_lossy(labels).into_owned();
    let spec = format!("{},{}->{}", text(&p.x_axes), text(&p.w_axes), text(&p.out_axes));
    let sum = cx.builder.contract(&spec, p.x, w)?;
    let sum = cx.builder.reshape(sum, &p.shape)?;
    // What is added, over the axes on which it varies.
    let multiplier = Array::ints(shape_for(multipliers, &p.grid), crate::DType::I64, multipliers.to_vec());
    let offset = Array::ints(shape_for(offsets, &p.grid), crate::DType::I64, offsets.to_vec());
    let added = combine(&[&multiplier, &p.bias, &offset], |v| v[0].checked_mul(v[1])?.checked_add(v[2]))?;
    affine_of(cx, sum, if uniform { multipliers[0] } else { 1 }, &added, &p.shape)
}

fn shape_for(values: &[i64], grid: &[usize]) -> Vec<usize> {
    if values.len() == 1 { vec![1; grid.len()] } else { grid.to_vec() }
}

/// `multiplier * x + added`.
fn affine_of(cx: &mut Context, x: TensorId, multiplier: i64, added: &Array, shape: &[usize]) -> Result<TensorId, Fault> {
    let values = added.as_ints("an offset")?;
    if values.iter().all(|v| *v == values[0]) {
        return Ok(if multiplier == 1 && values[0] == 0 { x } else { cx.builder.linear(&[(x, multiplier)], values[0])? });
    }
    let grid = cx.grid("offsets", added, shape)?;
    Ok(cx.builder.linear(&[(x, multiplier), (grid, 1)], 0)?)
}

/// An elementwise function of broadcast integer arrays.
pub(super) fn combine(arrays: &[&Array], f: impl Fn(&[i64]) -> Option<i64>) -> Result<Array, Fault> {
    let mut shape = vec![];
    for array in arrays {
        shape = broadcast_shape(&shape, &array.shape)?;
    }
    let mut columns = vec![];
    for array in arrays {
        let index = broadcast_index(&array.shape, &shape)?;
        let values = array.as_ints("an operand")?;
        columns.push(index.into_iter().map(|i| values[i]).collect::<Vec<_>>());
    }
    let mut row = vec![0; arrays.len()];
    let values = (0..columns[0].len())
        .map(|i| {
            row.iter_mut().zip(&columns).for_each(|(r, c)| *r = c[i]);
            f(&row)
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Fault::invalid("a scaled bias exceeds 64 bits"))?;
    Ok(Array::ints(shape, crate::DType::I64, values))
}

/// QuantizeLinear of a scaled sum.
pub(super) fn requantize(cx: &mut Context, affine: &Affine, params: Params) -> Result<Int, Fault> {
    // Clamping and quantising are both monotone, so the clamp is a clamp of the integers.
    let bounds = (quantize(affine.lo, params), quantize(affine.hi, params));
    let (scaled, fit) = match &affine.terms[..] {
        [_] => one_term(cx, affine, params, bounds)?,
        _ => many_terms(cx, affine, params)?,
    };
    let q = cx.builder.round_shift(scaled, fit.shift, fit.rounding)?;
    let q = saturate_coarsely(cx, q, (bounds.0 - fit.zero_after, bounds.1 - fit.zero_after))?;
    let range = cx.builder.range(q);
    if fit.zero_after == 0 && bounds.0 <= range.lo && range.hi <= bounds.1 {
        return Ok(Int::plain(params.dtype, q));
    }
    let values = (bounds.0..=bounds.1).map(|v| v as i32).collect();
    Ok(Int::mapped(params.dtype, q, IntTable { lo: bounds.0 - fit.zero_after, values }))
}

fn one_term(cx: &mut Context, affine: &Affine, params: Params, bounds: (i64, i64)) -> Result<(TensorId, Fit), Fault> {
    let term = &affine.terms[0];
    let none = Array::floats(vec![], vec![0.0]);
    let bias = affine.bias.as_ref().unwrap_or(&none);
    let joint = broadcast_shape(&term.scale.shape, &bias.shape)?;
    let whole = joint.iter().all(|n| *n == 1);
    let (source, grid) = match &term.source {
        Source::Product(p) if whole || joint == p.grid => (Source::Product(p.clone()), p.grid.clone()),
        source => (Source::Tensor(cx.emit_source(source)?), joint),
    };
    let pick = |a: &Array| -> Result<Vec<f32>, Fault> {
        let values = a.as_floats("a scale")?;
        Ok(broadcast_index(&a.shape, &grid)?.into_iter().map(|i| values[i]).collect())
    };
    let (scales, biases) = (pick(&term.scale)?, pick(bias)?);
    let with_bias = affine.bias.is_some();
    let cell = |i: usize, (lo, hi): (i64, i64)| {
        let ratio = scales[i] / params.scale;
        let usable = ratio.is_finite() && ratio >= 0.0;
        let offset = f64::from(biases[i]) / f64::from(params.scale) + params.zero as f64;
        if usable { Ok(Cell { ratio, offset, lo, hi }) } else { Err(Fault::invalid(format!("its scales give the multiplier {ratio}"))) }
    };
    let cells = match &source {
        Source::Product(p) => p.bounds.iter().enumerate().map(|(i, b)| cell(i.min(scales.len() - 1), *b)).collect::<Result<Vec<_>, _>>()?,
        Source::Tensor(x) => {
            let range = cx.builder.range(*x);
            (0..scales.len()).map(|i| cell(i, (range.lo, range.hi))).collect::<Result<Vec<_>, _>>()?
        }
    };
    let fit = fit(&cells, bounds, params.zero, |i, acc| {
        let i = i.min(scales.len() - 1);
        let q = if with_bias {
            quantize(acc as f32 * scales[i] + biases[i], params)
        } else {
            quantize(acc as f32 * (scales[i] / params.scale), Params { scale: 1.0, ..params })
        };
        q.clamp(bounds.0, bounds.1)
    });
    let scaled = match &source {
        Source::Product(p) => emit_product(cx, p, &fit.multipliers, &fit.offsets)?,
        Source::Tensor(x) => {
            let uniform = fit.multipliers.iter().all(|m| *m == fit.multipliers[0]);
            let offsets = Array::ints(grid.clone(), crate::DType::I64, fit.offsets.clone());
            if uniform {
                affine_of(cx, *x, fit.multipliers[0], &offsets, &affine.shape)?
            } else {
                let multipliers = Array::ints(grid.clone(), crate::DType::I64, fit.multipliers.clone());
                let multipliers = cx.grid("multipliers", &multipliers, &affine.shape)?;
                let product = cx.builder.mul(*x, multipliers)?;
                affine_of(cx, product, 1, &offsets, &affine.shape)?
            }
        }
    };
    Ok((scaled, fit))
}

/// A sum of several scaled terms: one shift, and multipliers as exact as 60 bits allow.
fn many_terms(cx: &mut Context, affine: &Affine, params: Params) -> Result<(TensorId, Fit), Fault> {
    let mut parts: Vec<(TensorId, Array, i128)> = vec![];
    for term in &affine.terms {
        let x = cx.emit_source(&term.source)?;
        let range = cx.builder.range(x);
        parts.push((x, term.scale.clone(), range.magnitude().max(1)));
    }
    let ratio = |s: f32| f64::from(s) / f64::from(params.scale);
    let most = |a: &Array| a.as_floats("a scale").map(|v| v.iter().fold(0.0f64, |m, s| m.max(ratio(*s).abs())));
    let mut reach = params.dtype.bounds().1 as f64;
    for (_, scale, magnitude) in &parts {
        reach += most(scale)? * *magnitude as f64;
    }
    if let Some(bias) = &affine.bias {
        reach += most(bias)?;
    }
    if !reach.is_finite() {
        return Err(Fault::invalid("its scales are out of range"));
    }
    let shift = (58 - reach.log2().ceil() as i64).clamp(1, 40) as u32;
    let unit = (1u64 << shift) as f64;
    let integers = |a: &Array| -> Result<Array, Fault> {
        let values = a.as_floats("a scale")?.iter().map(|s| (ratio(*s) * unit).round() as i64).collect();
        Ok(Array::ints(a.shape.clone(), crate::DType::I64, values))
    };
    let mut terms = vec![];
    for (x, scale, _) in &parts {
        let multipliers = integers(scale)?;
        if multipliers.len() == 1 {
            terms.push((*x, multipliers.scalar_int("a multiplier")?));
        } else {
            let grid = cx.grid("multipliers", &multipliers, &affine.shape)?;
            terms.push((cx.builder.mul(*x, grid)?, 1));
        }
    }
    let constant = (params.zero << shift) + (1 << (shift - 1));
    let sum = cx.builder.linear(&terms, constant)?;
    let sum = match &affine.bias {
        Some(bias) => affine_of(cx, sum, 1, &integers(bias)?, &affine.shape)?,
        None => sum,
    };
    Ok((sum, Fit { shift, rounding: Rounding::Floor, multipliers: vec![], offsets: vec![], zero_after: 0 }))
}

/// Brings values that no sensible table could cover near `bounds`, without moving any that lies inside.
fn saturate_coarsely(cx: &mut Context, q: TensorId, bounds: (i64, i64)) -> Result<TensorId, Fault> {
    const STEP: i64 = 1 << 10;
    let range = cx.builder.program().node(q).padded_range;
    if range.width() <= MAX_TABLE {
        return Ok(q);
    }
    let shape = cx.shape_of(q);
    let step = cx.builder.splat(&shape, STEP)?;
    let (low, high) = (cx.builder.rem(q, step)?, cx.builder.div(q, step)?);
    let (least, most) = (bounds.0.div_euclid(STEP) - 1, bounds.1.div_euclid(STEP) + 1);
    let high = cx.lookup(high, |h| h.clamp(least, most))?;
    Ok(cx.builder.linear(&[(high, STEP), (low, 1)], 0)?)
}

impl Product {
    /// The bounds of a product over x in `range`, and the cells' order; `bias` covers the zero point's correction.
    pub fn new(
        x: (TensorId, Vec<u8>),
        weights: (Array, Vec<u8>),
        out: (Vec<u8>, Vec<usize>),
        cells: (Vec<usize>, Vec<usize>),
        bias: Array,
        range: (i64, i64),
    ) -> Result<Rc<Product>, Fault> {
        let ((x, x_axes), (weights, w_axes), (out_axes, shape), (cell_of, grid)) = (x, weights, out, cells);
        let count = grid.iter().product::<usize>();
        // Sum over each output's weights: those that agree on the kept axes.
        let strides = super::array::strides_of(&weights.shape);
        let kept: Vec<bool> = w_axes.iter().map(|l| out_axes.contains(l)).collect();
        let values = weights.as_ints("weights")?;
        let mut group_stride = vec![0usize; strides.len()];
        let mut groups = 1;
        for axis in (0..strides.len()).rev() {
            if kept[axis] {
                group_stride[axis] = groups;
                groups *= weights.shape[axis];
            }
        }
        let group_of = super::array::strided_index(&weights.shape, &group_stride, values.len());
        let mut sums = vec![(0i128, 0i128); groups];
        let mut cell_of_group = vec![0; groups];
        for ((&w, &group), &cell) in values.iter().zip(&group_of).zip(&cell_of) {
            let (a, b) = (i128::from(w) * i128::from(range.0), i128::from(w) * i128::from(range.1));
            sums[group] = (sums[group].0 + a.min(b), sums[group].1 + a.max(b));
            cell_of_group[group] = cell;
        }
        let mut bounds: Vec<Option<(i128, i128)>> = vec![None; count];
        for (sum, &cell) in sums.iter().zip(&cell_of_group) {
            let known = bounds[cell].get_or_insert(*sum);
            *known = (known.0.min(sum.0), known.1.max(sum.1));
        }
        let biases = bias.as_ints("a bias")?;
        let by_cell = broadcast_index(&bias.shape, &grid).ok();
        let hull = (biases.iter().min().copied().unwrap_or(0), biases.iter().max().copied().unwrap_or(0));
        let bounds = bounds
            .into_iter()
            .enumerate()
            .map(|(cell, sum)| {
                let (lo, hi) = by_cell.as_ref().map_or(hull, |index| (biases[index[cell]], biases[index[cell]]));
                let sum = sum.unwrap_or((0, 0));
                let (lo, hi) = (sum.0 + i128::from(lo), sum.1 + i128::from(hi));
                let limit = i128::from(i32::MIN)..=i128::from(i32::MAX);
                if limit.contains(&lo) && limit.contains(&hi) {
                    return Ok((lo as i64, hi as i64));
                }
                Err(Fault::invalid(format!("its sums can reach {lo}..={hi}, beyond the 32 bits in which ONNX Runtime sums")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Rc::new(Product { x, x_axes, weights, w_axes, out_axes, shape, cell_of, grid, bias, bounds }))
    }
}
