//! Sums of points: batched affine additions, eight a vector.
//!
//! Terms are told apart as [`crate::portable`] does: zeros are skipped, units and small scalars are their own digits,
//! others are cut into windows. One window of one piece of the points is sorted by digit, its buckets are summed
//! (`work`), and weighed (`reduce`). Short sums take several windows at once.

mod coordinate;
mod digits;
mod engine;
mod fast;
mod grid;
mod memory;
mod pass;
mod reduce;
mod sort;
mod windows;
mod work;

use std::ops::Range;

use ark_bn254::{Fq, Fq2, G1Projective};
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::Zero;
use coordinate::Coordinate;
use digits::Digits;
use engine::Packed;
use memory::Memory;
use rayon::prelude::*;
use sort::Terms;
use windows::{Cut, cost_of_digits, sum_cut, sum_digits};

use crate::portable::{CHUNK, Int, Ints, SCALAR_BITS, Scalars, Signed, with_values};

/// Points of either group, aligned to lines of the cache.
#[derive(Debug)]
pub struct Points<F> {
    points: Memory<F>,
    /// The places of points at infinity, which sums leave out.
    infinite: Vec<u32>,
}

/// Points of the first group.
pub type Bases = Points<Fq>;
/// Points of the second group.
pub type BasesG2 = Points<Fq2>;

/// The largest digit that is worth a bucket of its own whatever the number of points.
const MOST_BUCKETS: usize = 1 << 20;

#[allow(private_bounds)]
impl<F: Coordinate> Points<F> {
    pub(super) fn new(points: &[Affine<F::Curve>]) -> Self {
        let points = Memory::new(points.len(), |i| Packed::new(&points[i]));
        let infinite = points.iter().enumerate().filter(|(_, point)| point.is_infinite()).map(|(i, _)| i as u32).collect();
        Self { points, infinite }
    }

    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether a point is at infinity.
    fn is_infinite(&self, index: u32) -> bool {
        self.infinite.binary_search(&index).is_ok()
    }

    /// `sum_i scalars[scalar(i)] points[offset + i]` over `i < len`.
    pub(super) fn sum(
        &self,
        offset: usize,
        len: usize,
        scalars: &Scalars,
        scalar: impl Fn(usize) -> usize + Copy + Sync,
    ) -> Projective<F::Curve> {
        let points = &self.points[offset..offset + len];
        if self.infinite.is_empty() && scalars.are_full(len, scalar) {
            return sum_full(points, len, |i| scalars.get(scalar(i)), |range| range.map(|i| i as u32));
        }
        let mut classes = scalars.classes(len, scalar);
        if !self.infinite.is_empty() {
            let finite = |base: u32| !self.is_infinite(offset as u32 + base);
            classes.units.retain(|unit| finite(unit >> 1));
            classes.small.retain(|small| finite(small.0));
            classes.full.retain(|base| finite(*base));
        }
        let (units, small, full) = (&classes.units, &classes.small, &classes.full);
        let units = || {
            let digits = |_, range: Range<usize>| units[range].iter().map(|unit| 1 - 2 * (unit & 1) as i32);
            sum_digits(
                points,
                1,
                Terms { len: units.len(), points: |range: Range<usize>| units[range].iter().map(|unit| unit >> 1), digits },
            )
        };
        let small = || sum_ints(points, small.len(), |i| small[i].0, |i| i64::from(small[i].1));
        let full = || sum_full(points, full.len(), |i| scalars.get(scalar(full[i] as usize)), |range| full[range].iter().copied());
        // Each alone keeps the cores busy, and most sums have one class.
        let mut sum = Projective::zero();
        if !classes.units.is_empty() {
            sum += units();
        }
        if !classes.small.is_empty() {
            sum += small();
        }
        if !classes.full.is_empty() {
            sum += full();
        }
        sum
    }
}

/// `sum_i scalar(i) points[point_i]` by windows of all bits.
fn sum_full<'a, F: Coordinate, P: Iterator<Item = u32>>(
    points: &[Packed<F>],
    len: usize,
    scalar: impl Fn(usize) -> &'a Signed + Sync,
    indices: impl Fn(Range<usize>) -> P + Sync,
) -> Projective<F::Curve> {
    let cut = Cut::plan(len, SCALAR_BITS);
    let digits = Digits::of_scalars(len, scalar, cut);
    sum_cut(points, cut, Terms { len, points: indices, digits: |w, range| digits.row(w, range) })
}

/// `sum_i ints[start + i] bases[offset + i]` over `i < len`.
pub fn sum_of_ints(bases: &Bases, offset: usize, ints: &Ints, start: usize, len: usize) -> G1Projective {
    assert!(len < 1 << 31, "{len} points in one sum");
    let points = &bases.points[offset..offset + len];
    with_values!(ints, values => {
        let values = &values[start..start + len];
        if bases.infinite.is_empty() {
            return sum_ints(points, len, |i| i as u32, |i| values[i].value());
        }
        let finite: Vec<u32> = (0..len as u32).filter(|i| !bases.is_infinite(offset as u32 + i)).collect();
        sum_ints(points, finite.len(), |i| finite[i], |i| values[finite[i] as usize].value())
    })
}

/// `sum_i value(i) points[point(i)]`: integers that few buckets cover are their own digit, others are cut after the width
/// of the largest.
fn sum_ints<F: Coordinate>(
    points: &[Packed<F>],
    len: usize,
    point: impl Fn(usize) -> u32 + Sync,
    value: impl Fn(usize) -> i64 + Sync,
) -> Projective<F::Curve> {
    let size = |i: usize| value(i).unsigned_abs();
    let largest = if len <= CHUNK { (0..len).map(size).max() } else { (0..len).into_par_iter().with_min_len(CHUNK).map(size).max() };
    let largest = largest.unwrap_or(0);
    if largest == 0 {
        return Projective::zero();
    }
    let cut = Cut::plan(len, u64::BITS - largest.leading_zeros() + 1);
    // A cut of one window is no cut, and pieces of digits run side by side.
    if largest < MOST_BUCKETS as u64 && (cut.windows == 1 || cost_of_digits(len, largest as usize) <= cut.cost(len)) {
        let digits = |_, range: Range<usize>| range.map(|i| value(i) as i32);
        return sum_digits(points, largest as usize, Terms { len, points: |range: Range<usize>| range.map(&point), digits });
    }
    let digits = Digits::of_ints(len, value, cut);
    sum_cut(points, cut, Terms { len, points: |range: Range<usize>| range.map(&point), digits: |w, range| digits.row(w, range) })
}
