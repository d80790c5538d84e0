//! `constant + sum_j scale_j x_j` of integers `x_j`: conversion to field elements, folds, combinations of columns.
//!
//! Factors carry 2^52, which one Montgomery round takes out again: ten multiply-adds a term and part, eleven for the round.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, mem::MaybeUninit};

use ark_bn254::Fr;
use ark_ff::{One, Zero};

use super::widen::{num_parts, padded, parts};
use crate::{
    ifma::{
        field::{Lanes, Modulus, Sums, avx512, divide_lowest, narrow, subtract_once, word, write_within},
        fresh::fresh,
    },
    portable::{Int, Ints, parallel, with_values},
};

/// Elements of a combination that are completed together.
const BLOCK: usize = 64;

/// Terms between two carries: each adds two values below 2^52 to a limb, for either part.
const TERMS: usize = 512;
const _: () = assert!((4 * TERMS as u128 + 2) << 52 < 1 << 64);

/// The factor of an integer: for either part, five limbs.
#[derive(Clone, Copy)]
struct Factor([[u64; 5]; 2]);

impl Factor {
    fn new(scale: Fr) -> Self {
        let scaled = scale * scaling();
        Self([narrow(scaled.limbs()), narrow((scaled * Fr::from(1u64 << 32)).limbs())])
    }
}

/// What the final round divides by.
fn scaling() -> Fr {
    Fr::from(1u64 << 52)
}

/// The integers as field elements.
pub fn to_field(ints: &Ints) -> Vec<Fr> {
    with_values!(ints, values => combined([values.as_slice()], Fr::zero(), [Fr::one()]))
}

/// Binds variable 0 of an integer vector to r.
pub fn fold(ints: &Ints, r: Fr) -> Vec<Fr> {
    with_values!(ints, values => {
        assert!(values.len().is_multiple_of(2), "folding {} integers", values.len());
        let (low, high) = values.split_at(values.len() / 2);
        combined([low, high], Fr::zero(), [Fr::one() - r, r])
    })
}

/// `target[i] = constant + sum_j scale_j ints_j[i]`, as far as the integers go; all of one length.
pub fn combine(target: &mut [Fr], constant: Fr, terms: &[(&Ints, Fr)]) {
    let Some((first, scale)) = terms.first() else { return };
    let target = &mut target[..first.len()];
    assert!(terms.iter().all(|(ints, _)| ints.len() == target.len()), "a combination of vectors of different lengths");
    // SAFETY: the type is the same but for what may be written, and only elements are.
    let target = unsafe { &mut *(std::ptr::from_mut(target) as *mut [MaybeUninit<Fr>]) };
    if terms.len() == 1 {
        return with_values!(*first, values => fill(target, [values.as_slice()], constant, [*scale]));
    }
    let mut start = constant;
    for (ints, scale) in terms {
        start -= with_values!(*ints, values => bias_of(values)) * scale;
    }
    let start = narrow((start * scaling()).limbs());
    let factors: Vec<Factor> = terms.iter().map(|(_, scale)| Factor::new(*scale)).collect();
    parallel::for_each_chunk(target, |offset, target| {
        for (block, target) in target.chunks_mut(BLOCK).enumerate() {
            // SAFETY: an `Ifma` asks for it.
            unsafe { combine_block(target, offset + block * BLOCK, &start, terms, &factors) };
        }
    });
}

fn bias_of<T: Int>(_: &[T]) -> Fr {
    Fr::from(T::BIAS)
}

/// `constant + sum_j scales_j ints_j[i]`.
fn combined<T: Int + Default, const N: usize>(ints: [&[T]; N], constant: Fr, scales: [Fr; N]) -> Vec<Fr> {
    let len = ints[0].len();
    let mut out = fresh(len);
    fill(&mut out.spare_capacity_mut()[..len], ints, constant, scales);
    // SAFETY: `fill` has written them all.
    unsafe { out.set_len(len) };
    out
}

