//! Lists of independent additions of affine points, eight a vector, one inversion a batch.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use ark_ec::{AffineRepr, short_weierstrass::Affine};

use super::{
    super::field::{self, avx512},
    coordinate::Coordinate,
    pass,
};

/// Vectors that go side by side: lists are padded to as many.
pub const SIDE_BY_SIDE: usize = 4;
/// Vectors of additions that share an inversion, at most.
pub const MOST_VECTORS: usize = 256;
/// Marks a point of the first round as to be negated; work places are never marked.
pub const NEGATIVE: u32 = 1 << 31;

/// An affine point, or the origin, which is not on the curve, for the point at infinity. In work memory coordinates may
/// reach 2.33 p.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Packed<F> {
    /// The abscissa.
    pub x: F,
    /// The ordinate.
    pub y: F,
}

impl<F: Coordinate> Packed<F> {
    /// The point at infinity.
    pub const INFINITY: Self = Self { x: F::ZERO, y: F::ZERO };

    /// From arkworks' form.
    pub fn new(point: &Affine<F::Curve>) -> Self {
        point.xy().map_or(Self::INFINITY, |(x, y)| Self { x, y })
    }

    /// Whether it is the point at infinity: the curves' orders are odd, so that no other ordinate is 0.
    pub fn is_infinite(&self) -> bool {
        self.y.is_zero()
    }
}

/// Additions to do.
#[derive(Default)]
pub struct Jobs {
    /// Both operands of each addition.
    pub pairs: Vec<[u32; 2]>,
    /// Where results of the first round go; those of later rounds replace the first operand.
    pub targets: Vec<u32>,
}

/// One batch: `8 vectors` additions, `vectors` a multiple of [`SIDE_BY_SIDE`], at most [`MOST_VECTORS`].
///
/// All places must lie in `source` or, for results, `work`; `listed` vectors of pairs are readable. In the first round
/// operands are in `source`, possibly marked [`NEGATIVE`], and results go to `targets`; in later rounds `source` is
/// `work`, and a result replaces its first operand. No addition's operand is another's result.
pub struct Batch<F> {
    pub source: *const Packed<F>,
    pub work: *mut Packed<F>,
    pub pairs: *const u32,
    pub targets: *const u32,
    pub vectors: usize,
    pub listed: usize,
    /// Fetch the next batch's points during this one; worth it where points lie in a compact piece of memory.
    pub fetch: bool,
}

/// What a batch keeps between its passes.
pub struct Scratch<F: Coordinate> {
    pub denominators: Vec<F::Lanes>,
    pub prefixes: Vec<F::Lanes>,
    pub abscissas: Vec<F::Lanes>,
    pub numerators: Vec<F::Lanes>,
    pub masks: Vec<[__mmask8; 3]>,
}

impl<F: Coordinate> Scratch<F> {
    /// Room for the largest batch.
    pub fn new() -> Self {
        // SAFETY: buffers exist only for sums of this backend, which exists only where the processor fits.
        let room = || vec![unsafe { F::broadcast(&F::ZERO) }; MOST_VECTORS];
        Self { denominators: room(), prefixes: room(), abscissas: room(), numerators: room(), masks: vec![[0; 3]; MOST_VECTORS] }
    }
}

