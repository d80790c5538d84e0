//! Functions of two small integers: residual additions, gates, products.
//!
//! Such a function is a table of at most 65536 entries. For sums and products of dequantised bytes the import also looks
//! for integer arithmetic that gives every entry of that table:
//! ```text
//! sum:     floor((Ma a + Mb b + C) / 2^shift)
//! product: floor((M (a - za) (b - zb) + C) / 2^shift)
//! ```
//! saturated, or the same with half-to-even rounding. It is used only if it agrees on all pairs.

use super::context::{Context, MAX_TABLE};
use super::error::Fault;
use super::value::{Coded, Codes, Int, IntTable, Params};
use crate::program::{Rounding, TensorId};
use std::cell::Cell;
use std::rc::Rc;

/// One argument: integers `lo..lo + len`.
#[derive(Clone, Copy)]
pub(super) struct Argument {
    pub tensor: TensorId,
    pub lo: i64,
    pub len: usize,
}

/// What the function is, if it is known to be nearly linear in the integers themselves.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `a scales[0] + b scales[1] + constant`.
    Sum([f32; 2]),
    /// `(a - zeros[0]) (b - zeros[1]) scale`.
    Product(f32, [i64; 2]),
    /// Anything.
    Other,
}

/// Two arguments of one shape.
pub(super) struct Pair {
    pub a: Argument,
    pub b: Argument,
    pub form: Form,
    code: Cell<Option<TensorId>>,
}

impl Pair {
    /// `(a - lo_a) len_b + (b - lo_b)`, once.
    pub fn code(&self, cx: &mut Context) -> Result<TensorId, Fault> {
        if let Some(code) = self.code.get() {
            return Ok(code);
        }
        let width = self.b.len as i64;
        let code = cx.builder.linear(&[(self.a.tensor, width), (self.b.tensor, 1)], -self.a.lo * width - self.b.lo)?;
        self.code.set(Some(code));
        Ok(code)
    }
}

/// Pairs two operands whose shapes broadcast to `shape`, and tabulates `f` over them. `form` describes f in terms of the
/// operands' integers; it is dropped where the codes are not those integers.
pub(super) fn tabulate(
    cx: &mut Context,
    [a, b]: [&Coded; 2],
    shape: &[usize],
    form: Form,
    f: impl Fn(f32, f32) -> f32,
) -> Result<Coded, Fault> {
    if let (Codes::Tensor(x), Codes::Tensor(y)) = (&a.codes, &b.codes)
        && x == y
        && cx.shape_of(*x) == shape
    {
        let lo = a.lo.min(b.lo);
        let hi = (a.lo + a.table.len() as i64).max(b.lo + b.table.len() as i64);
        let table = (lo..hi).map(|c| f(a.at(c), b.at(c))).collect();
        return Ok(Coded { codes: a.codes.clone(), lo, table: Rc::new(table), origin: None, source: a.source.clone() });
    }
    cx.budget.count_pair()?;
    let (a, b) = (cx.narrow(a)?, cx.narrow(b)?);
    let integers = |c: &Coded| c.origin.as_ref().is_some_and(|o| o.int.table.is_none());
    let form = if integers(&a) && integers(&b) { form } else { Form::Other };
    let mut argument = |c: &Coded| -> Result<Argument, Fault> {
        let codes = cx.codes(c)?;
        let tensor = cx.builder.broadcast(codes, shape)?;
        let domain = cx.domain(tensor)?;
        Ok(Argument { tensor, lo: domain.lo, len: domain.width() as usize })
    };
    let pair = Pair { a: argument(&a)?, b: argument(&b)?, form, code: Cell::new(None) };
    let entries = pair.a.len as u64 * pair.b.len as u64;
    if entries > MAX_TABLE {
        return Err(Fault::unsupported(
            format!("a function of two tensors that take {} and {} different values", pair.a.len, pair.b.len),
            "quantise both operands to 8 bits: put QuantizeLinear and DequantizeLinear before this node",
        ));
    }
    let table = arguments(&pair).map(|(x, y)| f(a.at(x), b.at(y))).collect();
    Ok(Coded { codes: Codes::Pair(Rc::new(pair)), lo: 0, table: Rc::new(table), origin: None, source: None })
}

pub(super) fn arguments(pair: &Pair) -> impl Iterator<Item = (i64, i64)> {
    let (a, b) = (pair.a, pair.b);
    (0..a.len as i64).flat_map(move |x| (0..b.len as i64).map(move |y| (a.lo + x, b.lo + y)))
}

/// `targets[code]`, by integer arithmetic if it gives all of them, else by one lookup.
pub(super) fn quantize(cx: &mut Context, pair: &Pair, params: Params, targets: Vec<i32>) -> Result<Int, Fault> {
    let fit = match pair.form {
        Form::Other => None,
        Form::Sum(scales) => fit_sum(pair, scales.map(|s| f64::from(s) / f64::from(params.scale)), params, &targets),
        Form::Product(scale, zeros) => fit_product(pair, f64::from(scale) / f64::from(params.scale), zeros, params, &targets),
    };
    let Some(fit) = fit else {
        let code = pair.code(cx)?;
        return Ok(Int::mapped(params.dtype, code, IntTable { lo: 0, values: targets }));
    };
    let scaled = match pair.form {
        Form::Product(_, zeros) => {
            let a = cx.builder.linear(&[(pair.a.tensor, 1)], -zeros[0])?;
            let b = cx.builder.linear(&[(pair.b.tensor, 1)], -zeros[1])?;
            let product = cx.builder.mul(a, b)?;
            cx.builder.linear(&[(product, fit.multipliers[0])], fit.constant)?
        }
        _ => cx.builder.linear(&[(pair.a.tensor, fit.multipliers[0]), (pair.b.tensor, fit.multipliers[1])], fit.constant)?,
    };
    let q = cx.builder.round_shift(scaled, fit.shift, fit.rounding)?;
    let (lo, hi) = extremes(&targets);
    Ok(Int::mapped(params.dtype, q, IntTable { lo: lo - fit.zero_after, values: (lo as i32..=hi as i32).collect() }))
}

