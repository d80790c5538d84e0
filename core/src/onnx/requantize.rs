//! Requantisation: exact sums become 8-bit integers.
//!
//! ONNX Runtime computes `y = saturate(round_half_even(f32(acc) * s) + z)` with `s = f32(sx * sw / sy)`. The import emits
//! integer arithmetic that equals this for every reachable sum (see [`staircase`]), or one table of the sums where
//! they are few. What is left is the rule `round_half_even(acc M / 2^shift)` with `s = M / 2^shift`: a 24-bit
//! significand represents an f32.

use super::array::{Array, broadcast_index, broadcast_shape};
use super::context::{Context, MAX_TABLE};
use super::error::Fault;
use super::product::{self, affine_of};
use super::quant::quantize;
use super::staircase::{self, Cell, Fit};
use super::value::{Affine, Int, IntTable, Params, Rule, Source};
use crate::program::{Rounding, TensorId};
use crate::tensor::DType;
use std::collections::HashMap;

/// QuantizeLinear of a scaled sum.
pub(super) fn requantize(cx: &mut Context, affine: &Affine, params: Params) -> Result<Int, Fault> {
    // Clamping and quantising are both monotone, so the clamp is a clamp of the integers.
    let bounds = (quantize(affine.lo, params), quantize(affine.hi, params));
    let (scaled, fit) = match &affine.terms[..] {
        [_] => match one_term(cx, affine, params, bounds)? {
            Requantized::Scaled(scaled, fit) => (scaled, fit),
            Requantized::Tabulated(int) => return Ok(int),
        },
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

enum Requantized {
    /// What a rounding division by `2^shift` is to be applied to.
    Scaled(TensorId, Fit),
    /// The result, a function of the sum itself.
    Tabulated(Int),
}

/// Scale, bias and divisor of one cell.
#[derive(Clone, Copy)]
struct Terms {
    scale: f32,
    bias: f32,
    divisor: f32,
}

impl Terms {
    /// Output steps for each unit of the sum.
    fn ratio(&self, rule: Rule, sy: f32) -> f64 {
        match rule {
            Rule::Scale => f64::from(self.scale / sy),
            Rule::Ratio => self.scale.into(),
            Rule::Mean | Rule::MeanInside => f64::from(self.scale) / (f64::from(self.divisor) * f64::from(sy)),
        }
    }

    /// The quantised value of a sum, as ONNX Runtime has it.
    fn reference(&self, rule: Rule, params: Params, acc: i64) -> i64 {
        let unscaled = Params { scale: 1.0, ..params };
        match rule {
            Rule::Scale if self.bias != 0.0 => quantize(acc as f32 * self.scale + self.bias, params),
            Rule::Scale => quantize(acc as f32 * (self.scale / params.scale), unscaled),
            Rule::Ratio => quantize(acc as f32 * self.scale, unscaled),
            Rule::Mean => quantize(acc as f32 * self.scale / self.divisor, params),
            Rule::MeanInside => {
                let inside = acc as f32 * self.scale / self.divisor / params.scale + params.zero as f32;
                quantize(inside, Params { zero: 0, ..unscaled })
            }
        }
    }
}

fn one_term(cx: &mut Context, affine: &Affine, params: Params, bounds: (i64, i64)) -> Result<Requantized, Fault> {
    let term = &affine.terms[0];
    let (none, one) = (Array::floats(vec![], vec![0.0]), Array::floats(vec![], vec![1.0]));
    let (bias, divisor) = (affine.bias.as_ref().unwrap_or(&none), affine.divisor.as_ref().unwrap_or(&one));
    let joint = broadcast_shape(&broadcast_shape(&term.scale.shape, &bias.shape)?, &divisor.shape)?;
    let whole = joint.iter().all(|n| *n == 1);
    let (source, grid) = match &term.source {
        Source::Product(p) if whole || joint == p.grid => (Source::Product(p.clone()), p.grid.clone()),
        source => (Source::Tensor(cx.emit_source(source)?), joint),
    };
    let pick = |a: &Array| -> Result<Vec<f32>, Fault> {
        let values = a.as_floats("a scale")?;
        Ok(broadcast_index(&a.shape, &grid)?.into_iter().map(|i| values[i]).collect())
    };
    let parts = pick(&term.scale)?.into_iter().zip(pick(bias)?).zip(pick(divisor)?);
    let terms: Vec<Terms> = parts.map(|((scale, bias), divisor)| Terms { scale, bias, divisor }).collect();
    let ranges = match &source {
        Source::Product(p) => p.bounds.clone(),
        Source::Tensor(x) => {
            let range = cx.builder.range(*x);
            vec![(range.lo, range.hi); terms.len()]
        }
    };
    let reference = |i: usize, acc: i64| terms[i].reference(affine.rule, params, acc).clamp(bounds.0, bounds.1);
    let classes = Classes::new(&terms, &ranges)?;
    let cells = classes.cells(&terms, affine.rule, params)?;
    cx.budget.count_cells(cells.len())?;
    let elements: u64 = affine.shape.iter().map(|&n| n as u64).product();
    // One lookup costs less than the limbs of a remainder, unless its table is longer than the tensor.
    if classes.entries() <= (2 * elements + 1024).min(MAX_TABLE / 2) {
        return classes.tabulate(cx, &source, &grid, affine, params.dtype, reference);
    }
    let fit = match staircase::fit(&cells, bounds, params.zero, |class, acc| reference(classes.list[class].cell, acc)) {
        Ok(fit) => fit,
        Err(_) if classes.entries() <= MAX_TABLE / 2 => return classes.tabulate(cx, &source, &grid, affine, params.dtype, reference),
        Err(nearest) => nearest,
    };
    let fit = classes.spread(fit);
    let scaled = match &source {
        Source::Product(p) => product::emit(cx, p, &fit.multipliers, &fit.offsets)?,
        Source::Tensor(x) => {
            let uniform = fit.multipliers.iter().all(|m| *m == fit.multipliers[0]);
            let offsets = Array::ints(grid.clone(), DType::I64, fit.offsets.clone());
            if uniform {
                affine_of(cx, *x, fit.multipliers[0], &offsets, &affine.shape)?
            } else {
                let multipliers = Array::ints(grid.clone(), DType::I64, fit.multipliers.clone());
                let multipliers = cx.grid("multipliers", &multipliers, &affine.shape)?;
                let product = cx.builder.mul(*x, multipliers)?;
                affine_of(cx, product, 1, &offsets, &affine.shape)?
            }
        }
    };
    Ok(Requantized::Scaled(scaled, fit))
}

/// The most cells of one node.
const MAX_CELLS: usize = 1 << 16;

/// Cells with equal terms.
struct Class {
    /// One of the cells.
    cell: usize,
    /// The least and the greatest sum.
    lo: i64,
    hi: i64,
}

/// Cells by their terms.
struct Classes {
    /// The class of each cell.
    class_of: Vec<usize>,
    list: Vec<Class>,
}

impl Classes {
    fn new(terms: &[Terms], ranges: &[(i64, i64)]) -> Result<Classes, Fault> {
        if terms.len() > MAX_CELLS {
            let reason = format!("{} different multipliers, more than the {MAX_CELLS} of which one node may have", terms.len());
            return Err(Fault::unsupported(reason, "quantise per tensor, or split the node"));
        }
        let mut known: HashMap<[u32; 3], usize> = HashMap::new();
        let mut list: Vec<Class> = vec![];
        let mut class_of = Vec::with_capacity(terms.len());
        for (cell, (t, &(lo, hi))) in terms.iter().zip(ranges).enumerate() {
            let class = *known.entry([t.scale, t.bias, t.divisor].map(f32::to_bits)).or_insert_with(|| {
                list.push(Class { cell, lo, hi });
                list.len() - 1
            });
            (list[class].lo, list[class].hi) = (list[class].lo.min(lo), list[class].hi.max(hi));
            class_of.push(class);
        }
        Ok(Classes { class_of, list })
    }

    /// What is to be fitted for each class.
    fn cells(&self, terms: &[Terms], rule: Rule, params: Params) -> Result<Vec<Cell>, Fault> {
        let cell = |class: &Class| {
            let t = terms[class.cell];
            let ratio = t.ratio(rule, params.scale);
            let offset = f64::from(t.bias) / f64::from(params.scale) + params.zero as f64;
            let usable = ratio.is_finite() && ratio >= 0.0;
            let cell = Cell { ratio, offset, lo: class.lo, hi: class.hi };
            usable.then_some(cell).ok_or_else(|| Fault::invalid(format!("its scales give the multiplier {ratio}")))
        };
        self.list.iter().map(cell).collect()
    }

    /// From one entry a class to one a cell.
    fn spread(&self, fit: Fit) -> Fit {
        let each = |values: Vec<i64>| self.class_of.iter().map(|&c| values[c]).collect();
        Fit { multipliers: each(fit.multipliers), offsets: each(fit.offsets), ..fit }
    }

    /// The range of all sums: what interval analysis knows of the tensor that holds them.
    fn hull(&self) -> (i64, i64) {
        self.list.iter().fold((i64::MAX, i64::MIN), |h, c| (h.0.min(c.lo), h.1.max(c.hi)))
    }

    /// The entries of a table of all sums of all classes.
    fn entries(&self) -> u64 {
        let (lo, hi) = self.hull();
        hi.abs_diff(lo).saturating_add(1).saturating_mul(self.list.len() as u64)
    }

    /// The value of every sum, as one table.
    fn tabulate(
        &self,
        cx: &mut Context,
        source: &Source,
        grid: &[usize],
        affine: &Affine,
        dtype: DType,
        reference: impl Fn(usize, i64) -> i64,
    ) -> Result<Requantized, Fault> {
        let sum = cx.emit_source(source)?;
        let (least, most) = self.hull();
        let width = most - least + 1;
        let base = if self.list.len() == 1 {
            sum
        } else {
            let shifts = self.class_of.iter().map(|&c| c as i64 * width).collect();
            affine_of(cx, sum, 1, &Array::ints(grid.to_vec(), DType::I64, shifts), &affine.shape)?
        };
        let values = self.list.iter().flat_map(|c| (least..=most).map(move |acc| (c.cell, acc)));
        let values = values.map(|(cell, acc)| reference(cell, acc) as i32).collect();
        Ok(Requantized::Tabulated(Int::mapped(dtype, base, IntTable { lo: least, values })))
    }
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
        Ok(Array::ints(a.shape.clone(), DType::I64, values))
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
