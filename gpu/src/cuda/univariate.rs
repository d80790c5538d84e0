//! Univariate polynomials by coefficients, from the constant up.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use ark_ff::{Field, Zero};

use super::{
    device::Device,
    launch::{count, elements, launch},
    memory::{Address, Vector, limbs},
    sums::Partials,
    vectors,
};

/// Rows that one thread solves one after another.
const ROWS: usize = 32;

/// The value at x.
pub fn evaluate(device: &Device, coefficients: &Vector, x: Fr) -> Fr {
    let len = coefficients.0.len();
    if len == 0 {
        return Fr::zero();
    }
    let partials = Partials::new(device, len.div_ceil(ROWS), 1);
    let step = x.pow([u64::from(partials.threads())]);
    let (shape, to) = (partials.shape(), partials.address());
    launch!(device, Vectors, "evaluate", shape, to, coefficients.0.all(), limbs(&x), limbs(&step), count(len));
    partials.finish(device)[0]
}

/// Quotient and remainder of the division by `X^power - a`: of lengths `max(len - power, 0)` and `min(len, power)`.
pub fn divide(device: &Device, coefficients: &Vector, power: usize, a: Fr) -> (Vector, Vector) {
    assert!(power > 0, "division by a constant");
    let len = coefficients.0.len();
    if len <= power {
        return (Vector::uninitialised(device, 0), Vector(coefficients.0.copy(device, 0, len)));
    }
    let quotient = Vector(coefficients.0.copy(device, power, len - power));
    solve(device, &quotient, power, a);
    let mut remainder = Vector(coefficients.0.copy(device, 0, power));
    let known = quotient.0.len().min(power);
    let head = Vector(quotient.0.copy(device, 0, known));
    vectors::add_scaled(device, &mut remainder, 0, &head, a);
    (quotient, remainder)
}

/// `q[i] += a q[i + width]` from the top: a recurrence for each of `width` columns.
///
/// A column is cut into segments of rows. What a segment hands to the one below is the segment's own total plus
/// `a^rows` times what came from above, the same recurrence over fewer rows.
fn solve(device: &Device, values: &Vector, width: usize, a: Fr) {
    let len = values.0.len();
    let rows = len.div_ceil(width);
    if rows <= ROWS {
        return segments(device, values, None, width, rows, a);
    }
    let above = rows.div_ceil(ROWS);
    let totals = Vector::uninitialised(device, above * width);
    let count_of = count(above * width);
    launch!(
        device,
        Vectors,
        "divide_totals",
        elements(device, above * width),
        totals.0.all(),
        values.0.all(),
        limbs(&a),
        count(width),
        ROWS as u32,
        count(len),
        count_of
    );
    solve(device, &totals, width, a.pow([ROWS as u64]));
    segments(device, values, Some(&totals), width, ROWS, a);
}

fn segments(device: &Device, values: &Vector, totals: Option<&Vector>, width: usize, rows: usize, a: Fr) {
    let len = values.0.len();
    let threads = len.div_ceil(rows * width) * width;
    let (from, known): (Address, usize) = totals.map_or((0, 0), |totals| (totals.0.all(), totals.0.len()));
    launch!(
        device,
        Vectors,
        "divide_segments",
        elements(device, threads),
        values.0.all(),
        from,
        limbs(&a),
        count(width),
        count(rows),
        count(len),
        count(threads),
        count(known)
    );
}
