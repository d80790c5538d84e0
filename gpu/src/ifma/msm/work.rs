//! Sums of sorted points: every bucket's by a binary tree, a group of buckets at a time.
//!
//! One level of all trees of a group is one list of independent additions: no addition waits for another, whatever
//! the digits. The buckets of several windows are one row, so that short sums share inversions too.

#![allow(unsafe_code)]

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use super::{
    super::fresh,
    coordinate::Coordinate,
    engine::{Jobs, NEGATIVE, Packed, Scratch, run},
};

/// Points of a group: as many as keep inversions cheap and the work memory in a core's cache.
const GROUP: usize = 1 << 14;
/// How many unpaired points ahead the next one is asked for.
const AHEAD: usize = 16;

/// A thread's buffers, kept from sum to sum: fresh ones would cost page faults.
pub struct Work<F: Coordinate> {
    pub(super) scratch: Scratch<F>,
    pub(super) jobs: Jobs,
    /// Where a group's points are summed.
    pub(super) places: Vec<Packed<F>>,
    trees: Vec<Tree>,
    /// Places of a group and the entries of points that are to go there as they are.
    unpaired: Vec<(u32, u32)>,
    /// The sums of the buckets.
    pub buckets: Vec<Packed<F>>,
    /// Where each bucket's entries end; for [`super::sort`].
    pub ends: Vec<u32>,
    /// Points by bucket, marked [`NEGATIVE`] where they are to be negated; for [`super::sort`].
    pub entries: Vec<u32>,
}

/// A run of places that are to be summed into the first one.
#[derive(Clone, Copy)]
struct Tree {
    start: u32,
    len: u32,
}

