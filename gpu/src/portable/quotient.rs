//! The quotient `(A B - C) / (X^n - 1)` of polynomials given by their values.
//!
//! ```text
//! A B = low + X^n high        at the n-th roots of unity:  low + high = C
//!                             at their shift by w_2n:      low - high = A B
//! (A B - C) / (X^n - 1) = high
//! ```
//! C stays unshifted, so that six transforms do, not seven; only the result is brought from bit-reversed order.

use ark_bn254::Fr;
use ark_ff::FftField;
use rayon::prelude::*;

use super::{
    ntt::{from_scrambled, inverse_of, reversed, to_scrambled},
    parallel::CHUNK,
};

/// The coefficients of the quotient, one fewer than there are values; `a b = c` must hold everywhere.
pub fn quotient(mut a: Vec<Fr>, mut b: Vec<Fr>, mut c: Vec<Fr>) -> Vec<Fr> {
    let len = a.len();
    assert!(len.is_power_of_two() && len.ilog2() < Fr::TWO_ADICITY, "a quotient over {len} values");
    assert!(b.len() == len && c.len() == len);
    let shift = |values: &mut Vec<Fr>| {
        to_scrambled::<true, false>(values);
        from_scrambled::<false, true>(values);
    };
    rayon::join(|| rayon::join(|| shift(&mut a), || shift(&mut b)), || to_scrambled::<true, false>(&mut c));
    // The transforms left a factor `len` each.
    let one = inverse_of(len);
    let square = one * one;
    a.par_iter_mut().zip(&b).with_min_len(CHUNK).for_each(|(a, b)| *a *= *b * square);
    drop(b);
    to_scrambled::<true, true>(&mut a);
    let half = inverse_of(2 * len);
    (0..len - 1)
        .into_par_iter()
        .with_min_len(CHUNK)
        .map(|i| {
            let place = reversed(i, len.ilog2());
            (c[place] - a[place]) * half
        })
        .collect()
}
