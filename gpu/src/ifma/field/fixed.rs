//! Products with factors that are known in advance, Shoup's way: 84 multiply-adds instead of 101, and no chain of rounds.
//!
//! ```text
//! w' = floor(w 2^260 / p)        q = floor(a w' / 2^260)        a w - q p  in  [0, (1 + a / 2^260) p]
//! ```
//! With the columns below 2^208 left out, q may be that much too small: the product stays below `(1.001 + a / 2^260) p`.
//! It is wanted modulo 2^260 only, so that the upper half of `a w` and of `q p` is never formed. The factor is an integer
//! in `[0, p)`, not in Montgomery form: the product has the form, and the power of two, that `a` has.

use std::{arch::x86_64::*, marker::PhantomData};

use super::{
    avx512, canonical,
    lanes::{Lanes, normalise, splat, word},
    modulus::{MASK, Modulus, narrow},
    product::product,
    zero,
};

/// Eight factors w with their w'.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Fixed<F> {
    pub value: [__m512i; 5],
    quotient: [__m512i; 5],
    field: PhantomData<F>,
}

avx512! {
    /// Eight factors from their canonical, normalised integers.
    #[inline]
    pub fn fixed<F: Modulus>(value: Lanes<F>) -> Fixed<F> {
        // w 2^260 = w' p + rest: modulo 2^260 that gives w' from the rest.
        let unit = splat(narrow(F::from(2u64).pow([264]).limbs()));
        let rest = canonical(product(&value, &unit));
        let mut inverse = splat([F::NEGATED_INVERSE, 0, 0, 0, 0]);
        for _ in 0..3 {
            // Newton's step for -1/p doubles the number of right bits.
            let mut step = lower(&inverse, &splat(F::P));
            step.0[0] = _mm512_add_epi64(step.0[0], word(2));
            inverse = lower(&inverse, &wrapped(step));
        }
        Fixed { value: value.0, quotient: lower(&rest, &inverse).0, field: PhantomData }
    }

    /// One factor in all lanes.
    #[inline]
    pub fn fixed_all<F: Modulus<BigInt = ark_ff::BigInt<4>>>(value: &F) -> Fixed<F> {
        fixed(splat(narrow(value.into_bigint().0)))
    }

    /// The factor of one lane in all of them.
    #[inline]
    pub fn spread<F: Modulus>(factors: &Fixed<F>, lane: usize) -> Fixed<F> {
        let lane = _mm512_set1_epi64(lane as i64);
        permuted(factors, lane)
    }

    /// Lane i gets the factor of lane `order[i]`.
    #[inline]
    fn permuted<F: Modulus>(factors: &Fixed<F>, order: __m512i) -> Fixed<F> {
        let mut out = *factors;
        for j in 0..5 {
            out.value[j] = _mm512_permutexvar_epi64(order, factors.value[j]);
            out.quotient[j] = _mm512_permutexvar_epi64(order, factors.quotient[j]);
        }
        out
    }

    /// The even and the odd ones of sixteen factors.
    #[inline]
    pub fn unzip<F: Modulus>(low: &Fixed<F>, high: &Fixed<F>) -> [Fixed<F>; 2] {
        let even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
        let odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
        let mut out = [*low; 2];
        for (out, order) in out.iter_mut().zip([even, odd]) {
            for j in 0..5 {
                out.value[j] = _mm512_permutex2var_epi64(low.value[j], order, high.value[j]);
                out.quotient[j] = _mm512_permutex2var_epi64(low.quotient[j], order, high.quotient[j]);
            }
        }
        out
    }

    /// `a_k w_k` modulo 2^260, below `(1.001 + a_k / 2^260) p`; limbs are sums below 2^57 that were not carried.
    ///
    /// Only the low 52 bits of limbs of a are read, so that [`carried`] is enough.
    #[inline]
    pub fn scaled<F: Modulus, const K: usize>(a: [&Lanes<F>; K], w: [&Fixed<F>; K]) -> [Lanes<F>; K] {
        // Columns 4 to 9 of a w'. Rows are written out, as a loop that stays a loop keeps its sums in memory.
        let mut t = [[_mm512_setzero_si512(); 6]; K];
        upper_row::<F, K, 0>(&mut t, a, w);
        upper_row::<F, K, 1>(&mut t, a, w);
        upper_row::<F, K, 2>(&mut t, a, w);
        upper_row::<F, K, 3>(&mut t, a, w);
        upper_row::<F, K, 4>(&mut t, a, w);
        let mut out = [[_mm512_setzero_si512(); 5]; K];
        for k in 0..K {
            let (a, w) = (&a[k].0, &w[k].value);
            lower_row::<0>(&mut out[k], a, w[0]);
            lower_row::<1>(&mut out[k], a, w[1]);
            lower_row::<2>(&mut out[k], a, w[2]);
            lower_row::<3>(&mut out[k], a, w[3]);
            lower_row::<4>(&mut out[k], a, w[4]);
        }
        let p = const { negated(&F::P) };
        for k in 0..K {
            let t = &mut t[k];
            t[1] = _mm512_add_epi64(t[1], _mm512_srli_epi64::<52>(t[0]));
            t[2] = _mm512_add_epi64(t[2], _mm512_srli_epi64::<52>(t[1]));
            t[3] = _mm512_add_epi64(t[3], _mm512_srli_epi64::<52>(t[2]));
            t[4] = _mm512_add_epi64(t[4], _mm512_srli_epi64::<52>(t[3]));
            t[5] = _mm512_add_epi64(t[5], _mm512_srli_epi64::<52>(t[4]));
        }
        for k in 0..K {
            // Minus q p, as q (2^260 - p).
            let q = &[t[k][1], t[k][2], t[k][3], t[k][4], t[k][5]];
            lower_row::<0>(&mut out[k], q, word(p[0]));
            lower_row::<1>(&mut out[k], q, word(p[1]));
            lower_row::<2>(&mut out[k], q, word(p[2]));
            lower_row::<3>(&mut out[k], q, word(p[3]));
            lower_row::<4>(&mut out[k], q, word(p[4]));
        }
        let mut products = [zero(); K];
        for k in 0..K {
            products[k] = Lanes(out[k], PhantomData);
        }
        products
    }

    /// t += a w'_I, of which t has the columns from 4 on.
    #[inline]
    fn upper_row<F: Modulus, const K: usize, const I: usize>(t: &mut [[__m512i; 6]; K], a: [&Lanes<F>; K], w: [&Fixed<F>; K]) {
        for k in 0..K {
            let (t, a, limb) = (&mut t[k], &a[k].0, w[k].quotient[I]);
            for j in 0..5 {
                if I + j >= 4 {
                    t[I + j - 4] = _mm512_madd52lo_epu64(t[I + j - 4], a[j], limb);
                }
            }
            for j in 0..5 {
                if I + j >= 3 {
                    t[I + j - 3] = _mm512_madd52hi_epu64(t[I + j - 3], a[j], limb);
                }
            }
        }
    }

    /// sums += a 2^(52 I) limb, of which the columns up to 4 are kept.
    #[inline]
    fn lower_row<const I: usize>(sums: &mut [__m512i; 5], a: &[__m512i; 5], limb: __m512i) {
        for j in 0..5 {
            if I + j < 5 {
                sums[I + j] = _mm512_madd52lo_epu64(sums[I + j], a[j], limb);
            }
        }
        for j in 0..5 {
            if I + j < 4 {
                sums[I + j + 1] = _mm512_madd52hi_epu64(sums[I + j + 1], a[j], limb);
            }
        }
    }

    /// Carries limbs of any sign: their low 52 bits are then those of the value modulo 2^260.
    #[inline]
    pub fn carried<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        let mut limbs = a.0;
        for j in 0..4 {
            limbs[j + 1] = _mm512_add_epi64(limbs[j + 1], _mm512_srai_epi64::<52>(limbs[j]));
        }
        Lanes(limbs, PhantomData)
    }

    /// Normalises modulo 2^260.
    #[inline]
    pub fn wrapped<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        let mut out = normalise(a);
        out.0[4] = _mm512_and_si512(out.0[4], word(MASK));
        out
    }

    /// `a b` modulo 2^260, normalised.
    #[inline]
    fn lower<F: Modulus>(a: &Lanes<F>, b: &Lanes<F>) -> Lanes<F> {
        let mut sums = [_mm512_setzero_si512(); 5];
        lower_row::<0>(&mut sums, &a.0, b.0[0]);
        lower_row::<1>(&mut sums, &a.0, b.0[1]);
        lower_row::<2>(&mut sums, &a.0, b.0[2]);
        lower_row::<3>(&mut sums, &a.0, b.0[3]);
        lower_row::<4>(&mut sums, &a.0, b.0[4]);
        wrapped(Lanes(sums, PhantomData))
    }
}

/// `2^260 - x`, for x above 0 with an odd lowest limb.
const fn negated(x: &[u64; 5]) -> [u64; 5] {
    assert!(x[0] & 1 == 1);
    [(1 << 52) - x[0], MASK - x[1], MASK - x[2], MASK - x[3], MASK - x[4]]
}
