//! Integer arithmetic that equals a staircase.
//!
//! As a function of an exact sum `acc`, a quantised value is a staircase of at most 255 steps. A fit is integers M, B and
//! a shift with
//! ```text
//! floor((M acc + B) / 2^shift) = staircase(acc)     for every reachable acc at which it does not saturate
//! ```
//! found by checking every step, so that f32 roundings are reproduced, too. Where exact ties of both parities are
//! reachable no such triple exists; then the division rounds half to even, with multipliers that are exact.

use crate::infer::round_shift;
use crate::program::Rounding;

/// Products stay below this, well inside the 61 bits of exact arithmetic.
const MAX_PRODUCT: i128 = 1 << 60;
/// The largest shift that is tried.
const MAX_SHIFT: u32 = 56;

/// One output channel or position: sums `lo..=hi` that are to be multiplied by `ratio`.
pub(super) struct Cell {
    pub ratio: f64,
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
    let stride = (1.0 / cell.ratio).min(1e15) as i64;
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
fn split(ratio: f64) -> (i128, i32) {
    let bits = ratio.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, i128::from(bits & ((1 << 52) - 1)));
    let (significand, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    if significand == 0 {
        return (0, 0);
    }
    let zeros = significand.trailing_zeros();
    (significand >> zeros, exponent + zeros as i32)
}

/// `round(ratio * 2^shift)`, if it is below 2^62.
fn scaled(ratio: f64, shift: u32) -> Option<i128> {
    let (significand, exponent) = split(ratio);
    let bits = 128 - significand.leading_zeros() as i32;
    match shift as i32 + exponent {
        up @ 0.. => (bits + up <= 62).then(|| significand << up),
        down @ -100..0 => Some((significand + (1 << (-down - 1))) >> -down),
        _ => Some(0),
    }
}

/// Finds integer arithmetic that equals the staircase `f` on every cell; `Err` holds the nearest where nothing does.
///
/// `f(cell, acc)` must not decrease in acc, and lies in `bounds`; values at a bound may be exceeded, since the table
/// that follows saturates.
pub(super) fn fit(cells: &[Cell], bounds: (i64, i64), zero: i64, f: impl Fn(usize, i64) -> i64) -> Result<Fit, Fit> {
    let stairs: Vec<Staircase> = cells.iter().enumerate().map(|(i, cell)| staircase(cell, |x| f(i, x))).collect();
    for shift in 1..=MAX_SHIFT {
        if let Some((multipliers, offsets)) = fit_floor(cells, &stairs, bounds, shift) {
            return Ok(Fit { shift, rounding: Rounding::Floor, multipliers, offsets, zero_after: 0 });
        }
    }
    let fit = half_even(cells, zero);
    let equal = cells.iter().zip(&stairs).enumerate().all(|(i, (cell, stair))| {
        let q = |acc: i64| {
            let scaled = fit.multipliers[i].checked_mul(acc).and_then(|p| p.checked_add(fit.offsets[i]));
            scaled
                .filter(|s| i128::from(*s).abs() < MAX_PRODUCT)
                .map(|s| (round_shift(s, fit.shift, Rounding::HalfEven) + zero).clamp(bounds.0, bounds.1))
        };
        let mut steps = (stair.first + 1..).zip(&stair.steps);
        q(cell.lo) == Some(stair.first)
            && q(cell.hi) == Some(stair.first + stair.steps.len() as i64)
            && steps.all(|(value, &step)| q(step) >= Some(value) && q(step - 1) < Some(value))
    });
    if equal {
        return Ok(fit);
    }
    // Some product that is no tie is one in f32, and f32 goes the other way. Without true ties, half up is half to even.
    if cells.iter().any(ties) {
        return Err(fit);
    }
    let shift = fit.shift;
    let half = |i: usize| ((cells[i].offset * (1i64 << shift) as f64).round() as i64).saturating_add(1 << (shift - 1));
    let offset = |i: usize| fit_cell(&cells[i], &stairs[i], bounds, shift, fit.multipliers[i].into()).map_or_else(|| half(i), |f| f.1);
    let offsets = (0..cells.len()).map(offset).collect();
    Err(Fit { rounding: Rounding::Floor, offsets, zero_after: 0, ..fit })
}

/// Whether some reachable sum times the ratio lies exactly between two integers.
fn ties(cell: &Cell) -> bool {
    let (significand, exponent) = split(cell.ratio);
    // sum * significand / 2^e is a tie only if 2^(e - 1) divides the sum.
    let least = match -exponent {
        ..=0 => return false,
        e @ 1..=62 => 1i64 << (e - 1),
        _ => i64::MAX,
    };
    significand != 0 && cell.lo.unsigned_abs().max(cell.hi.unsigned_abs()) >= least.unsigned_abs()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What ONNX Runtime computes, saturated to int8.
    fn reference(scale: f32, acc: i64) -> i64 {
        ((acc as f32 * scale).round_ties_even() as i64).clamp(-128, 127)
    }

    fn apply(fit: &Fit, acc: i64) -> i64 {
        let scaled = fit.multipliers[0] * acc + fit.offsets[0];
        (round_shift(scaled, fit.shift, fit.rounding) + fit.zero_after).clamp(-128, 127)
    }

    fn cell(scale: f32, reach: i64) -> Cell {
        Cell { ratio: scale.into(), offset: 0.0, lo: -reach, hi: reach }
    }

    /// Scales between 2^-11 and 2^-7, seeded.
    fn scales() -> impl Iterator<Item = f32> {
        let mut state = 1u64;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (2f64.powi(-11) * 16f64.powf((state >> 11) as f64 / (1u64 << 53) as f64)) as f32
        })
    }

    #[test]
    fn a_fit_equals_f32_on_every_sum() {
        let (mut exact, mut wrong) = (0, 0);
        for scale in scales().take(60) {
            let reach = 1 << 18;
            let fit = fit(&[cell(scale, reach)], (-128, 127), 0, |_, acc| reference(scale, acc));
            let differences = |fit: &Fit| (-reach..=reach).filter(|&acc| apply(fit, acc) != reference(scale, acc)).count();
            match fit {
                Ok(fit) => {
                    assert_eq!(differences(&fit), 0, "scale {scale}");
                    exact += 1;
                }
                Err(fit) => {
                    assert_eq!(fit.rounding, Rounding::Floor);
                    wrong += differences(&fit);
                    assert!(differences(&fit) <= 8, "scale {scale}");
                }
            }
        }
        assert!(exact >= 45, "only {exact} of 60 scales have an exact rule ({wrong} sums differ)");
    }

    #[test]
    fn ties_of_both_parities_round_to_even() {
        let scale = 2f32.powi(-5);
        let fit = fit(&[cell(scale, 10_000)], (-128, 127), 0, |_, acc| reference(scale, acc)).unwrap();
        assert_eq!((fit.rounding, fit.shift, fit.multipliers[0]), (Rounding::HalfEven, 5, 1));
        assert!((-10_000..=10_000).all(|acc| apply(&fit, acc) == reference(scale, acc)));
    }

    #[test]
    fn saturated_sums_need_no_precision() {
        let scale = 1e6f32;
        let fit = fit(&[cell(scale, 1 << 20)], (-128, 127), 0, |_, acc| reference(scale, acc)).unwrap();
        assert!((-5..=5).all(|acc| apply(&fit, acc) == reference(scale, acc)), "{fit:?}");
    }
}
