//! The points of a sum, a part on each device.
//!
//! The scalars are on the first device, and so is the first part of the points: sums over few points stay there. The others
//! get the scalars of their parts, and the partial sums are added by the processor.

use std::{ops::Range, panic, thread};

use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::Zero;

use super::{group::Group, part_sum, points::Part, terms::Terms};
use crate::cuda::device::Device;

/// Points in parts, in order.
pub struct Points<P>(Vec<Part<P>>);

/// Some points of a part, and the terms that they belong to.
struct Share<'a, P> {
    part: &'a Part<P>,
    start: usize,
    terms: Range<usize>,
}

impl<P: Group> Points<P> {
    /// On the first device, or if they are many, on all of them, each with a share by the size of its processor.
    pub fn new(first: &'static Device, points: &[Affine<P>]) -> Self {
        let devices = if points.len() >= first.shared_from() { Device::all() } else { vec![first] };
        let all: usize = devices.iter().map(|device| device.multiprocessors() as usize).sum();
        let mut before = 0;
        let parts = devices.into_iter().map(|device| {
            let start = (before as u128 * points.len() as u128 / all as u128) as usize;
            before += device.multiprocessors() as usize;
            let end = (before as u128 * points.len() as u128 / all as u128) as usize;
            Part::new(device, &points[start..end])
        });
        Self(parts.collect())
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(Part::len).sum()
    }

    /// Where points `offset..offset + len` are.
    fn shares(&self, offset: usize, len: usize) -> impl Iterator<Item = Share<'_, P>> {
        let mut end = 0;
        self.0.iter().filter_map(move |part| {
            let begin = end;
            end += part.len();
            let (from, to) = (begin.max(offset), end.min(offset + len));
            (from < to).then(|| Share { part, start: from - begin, terms: from - offset..to - offset })
        })
    }

    /// The sum of all terms, whose sizes have at most so many bits, times points from `offset` on. One thread asks each device.
    pub fn sum(&self, first: &Device, offset: usize, terms: Terms<'_>, bits: u32) -> Projective<P> {
        let (here, there): (Vec<_>, Vec<_>) = self.shares(offset, terms.len()).partition(|share| std::ptr::eq(share.part.device, first));
        // Before the first device starts with its own part: what it is asked for comes in turn.
        let there: Vec<_> = there
            .into_iter()
            .map(|share| {
                let moved = terms.moved(first, share.part.device, share.terms.clone());
                (share, moved)
            })
            .collect();
        thread::scope(|scope| {
            let others: Vec<_> = there
                .iter()
                .map(|(share, moved)| scope.spawn(move || part_sum(share.part, share.start, moved.terms(), 0..share.terms.len(), bits)))
                .collect();
            let own = here.into_iter().map(|share| part_sum(share.part, share.start, terms, share.terms, bits));
            let own = own.fold(Projective::zero(), |sum, part| sum + part);
            others.into_iter().fold(own, |sum, other| match other.join() {
                Ok(part) => sum + part,
                // What that device said goes on from here.
                Err(panic) => panic::resume_unwind(panic),
            })
        })
    }
}
