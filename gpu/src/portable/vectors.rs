//! Element-wise kernels on field vectors, the eq table, folding and inner products.

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

use super::{parallel, wide::FieldSum};

/// Variables of the inner table, whose multiples make up a large eq table.
const EQ_INNER: usize = 10;

/// `scale * eq(point, x)` for all x; point[0] binds the most significant bit of the index.
pub fn eq_table(point: &[Fr], scale: Fr) -> Vec<Fr> {
    if point.len() <= EQ_INNER + 1 {
        return eq_table_by_doubling(point, scale);
    }
    let (outer, inner) = point.split_at(point.len() - EQ_INNER);
    let outer = eq_table(outer, scale);
    let inner = eq_table_by_doubling(inner, Fr::one());
    let mut table = vec![Fr::zero(); outer.len() << EQ_INNER];
    table.par_chunks_mut(1 << EQ_INNER).zip(&outer).for_each(|(row, scale)| {
        for (entry, value) in row.iter_mut().zip(&inner) {
            *entry = *value * scale;
        }
    });
    table
}

fn eq_table_by_doubling(point: &[Fr], scale: Fr) -> Vec<Fr> {
    let mut table = vec![Fr::zero(); 1 << point.len()];
    table[0] = scale;
    // From the last variable up: each new variable is the most significant so far.
    for (bound, r) in point.iter().rev().enumerate() {
        let (low, high) = table.split_at_mut(1 << bound);
        for (low, high) in low.iter_mut().zip(high) {
            *high = *low * r;
            *low -= *high;
        }
    }
    table
}

/// `target[i] += scale * values[i]`.
pub fn add_scaled(target: &mut [Fr], values: &[Fr], scale: Fr) {
    assert_eq!(target.len(), values.len());
    parallel::update(
        target,
        values,
        |target, values| if scale.is_one() { add_each(target, values) } else { add_multiples(target, values, &scale) },
    );
}

/// `target[i] += scale * values[i]`, on one core.
pub fn add_multiples(target: &mut [Fr], values: &[Fr], scale: &Fr) {
    for (target, value) in target.iter_mut().zip(values) {
        *target += *value * scale;
    }
}

/// `target[i] += values[i]`, on one core.
pub fn add_each(target: &mut [Fr], values: &[Fr]) {
    for (target, value) in target.iter_mut().zip(values) {
        *target += value;
    }
}

/// Binds variable 0 to r, in place.
pub fn fold(values: &mut Vec<Fr>, r: Fr) {
    parallel::halve(values, |low, high| fold_pairs(low, high, r));
}

/// `low[i] += r (high[i] - low[i])`, on one core.
pub fn fold_pairs(low: &mut [Fr], high: &[Fr], r: Fr) {
    for (low, high) in low.iter_mut().zip(high) {
        *low += r * (*high - *low);
    }
}

/// `low[i] += r (tail - low[i])`, on one core.
pub fn fold_single(low: &mut [Fr], tail: Fr, r: Fr) {
    for low in low {
        *low += r * (tail - *low);
    }
}

/// `low[i] += high[i]`, dropping the high half.
pub fn sum_halves(values: &mut Vec<Fr>) {
    parallel::halve(values, add_each);
}

/// `sum_i a[i] b[i]`.
pub fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    assert_eq!(a.len(), b.len());
    parallel::sum(a.len(), |range| products(&a[range.clone()], &b[range]), FieldSum::merged).finish()
}

/// `sum_i a[i] b[i]`, on one core.
pub fn products(a: &[Fr], b: &[Fr]) -> FieldSum {
    let mut sum = FieldSum::default();
    for (a, b) in a.iter().zip(b) {
        sum.add(a, b);
    }
    sum
}
