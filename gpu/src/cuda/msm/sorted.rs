//! From points sorted by bucket to the sum of each window.

#![allow(unsafe_code)]

use ark_ec::short_weierstrass::Projective;
use cudarc::driver::{DeviceRepr, LaunchConfig};

use super::{
    digits::Sorted,
    group::{self, Group},
    windows::Windows,
};
use crate::cuda::{
    device::Device,
    launch::{count, launch_from},
    memory::{Address, Buffer, Limbs},
};

/// Threads of a block: additions of points need so many registers that more would not be resident together.
const THREADS: u32 = 128;

/// Threads that add points at the same time, for each multiprocessor.
const THREADS_EACH: usize = 512;

/// Points a thread adds at least.
const LEAST_SHARE: usize = 8;

/// Partial sums a thread puts together.
const MERGED: usize = 16;

/// Buckets a thread weighs.
const WEIGHED: usize = 16;

/// Points a thread sums up at the end.
const SUMMED: usize = 8;

/// Threads that add points of one sum, at most.
pub fn most_threads(device: &Device) -> usize {
    THREADS_EACH * device.multiprocessors() as usize
}

/// What sums of buckets and of windows need, at most, besides what is sorted: buckets of so many bytes, two generations of
/// partial sums (the first, and all later ones together), and two of weighted ones.
pub fn bytes(entries: usize, windows: Windows, bucket: usize, most_threads: usize) -> usize {
    let partial = 2 * (bucket + size_of::<u32>());
    let threads = entries.div_ceil(LEAST_SHARE).min(most_threads);
    let merging = (2 * threads).div_ceil(MERGED) + (4 * threads).div_ceil(MERGED * MERGED) + usize::BITS as usize;
    let weighed = windows.buckets_each().div_ceil(WEIGHED);
    let weighing = windows.sets as usize * (weighed + weighed.div_ceil(SUMMED) + 1);
    (threads + merging) * partial + (windows.buckets() + weighing) * bucket
}

/// One thread for each of `n` shares.
fn shares(n: usize) -> LaunchConfig {
    LaunchConfig { grid_dim: (count(n).div_ceil(THREADS), 1, 1), block_dim: (THREADS, 1, 1), shared_mem_bytes: 0 }
}

/// Partial sums of buckets that reach over the borders of shares: two places a share.
struct Partials {
    points: Buffer<Limbs>,
    buckets: Buffer<u32>,
}

/// Their addresses, as the kernels take them.
#[repr(C)]
#[derive(Clone, Copy)]
struct PartialAddresses {
    points: Address,
    buckets: Address,
}

// SAFETY: addresses, laid out as in C.
unsafe impl DeviceRepr for PartialAddresses {}

impl Partials {
    fn new<P: Group>(device: &Device, shares: usize) -> Self {
        Self { points: Buffer::uninitialised(device, 2 * shares * P::BUCKET), buckets: Buffer::uninitialised(device, 2 * shares) }
    }

    fn addresses(&self) -> PartialAddresses {
        PartialAddresses { points: self.points.all(), buckets: self.buckets.all() }
    }

    fn len(&self) -> usize {
        self.buckets.len()
    }
}

/// The sum of each bucket's points; buckets without points are infinity.
pub fn bucket_sums<P: Group>(device: &Device, bases: Address, sorted: &Sorted) -> Buffer<Limbs> {
    let bucket_count = sorted.starts.len() - 1;
    // All zeros is the point at infinity.
    let buckets = Buffer::<Limbs>::zeroed(device, bucket_count * P::BUCKET);
    let entries = sorted.entries.len();
    let share = entries.div_ceil(most_threads(device)).max(LEAST_SHARE);
    let threads = entries.div_ceil(share);
    let mut partials = Partials::new::<P>(device, threads);
    launch_from!(
        device,
        P::KERNELS,
        P::ACCUMULATE,
        shares(threads),
        buckets.all(),
        partials.addresses(),
        bases,
        sorted.entries.all(),
        sorted.starts.all(),
        count(bucket_count),
        count(entries),
        count(share),
    );
    loop {
        let n = partials.len();
        let only = n <= MERGED;
        let threads = n.div_ceil(MERGED);
        let merged = Partials::new::<P>(device, threads);
        let (to, from) = (merged.addresses(), partials.addresses());
        launch_from!(device, P::KERNELS, P::MERGE, shares(threads), buckets.all(), to, from, count(n), MERGED as u32, u32::from(only));
        if only {
            return buckets;
        }
        partials = merged;
    }
}

/// `sum_b (b + 1) bucket[b]` for each set of buckets.
pub fn window_sums<P: Group>(device: &Device, buckets: &Buffer<Limbs>, windows: Windows) -> Vec<Projective<P>> {
    let groups = windows.sets as usize;
    let weighed = windows.buckets_each().min(WEIGHED);
    let mut each = windows.buckets_each() / weighed;
    let mut sums = Buffer::<Limbs>::uninitialised(device, groups * each * P::BUCKET);
    let n = groups * each;
    launch_from!(device, P::KERNELS, P::WEIGH_BUCKETS, shares(n), sums.all(), buckets.all(), count(each), weighed as u32, count(n));
    while each > 1 {
        let kept = each.div_ceil(SUMMED);
        let n = groups * kept;
        let fewer = Buffer::<Limbs>::uninitialised(device, n * P::BUCKET);
        launch_from!(device, P::KERNELS, P::SUM_POINTS, shares(n), fewer.all(), sums.all(), count(each), count(kept), count(n));
        (sums, each) = (fewer, kept);
    }
    sums.download(device, 0, groups * P::BUCKET).chunks(P::BUCKET).map(group::point).collect()
}
