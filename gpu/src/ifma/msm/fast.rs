//! [`super::pass::plain`] over Fq, scheduled by hand: four chains of denominators, and everything that is no product
//! placed between the rounds of one.
//!
//! Products are out of line, two vectors a call, with operands in the first-level cache: inlined into one function they
//! leave the registers and take twice the time.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use ark_bn254::Fq;

use super::{
    super::field::{Lanes, add, avx512, gather, multiple_of_p, normalise, product, products_and, reduce, scatter, shift, squares, sub},
    engine::{Batch, NEGATIVE, Packed, SIDE_BY_SIDE, Scratch, invert, operands, results, signs},
};

type V = Lanes<Fq>;

/// Chains, and vectors a step.
const K: usize = SIDE_BY_SIDE;
/// How many vectors ahead points are fetched; that may run on into the next batch.
const AHEAD: usize = 16;
/// Bytes from a point to its ordinate.
const Y: usize = 32;

/// What one step of the way back keeps.
struct Step {
    inverses: [V; K],
    own: [V; K],
    rise: [[V; K]; 2],
    ya: [[V; K]; 2],
    slope: [V; K],
    square: [V; K],
    x: [V; K],
    run: [V; K],
    product: [V; K],
}

avx512! {
    #[inline]
    unsafe fn opposite(mask: __mmask8, a: V) -> V {
        let mut out = a;
        for j in 0..5 {
            out.0[j] = _mm512_mask_sub_epi64(a.0[j], mask, _mm512_setzero_si512(), a.0[j]);
        }
        out
    }

    /// Asks for the 16 points of eight pairs.
    #[inline]
    unsafe fn fetch<const HINT: i32>(source: *const Packed<Fq>, pairs: *const u32) {
        for i in 0..16 {
            // SAFETY: the caller vouches for the pairs; fetching touches nothing.
            unsafe { _mm_prefetch::<HINT>(source.add((*pairs.add(i) & !NEGATIVE) as usize).cast()) };
        }
    }

    // The functions below take pointers into `Scratch` and `Step`, of whole vectors, and pairs and places as in `Batch`:
    // SAFETY throughout is that `pass` hands them only such.

    #[inline]
    unsafe fn load_x<const FIRST: bool>(source: *const Packed<Fq>, pairs: *const u32, xa: *mut V, denominator: *mut V, half: usize) {
        // SAFETY: see above.
        unsafe {
            if half == 0 {
                *xa = gather(operands::<Fq, FIRST>(source, pairs, 0));
            } else {
                let xb = gather(operands::<Fq, FIRST>(source, pairs.add(1), 0));
                *denominator = normalise(add(sub(xb, *xa), multiple_of_p::<Fq, 3>()));
            }
        }
    }

    #[inline]
    unsafe fn load_y<const FIRST: bool>(source: *const Packed<Fq>, pairs: *const u32, ya: *mut V, rise: *mut V, half: usize) {
        // SAFETY: see above.
        unsafe {
            let mut y = gather(operands::<Fq, FIRST>(source, pairs.add(half), Y));
            if FIRST {
                y = opposite(signs(pairs)[half], y);
            }
            if half == 0 {
                *ya = y;
            } else {
                *rise = normalise(add(sub(y, *ya), multiple_of_p::<Fq, 5>()));
            }
        }
    }

    #[inline]
    unsafe fn store_y<const FIRST: bool>(batch: &Batch<Fq>, v: usize, product: *const V, ya: *const V) {
        // SAFETY: see above.
        unsafe { scatter(reduce(sub(*product, *ya)), results::<Fq, FIRST>(batch, v, Y)) };
    }

    /// `x = l^2 - xa - xb` with `xb = d + xa - 3 p`, and `4 (xa - x)`.
    #[inline]
    unsafe fn finish_x(square: *const V, xa: *const V, denominator: *const V, x: *mut V, run: *mut V) {
        // SAFETY: see above.
        unsafe {
            let three = multiple_of_p::<Fq, 3>();
            *x = reduce(sub(add(*square, three), add(add(*xa, *xa), *denominator)));
            *run = normalise(shift::<Fq, 2>(add(sub(*xa, *x), three)));
        }
    }

    #[inline(never)]
    unsafe fn multiply(out: *mut V, a: *const V, b: *const V) {
        // SAFETY: see above.
        unsafe { multiply_and(out, a, b, |_| {}) }
    }

    #[inline]
    unsafe fn multiply_and(out: *mut V, a: *const V, b: *const V, between: impl FnMut(usize)) {
        // SAFETY: see above.
        unsafe {
            let [first, second] = products_and([&*a, &*a.add(1)], [&*b, &*b.add(1)], between);
            *out = first;
            *out.add(1) = second;
        }
    }

    #[inline(never)]
    unsafe fn square(out: *mut V, a: *const V) {
        // SAFETY: see above.
        unsafe {
            let [first, second] = squares([&*a, &*a.add(1)]);
            *out = first;
            *out.add(1) = second;
        }
    }

    #[inline(never)]
    #[allow(clippy::too_many_arguments)] // a struct of them would go through memory
    unsafe fn multiply_loading_x<const FIRST: bool>(out: *mut V, a: *const V, b: *const V, source: *const Packed<Fq>, pairs: *const u32, later: *const u32, xa: *mut V, denominators: *mut V) {
        // SAFETY: see above.
        unsafe {
            multiply_and(out, a, b, |i| {
                if i < 4 {
                    load_x::<FIRST>(source, pairs.add(16 * (i / 2)), xa.add(i / 2), denominators.add(i / 2), i % 2);
                }
                if FIRST && i == 4 {
                    fetch::<_MM_HINT_T0>(source, later);
                    fetch::<_MM_HINT_T0>(source, later.add(16));
                }
            });
        }
    }

    #[inline(never)]
    unsafe fn multiply_loading_y<const FIRST: bool>(out: *mut V, a: *const V, b: *const V, source: *const Packed<Fq>, pairs: *const u32, ya: *mut V, rise: *mut V) {
        // SAFETY: see above.
        unsafe {
            multiply_and(out, a, b, |i| {
                if i < 4 {
                    load_y::<FIRST>(source, pairs.add(16 * (i / 2)), ya.add(i / 2), rise.add(i / 2), i % 2);
                }
            });
        }
    }

    #[inline(never)]
    unsafe fn multiply_storing_y<const FIRST: bool>(out: *mut V, a: *const V, b: *const V, batch: &Batch<Fq>, v: usize, product: *const V, ya: *const V) {
        // SAFETY: see above.
        unsafe {
            multiply_and(out, a, b, |i| {
                if i == 1 || i == 3 {
                    store_y::<FIRST>(batch, v + i / 2, product.add(i / 2), ya.add(i / 2));
                }
            });
        }
    }

    #[inline(never)]
    #[allow(clippy::too_many_arguments)] // a struct of them would go through memory
    unsafe fn multiply_finishing_x(out: *mut V, a: *const V, b: *const V, squares: *const V, xa: *const V, denominators: *const V, x: *mut V, run: *mut V) {
        // SAFETY: see above.
        unsafe {
            multiply_and(out, a, b, |i| {
                if i == 0 || i == 2 {
                    let k = i / 2;
                    finish_x(squares.add(k), xa.add(k), denominators.add(k), x.add(k), run.add(k));
                }
            });
        }
    }

    #[inline(never)]
    unsafe fn multiply_storing_x<const FIRST: bool>(out: *mut V, a: *const V, b: *const V, batch: &Batch<Fq>, v: usize, x: *const V) {
        // SAFETY: see above.
        unsafe {
            multiply_and(out, a, b, |i| {
                if i < 4 {
                    scatter(*x.add(i), results::<Fq, FIRST>(batch, v + i, 0));
                }
            });
        }
    }

    /// Additions without exceptions; nothing is written, and false returned, if there are any.
    ///
    /// # Safety
    /// See [`Batch`].
    pub unsafe fn pass<const FIRST: bool>(batch: &Batch<Fq>, scratch: &mut Scratch<Fq>) -> bool {
        const { assert!(K == 4) };
        let Batch { source, pairs, vectors, listed, .. } = *batch;
        assert!(vectors.is_multiple_of(K) && vectors <= scratch.denominators.len() && vectors <= listed);
        let (denominators, prefixes, xa) = (scratch.denominators.as_mut_ptr(), scratch.prefixes.as_mut_ptr(), scratch.abscissas.as_mut_ptr());
        let mut ends = [super::super::field::zero(); K];
        // SAFETY: the buffers hold `vectors` vectors and the list `listed` of pairs; indices stay below.
        unsafe {
            if FIRST {
                for v in 0..(2 * K + AHEAD).min(vectors) {
                    fetch::<_MM_HINT_T0>(source, pairs.add(16 * v));
                }
            }
            // Chain c multiplies the denominators of vectors c, c + K, ..; those are formed a step ahead, between the
            // rounds. A prefix is the product of the chain's denominators before.
            for v in 0..(2 * K).min(vectors) {
                for half in 0..2 {
                    load_x::<FIRST>(source, pairs.add(16 * v), xa.add(v), denominators.add(v), half);
                }
            }
            let mut current: *const V = denominators;
            if vectors > K {
                std::ptr::copy_nonoverlapping(denominators, prefixes.add(K), K);
                current = prefixes.add(K);
            }
            for v in (K..vectors).step_by(K) {
                let last = v + K == vectors;
                let next = if last { ends.as_mut_ptr() } else { prefixes.add(v + K) };
                for c in (0..K).step_by(2) {
                    let (out, a, b) = (next.add(c), current.add(c), denominators.add(v + c));
                    if last {
                        multiply(out, a, b);
                    } else {
                        let n = v + K + c;
                        let later = pairs.add(16 * (n + AHEAD).min(listed - 2));
                        multiply_loading_x::<FIRST>(out, a, b, source, pairs.add(16 * n), later, xa.add(n), denominators.add(n));
                    }
                }
                current = next;
            }
            let ends = std::array::from_fn(|c| *current.add(c));
            let Some(inverses) = invert_chains(ends) else { return false };
            back::<FIRST>(batch, scratch, inverses);
        }
        true
    }

    #[inline(never)]
    fn invert_chains(ends: [V; K]) -> Option<[V; K]> {
        let (first, second) = (product(&ends[0], &ends[1]), product(&ends[2], &ends[3]));
        let inverse = invert::<Fq>(&product(&first, &second))?;
        let (inverse_first, inverse_second) = (product(&inverse, &second), product(&inverse, &first));
        Some([
            product(&inverse_first, &ends[1]),
            product(&inverse_first, &ends[0]),
            product(&inverse_second, &ends[3]),
            product(&inverse_second, &ends[2]),
        ])
    }

    /// From the last step to the first; a step's products take in the loads of the next and the stores of the one before.
    #[inline(never)]
    unsafe fn back<const FIRST: bool>(batch: &Batch<Fq>, scratch: &mut Scratch<Fq>, inverses: [V; K]) {
        let Batch { source, pairs, vectors, listed, .. } = *batch;
        let (denominators, prefixes, xa) = (scratch.denominators.as_mut_ptr(), scratch.prefixes.as_mut_ptr(), scratch.abscissas.as_mut_ptr());
        let none = [super::super::field::zero(); K];
        let mut step = Step { inverses, own: none, rise: [none; 2], ya: [none; 2], slope: none, square: none, x: none, run: none, product: none };
        let (inverse, own) = (step.inverses.as_mut_ptr(), step.own.as_mut_ptr());
        let (slope, squared) = (step.slope.as_mut_ptr(), step.square.as_mut_ptr());
        let (x, run, risen) = (step.x.as_mut_ptr(), step.run.as_mut_ptr(), step.product.as_mut_ptr());
        let ya = [step.ya[0].as_mut_ptr(), step.ya[1].as_mut_ptr()];
        let rise = [step.rise[0].as_mut_ptr(), step.rise[1].as_mut_ptr()];
        let mut now = 0;
        // SAFETY: as in `pass`.
        unsafe {
            for c in 0..K {
                for half in 0..2 {
                    load_y::<FIRST>(source, pairs.add(16 * (vectors - K + c)), ya[0].add(c), rise[0].add(c), half);
                }
            }
            for v in (0..vectors).step_by(K).rev() {
                let other = now ^ 1;
                let first = v + K == vectors;
                if v == 0 {
                    std::ptr::copy_nonoverlapping(inverse, own, K);
                    for c in 0..if first { 0 } else { K } {
                        store_y::<FIRST>(batch, K + c, risen.add(c), ya[other].add(c));
                    }
                } else {
                    for c in (0..K).step_by(2) {
                        let (out, a, b) = (own.add(c), inverse.add(c), prefixes.add(v + c));
                        if first {
                            multiply(out, a, b);
                        } else {
                            multiply_storing_y::<FIRST>(out, a, b, batch, v + K + c, risen.add(c), ya[other].add(c));
                        }
                    }
                    for c in (0..K).step_by(2) {
                        let earlier = pairs.add(16 * (v - K + c));
                        multiply_loading_y::<FIRST>(inverse.add(c), inverse.add(c), denominators.add(v + c), source, earlier, ya[other].add(c), rise[other].add(c));
                    }
                }
                if FIRST && batch.fetch {
                    // The forward pass is too short to cover the latency of its points, and this one misses nothing.
                    for n in 2 * vectors - K - v..(2 * vectors - v).min(listed) {
                        fetch::<_MM_HINT_T1>(source, pairs.add(16 * n));
                    }
                }
                for c in (0..K).step_by(2) {
                    multiply(slope.add(c), rise[now].add(c), own.add(c));
                }
                for c in (0..K).step_by(2) {
                    square(squared.add(c), slope.add(c));
                }
                for c in 0..2 {
                    finish_x(squared.add(c), xa.add(v + c), denominators.add(v + c), x.add(c), run.add(c));
                }
                multiply_finishing_x(risen, slope, run, squared.add(2), xa.add(v + 2), denominators.add(v + 2), x.add(2), run.add(2));
                multiply_storing_x::<FIRST>(risen.add(2), slope.add(2), run.add(2), batch, v, x);
                now = other;
            }
            for c in 0..K {
                store_y::<FIRST>(batch, c, risen.add(c), ya[now ^ 1].add(c));
            }
        }
    }
}
