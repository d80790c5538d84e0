//! Division by `X^power - a`: `v[i] = f[i] + a v[i + power]` is the remainder below `power`, the quotient from there on.
//!
//! Residue classes modulo `power` are independent, and lanes take eight neighbours. For a power of 1 there is one class:
//! it is cut into segments whose values at a tell what each starts from, and lanes take eight segments.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, array, mem::MaybeUninit};

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use rayon::prelude::*;

use super::evaluate::{Powers, value};
use crate::{
    ifma::{
        field::{Fixed, add, avx512, canonical_sum, fixed_all, gather, load, load_tailed, scaled, scatter, wrapped, write_within, zero},
        fresh::fresh,
    },
    portable,
};

/// Segments a task handles: two vectors.
const SEGMENTS: usize = 16;

/// Elements between the one in work and the one asked for from memory.
const AHEAD: usize = 16;

/// Coefficients of a segment at most.
const SEGMENT: usize = 1 << 11;

/// Coefficients below which plain arithmetic is as fast.
const SHORTEST: usize = 1 << 9;

/// Columns a task handles.
const COLUMNS: usize = 64;

/// Some columns of a row: what they become, and the dividend's.
type Row<'a> = (&'a mut [MaybeUninit<Fr>], &'a [Fr]);

/// Quotient and remainder of the division by `X^power - a`: of lengths `max(len - power, 0)` and `min(len, power)`.
pub fn divide(coefficients: &[Fr], power: usize, a: Fr) -> (Vec<Fr>, Vec<Fr>) {
    let len = coefficients.len();
    if len <= power.max(SHORTEST) || (2..8).contains(&power) {
        return portable::univariate::divide(coefficients, power, a);
    }
    assert!(power > 0, "division by a constant");
    let mut quotient = fresh(len - power);
    let out = &mut quotient.spare_capacity_mut()[..len - power];
    let remainder = if power == 1 {
        // SAFETY: an `Ifma` asks for it.
        unsafe { divide_by_linear(&coefficients[1..], a, out) };
        // SAFETY: all are written.
        vec![coefficients[0] + a * unsafe { out[0].assume_init_ref() }]
    } else {
        let mut remainder = Vec::with_capacity(power);
        // SAFETY: an `Ifma` asks for it.
        unsafe { divide_columns(coefficients, a, &mut remainder.spare_capacity_mut()[..power], out) };
        // SAFETY: all are written.
        unsafe { remainder.set_len(power) };
        remainder
    };
    // SAFETY: all are written.
    unsafe { quotient.set_len(len - power) };
    (quotient, remainder)
}

avx512! {
    /// `out[i] = f[i] + a out[i + 1]`, all of it.
    fn divide_by_linear(f: &[Fr], a: Fr, out: &mut [MaybeUninit<Fr>]) {
        let tasks = f.len().div_ceil(SEGMENTS * SEGMENT);
        // Starts of segments are 64 bytes apart modulo 128, so that they fall into different sets of the cache.
        let segment = f.len() / (SEGMENTS * tasks) / 4 * 4 - 2;
        let bulk = tasks * SEGMENTS * segment;
        let mut above = Fr::zero();
        for i in (bulk..f.len()).rev() {
            above = f[i] + a * above;
            out[i].write(above);
        }
        let powers = Powers::new(a);
        let mut starts: Vec<Fr> = f[..bulk]
            .par_chunks(segment)
            .map(|segment| value(segment, &powers))
            .collect();
        // Values of segments become what lies above each.
        let step = a.pow([segment as u64]);
        for start in starts.iter_mut().rev() {
            (above, *start) = (*start + step * above, above);
        }
        let a = fixed_all(&a);
        let tasks = out[..bulk].par_chunks_mut(SEGMENTS * segment).zip(f[..bulk].par_chunks(SEGMENTS * segment));
        tasks.zip(starts.par_chunks(SEGMENTS)).for_each(|((out, f), starts)| {
            fill_segments(out, f, starts, segment, &a);
        });
    }

    /// Sixteen segments at once, given what lies above each.
    fn fill_segments(out: &mut [MaybeUninit<Fr>], f: &[Fr], starts: &[Fr], segment: usize, a: &Fixed<Fr>) {
        assert!(out.len() == SEGMENTS * segment && f.len() == out.len() && starts.len() == SEGMENTS);
        let starts = starts.as_chunks().0;
        let mut above = [load(&starts[0]), load(&starts[1])];
        let (from, to) = (f.as_ptr(), out.as_mut_ptr());
        for i in (0..segment).rev() {
            let products = scaled([&above[0], &above[1]], [a, a]);
            for start in (0..SEGMENTS).map(|s| s * segment + i) {
                // Sixteen streams are more than the processor foresees.
                _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(start).wrapping_sub(AHEAD).cast());
                _mm_prefetch::<_MM_HINT_ET0>(to.cast_const().wrapping_add(start).wrapping_sub(AHEAD).cast());
            }
            for k in 0..2 {
                // SAFETY: index i of each of the sixteen segments lies in f, as asserted.
                let f = unsafe { gather(array::from_fn(|lane| from.add((8 * k + lane) * segment + i).cast())) };
                // Below 2.1 p.
                above[k] = wrapped(add(products[k], f));
                // SAFETY: as above, and canonical limbs make elements.
                unsafe { scatter(canonical_sum(above[k]), array::from_fn(|lane| to.add((8 * k + lane) * segment + i).cast())) };
            }
        }
    }

    /// `v[i] = f[i] + a v[i + power]`: the lowest `power` of v and those above.
    fn divide_columns(f: &[Fr], a: Fr, lowest: &mut [MaybeUninit<Fr>], others: &mut [MaybeUninit<Fr>]) {
        let power = lowest.len();
        let mut columns: Vec<Vec<Row<'_>>> = Vec::new();
        columns.resize_with(power.div_ceil(COLUMNS), Vec::new);
        let rows = std::iter::once(lowest).chain(others.chunks_mut(power)).zip(f.chunks(power));
        for (out, f) in rows {
            let blocks = out.chunks_mut(COLUMNS).zip(f.chunks(COLUMNS));
            for (column, block) in columns.iter_mut().zip(blocks) {
                column.push(block);
            }
        }
        let a = fixed_all(&a);
        columns.into_par_iter().for_each(|rows| {
            fill_columns(rows, &a);
        });
    }

    /// The rows of neighbouring columns, from the top down.
    fn fill_columns(rows: Vec<Row<'_>>, a: &Fixed<Fr>) {
        let mut above = [zero::<Fr>(); COLUMNS / 8];
        for (out, f) in rows.into_iter().rev() {
            for ((out, f), above) in out.chunks_mut(16).zip(f.chunks(16)).zip(above.as_chunks_mut::<2>().0) {
                let products = scaled([&above[0], &above[1]], [a, a]);
                for ((out, f), (above, product)) in out.chunks_mut(8).zip(f.chunks(8)).zip(above.iter_mut().zip(products)) {
                    // Below 2.1 p.
                    *above = wrapped(add(product, load_tailed(f, 0, &Fr::zero())));
                    write_within(canonical_sum(*above), out);
                }
            }
        }
    }
}
