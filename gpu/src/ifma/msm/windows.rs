//! How scalars are cut into digits, and how windows are spread over the cores.

use std::ops::Range;

use ark_ec::short_weierstrass::Projective;
use ark_ff::{AdditiveGroup, Zero};
use rayon::prelude::*;

use super::{
    coordinate::Coordinate,
    engine::Packed,
    grid,
    sort::{Terms, sort},
};

/// What a bucket costs beyond its points, in batched additions.
const BUCKET_COST: usize = 2;
/// What a window costs beyond its buckets.
const WINDOW_COST: usize = 16;
/// Points times windows that one task is worth at least, and what it takes at most from short sums.
const TASK: Range<usize> = 1 << 11..1 << 15;
/// Points of a piece, where a sum with one window is cut by points: they stay in a core's cache.
const PIECE: usize = 1 << 15;
/// Points fewer than this lie close enough to be fetched a batch ahead.
const COMPACT: usize = 1 << 16;

/// A way to cut scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Bits of a digit. Digits lie in `[-2^(bits - 1), 2^(bits - 1))`.
    pub bits: u32,
    /// Number of digits.
    pub windows: usize,
}

impl Cut {
    /// The cheapest cut of `len` scalars below 2^scalar_bits in size.
    pub fn plan(len: usize, scalar_bits: u32) -> Self {
        let cut = |bits: u32| Self { bits, windows: (scalar_bits + 1).div_ceil(bits) as usize };
        (5..=16).map(cut).min_by_key(|cut| cut.cost(len)).unwrap_or(cut(8))
    }

    /// Buckets of a window.
    pub fn width(&self) -> usize {
        1 << (self.bits - 1)
    }

    /// The estimated cost in batched additions.
    pub fn cost(&self, len: usize) -> usize {
        self.windows * (len + BUCKET_COST * self.width() + WINDOW_COST)
    }
}

/// `sum_i digit(i) point(i)` with digits up to `largest` in size.
pub fn sum_digits<F: Coordinate, P: Iterator<Item = u32>, D: Iterator<Item = i32>>(
    points: &[Packed<F>],
    largest: usize,
    terms: Terms<impl Fn(Range<usize>) -> P + Sync, impl Fn(usize, Range<usize>) -> D + Sync>,
) -> Projective<F::Curve> {
    let width = largest.next_multiple_of(8);
    let pieces = pieces(terms.len, largest);
    let sums = each(pieces, |piece| {
        let (start, end) = (piece * terms.len / pieces, (piece + 1) * terms.len / pieces);
        let shift = |range: Range<usize>| start + range.start..start + range.end;
        let part =
            Terms { len: end - start, points: |range| (terms.points)(shift(range)), digits: |w, range| (terms.digits)(w, shift(range)) };
        sum_windows(points, 0..1, width, &part, part.len <= COMPACT)
    });
    sums.into_iter().flatten().sum()
}

/// The cost of [`sum_digits`] in batched additions.
pub fn cost_of_digits(len: usize, largest: usize) -> usize {
    len.saturating_add(pieces(len, largest).saturating_mul(largest).saturating_mul(BUCKET_COST))
}

/// How many pieces a sum with one window is cut into: each has its buckets to pay for.
fn pieces(len: usize, largest: usize) -> usize {
    if len < TASK.start {
        return 1;
    }
    let affordable = len / largest.saturating_mul(16 * BUCKET_COST).max(1);
    len.div_ceil(PIECE).min(affordable).max(rayon::current_num_threads())
}

/// `sum_w 2^(bits w) sum_i digit(w, i) point(i)`.
pub fn sum_cut<F: Coordinate, P: Iterator<Item = u32>, D: Iterator<Item = i32>>(
    points: &[Packed<F>],
    cut: Cut,
    terms: Terms<impl Fn(Range<usize>) -> P + Sync, impl Fn(usize, Range<usize>) -> D + Sync>,
) -> Projective<F::Curve> {
    let share = if terms.len * cut.windows < TASK.start {
        cut.windows
    } else {
        (TASK.end / terms.len).clamp(1, cut.windows.div_ceil(rayon::current_num_threads()))
    };
    let tasks = cut.windows.div_ceil(share);
    let sums = each(tasks, |task| {
        let windows = task * share..cut.windows.min((task + 1) * share);
        sum_windows(points, windows, cut.width(), &terms, points.len() <= COMPACT)
    });
    sums.iter().flatten().rev().fold(Projective::zero(), |mut sum, window| {
        for _ in 0..cut.bits {
            sum.double_in_place();
        }
        sum + window
    })
}

fn each<T: Send>(tasks: usize, task: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if tasks == 1 { vec![task(0)] } else { (0..tasks).into_par_iter().with_max_len(1).map(&task).collect() }
}

fn sum_windows<F: Coordinate, P: Iterator<Item = u32>, D: Iterator<Item = i32>>(
    points: &[Packed<F>],
    windows: Range<usize>,
    width: usize,
    terms: &Terms<impl Fn(Range<usize>) -> P, impl Fn(usize, Range<usize>) -> D>,
    fetch: bool,
) -> Vec<Projective<F::Curve>> {
    F::with_work(|work| {
        let count = windows.len();
        sort(work, windows, width, terms);
        work.sum_buckets(points, fetch);
        grid::sums(work, count)
    })
}
