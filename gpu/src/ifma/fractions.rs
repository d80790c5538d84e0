//! Fractional sums (LogUp-GKR): a tree of fractions p/q, and the sumcheck that walks down one layer.
//!
//! Arrays have a virtual length 2^log_len; a tree's entries beyond the physical length are the fraction 0/1.

#![allow(unsafe_code)]

use std::ops::Range;

use ark_bn254::Fr;
use rayon::prelude::*;

use super::{
    field::{
        Lanes, accumulate, avx512, difference, load, load_sixteenfold, load_tailed, load_two, pairs, pairs_mut, products, reduce_columns,
        store_two, subtract_once, word,
    },
    halves::{PIECE, PIECES_A_TASK, Piece, bind, pieces},
    sums::{Products, add_product, no_products, total_of_products},
    vectors,
};
use crate::portable::{FieldSum, fractions, parallel};

/// One layer up: `p' = p_low q_high + p_high q_low`, `q' = q_low q_high`.
pub fn layer(p: &[Fr], q: &[Fr], log_len: usize) -> (Vec<Fr>, Vec<Fr>) {
    // SAFETY: as everywhere in this file: an `Ifma` exists, so the processor has the instructions.
    fractions::layer_by(p, q, log_len, |p_low, q_low, p_high, q_high| unsafe { add_fractions(p_low, q_low, p_high, q_high) })
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
    let sums = parallel::sum(end, part, merged);
    finish(sums, tails, &eq[end..])
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
    let sums = tasks.into_par_iter().with_min_len(PIECES_A_TASK).map(part).reduce(Default::default, merged);
    layer.into_iter().for_each(|array| array.truncate(2 * quarter));
    finish(sums, tails, &eq[end..])
}

/// Where in a half of the round all arrays, of `most` values at most, are at their tails, rounded up to blocks of eight.
fn physical_end(arrays: [&[Fr]; 4], most: usize, half: usize, eq: &[Fr]) -> usize {
    assert_eq!(eq.len(), half);
    let physical = arrays.iter().map(|array| array.len()).max().unwrap_or(0);
    assert!(physical <= most, "{physical} fractions in a layer of {most}");
    physical.next_multiple_of(8).min(half)
}

/// A round from its sums, whose scale is 2^-4 of the field's, and from the part of eq where every array is at its tail.
fn finish(sums: [FieldSum; 2], tails: [Fr; 4], rest: &[Fr]) -> [Fr; 2] {
    let [constant, square] = sums.map(|sum| sum.finish() * Fr::from(16u64));
    // There the summand is constant in X.
    [constant + fractions::summand(tails) * vectors::sum(rest), square]
}

fn merged(a: [FieldSum; 2], b: [FieldSum; 2]) -> [FieldSum; 2] {
    [a[0].merged(b[0]), a[1].merged(b[1])]
}

avx512! {
    /// `p_low = p_low q_high + p_high q_low`, `q_low = q_low q_high`.
    fn add_fractions(p_low: &mut [Fr], q_low: &mut [Fr], p_high: &[Fr], q_high: &[Fr]) {
        let (p_pairs, p_rest) = pairs_mut(p_low);
        let (q_pairs, q_rest) = pairs_mut(q_low);
        let (p_others, p_others_rest) = pairs(p_high);
        let (q_others, q_others_rest) = pairs(q_high);
        for ((p, q), (p_other, q_other)) in p_pairs.iter_mut().zip(q_pairs).zip(p_others.iter().zip(q_others)) {
            let (q_low, q_high) = (load_two(q), q_other.each_ref().map(|q| load_sixteenfold(q)));
            let (p_low, p_high) = (load_two(p), p_other.each_ref().map(|p| load_sixteenfold(p)));
            // Below (2 * 16/84.6 + 1.127) p.
            let sums = sums_of_two(
                [[&p_low[0], &q_high[0]], [&p_low[1], &q_high[1]]],
                [[&p_high[0], &q_low[0]], [&p_high[1], &q_low[1]]],
            );
            store_two(sums.map(|sum| subtract_once(sum)), p);
            let products = products([&q_low[0], &q_low[1]], [&q_high[0], &q_high[1]]);
            store_two(products.map(|product| subtract_once(product)), q);
        }
        fractions::add_fractions(p_rest, q_rest, p_others_rest, q_others_rest);
    }

    /// `M(a, b) + M(c, d)` for two pairs `[a, b]` and two pairs `[c, d]`, each sum reduced once.
    fn sums_of_two(first: [[&Lanes<Fr>; 2]; 2], second: [[&Lanes<Fr>; 2]; 2]) -> [Lanes<Fr>; 2] {
        let mut columns = [[word(0); 10]; 2];
        for k in 0..2 {
            accumulate(&mut columns[k], first[k][0], first[k][1]);
            accumulate(&mut columns[k], second[k][0], second[k][1]);
        }
        reduce_columns(columns)
    }

    /// The sums over some x: `low` and `high` are the arrays' values at (0, x) and (1, x) from the first of them on.
    fn round_range(low: [&[Fr]; 4], high: [&[Fr]; 4], tails: &[Fr; 4], eq: &[Fr]) -> [FieldSum; 2] {
        let mut sums = [no_products(), no_products()];
        for (block, eq) in eq.as_chunks().0.iter().enumerate() {
            let at = |values: [&[Fr]; 4], j: usize| load_tailed(values[j], 8 * block, &tails[j]);
            let low = [at(low, 0), at(low, 1), at(low, 2), at(low, 3)];
            let high = [at(high, 0), at(high, 1), at(high, 2), at(high, 3)];
            add_terms(&mut sums, &load(eq), &low, &high);
        }
        sums.map(|sum| total_of_products(sum))
    }

    fn fold_round_range(pieces: [Piece<'_>; 4], tails: &[Fr; 4], eq: &[Fr], r: &Fr) -> [FieldSum; 2] {
        let [p0, p1, q0, q1] = pieces;
        let bound = [bind(p0, &tails[0], r), bind(p1, &tails[1], r), bind(q0, &tails[2], r), bind(q1, &tails[3], r)];
        round_range(bound.map(|halves| halves[0]), bound.map(|halves| halves[1]), tails, eq)
    }

    /// Adds eight terms of t(0) and of the coefficient of X^2, of which one power of two is left out.
    #[inline]
    fn add_terms(sums: &mut [Products; 2], eq: &Lanes<Fr>, low: &[Lanes<Fr>; 4], high: &[Lanes<Fr>; 4]) {
        let mut steps = *low;
        for j in 0..4 {
            steps[j] = difference(high[j], low[j]);
        }
        let terms = sums_of_two([[&low[0], &low[3]], [&steps[0], &steps[3]]], [[&low[1], &low[2]], [&steps[1], &steps[2]]]);
        add_product(&mut sums[0], eq, &terms[0]);
        add_product(&mut sums[1], eq, &terms[1]);
    }
}
