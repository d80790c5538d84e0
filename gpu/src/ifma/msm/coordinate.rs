//! The fields that points have their coordinates in, eight elements at a time.
//!
//! Memory holds coordinates below 2.33 p, at arkworks' scale of 2^256; products are `M(a, b) = a b / 2^260` as in
//! [`super::super::field`]. Fq2 is Fq[u] / (u^2 + 1), its products those of the schoolbook, all terms of a component
//! under one reduction.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, cell::RefCell};

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::short_weierstrass::SWCurveConfig;

use super::{
    super::field::{self, Lanes, avx512},
    engine::{Batch, Scratch},
    fast, pass,
    work::Work,
};
use crate::inverse::Invert;

/// A field of coordinates. Functions need the processor's AVX-512 IFMA: that is their whole safety contract, unless they
/// take pointers.
pub trait Coordinate: Invert {
    /// Eight elements.
    type Lanes: Copy + Send + 'static;
    /// The curve y^2 = x^3 + b over this field.
    type Curve: SWCurveConfig<BaseField = Self>;

    /// Runs `f` with this thread's buffers.
    fn with_work<R>(f: impl FnOnce(&mut Work<Self>) -> R) -> R;

    /// Every component through `f`.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn map(a: Self::Lanes, f: impl FnMut(Lanes<Fq>) -> Lanes<Fq>) -> Self::Lanes;
    /// Matching components through `f`.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn zip(a: Self::Lanes, b: Self::Lanes, f: impl FnMut(Lanes<Fq>, Lanes<Fq>) -> Lanes<Fq>) -> Self::Lanes;
    /// Lanes where `f` holds for every component.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn all(a: &Self::Lanes, f: impl FnMut(&Lanes<Fq>) -> __mmask8) -> __mmask8;
    /// One element in all lanes.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn broadcast(x: &Self) -> Self::Lanes;
    /// The elements at eight places.
    ///
    /// # Safety
    /// Each place must hold an element.
    unsafe fn gather(places: [*const u8; 8]) -> Self::Lanes;
    /// Writes eight elements.
    ///
    /// # Safety
    /// Each place must have room for an element.
    unsafe fn scatter(lanes: Self::Lanes, places: [*mut u8; 8]);
    /// `M(a_k, b_k)` for a < 14 p and b < 22 p; a component is below `(a (b + 22 p) / 84.6 p + 1.127 p)`.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn products<const K: usize>(a: [&Self::Lanes; K], b: [&Self::Lanes; K]) -> [Self::Lanes; K];
    /// `M(a, a)` for a < 10 p.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn squared(a: &Self::Lanes) -> Self::Lanes;
    /// `3 b a`, for a < 2.33 p: below 21 p, or 2 p where that takes a product. `b3` is [`Self::b3`].
    ///
    /// # Safety
    /// See the trait.
    unsafe fn times_b3(a: &Self::Lanes, b3: &Self::Lanes) -> Self::Lanes;
    /// `3 b` at scale 2^260.
    fn b3() -> Self;
    /// `a - 3 b c`, normalised, given [`Self::times_b3`] of c < 1.3 p or, where that takes a product, 2.33 p.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn less_b3(a: Self::Lanes, c: Self::Lanes) -> Self::Lanes;
    /// Additions without exceptions; nothing is written, and false returned, if there are any.
    ///
    /// # Safety
    /// See [`Batch`].
    unsafe fn pass<const FIRST: bool>(batch: &Batch<Self>, scratch: &mut Scratch<Self>) -> bool;
}

macro_rules! own_work {
    ($field:ty) => {
        fn with_work<R>(f: impl FnOnce(&mut Work<Self>) -> R) -> R {
            thread_local! {
                static WORK: RefCell<Work<$field>> = RefCell::new(Work::new());
            }
            WORK.with_borrow_mut(f)
        }
    };
}

impl Coordinate for Fq {
    type Lanes = Lanes<Fq>;
    type Curve = g1::Config;

    own_work!(Fq);

    avx512! {
        #[inline]
        unsafe fn map(a: Self::Lanes, mut f: impl FnMut(Lanes<Fq>) -> Lanes<Fq>) -> Self::Lanes {
            f(a)
        }

        #[inline]
        unsafe fn zip(a: Self::Lanes, b: Self::Lanes, mut f: impl FnMut(Lanes<Fq>, Lanes<Fq>) -> Lanes<Fq>) -> Self::Lanes {
            f(a, b)
        }

        #[inline]
        unsafe fn all(a: &Self::Lanes, mut f: impl FnMut(&Lanes<Fq>) -> __mmask8) -> __mmask8 {
            f(a)
        }

        #[inline]
        unsafe fn broadcast(x: &Self) -> Self::Lanes {
            field::broadcast(x)
        }

        #[inline]
        unsafe fn gather(places: [*const u8; 8]) -> Self::Lanes {
            // SAFETY: an element of Fq is 32 bytes.
            unsafe { field::gather(places) }
        }

        #[inline]
        unsafe fn scatter(lanes: Self::Lanes, places: [*mut u8; 8]) {
            // SAFETY: an element of Fq is 32 bytes.
            unsafe { field::scatter(lanes, places) }
        }

        #[inline]
        unsafe fn products<const K: usize>(a: [&Self::Lanes; K], b: [&Self::Lanes; K]) -> [Self::Lanes; K] {
            field::products(a, b)
        }

        #[inline]
        unsafe fn squared(a: &Self::Lanes) -> Self::Lanes {
            field::squares([a])[0]
        }

        #[inline]
        unsafe fn times_b3(a: &Self::Lanes, _: &Self::Lanes) -> Self::Lanes {
            // b = 3.
            field::normalise(field::add(field::shift::<Fq, 3>(*a), *a))
        }

        #[inline]
        unsafe fn less_b3(a: Self::Lanes, c: Self::Lanes) -> Self::Lanes {
            field::normalise(field::add(field::sub(a, c), field::multiple_of_p::<Fq, 12>()))
        }

        unsafe fn pass<const FIRST: bool>(batch: &Batch<Self>, scratch: &mut Scratch<Self>) -> bool {
            // SAFETY: the same contract.
            unsafe { fast::pass::<FIRST>(batch, scratch) }
        }
    }

