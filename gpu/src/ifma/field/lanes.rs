//! Eight field elements side by side, in five vectors of 52-bit limbs.
//!
//! The multiplier computes `M(a, b) = a b / 2^260`; memory holds values times 2^256. Nothing is ever converted between
//! the two: `M(16 a, b)` is arkworks' product of a and b, and `16 a` still fits five limbs (p < 2^254). Where a chain of
//! products may be off by a power of two, the shift is left out and made up once, at its end.
//!
//! Values are reduced lazily. With a < A p and b < B p, `M(a, b) < (A B / 84.6 + 1.127) p` for either prime.
//! "Normalised" means limbs of 52 bits, of which only the low 52 are read by a product; a value must stay below 2^260.

use std::{arch::x86_64::*, marker::PhantomData};

use super::{
    avx512,
    memory::words,
    modulus::{MASK, Modulus, multiple, narrow},
};

/// Eight values modulo a prime, one a lane.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Lanes<F>(pub [__m512i; 5], pub PhantomData<F>);

avx512! {
    /// One 64-bit word in all lanes.
    #[inline]
    pub fn word(x: u64) -> __m512i {
        _mm512_set1_epi64(x as i64)
    }

    /// Five limbs in all lanes.
    #[inline]
    pub fn splat<F: Modulus>(limbs: [u64; 5]) -> Lanes<F> {
        Lanes(limbs.map(|limb| _mm512_set1_epi64(limb as i64)), PhantomData)
    }

    /// An element in all lanes.
    #[inline]
    pub fn broadcast<F: Modulus>(x: &F) -> Lanes<F> {
        splat(narrow(x.limbs()))
    }

    /// `k p` in all lanes.
    #[inline]
    pub fn multiple_of_p<F: Modulus, const K: u64>() -> Lanes<F> {
        splat(const { multiple(&F::P, K) })
    }

    /// Zero in all lanes.
    #[inline]
    pub fn zero<F: Modulus>() -> Lanes<F> {
        Lanes([_mm512_setzero_si512(); 5], PhantomData)
    }

    /// Limb by limb, without carries.
    #[inline]
    pub fn add<F: Modulus>(a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        let mut sum = a;
        for j in 0..5 {
            sum.0[j] = _mm512_add_epi64(a.0[j], b.0[j]);
        }
        sum
    }

    /// Limb by limb, without borrows: limbs may become negative.
    #[inline]
    pub fn sub<F: Modulus>(a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        let mut difference = a;
        for j in 0..5 {
            difference.0[j] = _mm512_sub_epi64(a.0[j], b.0[j]);
        }
        difference
    }

    /// `a 2^S`, limb by limb.
    #[inline]
    pub fn shift<F: Modulus, const S: u32>(a: Lanes<F>) -> Lanes<F> {
        let mut shifted = a;
        for j in 0..5 {
            shifted.0[j] = _mm512_slli_epi64::<S>(a.0[j]);
        }
        shifted
    }

    /// b where the mask is set, a elsewhere.
    #[inline]
    pub fn blend<F: Modulus>(mask: __mmask8, a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        let mut chosen = a;
        for j in 0..5 {
            chosen.0[j] = _mm512_mask_blend_epi64(mask, a.0[j], b.0[j]);
        }
        chosen
    }

    /// Carries limbs of any sign into limbs of 52 bits; the value must lie in `[0, 2^260)`, and limbs within 2^62.
    #[inline]
    pub fn normalise<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        let mask = word(MASK);
        let mut limbs = a.0;
        for j in 0..4 {
            let carry = _mm512_srai_epi64::<52>(limbs[j]);
            limbs[j] = _mm512_and_si512(limbs[j], mask);
            limbs[j + 1] = _mm512_add_epi64(limbs[j + 1], carry);
        }
        Lanes(limbs, PhantomData)
    }

    /// From a value in `[0, 5 p)`, limbs of any sign, to the canonical one in `[0, p)`, normalised.
    #[inline]
    pub fn canonical<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        // The top limb tells the interval of length 2^253 = 0.66 p; without its multiple of p, less than 1.67 p is left.
        let rest = normalise(within::<F, 45>(normalise(a), const { &F::MULTIPLES }));
        subtract_once(rest)
    }

    /// [`canonical`] for limbs in `[0, 2^55)`: their carries move the top one by less than the intervals' ends are away
    /// from multiples of p.
    #[inline]
    pub fn canonical_sum<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        subtract_once(normalise(within::<F, 45>(a, const { &F::MULTIPLES })))
    }

    /// `a - b` for canonical values, in `(0, 2 p)` by adding p, normalised.
    #[inline]
    pub fn difference<F: Modulus>(a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        normalise(add(sub(a, b), splat(F::P)))
    }

    /// An element as a factor: `M` of it and a value is arkworks' product.
    #[inline]
    pub fn factor<F: Modulus>(x: &F) -> Lanes<F> {
        broadcast(&(*x * F::from(16u64)))
    }

    /// Subtracts the multiple of p that belongs to the interval of length `2^(208 + BITS)` a normalised value lies in,
    /// without borrows.
    #[inline]
    pub fn within<F: Modulus, const BITS: u32>(a: Lanes<F>, multiples: &[[u64; 8]; 5]) -> Lanes<F> {
        let interval = _mm512_srli_epi64::<BITS>(a.0[4]);
        let mut rest = a;
        for j in 0..5 {
            rest.0[j] = _mm512_sub_epi64(a.0[j], _mm512_permutexvar_epi64(interval, words(&multiples[j])));
        }
        rest
    }

    /// From a normalised value in `[0, 2 p)` to the canonical one.
    #[inline]
    pub fn subtract_once<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        let less = normalise(sub(a, splat(F::P)));
        // The sign of the difference is the sign of its top limb.
        blend(_mm512_movepi64_mask(less.0[4]), less, a)
    }

    /// From a signed value in `[-4.7 p, 5.8 p)`, limbs of any sign but carried so that the top one is right to a few
    /// units, to a normalised one in `[0, 2.33 p)`.
    #[inline]
    pub fn reduce<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        let interval = _mm512_srli_epi64::<46>(_mm512_add_epi64(a.0[4], _mm512_set1_epi64(F::BIAS)));
        let mut sum = a;
        for j in 0..5 {
            let row = words(&const { &F::LIFTS }[j]);
            sum.0[j] = _mm512_add_epi64(a.0[j], _mm512_permutexvar_epi64(interval, row));
        }
        normalise(sum)
    }

    /// Lanes that are 0 modulo p, of normalised values below 8 p.
    #[inline]
    pub fn zeros<F: Modulus>(a: &Lanes<F>) -> __mmask8 {
        let mut found = 0;
        for k in 0..8 {
            let limbs = multiple(&F::P, k);
            let mut equal = 0xff;
            for j in 0..5 {
                equal &= _mm512_cmpeq_epi64_mask(a.0[j], word(limbs[j]));
            }
            found |= equal;
        }
        found
    }
}
