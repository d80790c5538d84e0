//! Eight machine integers as words of 64 bits.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use crate::{
    ifma::field::{avx512, word},
    portable::Int,
};

/// Bits of a part of an integer.
pub const PART_BITS: u32 = 32;

/// The parts an integer consists of.
pub const fn num_parts<T: Int>() -> usize {
    T::BITS.div_ceil(PART_BITS) as usize
}

/// The first eight integers, zeros behind them if there are fewer.
pub fn padded<T: Int + Default>(values: &[T]) -> [T; 8] {
    let mut eight = [T::default(); 8];
    for (target, value) in eight.iter_mut().zip(values) {
        *target = *value;
    }
    eight
}

avx512! {
    /// `x + BIAS` in parts below 2^32, the lowest first; [`num_parts`] of them.
    #[inline]
    pub fn parts<T: Int>(values: &[T; 8]) -> [__m512i; 2] {
        let start = values.as_ptr();
        // SAFETY: eight integers of `BITS` bits lie there, and no alignment is needed.
        let wide = unsafe {
            match (T::BITS, T::BIAS) {
                (8, 0) => _mm512_cvtepu8_epi64(_mm_loadl_epi64(start.cast())),
                (8, _) => _mm512_cvtepi8_epi64(_mm_loadl_epi64(start.cast())),
                (16, 0) => _mm512_cvtepu16_epi64(_mm_loadu_si128(start.cast())),
                (16, _) => _mm512_cvtepi16_epi64(_mm_loadu_si128(start.cast())),
                (32, 0) => _mm512_cvtepu32_epi64(_mm256_loadu_si256(start.cast())),
                (32, _) => _mm512_cvtepi32_epi64(_mm256_loadu_si256(start.cast())),
                _ => _mm512_loadu_si512(start.cast()),
            }
        };
        let biased = if T::BIAS == 0 { wide } else { _mm512_add_epi64(wide, word(T::BIAS)) };
        if T::BITS <= PART_BITS {
            [biased, _mm512_setzero_si512()]
        } else {
            [_mm512_and_si512(biased, word((1 << PART_BITS) - 1)), _mm512_srli_epi64::<PART_BITS>(biased)]
        }
    }
}
