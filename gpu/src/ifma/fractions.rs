//! Fractional sums (LogUp-GKR): a tree of fractions p/q, and the sumcheck that walks down one layer.
//!
//! Arrays have a virtual length 2^log_len; a tree's entries beyond the physical length are the fraction 0/1.

#![allow(unsafe_code)]

use std::ops::Range;

use ark_bn254::Fr;
use rayon::prelude::*;

use super::{
    field::{
        Lanes, accumulate, avx512, difference, factor, load, load_sixteenfold, load_tailed, product, reduce_columns, store, subtract_once,
        word,
    },
    halves::{PIECE, Piece, bind, pieces},
    sums::{Products, add_product, no_products, total_of_products},
    vectors,
};
use crate::portable::{CHUNK, FieldSum, fractions, parallel};

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
    low.zip(high).for_each(|((p_low, q_low), (p_high, q_high))| {
        // SAFETY: as everywhere in this file: an `Ifma` exists, so the processor has the instructions.
        unsafe { add_fractions(p_low, q_low, p_high, q_high) }
    });
    upper
}

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (p0 q1 + p1 q0)(X, x)`, for `[p0, p1, q0, q1]`.
pub fn round(arrays: [&[Fr]; 4], tails: [Fr; 4], log_len: usize, eq: &[Fr]) -> [Fr; 2] {
    let half = 1 << (log_len - 1);
    let end = physical_end(arrays, half, eq);
    if half < 8 {
        return fractions::round(arrays, tails, log_len, eq);
    }
    // SAFETY: above.
    let sums = parallel::sum(end, |range| unsafe { round_range(arrays, &tails, range, eq) }, merged);
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
    let end = physical_end(layer.each_ref().map(|array| array.as_slice()), quarter, eq);
    let mut tasks = Vec::from_iter(eq[..end].chunks(PIECE).map(|eq| (eq, <[Piece<'_>; 4]>::default())));
    for (j, array) in layer.iter_mut().enumerate() {
        for ((_, arrays), piece) in tasks.iter_mut().zip(pieces(array, quarter, end)) {
            arrays[j] = piece;
        }
    }
    // SAFETY: above.
    let part = |(eq, pieces)| unsafe { fold_round_range(pieces, &tails, eq, &r) };
    let sums = tasks.into_par_iter().map(part).reduce(Default::default, merged);
    layer.into_iter().for_each(|array| array.truncate(2 * quarter));
    finish(sums, tails, &eq[end..])
}

/// Where in a half all arrays are at their tails, rounded up to blocks of eight.
fn physical_end(arrays: [&[Fr]; 4], half: usize, eq: &[Fr]) -> usize {
    assert_eq!(eq.len(), half);
    let physical = arrays.iter().map(|array| array.len()).max().unwrap_or(0);
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
        let (p_blocks, p_rest) = p_low.as_chunks_mut();
        let (q_blocks, q_rest) = q_low.as_chunks_mut();
        let (p_others, p_others_rest) = p_high.as_chunks();
        let (q_others, q_others_rest) = q_high.as_chunks();
        for ((p, q), (p_other, q_other)) in p_blocks.iter_mut().zip(q_blocks).zip(p_others.iter().zip(q_others)) {
            let (q_low, q_high) = (load(q), load_sixteenfold(q_other));
            // Below (2 * 16/84.6 + 1.127) p.
            let sum = sum_of_two(&load(p), &q_high, &load_sixteenfold(p_other), &q_low);
            store(subtract_once(sum), p);
            store(subtract_once(product(&q_low, &q_high)), q);
        }
        fractions::add_fractions(p_rest, q_rest, p_others_rest, q_others_rest);
    }

    /// `M(a, b) + M(c, d)`, reduced once.
    #[inline]
    fn sum_of_two(a: &Lanes<Fr>, b: &Lanes<Fr>, c: &Lanes<Fr>, d: &Lanes<Fr>) -> Lanes<Fr> {
        let mut columns = [word(0); 10];
        accumulate(&mut columns, a, b);
        accumulate(&mut columns, c, d);
        reduce_columns([columns])[0]
    }

    fn round_range(arrays: [&[Fr]; 4], tails: &[Fr; 4], range: Range<usize>, eq: &[Fr]) -> [FieldSum; 2] {
        let half = eq.len();
        let mut sums = [no_products(), no_products()];
        for x in range.step_by(8) {
            let at = |x: usize, j: usize| load_tailed(arrays[j], x, &tails[j]);
            let low = [at(x, 0), at(x, 1), at(x, 2), at(x, 3)];
            let high = [at(x + half, 0), at(x + half, 1), at(x + half, 2), at(x + half, 3)];
            add_terms(&mut sums, &load_tailed(eq, x, &tails[0]), &low, &high);
        }
        sums.map(|sum| total_of_products(sum))
    }

    fn fold_round_range(mut pieces: [Piece<'_>; 4], tails: &[Fr; 4], eq: &[Fr], r: &Fr) -> [FieldSum; 2] {
        let r = factor(r);
        let mut sums = [no_products(), no_products()];
        for (block, eq) in eq.as_chunks().0.iter().enumerate() {
            let [p0, p1, q0, q1] = &mut pieces;
            let [low0, high0] = bind(p0, 8 * block, &tails[0], &r);
            let [low1, high1] = bind(p1, 8 * block, &tails[1], &r);
            let [low2, high2] = bind(q0, 8 * block, &tails[2], &r);
            let [low3, high3] = bind(q1, 8 * block, &tails[3], &r);
            add_terms(&mut sums, &load(eq), &[low0, low1, low2, low3], &[high0, high1, high2, high3]);
        }
        sums.map(|sum| total_of_products(sum))
    }

    /// Adds eight terms of t(0) and of the coefficient of X^2, of which one power of two is left out.
    #[inline]
    fn add_terms(sums: &mut [Products; 2], eq: &Lanes<Fr>, low: &[Lanes<Fr>; 4], high: &[Lanes<Fr>; 4]) {
        let [p0, p1, q0, q1] = low;
        add_product(&mut sums[0], eq, &sum_of_two(p0, q1, p1, q0));
        let mut steps = *low;
        for j in 0..4 {
            steps[j] = difference(high[j], low[j]);
        }
        let [p0, p1, q0, q1] = &steps;
        add_product(&mut sums[1], eq, &sum_of_two(p0, q1, p1, q0));
    }
}