    fn b3() -> Self {
        scaled_b3::<Self>()
    }
}

impl Coordinate for Fq2 {
    type Lanes = [Lanes<Fq>; 2];
    type Curve = g2::Config;

    own_work!(Fq2);

    avx512! {
        #[inline]
        unsafe fn map(a: Self::Lanes, mut f: impl FnMut(Lanes<Fq>) -> Lanes<Fq>) -> Self::Lanes {
            [f(a[0]), f(a[1])]
        }

        #[inline]
        unsafe fn zip(a: Self::Lanes, b: Self::Lanes, mut f: impl FnMut(Lanes<Fq>, Lanes<Fq>) -> Lanes<Fq>) -> Self::Lanes {
            [f(a[0], b[0]), f(a[1], b[1])]
        }

        #[inline]
        unsafe fn all(a: &Self::Lanes, mut f: impl FnMut(&Lanes<Fq>) -> __mmask8) -> __mmask8 {
            f(&a[0]) & f(&a[1])
        }

        #[inline]
        unsafe fn broadcast(x: &Self) -> Self::Lanes {
            [field::broadcast(&x.c0), field::broadcast(&x.c1)]
        }

        #[inline]
        unsafe fn gather(places: [*const u8; 8]) -> Self::Lanes {
            // SAFETY: an element of Fq2 is 64 bytes, its components one after the other.
            unsafe { [field::gather(places), field::gather(places.map(|place| place.add(32)))] }
        }

        #[inline]
        unsafe fn scatter(lanes: Self::Lanes, places: [*mut u8; 8]) {
            // SAFETY: an element of Fq2 is 64 bytes, its components one after the other.
            unsafe {
                field::scatter(lanes[0], places);
                field::scatter(lanes[1], places.map(|place| place.add(32)));
            }
        }

        #[inline]
        unsafe fn products<const K: usize>(a: [&Self::Lanes; K], b: [&Self::Lanes; K]) -> [Self::Lanes; K] {
            let mut out = [[field::zero(); 2]; K];
            for k in 0..K {
                out[k] = product(a[k], b[k]);
            }
            out
        }

        #[inline]
        unsafe fn squared(a: &Self::Lanes) -> Self::Lanes {
            let [a0, a1] = *a;
            let sum = field::normalise(field::add(a0, a1));
            let difference = field::normalise(field::add(field::sub(a0, a1), field::multiple_of_p::<Fq, 10>()));
            let double = field::normalise(field::shift::<Fq, 1>(a0));
            field::products([&sum, &double], [&difference, &a1])
        }

        #[inline]
        unsafe fn times_b3(a: &Self::Lanes, b3: &Self::Lanes) -> Self::Lanes {
            product(a, b3)
        }

        #[inline]
        unsafe fn less_b3(a: Self::Lanes, c: Self::Lanes) -> Self::Lanes {
            // SAFETY: the same contract.
            unsafe { Self::zip(a, c, |a, c| field::normalise(field::add(field::sub(a, c), field::multiple_of_p::<Fq, 2>()))) }
        }

        unsafe fn pass<const FIRST: bool>(batch: &Batch<Self>, scratch: &mut Scratch<Self>) -> bool {
            // SAFETY: the same contract.
            unsafe { pass::plain::<Self, FIRST>(batch, scratch) }
        }
    }

    fn b3() -> Self {
        scaled_b3::<Self>()
    }
}

fn scaled_b3<F: Coordinate>() -> F {
    let b = F::Curve::COEFF_B;
    (0..4).fold(b.double() + b, |x, _| x.double())
}

avx512! {
    // Out of line: inlined thrice into one function, its sums leave the registers.
    #[inline(never)]
    fn product(a: &[Lanes<Fq>; 2], b: &[Lanes<Fq>; 2]) -> [Lanes<Fq>; 2] {
        let opposite = field::normalise(field::sub(field::multiple_of_p::<Fq, 22>(), b[1]));
        let mut columns = [[field::word(0); 10]; 2];
        field::accumulate(&mut columns[0], &a[0], &b[0]);
        field::accumulate(&mut columns[0], &a[1], &opposite);
        field::accumulate(&mut columns[1], &a[0], &b[1]);
        field::accumulate(&mut columns[1], &a[1], &b[0]);
        field::reduce_columns(columns)
    }
}
