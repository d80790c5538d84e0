//! Batches of additions over either field: forward over the denominators, one inversion, and back.
//!
//! ```text
//! slope l = (yb - ya) / (xb - xa)    x = l^2 - xa - xb    y = l (xa - x) - ya
//! ```
//! Inverses have scale 262, so that slopes have 258, and squares of slopes 256 again; `4 (xa - x)` makes up for the rest.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, mem::size_of};

use ark_bn254::Fq;

use super::{
    super::field::{Lanes, Modulus, add, avx512, blend, multiple_of_p, normalise, reduce, shift, sub, zeros},
    coordinate::Coordinate,
    engine::{Batch, Scratch, invert, operands, results, signs},
};

/// Both operands of a vector of additions; ordinates carry their signs.
struct Operands<L> {
    xa: L,
    xb: L,
    ya: L,
    yb: L,
    infinite: [__mmask8; 2],
}

avx512! {
    #[inline]
    fn opposite<F: Modulus>(mask: __mmask8, a: Lanes<F>) -> Lanes<F> {
        let mut out = a;
        for j in 0..5 {
            out.0[j] = _mm512_mask_sub_epi64(a.0[j], mask, _mm512_setzero_si512(), a.0[j]);
        }
        out
    }

    /// Lanes whose limbs are all zero.
    #[inline]
    fn nothing<F: Modulus>(a: &Lanes<F>) -> __mmask8 {
        let mut limbs = a.0[0];
        for j in 1..5 {
            limbs = _mm512_or_si512(limbs, a.0[j]);
        }
        _mm512_testn_epi64_mask(limbs, limbs)
    }

    /// `a - b + K p`, normalised.
    #[inline]
    unsafe fn difference<F: Coordinate, const K: u64>(a: F::Lanes, b: F::Lanes) -> F::Lanes {
        // SAFETY: this function has the instructions.
        unsafe { F::zip(a, b, |a, b| normalise(add(sub(a, b), multiple_of_p::<Fq, K>()))) }
    }

    #[inline]
    unsafe fn load_x<F: Coordinate, const FIRST: bool>(batch: &Batch<F>, v: usize) -> [F::Lanes; 2] {
        // SAFETY: pairs of this vector lie in the list.
        unsafe {
            let pairs = batch.pairs.add(16 * v);
            [F::gather(operands::<F, FIRST>(batch.source, pairs, 0)), F::gather(operands::<F, FIRST>(batch.source, pairs.add(1), 0))]
        }
    }

    #[inline]
    unsafe fn load_y<F: Coordinate, const FIRST: bool>(batch: &Batch<F>, v: usize) -> ([F::Lanes; 2], [__mmask8; 2]) {
        // SAFETY: pairs of this vector lie in the list.
        unsafe {
            let pairs = batch.pairs.add(16 * v);
            let y = size_of::<F>();
            let mut ya = F::gather(operands::<F, FIRST>(batch.source, pairs, y));
            let mut yb = F::gather(operands::<F, FIRST>(batch.source, pairs.add(1), y));
            let infinite = [F::all(&ya, |y| nothing(y)), F::all(&yb, |y| nothing(y))];
            if FIRST {
                let [a, b] = signs(pairs);
                ya = F::map(ya, |y| opposite(a, y));
                yb = F::map(yb, |y| opposite(b, y));
            }
            ([ya, yb], infinite)
        }
    }

    #[inline]
    unsafe fn load<F: Coordinate, const FIRST: bool>(batch: &Batch<F>, v: usize) -> Operands<F::Lanes> {
        // SAFETY: as above.
        let ([xa, xb], ([ya, yb], infinite)) = unsafe { (load_x::<F, FIRST>(batch, v), load_y::<F, FIRST>(batch, v)) };
        Operands { xa, xb, ya, yb, infinite }
    }

    /// The sum along a slope, both coordinates below 2.33 p.
    #[inline]
    unsafe fn along<F: Coordinate>(slope: &F::Lanes, xa: F::Lanes, xb: F::Lanes, ya: F::Lanes) -> [F::Lanes; 2] {
        // SAFETY: this function has the instructions.
        unsafe {
            let square = F::squared(slope);
            let x = F::zip(F::zip(square, xa, |a, b| sub(a, b)), xb, |a, b| reduce(sub(a, b)));
            let run = F::zip(xa, x, |a, b| normalise(shift::<Fq, 2>(add(sub(a, b), multiple_of_p::<Fq, 3>()))));
            let [rise] = F::products([slope], [&run]);
            [x, F::zip(rise, ya, |a, b| reduce(sub(a, b)))]
        }
    }

    #[inline]
    unsafe fn store<F: Coordinate, const FIRST: bool>(batch: &Batch<F>, v: usize, [x, y]: [F::Lanes; 2]) {
        // SAFETY: results of this vector lie in work memory.
        unsafe {
            F::scatter(x, results::<F, FIRST>(batch, v, 0));
            F::scatter(y, results::<F, FIRST>(batch, v, size_of::<F>()));
        }
    }

    /// Additions without exceptions; nothing is written, and false returned, if there are any.
    ///
    /// # Safety
    /// See [`Batch`].
    pub unsafe fn plain<F: Coordinate, const FIRST: bool>(batch: &Batch<F>, scratch: &mut Scratch<F>) -> bool {
        let Scratch { denominators, prefixes, abscissas, .. } = scratch;
        // SAFETY: places are as the caller says.
        unsafe {
            let mut product = F::broadcast(&F::ZERO);
            for v in 0..batch.vectors {
                let [xa, xb] = load_x::<F, FIRST>(batch, v);
                abscissas[v] = xa;
                denominators[v] = difference::<F, 3>(xb, xa);
                prefixes[v] = product;
                product = if v == 0 { denominators[0] } else { F::products([&product], [&denominators[v]])[0] };
            }
            let Some(mut inverse) = invert::<F>(&product) else { return false };
            for v in (0..batch.vectors).rev() {
                let own = if v == 0 { inverse } else { F::products([&inverse], [&prefixes[v]])[0] };
                let ([ya, yb], _) = load_y::<F, FIRST>(batch, v);
                let [slope] = F::products([&own], [&difference::<F, 5>(yb, ya)]);
                [inverse] = F::products([&inverse], [&denominators[v]]);
                let xa = abscissas[v];
                // The denominator is xb - xa + 3 p.
                let xb = F::zip(denominators[v], xa, |d, xa| sub(add(d, xa), multiple_of_p::<Fq, 3>()));
                store::<F, FIRST>(batch, v, along::<F>(&slope, xa, xb, ya));
            }
        }
        true
    }

    /// Additions of any points: equal, opposite, infinite. Tells whether a result is infinite.
    ///
    /// # Safety
    /// See [`Batch`].
    #[inline(never)]
    pub unsafe fn careful<F: Coordinate, const FIRST: bool>(batch: &Batch<F>, scratch: &mut Scratch<F>) -> bool {
        let Scratch { denominators, prefixes, numerators, masks, .. } = scratch;
        let mut infinities = 0;
        // SAFETY: places are as the caller says.
        unsafe {
            let one = F::broadcast(&F::ONE);
            let mut product = one;
            for v in 0..batch.vectors {
                let Operands { xa, xb, ya, yb, infinite: [a, b] } = load::<F, FIRST>(batch, v);
                let mut denominator = difference::<F, 3>(xb, xa);
                let mut numerator = difference::<F, 5>(yb, ya);
                let mut opposites = 0;
                let same = F::all(&denominator, |d| zeros(d)) & !(a | b);
                if same != 0 {
                    // Equal abscissas: ordinates are opposite, or equal and the tangent's slope 3 x^2 / 2 y.
                    let sum = F::zip(ya, yb, |a, b| add(a, b));
                    opposites = same & F::all(&F::map(sum, |sum| reduce(sum)), |sum| zeros(sum));
                    let tangent = same & !opposites;
                    let square = F::squared(&F::map(xa, |x| normalise(shift::<Fq, 2>(x))));
                    let triple = F::map(square, |s| normalise(add(add(s, s), s)));
                    let sum = F::map(sum, |sum| normalise(add(sum, multiple_of_p::<Fq, 5>())));
                    denominator = F::zip(denominator, sum, |d, sum| blend(tangent, d, sum));
                    numerator = F::zip(numerator, triple, |n, triple| blend(tangent, n, triple));
                }
                denominator = F::zip(denominator, one, |d, one| blend(a | b | opposites, d, one));
                denominators[v] = denominator;
                numerators[v] = numerator;
                masks[v] = [a, b, opposites];
                prefixes[v] = product;
                product = if v == 0 { denominator } else { F::products([&product], [&denominator])[0] };
            }
            let mut inverse = match invert::<F>(&product) {
                Some(inverse) => inverse,
                None => unreachable!("denominators that vanish were replaced"),
            };
            for v in (0..batch.vectors).rev() {
                let own = if v == 0 { inverse } else { F::products([&inverse], [&prefixes[v]])[0] };
                [inverse] = F::products([&inverse], [&denominators[v]]);
                let Operands { xa, xb, ya, yb, .. } = load::<F, FIRST>(batch, v);
                let [slope] = F::products([&own], [&numerators[v]]);
                let [mut x, mut y] = along::<F>(&slope, xa, xb, ya);
                let [a, b, opposites] = masks[v];
                // With an infinite operand the sum is the other one, its ordinate made positive again.
                let none = F::broadcast(&F::ZERO);
                x = F::zip(F::zip(x, xb, |x, xb| blend(a, x, xb)), xa, |x, xa| blend(b, x, xa));
                y = F::zip(F::zip(y, yb, |y, yb| blend(a, y, reduce(yb))), ya, |y, ya| blend(b, y, reduce(ya)));
                let gone = opposites | (a & b);
                x = F::zip(x, none, |x, none| blend(gone, x, none));
                y = F::zip(y, none, |y, none| blend(gone, y, none));
                store::<F, FIRST>(batch, v, [x, y]);
                infinities |= gone;
            }
        }
        infinities != 0
    }
}
