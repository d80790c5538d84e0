//! Round polynomials of sumchecks over products of multilinear extensions.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};
use rayon::prelude::*;

use super::{
    Ints,
    ints::{Int, with_values},
    vectors::CHUNK,
    wide::{FieldSum, IntSum, extrapolate},
};

/// Pairs of integers handled together.
const INT_BLOCK: usize = 256;

/// The values at X = 0, 2, ..., d of `sum_x prod_j f_j(X, x)` for d factors.
pub fn product_round(factors: &[&[Fr]]) -> Vec<Fr> {
    match *factors {
        [a] => round([a]).to_vec(),
        [a, b] => round_of_two(a, b).to_vec(),
        [a, b, c] => round([a, b, c]).to_vec(),
        [a, b, c, d] => round([a, b, c, d]).to_vec(),
        _ => panic!("a round of {} factors", factors.len()),
    }
}

fn round<const D: usize>(factors: [&[Fr]; D]) -> [Fr; D] {
    let len = factors[0].len();
    assert!(len.is_multiple_of(2), "a round over {len} values");
    assert!(factors.iter().all(|factor| factor.len() == len), "factors of different lengths");
    let half = len / 2;
    let chunks = half.div_ceil(CHUNK);
    (0..chunks)
        .into_par_iter()
        .map(|chunk| {
            let start = chunk * CHUNK;
            let end = half.min(start + CHUNK);
            round_chunk(factors.map(|factor| (&factor[start..end], &factor[half + start..half + end])))
        })
        .reduce(|| [FieldSum::default(); D], merge)
        .map(|sum| sum.finish())
}

fn round_of_two(a: &[Fr], b: &[Fr]) -> [Fr; 2] {
    assert_eq!(a.len(), b.len(), "factors of different lengths");
    assert!(a.len().is_multiple_of(2), "a round over {} values", a.len());
    let half = a.len() / 2;
    let (a_low, a_high) = a.split_at(half);
    let (b_low, b_high) = b.split_at(half);
    a_low
        .par_chunks(CHUNK)
        .zip(a_high.par_chunks(CHUNK))
        .zip(b_low.par_chunks(CHUNK).zip(b_high.par_chunks(CHUNK)))
        .map(|((a_low, a_high), (b_low, b_high))| {
            let mut sums = [FieldSum::default(); 2];
            for ((a_low, a_high), (b_low, b_high)) in a_low.iter().zip(a_high).zip(b_low.iter().zip(b_high)) {
                sums[0].add(a_low, b_low);
                sums[1].add_limbs(&extrapolate(a_low, a_high), &extrapolate(b_low, b_high));
            }
            sums
        })
        .reduce(|| [FieldSum::default(); 2], merge)
        .map(|sum| sum.finish())
}

fn merge<const D: usize>(mut a: [FieldSum; D], b: [FieldSum; D]) -> [FieldSum; D] {
    for (a, b) in a.iter_mut().zip(&b) {
        a.merge(b);
    }
    a
}

fn round_chunk<const D: usize>(pairs: [(&[Fr], &[Fr]); D]) -> [FieldSum; D] {
    let mut sums = [FieldSum::default(); D];
    for i in 0..pairs[0].0.len() {
        // The factors at X, moving from X = 0 to 2 and then up in unit steps.
        let mut at = pairs.map(|(low, _)| low[i]);
        let mut step = [Fr::zero(); D];
        for j in 0..D {
            step[j] = pairs[j].1[i] - at[j];
        }
        for (x, sum) in sums.iter_mut().enumerate() {
            if x == 1 {
                for j in 0..D {
                    at[j] += step[j];
                }
            }
            if x >= 1 {
                for j in 0..D {
                    at[j] += step[j];
                }
            }
            if D == 1 {
                sum.add_one(&at[0]);
                continue;
            }
            let mut product = at[0];
            for factor in &at[1..D - 1] {
                product *= factor;
            }
            sum.add(&product, &at[D - 1]);
        }
    }
    sums
}

/// The values at X = 0 and 2 of `sum_x ints(X, x) factor(X, x)`.
pub fn product_round_ints(ints: &Ints, factor: &[Fr]) -> Vec<Fr> {
    with_values!(ints, values => round_ints(values, factor)).to_vec()
}

/// The sums that determine a round, of biased integers.
#[derive(Clone, Copy, Default)]
struct IntRound {
    low_low: IntSum,
    high_high: IntSum,
    crossed: IntSum,
    factor_low: IntSum,
    factor_high: IntSum,
}

fn round_ints<T: Int>(values: &[T], factor: &[Fr]) -> [Fr; 2] {
    assert_eq!(values.len(), factor.len());
    assert!(values.len().is_multiple_of(2), "a round over {} values", values.len());
    let half = values.len() / 2;
    let (low, high) = values.split_at(half);
    let (factor_low, factor_high) = factor.split_at(half);
    let round = low
        .par_chunks(CHUNK)
        .zip(high.par_chunks(CHUNK))
        .zip(factor_low.par_chunks(CHUNK).zip(factor_high.par_chunks(CHUNK)))
        .map(|((low, high), (factor_low, factor_high))| {
            let mut round = IntRound::default();
            // One sum at a time keeps it in registers; a block stays in the first-level cache.
            let ints = low.chunks(INT_BLOCK).zip(high.chunks(INT_BLOCK));
            for ((low, high), (factor_low, factor_high)) in ints.zip(factor_low.chunks(INT_BLOCK).zip(factor_high.chunks(INT_BLOCK))) {
                add_products(&mut round.low_low, low, factor_low);
                add_products(&mut round.high_high, high, factor_high);
                add_products(&mut round.crossed, low, factor_high);
                add_products(&mut round.crossed, high, factor_low);
                if T::BIAS != 0 {
                    factor_low.iter().for_each(|value| round.factor_low.add_value(value));
                    factor_high.iter().for_each(|value| round.factor_high.add_value(value));
                }
            }
            round
        })
        .reduce(IntRound::default, |mut a, b| {
            a.low_low.merge(&b.low_low);
            a.high_high.merge(&b.high_high);
            a.crossed.merge(&b.crossed);
            a.factor_low.merge(&b.factor_low);
            a.factor_high.merge(&b.factor_high);
            a
        });
    let bias = Fr::from(T::BIAS);
    let (bias_low, bias_high) = (bias * round.factor_low.finish(), bias * round.factor_high.finish());
    let low_low = round.low_low.finish() - bias_low;
    let high_high = round.high_high.finish() - bias_high;
    let crossed = round.crossed.finish() - bias_low - bias_high;
    // (2 h - l)(2 H - L) = 4 h H - 2 (h L + l H) + l L.
    [low_low, (high_high.double() - crossed).double() + low_low]
}

fn add_products<T: Int>(sum: &mut IntSum, values: &[T], factor: &[Fr]) {
    let mut total = *sum;
    for (x, value) in values.iter().zip(factor) {
        x.accumulate(&mut total, value);
    }
    *sum = total;
}
