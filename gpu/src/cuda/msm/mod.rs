//! Sums of points: bucket sums over Booth digits of all windows at once.
//!
//! ```text
//! scalars -> digits, counted by (window, size) -> places by the sums of the counts -> points sorted by bucket
//! -> bucket sums, in equal shares -> weighted sums of each window's buckets -> doublings, on the CPU
//! ```
//! Points in great number are shared between the devices there are, and of fewer points, sums that are asked for together. A sum whose buffers would not fit is cut into pieces, and
//! points that are not kept on the device come to it piece by piece.
//!
//! Zeros cost nothing, and small scalars have digits in few windows; a bucket that very many points fall into, as units
//! do, is shared between threads like any other stretch of the sorted points.

mod digits;
mod group;
mod multiples;
mod parts;
mod plan;
mod points;
mod sorted;
mod spread;
mod terms;
mod windows;

pub use digits::Scalars;
pub use parts::Points;

use std::ops::Range;

use ark_bn254::{G1Projective, g1, g2};
use ark_ec::short_weierstrass::Projective;
use ark_ff::Zero;

use super::{
    device::Device,
    memory::{Address, Ints, Vector},
};
use crate::IntSum;
use digits::Digits;
use group::Group;
use multiples::Multiples;
use parts::Sum;
use plan::{Plan, Wanted};
use points::Part;
use terms::Terms;
use windows::Windows;

/// Points of the first group for sums on the device.
pub struct Bases(pub(super) Points<g1::Config>);

/// Points of the second group for sums on the device.
pub struct BasesG2(pub(super) Points<g2::Config>);

/// `sum_i scalars[i] points[offset + i]`.
pub fn msm(device: &Device, bases: &Bases, offset: usize, scalars: &Vector) -> G1Projective {
    sum(device, &bases.0, offset, Terms::Field(scalars))
}

/// `sum_i scalars[indices[i]] points[i]`.
pub fn msm_indexed<P: Group>(device: &Device, points: &Points<P>, scalars: &Scalars, indices: &[u32]) -> Projective<P> {
    assert_eq!(points.len(), indices.len());
    assert!(indices.iter().all(|index| (*index as usize) < scalars.len()), "an index beyond the {} scalars", scalars.len());
    sum(device, points, 0, Terms::Indexed(scalars, indices))
}

/// `sum_i ints[start + i] points[offset + i]`.
pub fn msm_ints(device: &Device, bases: &Bases, offset: usize, ints: &Ints, start: usize, len: usize) -> G1Projective {
    sum(device, &bases.0, offset, Terms::Ints { ints, start, len })
}

/// Several such sums, by all devices there are.
pub fn msm_ints_each(device: &Device, bases: &Bases, sums: &[IntSum<'_, Ints>]) -> Vec<G1Projective> {
    let sum = |&IntSum { offset, ints, start, len }: &_| Sum { offset, terms: Terms::Ints { ints, start, len } };
    let sums: Vec<_> = sums.iter().map(sum).collect();
    bases.0.sums(device, &sums)
}

/// What lists of multiples of so many points take, where there may be so many bytes of them.
pub fn multiples_bytes(points: usize, within: usize) -> usize {
    Multiples::planned::<g1::Config>(points, within).bytes::<g1::Config>(points)
}

/// The sum of the terms times points from `offset` on.
fn sum<P: Group>(device: &Device, points: &Points<P>, offset: usize, terms: Terms<'_>) -> Projective<P> {
    points.sums(device, &[Sum { offset, terms }]).into_iter().sum()
}

/// The sum of some of the terms times points of a part from `start` on, in pieces that fit the part's device.
fn part_sum<P: Group>(part: &Part<P>, start: usize, terms: Terms<'_>, range: Range<usize>) -> Projective<P> {
    let (device, len) = (part.device, range.len());
    let bits = terms.bits(device, &range);
    if len == 0 || bits == 0 {
        return Projective::zero();
    }
    // What one sum takes for itself, another one does not plan with.
    let _turn = device.turn().take();
    let wanted = Wanted { len, bits, bytes_each: terms.bytes_each() + part.bytes_each(), multiples: part.multiples };
    let plan = Plan::new::<P>(device, wanted);
    let pieces = part.pieces(start, len, plan.terms);
    let sums = range.clone().step_by(plan.terms).enumerate().map(|(piece, from)| {
        let bases = pieces.receive(piece);
        let count = plan.terms.min(range.end - from);
        let sum = piece_sum(part, bases, count, plan.windows, &terms.digits(device, from, count));
        pieces.release(piece);
        sum
    });
    sums.sum()
}

/// The sum of one piece of `len` terms, times points of a part from an address on.
fn piece_sum<P: Group>(part: &Part<P>, bases: Address, len: usize, windows: Windows, digits: &Digits<'_>) -> Projective<P> {
    let device = part.device;
    let sorted = digits.sort(device, windows, part.len(), len);
    if sorted.entries.len() == 0 {
        return Projective::zero();
    }
    let buckets = sorted::bucket_sums::<P>(device, bases, &sorted);
    drop(sorted);
    let sums = sorted::window_sums::<P>(device, &buckets, windows);
    windows.combine(&sums)
}
