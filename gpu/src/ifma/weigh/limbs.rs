//! Weights cut into limbs that suit the width of the integers they are multiplied by.
//!
//! A product of a limb and an integer that fits 52 bits is one multiply-add, others are two:
//!
//! ```text
//! 8 bits     6 limbs of 43 bits     6 multiply-adds a product
//! 16 bits    8 limbs of 32 bits     8
//! 32 bits    5 limbs of 52 bits     10
//! 64 bits    two parts of 32        20
//! ```

use std::arch::x86_64::*;

use ark_bn254::Fr;

use crate::{
    ifma::{
        field::{Lanes, MASK, Modulus, Sums, avx512, divide_lowest, narrow, subtract_once, word, words},
        ints::widen::num_parts,
    },
    portable::Int,
};

/// Terms whose sums fit: a column gets four values below 2^52 a term at most.
pub const SEGMENT: usize = 512;
const _: () = assert!((4 * SEGMENT as u128) << 52 <= 1 << 63);

/// The limbs of a weight, of each part.
pub type Weight = [[u64; 8]; 2];

/// Sums of limbs times integers.
pub type Columns = [__m512i; 8];

/// Bits of a limb.
pub const fn limb_bits<T: Int>() -> usize {
    match T::BITS {
        8 => 43,
        16 => 32,
        _ => 52,
    }
}

/// Limbs of a weight.
pub const fn num_limbs<T: Int>() -> usize {
    254usize.div_ceil(limb_bits::<T>())
}

/// Columns of a sum.
pub const fn num_columns<T: Int>() -> usize {
    if limb_bits::<T>() == 52 { 6 } else { num_limbs::<T>() }
}

/// Cuts a weight.
pub fn cut<T: Int>(weight: &Fr) -> Weight {
    let limbs = |x: &Fr| {
        let x = x.limbs();
        let mut limbs = [0; 8];
        for (j, limb) in limbs.iter_mut().enumerate().take(num_limbs::<T>()) {
            let bit = j * limb_bits::<T>();
            let (word, shift) = (bit / 64, bit % 64);
            let high = x.get(word + 1).map_or(0, |next| next << 1 << (63 - shift));
            *limb = (x[word] >> shift | high) & ((1 << limb_bits::<T>()) - 1);
        }
        limbs
    };
    let upper = if num_parts::<T>() == 2 { limbs(&(Fr::from(1u64 << 32) * weight)) } else { [0; 8] };
    [limbs(weight), upper]
}

/// What is added to a sum beforehand, in limbs of 52 bits.
pub fn start(value: &Fr) -> [u64; 5] {
    narrow(value.limbs())
}

avx512! {
    /// `columns += limb x` for limb j.
    #[inline]
    pub fn add_limb<T: Int>(columns: &mut Columns, j: usize, limb: __m512i, x: __m512i) {
        columns[j] = _mm512_madd52lo_epu64(columns[j], limb, x);
        if limb_bits::<T>() == 52 {
            columns[j + 1] = _mm512_madd52hi_epu64(columns[j + 1], limb, x);
        }
    }

    /// `(columns + start) / 2^52`, canonical: sums are below `2 SEGMENT 2^32 p`, so that the round leaves less than 2 p.
    #[inline]
    pub fn finished<T: Int>(columns: &Columns, start: &[u64; 5]) -> Lanes<Fr> {
        let mut limbs = [word(start[0]), word(start[1]), word(start[2]), word(start[3]), word(start[4]), word(0)];
        for j in 0..num_columns::<T>() {
            let bit = j * limb_bits::<T>();
            let (limb, shift) = (bit / 52, bit % 52);
            if shift == 0 {
                limbs[limb] = _mm512_add_epi64(limbs[limb], columns[j]);
            } else {
                let low = _mm512_and_si512(_mm512_sll_epi64(columns[j], _mm_cvtsi64_si128(shift as i64)), word(MASK));
                let high = _mm512_srl_epi64(columns[j], _mm_cvtsi64_si128(52 - shift as i64));
                limbs[limb] = _mm512_add_epi64(limbs[limb], low);
                limbs[limb + 1] = _mm512_add_epi64(limbs[limb + 1], high);
            }
        }
        let mut sums: Sums<1> = [limbs];
        subtract_once(divide_lowest::<Fr, 1>(&mut sums)[0])
    }

    /// The sums over the lanes of eight outputs' columns, one output a lane.
    pub fn gathered<T: Int>(outputs: &[Columns; 8]) -> Columns {
        let mut gathered = [word(0); 8];
        for j in 0..num_columns::<T>() {
            let mut sums = [0; 8];
            for (sum, columns) in sums.iter_mut().zip(outputs) {
                *sum = _mm512_reduce_add_epi64(columns[j]) as u64;
            }
            gathered[j] = words(&sums);
        }
        gathered
    }
}
