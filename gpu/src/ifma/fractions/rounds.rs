//! The rounds of one layer's sumcheck.

#![allow(unsafe_code)]

use std::ops::Range;

use ark_bn254::Fr;
use rayon::prelude::*;

use super::super::{
    field::{Lanes, accumulate, avx512, difference, load, load_tailed, products, reduce_columns, word, zero},
    halves::{PIECE, PIECES_A_TASK, Piece, bind, pieces},
    sums::{add_product, no_products, total_of_products},
    vectors,
};
use crate::portable::{FieldSum, fractions, parallel};

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (a b)(X, x)`.
pub fn eq_product_round(a: &[Fr], b: &[Fr], eq: &[Fr]) -> [Fr; 2] {
    let half = eq.len();
    assert!(a.len() == 2 * half && b.len() == 2 * half, "{} and {} values for {half} weights", a.len(), b.len());
    if half < 8 {
        return fractions::eq_product_round(a, b, eq);
    }
    let part = |range: Range<usize>| {
        let from = |start: usize| [&a[start..][..range.len()], &b[start..][..range.len()]];
        // SAFETY: as everywhere in this file: an `Ifma` exists, so the processor has the instructions.
        unsafe { eq_product_range(from(range.start), from(half + range.start), &eq[range.clone()]) }
    };
    parallel::sum(half, part, merged).map(|sum| sum.finish() * Fr::from(16u64))
}

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (p0 q1 + p1 q0)(X, x)`, for `[p0, p1, q0, q1]`.
pub fn round(arrays: [&[Fr]; 4], tails: [Fr; 4], log_len: usize, eq: &[Fr]) -> [Fr; 2] {
    let half = 1 << (log_len - 1);
    let end = physical_end(arrays, 2 * half, half, eq);
    if half < 8 {
        return fractions::round(arrays, tails, log_len, eq);
    }
    let part = |range: Range<usize>| {
        let from = |start: usize| arrays.map(|array| array.get(start..).unwrap_or_default());
        // SAFETY: above.
        unsafe { round_range(from(range.start), from(half + range.start), &tails, &eq[range]) }
    };
    parallel::sum(end, part, Sums::merged).finish(tails, &eq[end..])
}

