//! Fractional sums (LogUp-GKR): a tree of fractions p/q, and the sumcheck that walks down one layer.
//!
//! Arrays have a virtual length 2^log_len; entries beyond the physical length are the fraction 0/1.

use std::ops::Range;

use ark_bn254::Fr;
use rayon::prelude::*;

use super::{
    parallel::{self, CHUNK},
    vectors,
    wide::{FieldSum, two_products},
};

/// One layer up: `p' = p_low q_high + p_high q_low`, `q' = q_low q_high`.
pub fn layer(p: &[Fr], q: &[Fr], log_len: usize) -> (Vec<Fr>, Vec<Fr>) {
    let half = 1 << (log_len - 1);
    let len = q.len();
    assert_eq!(p.len(), len);
    assert!(len <= 2 * half, "{len} fractions in a layer of {}", 2 * half);
    // Fractions with no partner move up unchanged.
    let pairs = len.saturating_sub(half);
    let mut upper = (p[..len.min(half)].to_vec(), q[..len.min(half)].to_vec());
    let (p_low, q_low) = (&mut upper.0[..pairs], &mut upper.1[..pairs]);
    let (p_high, q_high) = (&p[len - pairs..], &q[len - pairs..]);
    let low = p_low.par_chunks_mut(CHUNK).zip(q_low.par_chunks_mut(CHUNK));
    let high = p_high.par_chunks(CHUNK).zip(q_high.par_chunks(CHUNK));
    low.zip(high).for_each(|((p_low, q_low), (p_high, q_high))| add_fractions(p_low, q_low, p_high, q_high));
    upper
}

/// [`layer`] of fractions with numerators 1.
pub fn unit_layer(q: &[Fr]) -> (Vec<Fr>, Vec<Fr>) {
    unit_layer_by(q, add_unit_fractions)
}

/// [`unit_layer`], where `add` is [`add_unit_fractions`] or the same for another machine.
pub fn unit_layer_by(q: &[Fr], add: impl Fn(&mut [Fr], &mut [Fr], &[Fr]) + Send + Sync) -> (Vec<Fr>, Vec<Fr>) {
    assert!(q.len().is_multiple_of(2), "halving {} fractions", q.len());
    let (low, high) = q.split_at(q.len() / 2);
    let (mut p, mut q) = (low.to_vec(), low.to_vec());
    let chunks = p.par_chunks_mut(CHUNK).zip(q.par_chunks_mut(CHUNK)).zip(high.par_chunks(CHUNK));
    chunks.for_each(|((p, q), high)| add(p, q, high));
    (p, q)
}

/// `p = q + q_high`, `q = q q_high` of p = q, on one core.
pub fn add_unit_fractions(p: &mut [Fr], q: &mut [Fr], q_high: &[Fr]) {
    for ((p, q), high) in p.iter_mut().zip(q).zip(q_high) {
        *p += high;
        *q *= high;
    }
}

/// `p_low = p_low q_high + p_high q_low`, `q_low = q_low q_high`, on one core.
pub fn add_fractions(p_low: &mut [Fr], q_low: &mut [Fr], p_high: &[Fr], q_high: &[Fr]) {
    for ((p_low, q_low), (p_high, q_high)) in p_low.iter_mut().zip(q_low).zip(p_high.iter().zip(q_high)) {
        *p_low = two_products(p_low, q_high, p_high, q_low);
        *q_low *= q_high;
    }
}

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (p0 q1 + p1 q0)(X, x)`, for `[p0, p1, q0, q1]`.
pub fn round(arrays: [&[Fr]; 4], tails: [Fr; 4], log_len: usize, eq: &[Fr]) -> [Fr; 2] {
    let half = 1 << (log_len - 1);
    assert_eq!(eq.len(), half);
    let physical = arrays.iter().map(|array| array.len()).max().unwrap_or(0);
    assert!(physical <= 2 * half, "{physical} fractions in a layer of {}", 2 * half);
    let end = physical.min(half);

    let part = |range: Range<usize>| round_range(arrays, tails, range, half, eq);
    let [constant, square] = parallel::sum(end, part, |a, b| [a[0].merged(b[0]), a[1].merged(b[1])]).map(|sum| sum.finish());

    // Where every array is at its tail, the summand is constant in X.
    let rest = &eq[end..];
    let tail = parallel::sum(rest.len(), |range| rest[range].iter().sum::<Fr>(), |a, b| a + b);
    [constant + summand(tails) * tail, square]
}

fn round_range(arrays: [&[Fr]; 4], tails: [Fr; 4], range: Range<usize>, half: usize, eq: &[Fr]) -> [FieldSum; 2] {
    let mut sums = [FieldSum::default(); 2];
    for x in range {
        let mut low = tails;
        let mut step = tails;
        for j in 0..4 {
            low[j] = arrays[j].get(x).copied().unwrap_or(tails[j]);
            step[j] = arrays[j].get(x + half).copied().unwrap_or(tails[j]) - low[j];
        }
        sums[0].add(&eq[x], &summand(low));
        sums[1].add(&eq[x], &summand(step));
    }
    sums
}

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (a b)(X, x)`.
pub fn eq_product_round(a: &[Fr], b: &[Fr], eq: &[Fr]) -> [Fr; 2] {
    let half = eq.len();
    assert!(a.len() == 2 * half && b.len() == 2 * half, "{} and {} values for {half} weights", a.len(), b.len());
    let part = |range: Range<usize>| {
        let mut sums = [FieldSum::default(); 2];
        for x in range {
            sums[0].add(&eq[x], &(a[x] * b[x]));
            sums[1].add(&eq[x], &((a[x + half] - a[x]) * (b[x + half] - b[x])));
        }
        sums
    };
    parallel::sum(half, part, |a, b| [a[0].merged(b[0]), a[1].merged(b[1])]).map(|sum| sum.finish())
}

/// `p0 q1 + p1 q0`.
#[inline(always)]
pub fn summand([p0, p1, q0, q1]: [Fr; 4]) -> Fr {
    two_products(&p0, &q1, &p1, &q0)
}

/// Binds variable 0 to r in an array of virtual length 2^log_len whose tail is `tail`.
pub fn fold_tailed(values: &mut Vec<Fr>, log_len: usize, tail: Fr, r: Fr) {
    fold_tailed_by(values, log_len, |low, high| vectors::fold_pairs(low, high, r), |low| vectors::fold_single(low, tail, r));
}

/// [`fold_tailed`], where `pairs` and `single` are [`vectors::fold_pairs`] and [`vectors::fold_single`] or the same for
/// another machine.
pub fn fold_tailed_by(
    values: &mut Vec<Fr>,
    log_len: usize,
    pairs: impl Fn(&mut [Fr], &[Fr]) + Sync,
    single: impl Fn(&mut [Fr]) + Send + Sync,
) {
    let half = 1 << (log_len - 1);
    let len = values.len();
    assert!(len <= 2 * half, "{len} values in a vector of {}", 2 * half);
    let (low, high) = values.split_at_mut(len.min(half));
    let (paired, unpaired) = low.split_at_mut(high.len());
    parallel::update(paired, high, pairs);
    unpaired.par_chunks_mut(CHUNK).for_each(single);
    values.truncate(half);
}