struct Fit {
    multipliers: [i64; 2],
    constant: i64,
    shift: u32,
    rounding: Rounding,
    zero_after: i64,
}

fn extremes(targets: &[i32]) -> (i64, i64) {
    (targets.iter().min().copied().unwrap_or(0).into(), targets.iter().max().copied().unwrap_or(0).into())
}

/// The constant that makes `floor((sum + C) / 2^shift)` equal every target; targets at an extreme may be exceeded.
fn fit_floor(sums: impl Iterator<Item = i64>, targets: &[i32], shift: u32) -> Option<i64> {
    let extremes = extremes(targets);
    let (mut least, mut most) = (i64::MIN / 4, i64::MAX / 4);
    for (sum, &target) in sums.zip(targets) {
        let target = i64::from(target);
        if target > extremes.0 {
            least = least.max((target << shift) - sum);
        }
        if target < extremes.1 {
            most = most.min(((target + 1) << shift) - 1 - sum);
        }
        if least > most {
            return None;
        }
    }
    Some(least + (most - least) / 2)
}

fn agrees(sums: impl Iterator<Item = i64>, targets: &[i32], shift: u32, zero: i64) -> bool {
    let (lo, hi) = extremes(targets);
    sums.zip(targets).all(|(sum, &target)| {
        let q = crate::infer::round_shift(sum, shift, Rounding::HalfEven) + zero;
        q.clamp(lo, hi) == i64::from(target)
    })
}

const MAX_SHIFT: u32 = 40;

/// The multipliers `round(ratio 2^shift)` that keep sums of products with `reach` well inside 61 bits, with their shifts.
fn multipliers<const N: usize>(ratios: [f64; N], reach: i64) -> impl Iterator<Item = (u32, [i64; N])> {
    let limit = (1u64 << 58) as f64 / reach.max(1) as f64;
    (1..=MAX_SHIFT).map(move |shift| (shift, ratios.map(|r| (r * (1u64 << shift) as f64).round()))).map_while(move |(shift, scaled)| {
        let fits = scaled.iter().all(|m| m.abs() < limit);
        fits.then(|| (shift, scaled.map(|m| m as i64)))
    })
}

fn magnitude(argument: Argument, zero: i64) -> i64 {
    (argument.lo - zero).abs().max((argument.lo + argument.len as i64 - zero).abs())
}

fn fit_sum(pair: &Pair, ratios: [f64; 2], params: Params, targets: &[i32]) -> Option<Fit> {
    let sums = |m: [i64; 2]| arguments(pair).map(move |(a, b)| m[0] * a + m[1] * b);
    let reach = 2 * (magnitude(pair.a, 0) + magnitude(pair.b, 0));
    for (shift, centre) in multipliers(ratios, reach) {
        for (da, db) in [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)] {
            let multipliers = [centre[0] + da, centre[1] + db];
            if let Some(constant) = fit_floor(sums(multipliers), targets, shift) {
                return Some(Fit { multipliers, constant, shift, rounding: Rounding::Floor, zero_after: 0 });
            }
        }
    }
    // Exact ties of both parities: arguments that give zero tell the constant.
    let zero = arguments(pair).zip(targets).find(|(_, t)| i64::from(**t) == params.zero).map(|(p, _)| p);
    multipliers(ratios, reach).find_map(|(shift, multipliers)| {
        let constant = zero.map_or(0, |(a, b)| -(multipliers[0] * a + multipliers[1] * b));
        let fits = agrees(sums(multipliers).map(|s| s + constant), targets, shift, params.zero);
        fits.then_some(Fit { multipliers, constant, shift, rounding: Rounding::HalfEven, zero_after: params.zero })
    })
}

fn fit_product(pair: &Pair, ratio: f64, zeros: [i64; 2], params: Params, targets: &[i32]) -> Option<Fit> {
    let products = |m: i64| arguments(pair).map(move |(a, b)| m * ((a - zeros[0]) * (b - zeros[1])));
    let reach = 2 * magnitude(pair.a, zeros[0]).checked_mul(magnitude(pair.b, zeros[1]))?;
    for (shift, [centre]) in multipliers([ratio], reach) {
        for multiplier in [centre, centre + 1, centre - 1] {
            if let Some(constant) = fit_floor(products(multiplier), targets, shift) {
                return Some(Fit { multipliers: [multiplier, 0], constant, shift, rounding: Rounding::Floor, zero_after: 0 });
            }
        }
    }
    multipliers([ratio], reach).find_map(|(shift, [multiplier])| {
        let fits = agrees(products(multiplier), targets, shift, params.zero);
        fits.then_some(Fit { multipliers: [multiplier, 0], constant: 0, shift, rounding: Rounding::HalfEven, zero_after: params.zero })
    })
}
