//! One layer up the tree.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use rayon::prelude::*;

use super::{
    super::{
        field::{
            Lanes, accumulate, add, avx512, load_sixteenfold, load_two, normalise, pairs, pairs_mut, products, reduce_columns, shift,
            store_two, subtract_once, word,
        },
        fresh::fresh,
        halves::{PIECE, PIECES_A_TASK},
    },
    copied, piece,
};
use crate::portable::{fractions, parallel};

/// One layer up: `p' = p_low q_high + p_high q_low`, `q' = q_low q_high`.
pub fn layer(p: &[Fr], q: &[Fr], log_len: usize) -> (Vec<Fr>, Vec<Fr>) {
    let half = 1 << (log_len - 1);
    let (len, kept) = (q.len(), q.len().min(half));
    assert!(p.len() == len && len <= 2 * half, "{} and {len} fractions in a layer of {}", p.len(), 2 * half);
    let mut upper = [fresh(kept), fresh(kept)];
    let places = upper.each_mut().map(|vector| &mut vector.spare_capacity_mut()[..kept]);
    parallel::cut(places, PIECE).into_par_iter().enumerate().with_min_len(PIECES_A_TASK).for_each(|(k, places)| {
        // Fractions with no partner move up unchanged.
        let [p_low, q_low] = [p, q].map(|values| piece(values, k * PIECE));
        let [p_high, q_high] = [p, q].map(|values| piece(values, half + k * PIECE));
        let [p_place, q_place] = places;
        let (p_low, q_low) = (copied(p_low, p_place), copied(q_low, q_place));
        let pairs = p_high.len().min(p_low.len());
        // SAFETY: as everywhere in this file: an `Ifma` exists, so the processor has the instructions.
        unsafe { add_fractions(&mut p_low[..pairs], &mut q_low[..pairs], &p_high[..pairs], &q_high[..pairs]) };
    });
    // SAFETY: the pieces are all of both, and each was written.
    upper.iter_mut().for_each(|vector| unsafe { vector.set_len(kept) });
    let [p, q] = upper;
    (p, q)
}

/// [`layer`] of fractions with numerators 1.
pub fn unit_layer(q: &[Fr]) -> (Vec<Fr>, Vec<Fr>) {
    // SAFETY: above.
    fractions::unit_layer_by(q, |p, q, q_high| unsafe { add_unit_fractions(p, q, q_high) })
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

    /// `p = q + q_high`, `q = q q_high`, of p = q.
    fn add_unit_fractions(p: &mut [Fr], q: &mut [Fr], q_high: &[Fr]) {
        let (p_pairs, p_rest) = pairs_mut(p);
        let (q_pairs, q_rest) = pairs_mut(q);
        let (high_pairs, high_rest) = pairs(q_high);
        for ((p, q), high) in p_pairs.iter_mut().zip(q_pairs).zip(high_pairs) {
            let (low, high) = (load_two(q), load_two(high));
            let scaled = high.map(|high| normalise(shift::<Fr, 4>(high)));
            store_two(products([&low[0], &low[1]], [&scaled[0], &scaled[1]]).map(|product| subtract_once(product)), q);
            store_two([subtract_once(normalise(add(low[0], high[0]))), subtract_once(normalise(add(low[1], high[1])))], p);
        }
        fractions::add_unit_fractions(p_rest, q_rest, high_rest);
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
}
