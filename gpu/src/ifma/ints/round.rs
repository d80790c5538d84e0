//! The round polynomial of `sum_x ints(X, x) factor(X, x)`.
//!
//! With l, h the halves of the integers, L, H those of the factor, and `e = 2 h - l`, the values at 0 and 2 are
//!
//! ```text
//! sum l L        sum e (2 H - L) = 2 sum e H - sum e L
//! ```
//! so that field elements are never combined, and need no limbs of 52 bits: vectors hold two elements of four words as
//! memory has them, whose halves of 32 bits an integer below 2^20 multiplies in one multiply-add, a longer one in two.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, ops::Range};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use super::widen::{PART_BITS, num_parts, padded, parts};
use crate::{
    ifma::field::{avx512, word},
    portable::{Int, Ints, parallel, wide::IntSum, with_values},
};

/// Pairs between two moves of sums from vectors: a lane gets half as many values below 2^52, for either part.
const BLOCK: usize = 1 << 12;
const _: () = assert!((BLOCK as u128 / 2) << 52 <= 1 << 63);

/// The values at X = 0 and 2.
pub fn product_round(ints: &Ints, factor: &[Fr]) -> Vec<Fr> {
    with_values!(ints, values => round(values, factor)).to_vec()
}

/// Sums of biased integers times field elements, and of field elements.
#[derive(Clone, Copy, Default)]
struct Sums {
    low_low: IntSum,
    extrapolated_low: IntSum,
    extrapolated_high: IntSum,
    factor_low: IntSum,
    factor_high: IntSum,
}

fn round<T: Int + Default>(values: &[T], factor: &[Fr]) -> [Fr; 2] {
    assert_eq!(values.len(), factor.len());
    assert!(values.len().is_multiple_of(2), "a round over {} values", values.len());
    let half = values.len() / 2;
    let part = |range: Range<usize>| {
        let mut sums = Sums::default();
        for start in range.clone().step_by(BLOCK) {
            let (low, high) = (start..range.end.min(start + BLOCK), half + start..half + range.end.min(start + BLOCK));
            // SAFETY: an `Ifma` asks for it.
            unsafe { add_block(&mut sums, [&values[low.clone()], &values[high.clone()]], [&factor[low], &factor[high]]) };
        }
        sums
    };
    let sums = parallel::sum(half, part, |mut a, b: Sums| {
        a.low_low.merge(&b.low_low);
        a.extrapolated_low.merge(&b.extrapolated_low);
        a.extrapolated_high.merge(&b.extrapolated_high);
        a.factor_low.merge(&b.factor_low);
        a.factor_high.merge(&b.factor_high);
        a
    });
    let bias = Fr::from(T::BIAS);
    // What biases of parts add to 2 h - l.
    let excess = bias + (0..num_parts::<T>()).map(|i| Fr::from(offset::<T>()) * Fr::from(1u64 << (PART_BITS * i as u32))).sum::<Fr>();
    let (factor_low, factor_high) = (sums.factor_low.finish(), sums.factor_high.finish());
    let low_low = sums.low_low.finish() - bias * factor_low;
    let extrapolated_low = sums.extrapolated_low.finish() - excess * factor_low;
    let extrapolated_high = sums.extrapolated_high.finish() - excess * factor_high;
    [low_low, extrapolated_high.double() - extrapolated_low]
}

/// What keeps `2 h - l + offset` positive in each part.
const fn offset<T: Int>() -> u64 {
    1 << if T::BITS < PART_BITS { T::BITS } else { PART_BITS }
}

/// For the lower and upper halves of words: sums of products, of their low 52 bits and of the rest.
type Products = [[__m512i; 2]; 2];

