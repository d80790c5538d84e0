//! A pass over integers.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, ops::Range};

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

use super::{
    Pass, TASK,
    columns::{Block, WIDTH},
    limbs::{Columns, SEGMENT, Weight, add_limb, cut, finished, gathered, num_limbs, start},
};
use crate::{
    ifma::{
        field::{Lanes, add, avx512, load, normalise, store, subtract_once, word, words, zero},
        fresh::zeros,
        ints::widen::{num_parts, parts},
    },
    portable::Int,
};

/// Rows of a tile: so many cache lines of a tensor's columns stay in the first-level cache.
const TILE: usize = 64;

/// `out[o, i] = sum_k weights[k] values[o, k, i]`.
pub fn contract<T: Int + Default>(values: &[T], weights: &[Fr], pass: Pass) -> Vec<Fr> {
    // A sum leaves its last round divided by 2^52.
    let scale = Fr::from(1u64 << 52);
    if pass.outputs > weights.len() {
        let weights: Vec<Fr> = weights.iter().map(|weight| scale * weight).collect();
        contract_scaled(values, &weights, pass)
    } else {
        let mut out = contract_scaled(values, weights, pass);
        out.iter_mut().for_each(|out| *out *= scale);
        out
    }
}

fn contract_scaled<T: Int + Default>(values: &[T], weights: &[Fr], pass: Pass) -> Vec<Fr> {
    let bias = if T::BIAS == 0 { Fr::zero() } else { -Fr::from(T::BIAS) * weights.iter().sum::<Fr>() };
    pass.split(|range| {
        let bias = start(&if range.start == 0 { bias } else { Fr::zero() });
        let weights: Vec<Weight> = weights[range.clone()].iter().map(cut::<T>).collect();
        let mut out = zeros(pass.outputs);
        // SAFETY: an `Ifma` asks for it.
        unsafe {
            if pass.along_terms() {
                along_terms(&mut out, values, &weights, range, pass, &bias);
            } else {
                along_outputs(&mut out, values, &weights, range, pass, &bias);
            }
        }
        out
    })
}

