//! A pass over field elements.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, array, ops::Range};

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

use super::{Pass, TASK};
use crate::ifma::{
    field::{
        Lanes, Modulus, accumulate, add, avx512, canonical, carry_columns, gather, load, load_tailed, narrow, normalise, reduce_columns,
        splat, store, store_within, subtract_once, word, zero,
    },
    fresh::zeros,
};

/// Products a lane sums before it reduces: `256 p / 84.6 + 1.127 p < 5 p`.
const PRODUCTS: usize = 256;

/// Products between two carries: each adds ten values below 2^52 to a column.
const CARRY_EVERY: usize = 128;
const _: () = assert!((10 * CARRY_EVERY as u128 + 1) << 52 < 1 << 63);

/// Outputs of a block.
const WIDTH: usize = 64;

/// Rows a block goes through before it turns to its next vector.
const TILE: usize = 8;
const _: () = assert!(PRODUCTS.is_multiple_of(TILE) && CARRY_EVERY.is_multiple_of(TILE));

/// `out[o, i] = sum_k weights[k] values[o, k, i]`.
pub fn contract(values: &[Fr], weights: &[Fr], pass: Pass) -> Vec<Fr> {
    // What a product of Montgomery forms lacks.
    let scale = Fr::from(16);
    if pass.outputs > weights.len() {
        let weights: Vec<Fr> = weights.iter().map(|weight| scale * weight).collect();
        contract_scaled(values, &weights, pass)
    } else {
        let mut out = contract_scaled(values, weights, pass);
        out.iter_mut().for_each(|out| *out *= scale);
        out
    }
}

fn contract_scaled(values: &[Fr], weights: &[Fr], pass: Pass) -> Vec<Fr> {
    pass.split(|range| {
        let mut out = zeros(pass.outputs);
        // SAFETY: an `Ifma` asks for it.
        unsafe {
            if pass.along_terms() {
                along_terms(&mut out, values, &weights[range.clone()], range, pass);
            } else {
                along_outputs(&mut out, values, &weights[range.clone()], range, pass);
            }
        }
        out
    })
}

avx512! {
    /// Lanes take outputs; a block of them reads a tensor's rows by whole cache lines.
    fn along_outputs(out: &mut [Fr], values: &[Fr], weights: &[Fr], range: Range<usize>, pass: Pass) {
        let weights: Vec<[u64; 5]> = weights.iter().map(|weight| narrow(weight.limbs())).collect();
        let min_blocks = TASK / (WIDTH * range.len().max(1)) + 1;
        out.par_chunks_mut(WIDTH).enumerate().with_min_len(min_blocks).for_each(|(block, out)| {
            let origins = pass.origins::<WIDTH>(block * WIDTH);
            let origins = origins.as_chunks::<8>().0;
            if weights.len() <= TILE {
                for (out, origins) in out.chunks_mut(8).zip(origins) {
                    let mut columns = [word(0); 10];
                    add_tile(&mut columns, values, origins, &weights, range.start, pass.inner);
                    store_within(canonical(reduce_columns([columns])[0]), out);
                }
                return;
            }
            let vectors = out.len().div_ceil(8);
            let mut totals = [zero(); WIDTH / 8];
            for (segment, weights) in weights.chunks(PRODUCTS).enumerate() {
                let mut sums = [[word(0); 10]; WIDTH / 8];
                for (tile, weights) in weights.chunks(TILE).enumerate() {
                    let start = range.start + segment * PRODUCTS + tile * TILE;
                    for (columns, origins) in sums.iter_mut().zip(origins).take(vectors) {
                        if tile > 0 && (tile * TILE).is_multiple_of(CARRY_EVERY) {
                            carry_columns(columns);
                        }
                        add_tile(columns, values, origins, weights, start, pass.inner);
                    }
                }
                for (total, columns) in totals.iter_mut().zip(sums).take(vectors) {
                    let sum = canonical(reduce_columns([columns])[0]);
                    *total = if segment == 0 { sum } else { subtract_once(normalise(add(*total, sum))) };
                }
            }
            for (out, total) in out.chunks_mut(8).zip(totals) {
                store_within(total, out);
            }
        });
    }

    /// Adds the terms from `start` on of eight outputs.
    #[inline]
    fn add_tile(columns: &mut [__m512i; 10], values: &[Fr], origins: &[usize; 8], weights: &[[u64; 5]], start: usize, inner: usize) {
        let mut total = *columns;
        let together = (1..8).all(|i| origins[i] == origins[0] + i);
        for (k, weight) in weights.iter().enumerate() {
            let values = eight(values, origins, (start + k) * inner, together);
            accumulate(&mut total, &values, &splat(*weight));
        }
        *columns = total;
    }

    /// Lanes take terms.
    fn along_terms(out: &mut [Fr], values: &[Fr], weights: &[Fr], range: Range<usize>, pass: Pass) {
        let weights: Vec<Lanes<Fr>> = (0..weights.len()).step_by(8).map(|k| load_tailed(weights, k, &Fr::zero())).collect();
        let min_outputs = TASK / range.len() + 1;
        let last = range.len() - 1;
        out.par_iter_mut().enumerate().with_min_len(min_outputs).for_each(|(output, out)| {
            let origin = pass.origin(output) + range.start * pass.inner;
            for (segment, weights) in weights.chunks(PRODUCTS).enumerate() {
                let mut columns = [word(0); 10];
                for (k, weight) in weights.iter().enumerate() {
                    if k == CARRY_EVERY {
                        carry_columns(&mut columns);
                    }
                    let k = 8 * (segment * PRODUCTS + k);
                    // Lanes behind the end have a weight of 0.
                    let places = array::from_fn(|i| last.min(k + i) * pass.inner);
                    let values = eight(values, &places, origin, pass.inner == 1 && k + 7 <= last);
                    accumulate(&mut columns, &values, weight);
                }
                let mut sums = [Fr::zero(); 8];
                store(canonical(reduce_columns([columns])[0]), &mut sums);
                *out += sums.iter().sum::<Fr>();
            }
        });
    }

    /// The elements at eight places, which may be known to be neighbours.
    #[inline]
    fn eight(values: &[Fr], places: &[usize; 8], offset: usize, together: bool) -> Lanes<Fr> {
        if together {
            return load(values[places[0] + offset..].first_chunk().expect("eight elements"));
        }
        let places = places.map(|place| std::ptr::from_ref(&values[place + offset]).cast());
        // SAFETY: these are elements.
        unsafe { gather(places) }
    }
}