/// Does all additions. `spare` is a place of `work` that nothing else uses; `infinite` tells whether operands may be
/// infinite, and is set where results are.
///
/// A batch is tried without regard to exceptions; its product of denominators is zero where there are any, and it is
/// done again with care. So the usual case pays nothing for them.
///
/// # Safety
/// The processor must have AVX-512 IFMA, and places must be as [`Batch`] says.
pub unsafe fn run<F: Coordinate, const FIRST: bool>(
    (source, work): (*const Packed<F>, *mut Packed<F>),
    jobs: &mut Jobs,
    spare: u32,
    fetch: bool,
    scratch: &mut Scratch<F>,
    infinite: &mut bool,
) {
    let Some(&[first, second]) = jobs.pairs.last() else { return };
    let count = jobs.pairs.len();
    // Padding repeats the last addition, its result going to the spare place.
    let vectors = count.div_ceil(8 * SIDE_BY_SIDE) * SIDE_BY_SIDE;
    if FIRST {
        debug_assert_eq!(jobs.targets.len(), count);
        jobs.targets.resize(8 * vectors, spare);
    } else {
        // SAFETY: both places lie in `work`.
        unsafe { *work.add(spare as usize) = *work.add(first as usize) };
    }
    jobs.pairs.resize(8 * vectors, [if FIRST { first } else { spare }, second]);
    let step = vectors.div_ceil(vectors.div_ceil(MOST_VECTORS)).next_multiple_of(SIDE_BY_SIDE);
    for start in (0..vectors).step_by(step) {
        let targets = if FIRST { jobs.targets[8 * start..].as_ptr() } else { std::ptr::null() };
        let batch = Batch {
            source,
            work,
            pairs: jobs.pairs[8 * start..].as_ptr().cast(),
            targets,
            vectors: step.min(vectors - start),
            listed: vectors - start,
            fetch,
        };
        // SAFETY: the lists were padded to whole vectors; places are as the caller says.
        unsafe {
            if *infinite || !F::pass::<FIRST>(&batch, scratch) {
                *infinite |= pass::careful::<F, FIRST>(&batch, scratch);
            }
        }
    }
}

avx512! {
    /// For lanes v the values u with `M(v, u) = 2^258`, that is 64 times arkworks' inverse; nothing if a lane is zero.
    ///
    /// Chains of k denominators have scale 260 - 4 k; their inverses then have 258 + 4 k.
    #[inline(never)]
    pub fn invert<F: Coordinate>(v: &F::Lanes) -> Option<F::Lanes> {
        let mut values = [F::ZERO; 8];
        let places: [*mut u8; 8] = values.each_mut().map(|value| (value as *mut F).cast());
        // SAFETY: this function has the instructions, and each place is an element.
        unsafe { F::scatter(F::map(*v, |v| field::canonical(v)), places) };
        let mut prefixes = [F::ONE; 8];
        let mut product = values[0];
        for i in 1..8 {
            prefixes[i] = product;
            product *= values[i];
        }
        let mut inverse = product.inverted()?;
        for _ in 0..6 {
            inverse.double_in_place();
        }
        for i in (0..8).rev() {
            let next = inverse * values[i];
            values[i] = inverse * prefixes[i];
            inverse = next;
        }
        let places: [*const u8; 8] = values.each_ref().map(|value| (value as *const F).cast());
        // SAFETY: as above.
        Some(unsafe { F::gather(places) })
    }

    /// The signs of eight pairs.
    #[inline]
    pub unsafe fn signs(pairs: *const u32) -> [__mmask8; 2] {
        // SAFETY: the caller vouches for eight pairs.
        let v = unsafe { _mm512_loadu_si512(pairs.cast()) };
        [_mm512_movepi64_mask(_mm512_slli_epi64::<32>(v)), _mm512_movepi64_mask(v)]
    }
}

/// The places of eight operands: every other entry of `pairs`.
///
/// # Safety
/// Entries must be readable and lie in `base`.
#[inline(always)]
pub unsafe fn operands<F, const FIRST: bool>(base: *const Packed<F>, pairs: *const u32, offset: usize) -> [*const u8; 8] {
    let place = |i: usize| {
        // SAFETY: as the caller says; `offset` is that of a coordinate.
        unsafe {
            let entry = *pairs.add(2 * i);
            base.add((if FIRST { entry & !NEGATIVE } else { entry }) as usize).cast::<u8>().add(offset)
        }
    };
    [place(0), place(1), place(2), place(3), place(4), place(5), place(6), place(7)]
}

/// The places of the results of vector v.
///
/// # Safety
/// See [`Batch`].
#[inline(always)]
pub unsafe fn results<F, const FIRST: bool>(batch: &Batch<F>, v: usize, offset: usize) -> [*mut u8; 8] {
    let place = |i: usize| {
        // SAFETY: as the caller says; `offset` is that of a coordinate.
        unsafe {
            let entry = if FIRST { *batch.targets.add(8 * v + i) } else { *batch.pairs.add(16 * v + 2 * i) };
            batch.work.add(entry as usize).cast::<u8>().add(offset)
        }
    };
    [place(0), place(1), place(2), place(3), place(4), place(5), place(6), place(7)]
}
