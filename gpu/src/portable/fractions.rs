//! Fractional sums (LogUp-GKR): a tree of fractions p/q, and the sumcheck that walks down one layer.
//!
//! Arrays have a virtual length 2^log_len; entries beyond the physical length are the fraction 0/1.

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{One, Zero};
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
    p_low.par_chunks_mut(CHUNK).zip(q_low.par_chunks_mut(CHUNK)).zip(p_high.par_chunks(CHUNK).zip(q_high.par_chunks(CHUNK))).for_each(
        |((p_low, q_low), (p_high, q_high))| {
            for ((p_low, q_low), (p_high, q_high)) in p_low.iter_mut().zip(q_low).zip(p_high.iter().zip(q_high)) {
                *p_low = two_products(p_low, q_high, p_high, q_low);
                *q_low *= q_high;
            }
        },
    );
    upper
}

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (p0 q1 + p1 q0 + lambda q0 q1)(X, x)`, for `[p0, p1, q0, q1]`.
pub fn round(arrays: [&[Fr]; 4], log_len: usize, eq: &[Fr], lambda: Fr) -> [Fr; 2] {
    let half = 1 << (log_len - 1);
    assert_eq!(eq.len(), half);
    let physical = arrays.iter().map(|array| array.len()).max().unwrap_or(0);
    assert!(physical <= 2 * half, "{physical} fractions in a layer of {}", 2 * half);
    let end = physical.min(half);

    let part = |range: Range<usize>| round_range(arrays, range, half, eq, lambda);
    let [constant, square] = parallel::sum(end, part, |a, b| [a[0].merged(b[0]), a[1].merged(b[1])]).map(|sum| sum.finish());

    // Where every array is at its tail, the summand is eq[x] lambda, constant in X.
    let rest = &eq[end..];
    let tail = parallel::sum(rest.len(), |range| rest[range].iter().sum::<Fr>(), |a, b| a + b);
    [constant + lambda * tail, square]
}

fn round_range(arrays: [&[Fr]; 4], range: Range<usize>, half: usize, eq: &[Fr], lambda: Fr) -> [FieldSum; 2] {
    let tails = [Fr::zero(), Fr::zero(), Fr::one(), Fr::one()];
    let mut sums = [FieldSum::default(); 2];
    for x in range {
        let mut low = tails;
        let mut step = tails;
        for j in 0..4 {
            low[j] = arrays[j].get(x).copied().unwrap_or(tails[j]);
            step[j] = arrays[j].get(x + half).copied().unwrap_or(tails[j]) - low[j];
        }
        sums[0].add(&eq[x], &summand(low, lambda));
        sums[1].add(&eq[x], &summand(step, lambda));
    }
    sums
}

/// `p0 q1 + p1 q0 + lambda q0 q1`.
#[inline(always)]
fn summand([p0, p1, q0, q1]: [Fr; 4], lambda: Fr) -> Fr {
    two_products(&p0, &q1, &(p1 + lambda * q1), &q0)
}

/// Binds variable 0 to r in an array of virtual length 2^log_len whose tail is `tail`.
pub fn fold_tailed(values: &mut Vec<Fr>, log_len: usize, tail: Fr, r: Fr) {
    let half = 1 << (log_len - 1);
    let len = values.len();
    assert!(len <= 2 * half, "{len} values in a vector of {}", 2 * half);
    let pairs = len.saturating_sub(half);
    let (low, high) = values.split_at_mut(len.min(half));
    let (paired, single) = low.split_at_mut(pairs);
    parallel::update(paired, high, |low, high| vectors::fold_pairs(low, high, r));
    single.par_chunks_mut(CHUNK).for_each(|low| {
        for low in low {
            *low += r * (tail - *low);
        }
    });
    values.truncate(half);
}