impl<F: Coordinate> Work<F> {
    /// Empty buffers.
    pub fn new() -> Self {
        Self {
            scratch: Scratch::new(),
            jobs: Jobs::default(),
            places: Vec::new(),
            trees: Vec::new(),
            unpaired: Vec::new(),
            buckets: Vec::new(),
            ends: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Fills `buckets` with the sums of `entries` between `ends`; bucket b has those from `ends[b]` to `ends[b + 1]`.
    ///
    /// Points of `points` that entries name must be finite. `fetch` is that of [`super::engine::Batch`].
    pub fn sum_buckets(&mut self, points: &[Packed<F>], fetch: bool) {
        let entries = std::mem::take(&mut self.entries);
        let ends = std::mem::take(&mut self.ends);
        let count = ends.len() - 1;
        self.buckets.clear();
        fresh::reserve(&mut self.buckets, count);
        self.buckets.resize(count, Packed::INFINITY);
        let mut bucket = 0;
        while bucket < count {
            let start = ends[bucket] as usize;
            let last = bucket + ends[bucket + 1..].partition_point(|end| *end as usize <= start + GROUP);
            if last == bucket {
                self.buckets[bucket] = self.sum_large(points, &entries[start..ends[bucket + 1] as usize], fetch);
                bucket += 1;
            } else {
                self.sum_group(points, &entries, &ends[bucket..=last], fetch);
                let mut place = 0;
                for b in bucket..last {
                    let len = (ends[b + 1] - ends[b]) as usize;
                    if len > 0 {
                        self.buckets[b] = self.places[place];
                        place += len.div_ceil(2);
                    }
                }
                bucket = last;
            }
        }
        (self.entries, self.ends) = (entries, ends);
    }

    /// The sum of more points than a group has: that of its pieces' sums.
    fn sum_large(&mut self, points: &[Packed<F>], entries: &[u32], fetch: bool) -> Packed<F> {
        let mut sums: Vec<Packed<F>> = Vec::with_capacity(entries.len().div_ceil(GROUP));
        for piece in entries.chunks(GROUP) {
            self.sum_group(points, piece, &[0, piece.len() as u32], fetch);
            sums.push(self.places[0]);
        }
        let spare = self.reserve(sums.len());
        self.places[..sums.len()].copy_from_slice(&sums);
        self.trees.clear();
        self.trees.push(Tree { start: 0, len: sums.len() as u32 });
        let mut infinite = sums.iter().any(Packed::is_infinite);
        self.sum_trees(spare, &mut infinite);
        self.places[0]
    }

    /// Sums buckets into the first of their places; a bucket of k points has `ceil(k / 2)`, in order.
    fn sum_group(&mut self, points: &[Packed<F>], entries: &[u32], ends: &[u32], fetch: bool) {
        let listed = &entries[ends[0] as usize..ends[ends.len() - 1] as usize];
        assert!(listed.iter().all(|entry| ((entry & !NEGATIVE) as usize) < points.len()), "an entry beyond the points");
        let pairs: usize = ends.windows(2).map(|ends| (ends[1] - ends[0]).div_ceil(2) as usize).sum();
        let spare = self.reserve(pairs);
        self.jobs.pairs.clear();
        self.jobs.targets.clear();
        self.trees.clear();
        self.unpaired.clear();
        let mut place = 0;
        for ends in ends.windows(2) {
            let entries = &entries[ends[0] as usize..ends[1] as usize];
            let half = (entries.len() / 2) as u32;
            self.jobs.pairs.extend_from_slice(entries.as_chunks().0);
            self.jobs.targets.extend(place..place + half);
            let mut len = half;
            if entries.len() % 2 == 1 {
                self.unpaired.push((place + half, entries[entries.len() - 1]));
                len += 1;
            }
            if len > 1 {
                self.trees.push(Tree { start: place, len });
            }
            place += len;
        }
        self.place_unpaired(points);
        let mut infinite = false;
        let work = self.places.as_mut_ptr();
        // SAFETY: entries name points and targets places, as many as were reserved; no place is a target twice but the
        // spare one. `Work` is only ever made by a backend whose processor was checked.
        unsafe { run::<F, true>((points.as_ptr(), work), &mut self.jobs, spare, fetch, &mut self.scratch, &mut infinite) };
        self.sum_trees(spare, &mut infinite);
    }

    /// Copies points without a partner to their places. Each is a line of memory that nobody read before: they are asked for
    /// ahead.
    fn place_unpaired(&mut self, points: &[Packed<F>]) {
        for (i, (place, entry)) in self.unpaired.iter().enumerate() {
            if let Some((_, later)) = self.unpaired.get(i + AHEAD) {
                fetch(&points[(later & !NEGATIVE) as usize]);
            }
            let point = points[(entry & !NEGATIVE) as usize];
            self.places[*place as usize] = if entry & NEGATIVE == 0 { point } else { Packed { x: point.x, y: -point.y } };
        }
    }

    /// Makes room for `count` places and a spare one, which it returns.
    pub(super) fn reserve(&mut self, count: usize) -> u32 {
        if self.places.len() <= count {
            fresh::reserve(&mut self.places, count + 1);
            self.places.resize(count + 1, Packed::INFINITY);
        }
        count as u32
    }

    /// Level by level, in place: after the level of stride s, every place `2 s k` of a tree holds the sum of `2 s`.
    fn sum_trees(&mut self, spare: u32, infinite: &mut bool) {
        let work = self.places.as_mut_ptr();
        let mut stride = 1;
        while !self.trees.is_empty() {
            self.jobs.pairs.clear();
            let pairs = &mut self.jobs.pairs;
            self.trees.retain(|tree| {
                // Trees have more than `stride` places.
                let count = (tree.len - stride).div_ceil(2 * stride);
                pairs.extend((0..count).map(|k| tree.start + 2 * stride * k).map(|place| [place, place + stride]));
                tree.len > 2 * stride
            });
            // SAFETY: places of trees lie below the spare one, which was reserved. Pairs are disjoint.
            unsafe { run::<F, false>((work.cast_const(), work), &mut self.jobs, spare, false, &mut self.scratch, infinite) };
            stride *= 2;
        }
    }
}

fn fetch<F>(point: &Packed<F>) {
    // SAFETY: fetching touches nothing.
    unsafe { _mm_prefetch::<_MM_HINT_T0>((&raw const *point).cast()) };
}
