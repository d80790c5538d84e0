//! Round polynomials of sumchecks over products of multilinear extensions.

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

use super::{
    Ints,
    ints::{Int, with_values},
    parallel,
    wide::{FieldSum, IntSum, extrapolate},
};

/// Pairs of integers handled together.
const INT_BLOCK: usize = 256;

/// The values at X = 0, 2, ..., d of `sum_x prod_j f_j(X, x)` for d factors of virtual length 2^log_len with tails of zeros.
pub fn product_round(factors: &[&[Fr]], log_len: usize) -> Vec<Fr> {
    let half = 1 << (log_len - 1);
    let len = factors[0].len();
    assert!(factors.iter().all(|factor| factor.len() == len), "factors of different lengths");
    assert!(len <= 2 * half, "{len} values in a vector of {}", 2 * half);
    let paired = len.saturating_sub(half);
    let mut values = match *factors {
        [a] => round([a], paired, half).to_vec(),
        [a, b] => round_of_two(a, b, paired, half).to_vec(),
        [a, b, c] => round([a, b, c], paired, half).to_vec(),
        [a, b, c, d] => round([a, b, c, d], paired, half).to_vec(),
        _ => panic!("a round of {} factors", factors.len()),
    };
    // Where the upper half is zero, a factor at X is (1 - X) times its lower half.
    let single = sum_of_products(&factors.iter().map(|factor| &factor[paired..len.min(half)]).collect::<Vec<_>>());
    for (index, value) in values.iter_mut().enumerate() {
        // X = 0, and index + 1 behind it.
        let opposite = if index == 0 { Fr::ONE } else { -Fr::from(index as u64) };
        *value += opposite.pow([factors.len() as u64]) * single;
    }
    values
}

/// `sum_i prod_j f_j[i]`.
fn sum_of_products(factors: &[&[Fr]]) -> Fr {
    let (last, others) = factors.split_last().expect("a factor at least");
    let part = |range: Range<usize>| {
        let mut sum = FieldSum::default();
        for i in range {
            match others {
                [] => sum.add_one(&last[i]),
                [first, rest @ ..] => sum.add(&rest.iter().fold(first[i], |product, factor| product * factor[i]), &last[i]),
            }
        }
        sum
    };
    parallel::sum(last.len(), part, FieldSum::merged).finish()
}

fn round<const D: usize>(factors: [&[Fr]; D], paired: usize, half: usize) -> [Fr; D] {
    let part =
        |range: Range<usize>| round_range(factors.map(|factor| (&factor[range.clone()], &factor[half.min(factor.len())..][range.clone()])));
    parallel::sum(paired, part, merge).0.map(|sum| sum.finish())
}

fn round_of_two(a: &[Fr], b: &[Fr], paired: usize, half: usize) -> [Fr; 2] {
    let (a_low, a_high) = a.split_at(half.min(a.len()));
    let (b_low, b_high) = b.split_at(half.min(b.len()));
    let part = |range: Range<usize>| {
        let mut sums = [FieldSum::default(); 2];
        let a = a_low[range.clone()].iter().zip(&a_high[range.clone()]);
        let b = b_low[range.clone()].iter().zip(&b_high[range]);
        for ((a_low, a_high), (b_low, b_high)) in a.zip(b) {
            sums[0].add(a_low, b_low);
            sums[1].add_limbs(&extrapolate(a_low, a_high), &extrapolate(b_low, b_high));
        }
        Sums(sums)
    };
    parallel::sum(paired, part, merge).0.map(|sum| sum.finish())
}

/// One sum for each point at which a round polynomial is evaluated.
struct Sums<const D: usize>([FieldSum; D]);

impl<const D: usize> Default for Sums<D> {
    fn default() -> Self {
        Self([FieldSum::default(); D])
    }
}

fn merge<const D: usize>(mut a: Sums<D>, b: Sums<D>) -> Sums<D> {
    for (a, b) in a.0.iter_mut().zip(&b.0) {
        a.merge(b);
    }
    a
}

fn round_range<const D: usize>(pairs: [(&[Fr], &[Fr]); D]) -> Sums<D> {
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
    Sums(sums)
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
    let part = |range: Range<usize>| {
        let mut round = IntRound::default();
        // One sum at a time keeps it in registers; a block stays in the first-level cache.
        for start in range.clone().step_by(INT_BLOCK) {
            let block = start..range.end.min(start + INT_BLOCK);
            let (low, high) = (&low[block.clone()], &high[block.clone()]);
            let (factor_low, factor_high) = (&factor_low[block.clone()], &factor_high[block]);
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
    };
    let round = parallel::sum(half, part, |mut a, b: IntRound| {
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
