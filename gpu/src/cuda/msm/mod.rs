//! Sums of points: bucket sums over Booth digits of all windows at once.
//!
//! ```text
//! scalars -> digits, counted by (window, size) -> places by the sums of the counts -> points sorted by bucket
//! -> bucket sums, in equal shares -> weighted sums of each window's buckets -> doublings, on the CPU
//! ```
//! Zeros cost nothing, and small scalars have digits in few windows; a bucket that very many points fall into, as units
//! do, is shared between threads like any other stretch of the sorted points.

mod digits;
mod group;
mod sorted;
mod windows;

pub use digits::Scalars;
pub use group::Points;

use ark_bn254::{G1Projective, g1, g2};
use ark_ec::short_weierstrass::Projective;
use ark_ff::Zero;

use super::{
    device::Device,
    memory::{Buffer, Ints, Vector},
};
use digits::Digits;
use group::Group;
use windows::Windows;

/// Bits of the size of a full scalar.
const SCALAR_BITS: u32 = 253;

/// Points of the first group on the device.
pub struct Bases(pub(super) Points<g1::Config>);

/// Points of the second group on the device.
pub struct BasesG2(pub(super) Points<g2::Config>);

/// `sum_i scalars[i] points[offset + i]`.
pub fn msm(device: &Device, bases: &Bases, offset: usize, scalars: &Vector) -> G1Projective {
    let scalars = Scalars::new(device, scalars);
    sum(device, &bases.0, offset, scalars.len(), SCALAR_BITS, &Digits::full(&scalars, None))
}

/// `sum_i scalars[indices[i]] points[i]`.
pub fn msm_indexed<P: Group>(device: &Device, points: &Points<P>, scalars: &Scalars, indices: &[u32]) -> Projective<P> {
    let len = indices.len();
    assert_eq!(points.len(), len);
    assert!(indices.iter().all(|index| (*index as usize) < scalars.len()), "an index beyond the {} scalars", scalars.len());
    let indices = Buffer::upload(device, indices);
    sum(device, points, 0, len, SCALAR_BITS, &Digits::full(scalars, Some(&indices)))
}

/// `sum_i ints[start + i] points[offset + i]`.
pub fn msm_ints(device: &Device, bases: &Bases, offset: usize, ints: &Ints, start: usize, len: usize) -> G1Projective {
    let bits = digits::bits_of_largest(device, ints, start, len);
    sum(device, &bases.0, offset, len, bits, &Digits::ints(ints, start, len))
}

/// The sum over points `offset..offset + len` of scalars whose sizes have at most `bits` bits.
fn sum<P: Group>(device: &Device, points: &Points<P>, offset: usize, len: usize, bits: u32, digits: &Digits<'_>) -> Projective<P> {
    let bases = points.at(offset, len);
    if len == 0 || bits == 0 {
        return Projective::zero();
    }
    let windows = Windows::plan(len, bits, P::MOST_WINDOW_BITS);
    let sorted = digits.sort(device, windows, len);
    if sorted.entries.len() == 0 {
        return Projective::zero();
    }
    let buckets = sorted::bucket_sums::<P>(device, bases, &sorted);
    let sums = sorted::window_sums::<P>(device, &buckets, windows);
    windows.combine(&sums)
}
