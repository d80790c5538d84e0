//! Element-wise kernels on field vectors, the eq table, folding and inner products.
//!
//! What is left over after blocks of eight is done by the portable kernels.

#![allow(unsafe_code)]

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

use super::{
    field::{
        Lanes, add, avx512, broadcast, canonical_sum, difference, factor, load, load_two, normalise, pairs, pairs_mut, products,
        products_and, store, store_two, subtract_once, zero,
    },
    fresh::zeros,
    sums::{add_element, add_product, no_elements, no_products, total_of_elements, total_of_products},
};
use crate::portable::{FieldSum, fractions, parallel, vectors};

/// Variables of the inner table, whose multiples make up a large eq table.
const EQ_INNER: usize = 9;

/// `scale * eq(point, x)` for all x; point[0] binds the most significant bit of the index.
pub fn eq_table(point: &[Fr], scale: Fr) -> Vec<Fr> {
    if point.len() <= EQ_INNER {
        let mut table = vec![Fr::zero(); 1 << point.len()];
        table[0] = scale;
        // From the last variable up: each new variable is the most significant so far.
        for (bound, r) in point.iter().rev().enumerate() {
            let (low, high) = table[..2 << bound].split_at_mut(1 << bound);
            // SAFETY: as everywhere in this file: an `Ifma` exists, so the processor has the instructions.
            unsafe { double(low, high, r) };
        }
        return table;
    }
    let (outer, inner) = point.split_at(point.len() - EQ_INNER);
    let (outer, inner) = (eq_table(outer, scale), eq_table(inner, Fr::one()));
    let mut table = zeros(outer.len() << EQ_INNER);
    table.par_chunks_mut(1 << EQ_INNER).zip(&outer).with_min_len(8).for_each(|(row, scale)| {
        // SAFETY: above.
        unsafe { multiples(row, &inner, scale) }
    });
    table
}

/// `target[i] += scale * values[i]`.
pub fn add_scaled(target: &mut [Fr], values: &[Fr], scale: Fr) {
    assert_eq!(target.len(), values.len());
    parallel::update(target, values, |target, values| {
        // SAFETY: above.
        unsafe { if scale.is_one() { add_each(target, values) } else { add_multiples(target, values, &scale) } }
    });
}

/// Binds variable 0 to r in a vector of virtual length 2^log_len whose tail is `tail`.
pub fn fold_tailed(values: &mut Vec<Fr>, log_len: usize, tail: Fr, r: Fr) {
    fractions::fold_tailed_by(
        values,
        log_len,
        // SAFETY: above.
        |low, high| unsafe { fold_pairs(low, high, &r) },
        // SAFETY: above.
        |low| unsafe { fold_single(low, &tail, &r) },
    );
}

/// Binds variable 0 to r, in place.
pub fn fold(values: &mut Vec<Fr>, r: Fr) {
    // SAFETY: above.
    parallel::halve(values, |low, high| unsafe { fold_pairs(low, high, &r) });
}

/// `low[i] += high[i]`, dropping the high half.
pub fn sum_halves(values: &mut Vec<Fr>) {
    // SAFETY: above.
    parallel::halve(values, |low, high| unsafe { add_each(low, high) });
}

/// `sum_i a[i] b[i]`.
pub fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    assert_eq!(a.len(), b.len());
    // SAFETY: above.
    let part = |range: Range<usize>| unsafe { dot_range(&a[range.clone()], &b[range]) };
    parallel::sum(a.len(), part, FieldSum::merged).finish()
}

/// `sum_i a[i]`.
pub fn sum(a: &[Fr]) -> Fr {
    // SAFETY: above.
    parallel::sum(a.len(), |range| unsafe { elements(&a[range]) }, FieldSum::merged).finish()
}

