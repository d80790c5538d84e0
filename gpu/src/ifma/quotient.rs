//! The quotient `(A B - C) / (X^n - 1)` of polynomials given by their values, as [`crate::portable`] derives it, without
//! a bit reversal but the last.
//!
//! A forward transform of values leaves n times the coefficients, those of index `-rev k` at place k. Multiplied by
//! `roots[k] = g^rev k` with g = w_2n, those are the coefficients of `-A(X / g)`, save the constant's sign; the way up
//! gives the values at `1 / (g w^i)`, half the roots of `X^n = -1`, all of them for i below n. The product's way down
//! leaves `n g^-j` times coefficient `j = rev k` at place k.

#![allow(unsafe_code)]

use std::array;

use ark_bn254::Fr;
use ark_ff::FftField;
use rayon::prelude::*;

use super::{
    butterflies::End,
    field::{add, avx512, blend, canonical, fixed_all, gather, load, multiple_of_p, product, scaled, store, sub, wrapped},
    ntt::{SHORTEST, down, down_and_up},
    reversal::reverse_bits,
    roots::{Roots, roots},
};
use crate::portable::{self, ntt::inverse_of};

/// Elements a task handles.
const CHUNK: usize = 1 << 12;

/// The coefficients of the quotient, one fewer than there are values; `a b = c` must hold everywhere.
pub fn quotient(a: Vec<Fr>, b: Vec<Fr>, c: Vec<Fr>) -> Vec<Fr> {
    let len = a.len();
    if len < SHORTEST {
        return portable::quotient::quotient(a, b, c);
    }
    assert!(len.is_power_of_two() && len.ilog2() < Fr::TWO_ADICITY, "a quotient over {len} values");
    assert!(b.len() == len && c.len() == len);
    // SAFETY: an `Ifma` asks for it.
    unsafe { quotient_of_many(a, b, c) }
}

avx512! {
    fn quotient_of_many(mut a: Vec<Fr>, mut b: Vec<Fr>, mut c: Vec<Fr>) -> Vec<Fr> {
        let len = a.len();
        let roots = &roots(len);
        let shift = |values: &mut [Fr]| {
            down_and_up(values, roots, |values, start| {
                turn(values, start, roots);
            });
        };
        rayon::join(|| rayon::join(|| shift(&mut a), || shift(&mut b)), || down(&mut c, roots, End::Open));
        a.par_chunks_mut(CHUNK).zip(b.par_chunks(CHUNK)).for_each(|(a, b)| {
            for (a, b) in a.as_chunks_mut().0.iter_mut().zip(b.as_chunks().0) {
                // Below 1.46 p. It lacks the factor 2^4 of the Montgomery form.
                let product = product(&load(a), &load(b));
                store(product, a);
            }
        });
        drop(b);
        down(&mut a, roots, End::Open);
        subtract(&mut a, &c, roots);
        drop(c);
        reverse_bits(&mut a);
        a.truncate(len - 1);
        a
    }

    /// Multiplies by the roots from `start` on.
    fn turn(values: &mut [Fr], start: usize, roots: &Roots) {
        for (i, values) in values.as_chunks_mut().0.iter_mut().enumerate() {
            let mut turned = wrapped(scaled([&load(values)], [roots.eight(start / 8 + i)])[0]);
            if start + i == 0 {
                // The constant alone belongs to g^n = -1.
                let negated = wrapped(sub(multiple_of_p::<Fr, 2>(), turned));
                turned = blend(1, turned, negated);
            }
            store(turned, values);
        }
    }

    /// From the transforms to the quotient's coefficients, in bit-reversed order.
    fn subtract(a: &mut [Fr], c: &[Fr], roots: &Roots) {
        let len = a.len();
        // The transforms left n^3 in a, and n in c.
        let one = inverse_of(len);
        let for_a = fixed_all(&(Fr::from(16) * one * one * inverse_of(2 * len)));
        let for_c = fixed_all(&inverse_of(2 * len));
        a.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, a)| {
            for (i, a) in a.as_chunks_mut().0.iter_mut().enumerate() {
                let k = chunk * CHUNK + 8 * i;
                let c = if k == 0 {
                    load(&[c[0], c[1], c[3], c[2], c[7], c[6], c[5], c[4]])
                } else {
                    // The negated index has the digits below the leading one of k flipped, which lies above these three.
                    let eight = &c[3 * (1 << k.ilog2()) - 8 - k..][..8];
                    // SAFETY: all eight lie in the slice.
                    unsafe { gather(array::from_fn(|j| eight.as_ptr().add(7 - j).cast())) }
                };
                let turned = wrapped(scaled([&load(a)], [roots.eight(k / 8)])[0]);
                let [turned, c] = scaled([&turned, &c], [&for_a, &for_c]);
                let difference = add(sub(c, turned), multiple_of_p::<Fr, 2>());
                store(canonical(wrapped(difference)), a);
            }
        });
    }
}
