//! The points of sums, on one device or several.
//!
//! ```text
//! many points     in parts, one on each device, which sums it up with its terms; the processor adds the partial sums
//! fewer points    on the first device; others get copies once many terms of several sums are asked for together, and each sum is
//!                 one device's, by `spread`
//! ```
//! The scalars are on the first device. Others get those that they need before the first one starts with its own work.

use std::{
    ops::Range,
    panic,
    sync::OnceLock,
    thread::{self, ScopedJoinHandle},
};

use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::Zero;

use super::{
    group::Group,
    part_sum,
    points::Part,
    spread::spread,
    terms::{Moved, Terms},
};
use crate::cuda::device::Device;

/// The points of sums.
pub struct Points<P> {
    /// In order, the first part on the first device.
    parts: Vec<Part<P>>,
    /// All of them again, on each other device that has room for them, once sums are spread.
    copies: OnceLock<Vec<Part<P>>>,
}

/// Terms times points from `offset` on.
#[derive(Clone, Copy)]
pub struct Sum<'a> {
    pub offset: usize,
    pub terms: Terms<'a>,
}

/// Some terms of a sum, and the first of the points that they belong to, in the part that has them.
struct Task<'a> {
    sum: usize,
    start: usize,
    terms: Terms<'a>,
    range: Range<usize>,
}

/// Points on one device, and what it does with them.
struct Work<'a, P> {
    part: &'a Part<P>,
    tasks: Vec<Task<'a>>,
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
        Self { parts: parts.collect(), copies: OnceLock::new() }
    }

    /// [`Points::new`], with multiples where there may be any.
    pub fn for_many_sums(first: &'static Device, points: &[Affine<P>]) -> Self {
        let Self { parts, copies } = Self::new(first, points);
        Self { parts: parts.into_iter().map(Part::with_multiples).collect(), copies }
    }

    pub fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    /// The sums, one thread asking each device.
    ///
    /// # Panics
    /// If there are fewer points than a sum asks for; if a device fails, with what the first one of them says.
    pub fn sums(&self, first: &Device, sums: &[Sum<'_>]) -> Vec<Projective<P>> {
        let points = self.len();
        for Sum { offset, terms } in sums {
            assert!(offset + terms.len() <= points, "{} points from {offset} on, of {points}", terms.len());
        }
        let mut work = match &self.parts[..] {
            [part] => self.spread(part, sums),
            parts => shared(parts, sums),
        };
        let here = work.remove(0);
        // Before the first device starts: what it is asked for comes in turn.
        let there: Vec<_> = work.into_iter().filter(|work| !work.tasks.is_empty()).map(|work| work.moved(first)).collect();
        let mut totals = vec![Projective::zero(); sums.len()];
        thread::scope(|scope| {
            let others: Vec<ScopedJoinHandle<'_, Vec<_>>> = there
                .iter()
                .map(|(part, tasks)| {
                    let sum = |(sum, start, moved): &(usize, usize, Moved<'_>)| {
                        let terms = moved.terms();
                        (*sum, part_sum(part, *start, terms, 0..terms.len()))
                    };
                    scope.spawn(move || tasks.iter().map(sum).collect())
                })
                .collect();
            for task in here.tasks {
                totals[task.sum] += part_sum(here.part, task.start, task.terms, task.range);
            }
            for other in others {
                // What a device said goes on from here.
                let sums = other.join().unwrap_or_else(|said| panic::resume_unwind(said));
                sums.into_iter().for_each(|(sum, part)| totals[sum] += part);
            }
        });
        totals
    }

    /// Each sum on one device, if there are several sums, and others that are worth being asked.
    fn spread<'a>(&'a self, part: &'a Part<P>, sums: &[Sum<'a>]) -> Vec<Work<'a, P>> {
        let first = part.device;
        let many = sums.len() > 1 && sums.iter().map(|sum| sum.terms.len()).sum::<usize>() >= first.shared_from();
        let copies = if many { &self.copies.get_or_init(|| copies(part))[..] } else { &[] };
        let bytes: Vec<usize> = sums.iter().map(|sum| sum.terms.bytes()).collect();
        let roomy = |copy: &&Part<P>| bytes.iter().sum::<usize>() <= copy.device.available() / 2;
        let places: Vec<&Part<P>> = [part].into_iter().chain(copies.iter().filter(roomy)).collect();
        let sizes: Vec<usize> = places.iter().map(|place| place.device.multiprocessors() as usize).collect();
        let mut work: Vec<Work<'_, P>> = places.into_iter().map(|part| Work { part, tasks: vec![] }).collect();
        for (sum, place) in spread(&bytes, &sizes) {
            let Sum { offset, terms } = sums[sum];
            work[place].tasks.push(Task { sum, start: offset, terms, range: 0..terms.len() });
        }
        work
    }
}

/// All points of the first device's part on each other device that has room for them.
fn copies<P: Group>(part: &Part<P>) -> Vec<Part<P>> {
    Device::all().into_iter().filter(|device| !std::ptr::eq(*device, part.device)).filter_map(|device| part.copied(device)).collect()
}

/// Of each sum, what each part has points for.
fn shared<'a, P: Group>(parts: &'a [Part<P>], sums: &[Sum<'a>]) -> Vec<Work<'a, P>> {
    let mut end = 0;
    let work = parts.iter().map(|part| {
        let begin = end;
        end += part.len();
        let tasks = sums.iter().enumerate().filter_map(|(sum, Sum { offset, terms })| {
            let (from, to) = (begin.max(*offset), end.min(offset + terms.len()));
            (from < to).then(|| Task { sum, start: from - begin, terms: *terms, range: from - offset..to - offset })
        });
        Work { part, tasks: tasks.collect() }
    });
    work.collect()
}

impl<'a, P: Group> Work<'a, P> {
    /// The same work with its terms on the part's device: of each task its sum, the first point, and the terms.
    fn moved(self, first: &Device) -> (&'a Part<P>, Vec<(usize, usize, Moved<'a>)>) {
        let there = self.part.device;
        let moved = |task: Task<'a>| (task.sum, task.start, task.terms.moved(first, there, task.range));
        (self.part, self.tasks.into_iter().map(moved).collect())
    }
}