avx512! {
    /// `high[i] = r low[i]`, `low[i] -= high[i]`.
    fn double(low: &mut [Fr], high: &mut [Fr], r: &Fr) {
        let scale = factor(r);
        let (low, low_rest) = pairs_mut(low);
        let (high, high_rest) = pairs_mut(high);
        for (low, high) in low.iter_mut().zip(high) {
            let all = load_two(low);
            let parts = products([&all[0], &all[1]], [&scale, &scale]).map(|part| subtract_once(part));
            store_two(parts, high);
            store(canonical_sum(difference(all[0], parts[0])), &mut low[0]);
            store(canonical_sum(difference(all[1], parts[1])), &mut low[1]);
        }
        for (low, high) in low_rest.iter_mut().zip(high_rest) {
            *high = *low * r;
            *low -= *high;
        }
    }

    /// `row[i] = scale values[i]`, of a multiple of sixteen.
    fn multiples(row: &mut [Fr], values: &[Fr], scale: &Fr) {
        let scale = factor(scale);
        for (entry, value) in pairs_mut(row).0.iter_mut().zip(pairs(values).0) {
            let [x, y] = load_two(value);
            store_two(products([&x, &y], [&scale, &scale]).map(|product| subtract_once(product)), entry);
        }
    }

    /// `target[i] += values[i]`.
    fn add_each(target: &mut [Fr], values: &[Fr]) {
        let (target, target_rest) = target.as_chunks_mut();
        let (values, values_rest) = values.as_chunks();
        for (target, value) in target.iter_mut().zip(values) {
            store(subtract_once(normalise(add(load(target), load(value)))), target);
        }
        vectors::add_each(target_rest, values_rest);
    }

    /// `target[i] += scale values[i]`.
    fn add_multiples(target: &mut [Fr], values: &[Fr], scale: &Fr) {
        let lanes = factor(scale);
        let (target, target_rest) = pairs_mut(target);
        let (values, values_rest) = pairs(values);
        for (target, value) in target.iter_mut().zip(values) {
            let [x, y] = load_two(value);
            let [x, y] = products([&x, &y], [&lanes, &lanes]);
            // Below (1/84.6 + 1.127 + 1) p.
            store(canonical_sum(add(load(&target[0]), x)), &mut target[0]);
            store(canonical_sum(add(load(&target[1]), y)), &mut target[1]);
        }
        vectors::add_multiples(target_rest, values_rest, scale);
    }

    /// `low[i] += r (high[i] - low[i])`, where `high` ends first and goes on as `tail`.
    pub fn fold_halves(low: &mut [Fr], high: &[Fr], tail: &Fr, r: &Fr) {
        let (paired, single) = low.split_at_mut(high.len());
        fold_pairs(paired, high, r);
        fold_single(single, tail, r);
    }

    /// `low[i] += r (high[i] - low[i])`.
    fn fold_pairs(low: &mut [Fr], high: &[Fr], r: &Fr) {
        let (low, low_rest) = pairs_mut(low);
        let (high, high_rest) = pairs(high);
        fold_blocks(low, r, |block, k| load(&high[block][k]));
        vectors::fold_pairs(low_rest, high_rest, *r);
    }

    /// `low[i] += r (tail - low[i])`.
    fn fold_single(low: &mut [Fr], tail: &Fr, r: &Fr) {
        let (low, low_rest) = pairs_mut(low);
        let tails = broadcast(tail);
        fold_blocks(low, r, |_, _| tails);
        vectors::fold_single(low_rest, *tail, *r);
    }

    /// `low += r (high - low)`. Between the rows of a product, the operands of the next are loaded, and what became of the
    /// last one is stored.
    #[inline]
    fn fold_blocks(low: &mut [[[Fr; 8]; 2]], r: &Fr, high: impl Fn(usize, usize) -> Lanes<Fr>) {
        let Some(last) = low.len().checked_sub(1) else { return };
        let r = factor(r);
        let mut next = [zero(); 2];
        let mut rise = [zero(); 2];
        for k in 0..2 {
            next[k] = load(&low[0][k]);
            rise[k] = difference(high(0, k), next[k]);
        }
        // Below (2/84.6 + 1.127 + 1) p.
        let mut sums = [zero(); 2];
        for block in 0..=last {
            let start = next;
            let rises = rise;
            let products = products_and([&rises[0], &rises[1]], [&r, &r], |row| match row {
                0 | 1 if block < last => {
                    next[row] = load(&low[block + 1][row]);
                    rise[row] = difference(high(block + 1, row), next[row]);
                }
                2 | 3 if block > 0 => store(canonical_sum(sums[row - 2]), &mut low[block - 1][row - 2]),
                _ => (),
            });
            sums = [add(start[0], products[0]), add(start[1], products[1])];
        }
        store_two(sums.map(|sum| canonical_sum(sum)), &mut low[last]);
    }

    fn dot_range(a: &[Fr], b: &[Fr]) -> FieldSum {
        let mut sum = no_products();
        let (a, a_rest) = a.as_chunks();
        let (b, b_rest) = b.as_chunks();
        for (a, b) in a.iter().zip(b) {
            add_product(&mut sum, &load(a), &load(b));
        }
        let rest = vectors::products(a_rest, b_rest);
        if a.is_empty() { rest } else { rest.merged(total_of_products(sum)) }
    }

    fn elements(a: &[Fr]) -> FieldSum {
        let mut sum = no_elements();
        let (blocks, rest) = a.as_chunks();
        for block in blocks {
            add_element(&mut sum, &load(block));
        }
        let mut total = total_of_elements(sum);
        rest.iter().for_each(|value| total.add_one(value));
        total
    }
}