avx512! {
    /// Lanes take outputs.
    fn along_outputs<T: Int + Default>(
        out: &mut [Fr], values: &[T], weights: &[Weight], range: Range<usize>, pass: Pass, bias: &[u64; 5],
    ) {
        let min_blocks = TASK * 4 / (WIDTH * range.len().max(1)) + 1;
        out.par_chunks_mut(WIDTH).enumerate().with_min_len(min_blocks).for_each(|(block, out)| {
            let mut block = Block::new(values, pass, block * WIDTH, out.len());
            let mut bias = *bias;
            for start in (0..weights.len().max(1)).step_by(SEGMENT) {
                let mut sums = [[word(0); 8]; WIDTH / 8];
                let end = weights.len().min(start + SEGMENT);
                for tile in (start..end).step_by(TILE) {
                    let weights = &weights[tile..end.min(tile + TILE)];
                    let (rows, stride) = block.rows(range.start + tile, weights.len());
                    if T::BITS == 16 {
                        add_tile::<T, 2>(&mut sums, rows, stride, weights);
                    } else {
                        add_tile::<T, 4>(&mut sums, rows, stride, weights);
                    }
                }
                for (out, sums) in out.chunks_mut(8).zip(&sums) {
                    add_to(out, finished::<T>(sums, &bias), start == 0);
                }
                bias = [0; 5];
            }
        });
    }

    /// Adds weighted rows: M vectors at a time keep their sums in registers.
    fn add_tile<T: Int, const M: usize>(sums: &mut [Columns; WIDTH / 8], rows: &[T], stride: usize, weights: &[Weight]) {
        for (m, sums) in sums.as_chunks_mut::<M>().0.iter_mut().enumerate() {
            let mut total = *sums;
            for (k, weight) in weights.iter().enumerate() {
                let row = rows[k * stride + 8 * M * m..][..8 * M].as_chunks::<8>().0;
                for v in 0..M {
                    let x = parts(&row[v]);
                    for i in 0..num_parts::<T>() {
                        for j in 0..num_limbs::<T>() {
                            add_limb::<T>(&mut total[v], j, word(weight[i][j]), x[i]);
                        }
                    }
                }
            }
            *sums = total;
        }
    }

    /// Lanes take terms.
    fn along_terms<T: Int + Default>(
        out: &mut [Fr], values: &[T], weights: &[Weight], range: Range<usize>, pass: Pass, bias: &[u64; 5],
    ) {
        let weights: Vec<[Weight; 8]> = weights.chunks(8).map(transposed).collect();
        let min_eights = TASK * 4 / (8 * range.len()) + 1;
        out.par_chunks_mut(8).enumerate().with_min_len(min_eights).for_each(|(eight, out)| {
            let mut bias = *bias;
            let mut copies = vec![[T::default(); SEGMENT]; 8];
            for (segment, weights) in weights.chunks(SEGMENT / 8).enumerate() {
                let terms = range.start + segment * SEGMENT..range.end.min(range.start + (segment + 1) * SEGMENT);
                let mut rows = [&values[..0]; 8];
                for ((i, row), copy) in rows.iter_mut().enumerate().take(out.len()).zip(&mut copies) {
                    let origin = pass.origin(8 * eight + i);
                    if pass.inner == 1 && terms.len().is_multiple_of(8) {
                        *row = &values[origin + terms.start..origin + terms.end];
                        continue;
                    }
                    // Whatever is behind the end meets weights of 0.
                    for (copy, k) in copy.iter_mut().zip(terms.clone()) {
                        *copy = values[origin + k * pass.inner];
                    }
                    *row = &copy[..terms.len().next_multiple_of(8)];
                }
                // Rows behind the last output repeat the first.
                for i in out.len()..8 {
                    rows[i] = rows[0];
                }
                let rows = rows.map(|row| row.as_chunks().0);
                let mut sums = [[word(0); 8]; 8];
                if T::BITS == 16 {
                    add_rows::<T, 2>(&mut sums, &rows, weights);
                } else {
                    add_rows::<T, 4>(&mut sums, &rows, weights);
                }
                add_to(out, finished::<T>(&gathered::<T>(&sums), &bias), segment == 0);
                bias = [0; 5];
            }
        });
    }

    /// Adds weighted rows: M of them at a time keep their sums in registers.
    fn add_rows<T: Int, const M: usize>(sums: &mut [Columns; 8], rows: &[&[[T; 8]]; 8], weights: &[[Weight; 8]]) {
        for (sums, rows) in sums.as_chunks_mut::<M>().0.iter_mut().zip(rows.as_chunks::<M>().0) {
            let mut total = *sums;
            let rows = rows.map(|row| &row[..weights.len()]);
            for (k, limbs) in weights.iter().enumerate() {
                let limbs: &[[u64; 8]; 16] = limbs.as_flattened().as_chunks().0.first().expect("sixteen rows");
                let x: [[__m512i; 2]; M] = std::array::from_fn(|m| parts(&rows[m][k]));
                for i in 0..num_parts::<T>() {
                    for j in 0..num_limbs::<T>() {
                        let limb = words(&limbs[8 * i + j]);
                        for m in 0..M {
                            add_limb::<T>(&mut total[m], j, limb, x[m][i]);
                        }
                    }
                }
            }
            *sums = total;
        }
    }

    /// `out += sums`, or the first of them.
    #[inline]
    fn add_to(out: &mut [Fr], sums: Lanes<Fr>, first: bool) {
        if let (true, Ok(eight)) = (first, <&mut [Fr; 8]>::try_from(&mut *out)) {
            return store(sums, eight);
        }
        let mut eight = [Fr::zero(); 8];
        eight[..out.len()].copy_from_slice(out);
        let before = if first { zero() } else { load(&eight) };
        store(subtract_once(normalise(add(sums, before))), &mut eight);
        out.copy_from_slice(&eight[..out.len()]);
    }
}

/// Up to eight weights, a limb's lanes together: limb j of part i is row `8 i + j` of sixteen.
fn transposed(weights: &[Weight]) -> [Weight; 8] {
    let mut rows = [[[0; 8]; 2]; 8];
    for (lane, weight) in weights.iter().enumerate() {
        for i in 0..2 {
            for j in 0..8 {
                rows.as_flattened_mut()[8 * i + j][lane] = weight[i][j];
            }
        }
    }
    rows
}
