//! Scalars for sums of points: out of Montgomery's form, and those above half the order as negative ones.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, mem::MaybeUninit};

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::{
    field::{Lanes, Modulus, avx512, blend, load_tailed, narrow, normalise, products, splat, sub, subtract_once, word, write_words_within},
    fresh,
    spare::Spare,
};
use crate::portable::{Scalars, Signed, parallel};

/// The limbs of (r - 1) / 2.
const HALF: [u64; 5] = narrow(Fr::MODULUS_MINUS_ONE_DIV_TWO.0);
/// [`Signed`]'s sign, the top bit of 256, in the last of five limbs of 52.
const SIGN: u64 = 1 << 47;

/// Does something with the scalars of some values.
pub fn with_scalars<R>(values: &[Fr], work: impl FnOnce(&Scalars) -> R) -> R {
    static SPARE: Spare<Signed> = Spare::new();
    let mut buffer = SPARE.take();
    buffer.clear();
    fresh::reserve(&mut buffer, values.len());
    let scalars = scalars(values, buffer);
    let result = work(&scalars);
    SPARE.give(scalars.into());
    result
}

/// [`Scalars::new`], into an empty vector with enough room.
fn scalars(values: &[Fr], mut scalars: Vec<Signed>) -> Scalars {
    parallel::for_each_chunk(&mut scalars.spare_capacity_mut()[..values.len()], |offset, places| {
        // SAFETY: an `Ifma` asks for it.
        unsafe { convert(&values[offset..offset + places.len()], places) };
    });
    // SAFETY: all of them were written.
    unsafe { scalars.set_len(values.len()) };
    Scalars::from(scalars)
}

avx512! {
    /// Writes all of the places.
    fn convert(values: &[Fr], places: &mut [MaybeUninit<Signed>]) {
        for (i, places) in places.chunks_mut(16).enumerate() {
            let (low, high) = (load_tailed(values, 16 * i, &values[0]), load_tailed(values, 16 * i + 8, &values[0]));
            // A value in memory is 2^256 times its element.
            let sixteen = splat::<Fr>([16, 0, 0, 0, 0]);
            let [low, high] = products([&low, &high], [&sixteen, &sixteen]);
            for (lanes, places) in [low, high].into_iter().zip(places.chunks_mut(8)) {
                // SAFETY: any bits make a `Signed`.
                unsafe { write_words_within(signed(subtract_once(lanes)), places) };
            }
        }
    }

    /// Of a canonical value, its size with its sign.
    #[inline]
    fn signed(value: Lanes<Fr>) -> Lanes<Fr> {
        let negative = _mm512_movepi64_mask(normalise(sub(splat(HALF), value)).0[4]);
        let mut opposite = normalise(sub(splat(Fr::P), value));
        opposite.0[4] = _mm512_or_si512(opposite.0[4], word(SIGN));
        blend(negative, value, opposite)
    }
}

#[cfg(test)]
mod tests {
    use ark_ff::{Field, UniformRand};
    use ark_std::rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::Ifma;

    #[test]
    fn they_are_those_of_the_portable_backend() {
        if Ifma::detect().is_none() {
            return eprintln!("skipped: this processor has no AVX-512 IFMA");
        }
        let mut rng = StdRng::seed_from_u64(8);
        let half = Fr::from(Fr::MODULUS_MINUS_ONE_DIV_TWO);
        let mut values: Vec<Fr> = [0u64, 1, 2, 1 << 31, u64::MAX].map(Fr::from).to_vec();
        values.extend(values.clone().iter().map(|value| -*value));
        values.extend([half, half + Fr::ONE, half - Fr::ONE, -half]);
        values.extend((0..5000).map(|_| Fr::rand(&mut rng)));
        for len in [0, 1, 7, 8, 9, 15, 16, 17, 31, 4095, 4097, values.len()] {
            let theirs = Scalars::new(&values[..len]);
            with_scalars(&values[..len], |ours| {
                for i in 0..len {
                    assert_eq!(ours.get(i).size(), theirs.get(i).size(), "{}", values[i]);
                }
            });
        }
    }
}
