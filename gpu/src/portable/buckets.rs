//! Pippenger's buckets: `sum_i digit_i point_i` for small signed digits.
//!
//! The points are sorted by the size of their digit, largest first; equal digits are neighbours and are added in
//! batches (see [`super::affine`]). The sorted list is cut evenly between tasks, even inside a bucket: the sum is
//! linear.
//!
//! The buckets' sums are weighed by their digits in the same way: a digit is `high 2^k + low`, and the sums by high and
//! by low halves have few buckets. That takes two batched additions a bucket, where the usual running sum takes two
//! projective ones, worth more than four.

use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, Zero};
use rayon::prelude::*;

use super::{
    affine::{Point, Segments},
    coordinate::Coordinate,
};

/// Points whose additions share inversions: an inversion then costs next to nothing, and they stay in a core's cache.
const BATCH: usize = 1 << 13;

/// What a bucket costs beyond its points, in batched additions: it enters two smaller sums.
pub const BUCKET_COST: usize = 2;

/// Digits up to this size are summed by a running sum; larger ones are split in two.
const MOST_RUNNING: usize = 1 << 7;

/// A way to cut scalars into digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Bits of a digit; digits are at most 2^(bits - 1) in size.
    pub bits: u32,
    /// Number of digits.
    pub count: u32,
}

impl Windows {
    /// The cheapest cut of `points` scalars below 2^scalar_bits in size.
    pub fn plan(points: usize, scalar_bits: u32) -> Self {
        let cuts = (4..=16).map(|bits| Self { bits, count: (scalar_bits + 1).div_ceil(bits) });
        cuts.min_by_key(|cut| cut.cost(points)).unwrap_or(Self { bits: 8, count: (scalar_bits + 1).div_ceil(8) })
    }

    /// The estimated cost in batched additions.
    pub fn cost(&self, points: usize) -> usize {
        self.count as usize * (points + (BUCKET_COST << (self.bits - 1)))
    }
}

/// Which points a sum takes, each with its digit: entry i is the point `point(i)` times `digit(i)`.
pub struct Terms<I, D> {
    /// Number of terms.
    pub len: usize,
    /// The point of a term.
    pub point: I,
    /// The digit of a term.
    pub digit: D,
}

/// `sum_i digit(i) points[point(i)]`, with `|digit(i)| <= largest`.
pub fn sum<P, I, D>(points: &[Point<P::BaseField>], largest: usize, terms: Terms<I, D>) -> Projective<P>
where
    P: SWCurveConfig<BaseField: Coordinate>,
    I: Fn(usize) -> u32,
    D: Fn(usize) -> i32,
{
    let (order, starts) = sort(largest, terms);
    sum_sorted(points, largest, &order, &starts)
}

/// The sum of terms in the order of [`sort`].
pub fn sum_sorted<P: SWCurveConfig<BaseField: Coordinate>>(
    points: &[Point<P::BaseField>],
    largest: usize,
    order: &[u32],
    starts: &[u32],
) -> Projective<P> {
    let tasks = 4 * rayon::current_num_threads();
    let task = order.len().div_ceil(tasks).max(BATCH);
    let tasks = order.len().div_ceil(task);
    let parts: Vec<Buckets<P::BaseField>> = (0..tasks)
        .into_par_iter()
        .map(|index| {
            let start = index * task;
            sum_range(points, largest, order, starts, start..order.len().min(start + task))
        })
        .collect();
    // Still by falling size: where a bucket was cut, its size comes twice.
    let mut buckets = Buckets::default();
    for part in parts {
        buckets.sizes.extend(part.sizes);
        buckets.sums.extend(part.sums);
    }
    weigh(&buckets, largest)
}

/// Sums of points with equal digits, with the digits' sizes, which fall.
struct Buckets<F> {
    sizes: Vec<u32>,
    sums: Vec<Point<F>>,
}

impl<F> Default for Buckets<F> {
    fn default() -> Self {
        Self { sizes: Vec::new(), sums: Vec::new() }
    }
}