/// Writes `constant + sum_j scales_j ints_j[i]` to all of the target.
fn fill<T: Int + Default, const N: usize>(target: &mut [MaybeUninit<Fr>], ints: [&[T]; N], constant: Fr, scales: [Fr; N]) {
    // The reduction leaves less than 2 p.
    const { assert!(N <= 2) };
    let start = constant - Fr::from(T::BIAS) * scales.iter().sum::<Fr>();
    let start = narrow((start * scaling()).limbs());
    let factors = scales.map(Factor::new);
    parallel::for_each_chunk(target, |offset, target| {
        let ints = ints.map(|ints| &ints[offset..offset + target.len()]);
        // SAFETY: an `Ifma` asks for it.
        unsafe { fill_chunk(target, ints, &start, &factors) };
    });
}

avx512! {
    fn fill_chunk<T: Int + Default, const N: usize>(
        target: &mut [MaybeUninit<Fr>], ints: [&[T]; N], start: &[u64; 5], factors: &[Factor; N],
    ) {
        let (eights, rest) = target.as_chunks_mut::<8>();
        let rows = ints.map(|ints| ints.as_chunks::<8>());
        for (i, eight) in eights.iter_mut().enumerate() {
            let mut sum = started(start);
            for j in 0..N {
                add_term(&mut sum, &rows[j].0[i], &factors[j]);
            }
            write_within(finished(sum), eight);
        }
        if !rest.is_empty() {
            let mut sum = started(start);
            for j in 0..N {
                add_term(&mut sum, &padded(rows[j].1), &factors[j]);
            }
            write_within(finished(sum), rest);
        }
    }

    /// One block of a combination of any number of terms.
    fn combine_block(target: &mut [MaybeUninit<Fr>], offset: usize, start: &[u64; 5], terms: &[(&Ints, Fr)], factors: &[Factor]) {
        let mut sums = [started(start); BLOCK / 8];
        for (index, ((ints, _), factor)) in terms.iter().zip(factors).enumerate() {
            if index % TERMS == TERMS - 1 {
                sums.iter_mut().for_each(|sum| carry(sum));
            }
            with_values!(*ints, values => add_block(&mut sums, &values[offset..offset + target.len()], factor));
        }
        let (eights, rest) = target.as_chunks_mut::<8>();
        for (eight, sum) in eights.iter_mut().zip(&sums) {
            write_within(finished(*sum), eight);
        }
        if !rest.is_empty() {
            write_within(finished(sums[eights.len()]), rest);
        }
    }

    fn add_block<T: Int + Default>(sums: &mut [[__m512i; 6]; BLOCK / 8], values: &[T], factor: &Factor) {
        let (eights, rest) = values.as_chunks::<8>();
        for (sum, eight) in sums.iter_mut().zip(eights) {
            add_term(sum, eight, factor);
        }
        if !rest.is_empty() {
            add_term(&mut sums[eights.len()], &padded(rest), factor);
        }
    }

    #[inline]
    fn started(start: &[u64; 5]) -> [__m512i; 6] {
        [word(start[0]), word(start[1]), word(start[2]), word(start[3]), word(start[4]), word(0)]
    }

    /// `sum += factor (x + BIAS)`.
    #[inline]
    fn add_term<T: Int>(sum: &mut [__m512i; 6], values: &[T; 8], factor: &Factor) {
        let parts = parts(values);
        for i in 0..num_parts::<T>() {
            let limbs = &factor.0[i];
            for j in 0..5 {
                sum[j] = _mm512_madd52lo_epu64(sum[j], parts[i], word(limbs[j]));
            }
            for j in 0..5 {
                sum[j + 1] = _mm512_madd52hi_epu64(sum[j + 1], parts[i], word(limbs[j]));
            }
        }
    }

    fn carry(sum: &mut [__m512i; 6]) {
        for j in 0..5 {
            sum[j + 1] = _mm512_add_epi64(sum[j + 1], _mm512_srli_epi64::<52>(sum[j]));
            sum[j] = _mm512_and_si512(sum[j], word((1 << 52) - 1));
        }
    }

    /// `sum / 2^52`, canonical: parts are below 2^32, so that 2^18 terms and the constant add less than p to the round's p.
    #[inline]
    fn finished(sum: [__m512i; 6]) -> Lanes<Fr> {
        let mut sums: Sums<1> = [sum];
        let lanes = divide_lowest::<Fr, 1>(&mut sums)[0];
        // Quotients are spread evenly, so that hardly any sum reaches p.
        if _mm512_cmpge_epu64_mask(lanes.0[4], word(Fr::P[4])) == 0 { lanes } else { subtract_once(lanes) }
    }
}