avx512! {
    fn add_block<T: Int + Default>(sums: &mut Sums, values: [&[T]; 2], factor: [&[Fr]; 2]) {
        let none = [[word(0); 2]; 2];
        // For either part: l L, e L, e H.
        let mut products = [[none; 3]; 2];
        let mut elements = [[word(0); 2]; 2];
        let [(low, low_rest), (high, high_rest)] = values.map(|values| values.as_chunks::<8>());
        let [(factor_low, factor_low_rest), (factor_high, factor_high_rest)] = factor.map(|factor| factor.as_chunks::<8>());
        for (((l, h), low), high) in low.iter().zip(high).zip(factor_low).zip(factor_high) {
            add_eight(&mut products, &mut elements, [l, h], [low, high]);
        }
        if !low_rest.is_empty() {
            // Elements that are 0 make the integers behind the end irrelevant.
            let [low, high] = [factor_low_rest, factor_high_rest].map(|factor| {
                let mut eight = [Fr::zero(); 8];
                eight[..factor.len()].copy_from_slice(factor);
                eight
            });
            add_eight(&mut products, &mut elements, [&padded(low_rest), &padded(high_rest)], [&low, &high]);
        }
        for (i, [low_low, extrapolated_low, extrapolated_high]) in products.iter().enumerate().take(num_parts::<T>()) {
            add_products(&mut sums.low_low, i == 1, low_low);
            add_products(&mut sums.extrapolated_low, i == 1, extrapolated_low);
            add_products(&mut sums.extrapolated_high, i == 1, extrapolated_high);
        }
        let [low, high] = elements.map(|halves| halves.map(|sum| [sum, word(0)]));
        add_products(&mut sums.factor_low, false, &low);
        add_products(&mut sums.factor_high, false, &high);
    }

    #[inline]
    fn add_eight<T: Int>(products: &mut [[Products; 3]; 2], elements: &mut [[__m512i; 2]; 2], values: [&[T; 8]; 2], factor: [&[Fr; 8]; 2]) {
        let l = parts(values[0]);
        let h = parts(values[1]);
        let mut e = l;
        for i in 0..num_parts::<T>() {
            let doubled = _mm512_add_epi64(h[i], h[i]);
            e[i] = _mm512_add_epi64(_mm512_sub_epi64(doubled, l[i]), word(offset::<T>()));
        }
        for j in 0..4 {
            let pair = _mm512_set_epi64(1, 1, 1, 1, 0, 0, 0, 0);
            let pair = _mm512_add_epi64(pair, word(2 * j as u64));
            let low = halves(factor[0], j);
            let high = halves(factor[1], j);
            for k in 0..2 {
                elements[0][k] = _mm512_add_epi64(elements[0][k], low[k]);
                elements[1][k] = _mm512_add_epi64(elements[1][k], high[k]);
            }
            for i in 0..num_parts::<T>() {
                let l = _mm512_permutexvar_epi64(pair, l[i]);
                let e = _mm512_permutexvar_epi64(pair, e[i]);
                let [low_low, extrapolated_low, extrapolated_high] = &mut products[i];
                add_product::<T>(low_low, &low, l);
                add_product::<T>(extrapolated_low, &low, e);
                add_product::<T>(extrapolated_high, &high, e);
            }
        }
    }

    /// The lower and upper halves of the words of elements 2 j and 2 j + 1.
    #[inline]
    fn halves(factor: &[Fr; 8], j: usize) -> [__m512i; 2] {
        let pair: &[Fr; 2] = &factor.as_chunks().0[j];
        // SAFETY: two elements are eight words, and no alignment is needed.
        let words = unsafe { _mm512_loadu_si512(pair.as_ptr().cast()) };
        [_mm512_and_si512(words, word(u64::from(u32::MAX))), _mm512_srli_epi64::<32>(words)]
    }

    #[inline]
    fn add_product<T: Int>(sum: &mut Products, halves: &[__m512i; 2], x: __m512i) {
        for k in 0..2 {
            sum[k][0] = _mm512_madd52lo_epu64(sum[k][0], halves[k], x);
            // 2 h - l and its offset are below 3 2^BITS.
            if T::BITS + 2 + 32 > 52 {
                sum[k][1] = _mm512_madd52hi_epu64(sum[k][1], halves[k], x);
            }
        }
    }

    /// Moves what vectors have summed.
    fn add_products(sum: &mut IntSum, upper: bool, products: &Products) {
        for (half, [low, high]) in products.iter().enumerate() {
            for (bit, vector) in [(32 * half, low), (32 * half + 52, high)] {
                let mut lanes = [0u64; 8];
                // SAFETY: eight words fit.
                unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), *vector) };
                for (i, lane) in lanes.iter().enumerate() {
                    sum.add_part(upper, i % 4, u128::from(*lane) << bit);
                }
            }
        }
    }
}
