//! Products, squares and sums of products of eight lanes.
//!
//! Four rounds reduce by `t -> t / 2^52` without asking for the quotient: with `FOLDED = (-1/p mod 2^52) p / 2^52`
//! rounded up, `t0 + t0 (-1/p) p` vanishes modulo 2^52, so that the lowest limb is its own quotient. The last round is
//! Montgomery's, which leaves the result below `a b / 2^260 + 1.127 p`.
//!
//! A product is 101 multiply-adds, a square 81. Two units do one a cycle each, with a latency of four: [`products`]
//! interleaves K independent ones. Rounds are written out, as a loop that stays a loop keeps its sums in memory.

use std::{arch::x86_64::*, marker::PhantomData};

use super::{
    avx512,
    lanes::{Lanes, word, zero},
    modulus::{MASK, Modulus},
};

/// K values in six limbs each.
pub type Sums<const K: usize> = [[__m512i; 6]; K];

avx512! {
    /// `M(a_k, b_k)` for normalised values.
    #[inline]
    pub fn products<F: Modulus, const K: usize>(a: [&Lanes<F>; K], b: [&Lanes<F>; K]) -> [Lanes<F>; K] {
        products_and(a, b, |_| {})
    }

    /// `M(a, b)` for normalised values.
    #[inline]
    pub fn product<F: Modulus>(a: &Lanes<F>, b: &Lanes<F>) -> Lanes<F> {
        products([a], [b])[0]
    }

    /// [`products`] with other work `between(0..5)` placed between the rounds: the multiply-adds take two of the vector
    /// units, and the window of the processor is too short to overlap whole functions.
    #[inline]
    pub fn products_and<F: Modulus, const K: usize>(a: [&Lanes<F>; K], b: [&Lanes<F>; K], mut between: impl FnMut(usize)) -> [Lanes<F>; K] {
        let mut t = [[_mm512_setzero_si512(); 6]; K];
        row(&mut t, a, b, 0);
        between(0);
        fold_lowest::<F, K>(&mut t);
        row(&mut t, a, b, 1);
        between(1);
        fold_lowest::<F, K>(&mut t);
        row(&mut t, a, b, 2);
        between(2);
        fold_lowest::<F, K>(&mut t);
        row(&mut t, a, b, 3);
        between(3);
        fold_lowest::<F, K>(&mut t);
        row(&mut t, a, b, 4);
        between(4);
        divide_lowest(&mut t)
    }

    /// `M(a_k, a_k)` for normalised values: the ten cross products are formed once and doubled.
    #[inline]
    pub fn squares<F: Modulus, const K: usize>(a: [&Lanes<F>; K]) -> [Lanes<F>; K] {
        let mut columns = [[_mm512_setzero_si512(); 10]; K];
        for k in 0..K {
            let (a, c) = (&a[k].0, &mut columns[k]);
            for i in 0..5 {
                for j in i + 1..5 {
                    c[i + j] = _mm512_madd52lo_epu64(c[i + j], a[i], a[j]);
                    c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a[i], a[j]);
                }
            }
            for limb in &mut c[1..] {
                *limb = _mm512_add_epi64(*limb, *limb);
            }
            for i in 0..5 {
                c[2 * i] = _mm512_madd52lo_epu64(c[2 * i], a[i], a[i]);
                c[2 * i + 1] = _mm512_madd52hi_epu64(c[2 * i + 1], a[i], a[i]);
            }
        }
        reduce_columns(columns)
    }

    /// Columns of limbs to `columns / 2^260`: below `columns / 2^260 + 1.127 p`, normalised.
    ///
    /// Columns may exceed 52 bits, up to 2^63: less than 2^56 is added to any.
    #[inline]
    pub fn reduce_columns<F: Modulus, const K: usize>(mut columns: [[__m512i; 10]; K]) -> [Lanes<F>; K] {
        fold_column::<F, K>(&mut columns, 0);
        fold_column::<F, K>(&mut columns, 1);
        fold_column::<F, K>(&mut columns, 2);
        fold_column::<F, K>(&mut columns, 3);
        let mut t = [[_mm512_setzero_si512(); 6]; K];
        for k in 0..K {
            let c = &columns[k];
            t[k] = [c[4], c[5], c[6], c[7], c[8], c[9]];
        }
        divide_lowest(&mut t)
    }

    /// `columns += a b`, 50 multiply-adds.
    #[inline]
    pub fn accumulate<F: Modulus>(columns: &mut [__m512i; 10], a: &Lanes<F>, b: &Lanes<F>) {
        for i in 0..5 {
            for j in 0..5 {
                columns[i + j] = _mm512_madd52lo_epu64(columns[i + j], a.0[j], b.0[i]);
            }
            for j in 0..5 {
                columns[i + j + 1] = _mm512_madd52hi_epu64(columns[i + j + 1], a.0[j], b.0[i]);
            }
        }
    }

    /// Carries columns into 52 bits each, but for the last one.
    #[inline]
    pub fn carry_columns(columns: &mut [__m512i; 10]) {
        for j in 0..9 {
            let carry = _mm512_srli_epi64::<52>(columns[j]);
            columns[j] = _mm512_and_si512(columns[j], word(MASK));
            columns[j + 1] = _mm512_add_epi64(columns[j + 1], carry);
        }
    }

    /// t += a b_i.
    #[inline]
    fn row<F: Modulus, const K: usize>(t: &mut Sums<K>, a: [&Lanes<F>; K], b: [&Lanes<F>; K], i: usize) {
        for k in 0..K {
            let (t, limb) = (&mut t[k], b[k].0[i]);
            for j in 0..5 {
                t[j] = _mm512_madd52lo_epu64(t[j], a[k].0[j], limb);
            }
            for j in 0..5 {
                t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], a[k].0[j], limb);
            }
        }
    }

    /// Divides by 2^52, the lowest limb being its own quotient.
    #[inline]
    fn fold_lowest<F: Modulus, const K: usize>(t: &mut Sums<K>) {
        for t in t {
            let quotient = t[0];
            let carry = _mm512_srli_epi64::<52>(quotient);
            *t = [t[1], t[2], t[3], t[4], t[5], _mm512_setzero_si512()];
            for j in 0..5 {
                t[j] = _mm512_madd52lo_epu64(t[j], quotient, word(F::FOLDED[j]));
            }
            for j in 0..5 {
                t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], quotient, word(F::FOLDED[j]));
            }
            t[0] = _mm512_add_epi64(t[0], carry);
        }
    }

    #[inline]
    fn fold_column<F: Modulus, const K: usize>(columns: &mut [[__m512i; 10]; K], i: usize) {
        for c in columns {
            let quotient = c[i];
            let carry = _mm512_srli_epi64::<52>(quotient);
            for j in 0..5 {
                c[i + 1 + j] = _mm512_madd52lo_epu64(c[i + 1 + j], quotient, word(F::FOLDED[j]));
            }
            for j in 0..5 {
                if i + 2 + j < 10 {
                    c[i + 2 + j] = _mm512_madd52hi_epu64(c[i + 2 + j], quotient, word(F::FOLDED[j]));
                }
            }
            c[i + 1] = _mm512_add_epi64(c[i + 1], carry);
        }
    }

    /// Montgomery's round, and the carries: `t / 2^52 + p` at most, normalised. Limbs of t are any 64 bits.
    #[inline]
    pub fn divide_lowest<F: Modulus, const K: usize>(t: &mut Sums<K>) -> [Lanes<F>; K] {
        let nothing = _mm512_setzero_si512();
        let mut out = [zero(); K];
        for k in 0..K {
            let t = &mut t[k];
            let quotient = _mm512_madd52lo_epu64(nothing, t[0], word(F::NEGATED_INVERSE));
            for j in 0..5 {
                t[j] = _mm512_madd52lo_epu64(t[j], quotient, word(F::P[j]));
            }
            for j in 0..5 {
                t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], quotient, word(F::P[j]));
            }
            let mut limbs = [nothing; 5];
            let mut carry = _mm512_srli_epi64::<52>(t[0]);
            for j in 0..4 {
                let sum = _mm512_add_epi64(t[j + 1], carry);
                limbs[j] = _mm512_and_si512(sum, word(MASK));
                carry = _mm512_srli_epi64::<52>(sum);
            }
            limbs[4] = _mm512_add_epi64(t[5], carry);
            out[k] = Lanes(limbs, PhantomData);
        }
        out
    }
}
