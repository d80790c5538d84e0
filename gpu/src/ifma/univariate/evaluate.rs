//! Values of polynomials: lane l takes the coefficients of index l modulo 8.
//!
//! Horner's rule runs over blocks, and each block is a sum of products with powers of x^8 that is reduced once:
//! fifty multiply-adds a coefficient, four more for the block's reduction and step.

#![allow(unsafe_code)]

use std::array;

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use rayon::prelude::*;

use crate::{
    ifma::field::{
        Fixed, Lanes, Modulus, accumulate, add, avx512, canonical, fixed_all, load, load_tailed, narrow, reduce_columns, scaled, splat,
        store, word, wrapped, zero,
    },
    portable,
};

/// Vectors of a block: its columns are sums of ten times as many values below 2^52, and [`reduce_columns`] takes 2^63.
const VECTORS: usize = 32;
const _: () = assert!((10 * VECTORS as u128) << 52 < 1 << 63);

/// Coefficients of a block.
const BLOCK: usize = 8 * VECTORS;

/// Coefficients a task handles.
const CHUNK: usize = 1 << 14;

/// The value at x.
pub fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    if coefficients.len() < BLOCK {
        return portable::univariate::evaluate(coefficients, x);
    }
    // SAFETY: an `Ifma` asks for it.
    let powers = unsafe { Powers::new(x) };
    let parts: Vec<Fr> = coefficients
        .par_chunks(CHUNK)
        .map(|chunk| {
            // SAFETY: an `Ifma` asks for it.
            unsafe { value(chunk, &powers) }
        })
        .collect();
    let step = x.pow([CHUNK as u64]);
    parts.iter().rev().fold(Fr::zero(), |sum, part| sum * step + part)
}

/// Powers of a point, in the forms that evaluation wants.
pub struct Powers {
    /// `x^0` to `x^7`.
    low: [Fr; 8],
    /// `x^(8 v)`, times 2^4 for the product's Montgomery form.
    eighth: [[u64; 5]; VECTORS],
    block: Fixed<Fr>,
}

avx512! {
    /// The value of one chunk, of any length.
    pub fn value(coefficients: &[Fr], powers: &Powers) -> Fr {
        let mut sum = zero();
        for block in coefficients.chunks(BLOCK).rev() {
            // The step leaves less than 1.1 p, the block is below 1.6 p.
            sum = wrapped(add(scaled([&sum], [&powers.block])[0], block_value(block, powers)));
        }
        let mut lanes = [Fr::zero(); 8];
        store(canonical(sum), &mut lanes);
        lanes.iter().zip(&powers.low).map(|(lane, power)| *lane * power).sum()
    }

    /// Below `(VECTORS / 84.6 + 1.127) p`.
    #[inline]
    fn block_value(block: &[Fr], powers: &Powers) -> Lanes<Fr> {
        let mut columns = [word(0); 10];
        let (eights, rest) = block.as_chunks();
        if !rest.is_empty() {
            accumulate(&mut columns, &load_tailed(rest, 0, &Fr::zero()), &splat(powers.eighth[eights.len()]));
        }
        // Blocks go down as well: memory is read in one direction.
        for (eight, power) in eights.iter().zip(&powers.eighth).rev() {
            accumulate(&mut columns, &load(eight), &splat(*power));
        }
        reduce_columns([columns])[0]
    }
}

impl Powers {
    avx512! {
        /// The powers of x.
        pub fn new(x: Fr) -> Self {
            let mut power = Fr::one();
            let low = array::from_fn(|_| {
                let current = power;
                power *= x;
                current
            });
            let step = power;
            power = Fr::from(16);
            let eighth = array::from_fn(|_| {
                let current = narrow(power.limbs());
                power *= step;
                current
            });
            Self { low, eighth, block: fixed_all(&step.pow([VECTORS as u64])) }
        }
    }
}