/// `sum_b size_b sum_b`.
fn weigh<P: SWCurveConfig<BaseField: Coordinate>>(buckets: &Buckets<P::BaseField>, largest: usize) -> Projective<P> {
    let Buckets { sizes, sums } = buckets;
    if largest <= MOST_RUNNING {
        let mut running = Running::new(largest);
        sizes.iter().zip(sums).for_each(|(size, sum)| running.add(*size as usize, *sum));
        return running.finish();
    }
    let low_bits = largest.ilog2().div_ceil(2);
    let half = |largest: usize, digit: fn(u32, u32) -> u32| {
        sum(sums, largest, Terms { len: sums.len(), point: |i| i as u32, digit: |i: usize| digit(sizes[i], low_bits) as i32 })
    };
    let high: Projective<P> = half(largest >> low_bits, |size, bits| size >> bits);
    let low: Projective<P> = half((1 << low_bits) - 1, |size, bits| size & ((1 << bits) - 1));
    combine(&[low, high], low_bits)
}

/// The terms with non-zero digits as `point << 1 | negative`, largest digit first, and where each digit starts:
/// size s fills `starts[largest - s]..starts[largest - s + 1]`.
fn sort(largest: usize, terms: Terms<impl Fn(usize) -> u32, impl Fn(usize) -> i32>) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; largest + 2];
    let digits: Vec<i32> = (0..terms.len)
        .map(|index| {
            let digit = (terms.digit)(index);
            // Zeros count into the last place, which the order leaves out.
            starts[largest - digit.unsigned_abs() as usize + 1] += 1;
            digit
        })
        .collect();
    for rank in 1..starts.len() {
        starts[rank] += starts[rank - 1];
    }
    starts.pop();
    let mut order = vec![0u32; starts[largest] as usize];
    let mut next = starts.clone();
    for (index, digit) in digits.iter().enumerate() {
        if *digit != 0 {
            let place = &mut next[largest - digit.unsigned_abs() as usize];
            order[*place as usize] = (terms.point)(index) << 1 | u32::from(*digit < 0);
            *place += 1;
        }
    }
    (order, starts)
}

/// The buckets of `order[range]`.
fn sum_range<F: Coordinate>(
    points: &[Point<F>],
    largest: usize,
    order: &[u32],
    starts: &[u32],
    range: std::ops::Range<usize>,
) -> Buckets<F> {
    let mut segments = Segments::new();
    let mut buckets = Buckets::default();
    let mut rank = starts.partition_point(|start| *start as usize <= range.start) - 1;
    let (mut start, mut filled) = (range.start, 0);
    while start < range.end {
        while starts[rank + 1] as usize <= start {
            rank += 1;
        }
        let end = range.end.min(starts[rank + 1] as usize).min(start + BATCH - filled);
        let point = |entry: &u32| points[(entry >> 1) as usize].negated_if(entry & 1 == 1);
        segments.push(order[start..end].iter().map(point));
        buckets.sizes.push((largest - rank) as u32);
        filled += end - start;
        start = end;
        if filled == BATCH || start == range.end {
            segments.sum(|sum| buckets.sums.push(sum));
            filled = 0;
        }
    }
    buckets
}

/// `sum_s s bucket_s`, the buckets coming by falling size.
struct Running<P: SWCurveConfig> {
    size: usize,
    sum: Projective<P>,
    total: Projective<P>,
}

impl<P: SWCurveConfig<BaseField: Coordinate>> Running<P> {
    fn new(largest: usize) -> Self {
        Self { size: largest, sum: Projective::zero(), total: Projective::zero() }
    }

    fn add(&mut self, size: usize, bucket: Point<P::BaseField>) {
        self.fall_to(size);
        self.sum += bucket.to_affine::<P>();
    }

    fn fall_to(&mut self, size: usize) {
        let steps = self.size - size;
        self.size = size;
        if steps == 1 {
            self.total += self.sum;
        } else if steps > 1 && !self.sum.is_zero() {
            self.total += times(&self.sum, steps);
        }
    }

    fn finish(mut self) -> Projective<P> {
        self.fall_to(0);
        self.total
    }
}

fn times<P: SWCurveConfig>(point: &Projective<P>, factor: usize) -> Projective<P> {
    let mut product = Projective::zero();
    for bit in (0..usize::BITS - factor.leading_zeros()).rev() {
        product.double_in_place();
        if factor >> bit & 1 == 1 {
            product += point;
        }
    }
    product
}

/// `sum_w 2^(bits w) windows[w]`.
pub fn combine<P: SWCurveConfig>(windows: &[Projective<P>], bits: u32) -> Projective<P> {
    windows.iter().rev().fold(Projective::zero(), |mut sum, window| {
        for _ in 0..bits {
            sum.double_in_place();
        }
        sum + window
    })
}
