//! The number-theoretic transform over radix-2 domains, and over their shift by a root of twice the order.
//!
//! [`to_scrambled`] takes natural order to bit-reversed order (decimation in frequency), [`from_scrambled`] takes it
//! back (decimation in time): whoever goes there and back, as a quotient does, never reverses bits. Halves are
//! transformed on their own, so that all levels but the first few run in a core's cache.
//!
//! The shift `g = w_2n` costs no product: the level of half-length m evaluates at the points
//! `g^(n / 2m) w_2m^i = w_4m^(2i + 1)`, which are the odd entries of the next level's table.

use std::sync::OnceLock;

use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use rayon::prelude::*;

use super::parallel::CHUNK;

/// Halves at least this long are transformed side by side.
const PARALLEL: usize = 1 << 10;

/// `LEVELS[k][i] = w^i` for w of order 2^(k + 1) and i up to 2^k, which is where -1 stands.
static LEVELS: [OnceLock<Vec<Fr>>; Fr::TWO_ADICITY as usize] = [const { OnceLock::new() }; Fr::TWO_ADICITY as usize];

fn level(log_half: usize) -> &'static [Fr] {
    LEVELS[log_half].get_or_init(|| {
        let half = 1usize << log_half;
        let Some(root) = Fr::get_root_of_unity(2 * half as u64) else { panic!("no root of unity of order {}", 2 * half) };
        let mut powers = vec![Fr::ONE; half + 1];
        // A plain loop: a task that waits here for another must never be what the other waits for.
        for i in 1..=half {
            powers[i] = powers[i - 1] * root;
        }
        powers
    })
}

/// Which points the values belong to, and which way the transform goes.
///
/// The inverse does not divide by the length.
struct Twiddles<const INVERSE: bool, const SHIFTED: bool>(&'static [Fr]);

impl<const INVERSE: bool, const SHIFTED: bool> Twiddles<INVERSE, SHIFTED> {
    /// Those of the level of this half-length.
    fn of(half: usize) -> Self {
        Self(level(half.ilog2() as usize + usize::from(SHIFTED)))
    }

    /// The point of index i, or minus its inverse.
    #[inline(always)]
    fn at(&self, half: usize, i: usize) -> &Fr {
        match (INVERSE, SHIFTED) {
            (false, false) => &self.0[i],
            (false, true) => &self.0[2 * i + 1],
            (true, false) => &self.0[half - i],
            (true, true) => &self.0[2 * (half - i) - 1],
        }
    }
}

/// Values or coefficients in natural order to coefficients or values in bit-reversed order.
pub fn to_scrambled<const INVERSE: bool, const SHIFTED: bool>(values: &mut [Fr]) {
    let half = values.len() / 2;
    if half == 0 {
        return;
    }
    let twiddles = Twiddles::<INVERSE, SHIFTED>::of(half);
    let (low, high) = values.split_at_mut(half);
    butterflies(low, high, |i, u, v| {
        let sum = *u + *v;
        let difference = if INVERSE { *v - *u } else { *u - *v };
        *v = difference * twiddles.at(half, i);
        *u = sum;
    });
    both(low, high, to_scrambled::<INVERSE, SHIFTED>);
}

/// Coefficients or values in bit-reversed order to values or coefficients in natural order.
pub fn from_scrambled<const INVERSE: bool, const SHIFTED: bool>(values: &mut [Fr]) {
    let half = values.len() / 2;
    if half == 0 {
        return;
    }
    let twiddles = Twiddles::<INVERSE, SHIFTED>::of(half);
    let (low, high) = values.split_at_mut(half);
    both(low, high, from_scrambled::<INVERSE, SHIFTED>);
    butterflies(low, high, |i, u, v| {
        let product = *v * twiddles.at(half, i);
        let (sum, difference) = (*u + product, *u - product);
        (*u, *v) = if INVERSE { (difference, sum) } else { (sum, difference) };
    });
}

#[inline(always)]
fn butterflies(low: &mut [Fr], high: &mut [Fr], butterfly: impl Fn(usize, &mut Fr, &mut Fr) + Sync) {
    if low.len() <= CHUNK {
        low.iter_mut().zip(high).enumerate().for_each(|(i, (u, v))| butterfly(i, u, v));
    } else {
        low.par_iter_mut().zip(high).enumerate().with_min_len(CHUNK).for_each(|(i, (u, v))| butterfly(i, u, v));
    }
}

fn both(low: &mut [Fr], high: &mut [Fr], transform: impl Fn(&mut [Fr]) + Sync) {
    if low.len() >= PARALLEL {
        rayon::join(|| transform(low), || transform(high));
    } else {
        transform(low);
        transform(high);
    }
}

/// The place of index i in bit-reversed order.
#[inline(always)]
pub fn reversed(i: usize, log_len: u32) -> usize {
    if log_len == 0 { i } else { i.reverse_bits() >> (usize::BITS - log_len) }
}

/// Coefficients to values (or back, `inverse`) over the powers of arkworks' root of unity, natural order in and out.
pub fn transform(values: &mut [Fr], inverse: bool) {
    let len = values.len();
    assert!(len.is_power_of_two() && len.ilog2() <= Fr::TWO_ADICITY, "a transform of length {len}");
    if inverse {
        to_scrambled::<true, false>(values);
    } else {
        to_scrambled::<false, false>(values);
    }
    for i in 0..len {
        let j = reversed(i, len.ilog2());
        if i < j {
            values.swap(i, j);
        }
    }
    if inverse {
        let scale = inverse_of(len);
        values.par_iter_mut().with_min_len(CHUNK).for_each(|value| *value *= scale);
    }
}

/// 1 / len, for a power of two.
pub fn inverse_of(len: usize) -> Fr {
    (Fr::ONE / Fr::from(2)).pow([u64::from(len.ilog2())])
}