/// Binds variable 0 of the arrays to r and removes it from `eq`; then [`round`].
pub fn fold_round(mut layer: [&mut Vec<Fr>; 4], tails: [Fr; 4], log_len: usize, eq: &mut Vec<Fr>, r: Fr) -> [Fr; 2] {
    let quarter = 1 << (log_len - 2);
    vectors::sum_halves(eq);
    if quarter < 8 {
        for (array, tail) in layer.iter_mut().zip(tails) {
            vectors::fold_tailed(array, log_len, tail, r);
        }
        return fractions::round(layer.each_ref().map(|array| array.as_slice()), tails, log_len - 1, eq);
    }
    let end = physical_end(layer.each_ref().map(|array| array.as_slice()), 4 * quarter, quarter, eq);
    let mut tasks = Vec::from_iter(eq[..end].chunks(PIECE).map(|eq| (eq, <[Piece<'_>; 4]>::default())));
    for (j, array) in layer.iter_mut().enumerate() {
        for ((_, arrays), piece) in tasks.iter_mut().zip(pieces(array, quarter, end)) {
            arrays[j] = piece;
        }
    }
    // SAFETY: above.
    let part = |(eq, pieces)| unsafe { fold_round_range(pieces, &tails, eq, &r) };
    let sums = tasks.into_par_iter().with_min_len(PIECES_A_TASK).map(part).reduce(Sums::default, Sums::merged);
    layer.into_iter().for_each(|array| array.truncate(2 * quarter));
    sums.finish(tails, &eq[end..])
}

/// Where in a half of the round all arrays, of `most` values at most, are at their tails, rounded up to blocks of eight.
fn physical_end(arrays: [&[Fr]; 4], most: usize, half: usize, eq: &[Fr]) -> usize {
    assert_eq!(eq.len(), half);
    let physical = arrays.iter().map(|array| array.len()).max().unwrap_or(0);
    assert!(physical <= most, "{physical} fractions in a layer of {most}");
    physical.next_multiple_of(8).min(half)
}

/// What a round is made of.
#[derive(Default)]
pub struct Sums {
    /// Terms of t(0) and of the coefficient of X^2, in 2^-4 of the field's scale.
    round: [FieldSum; 2],
    /// `sum_x eq[x] p0(0, x)` and `sum_x eq[x] q0(0, x)` over those x where p1 and q1 are at their tails. There the summand
    /// is of degree 1 in X.
    linear: [FieldSum; 2],
}

impl Sums {
    pub fn merged(self, other: Self) -> Self {
        Sums { round: merged(self.round, other.round), linear: merged(self.linear, other.linear) }
    }

    /// The round, with that part of eq where every array is at its tail: there the summand is constant in X.
    pub fn finish(self, tails: [Fr; 4], rest: &[Fr]) -> [Fr; 2] {
        let [constant, square] = self.round.map(|sum| sum.finish() * Fr::from(16u64));
        let [p0, q0] = self.linear.map(|sum| sum.finish());
        [constant + p0 * tails[3] + q0 * tails[1] + fractions::summand(tails) * vectors::sum(rest), square]
    }
}

fn merged(a: [FieldSum; 2], b: [FieldSum; 2]) -> [FieldSum; 2] {
    [a[0].merged(b[0]), a[1].merged(b[1])]
}

avx512! {
    /// The sums over some x, their number a multiple of eight; `low` and `high` are a's and b's values at (0, x) and (1, x).
    fn eq_product_range(low: [&[Fr]; 2], high: [&[Fr]; 2], eq: &[Fr]) -> [FieldSum; 2] {
        let (low, high) = (low.map(|values| values.as_chunks::<8>().0), high.map(|values| values.as_chunks::<8>().0));
        let mut sums = [no_products(), no_products()];
        for (block, eq) in eq.as_chunks().0.iter().enumerate() {
            let low = [load(&low[0][block]), load(&low[1][block])];
            let steps = [difference(load(&high[0][block]), low[0]), difference(load(&high[1][block]), low[1])];
            let [constant, square] = products([&low[0], &steps[0]], [&low[1], &steps[1]]);
            let eq = load(eq);
            add_product(&mut sums[0], &eq, &constant);
            add_product(&mut sums[1], &eq, &square);
        }
        sums.map(|sum| total_of_products(sum))
    }

    /// The sums over some x: `low` and `high` are the arrays' values at (0, x) and (1, x) from the first of them on.
    pub fn round_range(low: [&[Fr]; 4], high: [&[Fr]; 4], tails: &[Fr; 4], eq: &[Fr]) -> Sums {
        let ended = low[1].len().max(low[3].len()).next_multiple_of(8).min(eq.len());
        let (eq, rest) = eq.split_at(ended);
        let [p0, _, q0, _] = low.map(|values| values.get(ended..).unwrap_or_default());
        Sums {
            round: full_range(low, high, tails, eq),
            linear: [weighted(rest, p0, &tails[0]), weighted(rest, q0, &tails[2])],
        }
    }

    /// `sum_i weights[i] values[i]`, where `values` go on as `tail`; the number of weights is a multiple of eight.
    fn weighted(weights: &[Fr], values: &[Fr], tail: &Fr) -> FieldSum {
        if weights.is_empty() {
            return FieldSum::default();
        }
        let mut sum = no_products();
        for (block, weights) in weights.as_chunks().0.iter().enumerate() {
            add_product(&mut sum, &load(weights), &load_tailed(values, 8 * block, tail));
        }
        total_of_products(sum)
    }

    /// The terms of [`Sums::round`] over some x. The operands of eight x are loaded between the products of the eight before.
    fn full_range(low: [&[Fr]; 4], high: [&[Fr]; 4], tails: &[Fr; 4], eq: &[Fr]) -> [FieldSum; 2] {
        let blocks = eq.as_chunks().0;
        let Some(last) = blocks.len().checked_sub(1) else { return Default::default() };
        let mut sums = [no_products(), no_products()];
        let mut operands = [[[zero(); 2]; 4]; 2];
        for j in 0..4 {
            operands[0][j] = ends(low[j], high[j], 0, &tails[j]);
        }
        for (block, eq) in blocks.iter().enumerate() {
            let [even, odd] = &mut operands;
            let ([p0, p1, q0, q1], next) = if block % 2 == 0 { (even, odd) } else { (odd, even) };
            let mut columns = [[word(0); 10]; 2];
            for (j, [a, b]) in [[&*p0, &*q1], [&*p1, &*q0]].into_iter().enumerate() {
                for k in 0..2 {
                    accumulate(&mut columns[k], &a[k], &b[k]);
                    if block < last {
                        let j = 2 * j + k;
                        next[j] = ends(low[j], high[j], 8 * (block + 1), &tails[j]);
                    }
                }
            }
            let terms = reduce_columns(columns);
            let eq = load(eq);
            add_product(&mut sums[0], &eq, &terms[0]);
            add_product(&mut sums[1], &eq, &terms[1]);
        }
        sums.map(|sum| total_of_products(sum))
    }

    /// Eight values of an array at X = 0, and the steps from there to X = 1.
    #[inline]
    fn ends(low: &[Fr], high: &[Fr], at: usize, tail: &Fr) -> [Lanes<Fr>; 2] {
        let start = load_tailed(low, at, tail);
        [start, difference(load_tailed(high, at, tail), start)]
    }

    fn fold_round_range(pieces: [Piece<'_>; 4], tails: &[Fr; 4], eq: &[Fr], r: &Fr) -> Sums {
        let [p0, p1, q0, q1] = pieces;
        let bound = [bind(p0, &tails[0], r), bind(p1, &tails[1], r), bind(q0, &tails[2], r), bind(q1, &tails[3], r)];
        round_range(bound.map(|halves| halves[0]), bound.map(|halves| halves[1]), tails, eq)
    }
}
