//! From scalars to points sorted by bucket.

#![allow(unsafe_code)]

use cudarc::driver::LaunchConfig;

use super::windows::Windows;
use crate::cuda::{
    device::Device,
    launch::{THREADS, count, elements, grid, launch},
    memory::{Address, Buffer, Ints, Limbs, Vector, for_widths},
};

/// Counts that a block sums up: eight a thread, as in the kernel.
const TILE: usize = 8 * THREADS as usize;

/// Buckets that blocks count in shared memory where there are no more of them.
const ALL_LOCAL: usize = 1 << 12;

/// Buckets that blocks count in shared memory otherwise: those of bits and units.
const SOME_LOCAL: usize = 1 << 6;

/// Scalars as sizes with signs, on the device.
pub struct Scalars(Buffer<Limbs>);

impl Scalars {
    pub(in crate::cuda) fn new(device: &Device, scalars: &Vector) -> Self {
        let len = scalars.0.len();
        let sizes = Buffer::uninitialised(device, len);
        if len > 0 {
            launch!(device, Digits, "signed_sizes", elements(device, len), sizes.all(), scalars.0.all(), count(len));
        }
        Self(sizes)
    }

    pub(in crate::cuda) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Bits of the largest size among integers `start..start + len`.
pub fn bits_of_largest(device: &Device, ints: &Ints, start: usize, len: usize) -> u32 {
    let from = ints.at(start, len);
    if len == 0 {
        return 0;
    }
    let largest = Buffer::<u64>::zeroed(device, 1);
    let name = for_widths!("largest_size")[ints.width()];
    launch!(device, Digits, name, elements(device, len), largest.all(), from, count(len));
    u64::BITS - largest.download(device, 0, 1)[0].leading_zeros()
}

/// Scalars in the order of the points, and the kernels for their kind.
pub struct Digits<'a> {
    /// Sizes and indices (or null), or the integers; kernels for integers take the first address only.
    scalars: [Address; 2],
    count: &'static str,
    place: &'static str,
    /// The memory stays as long as it is used.
    _borrowed: std::marker::PhantomData<&'a ()>,
}

/// The points of a sum sorted by bucket.
pub struct Sorted {
    /// `point << 1 | negative`.
    pub entries: Buffer<u32>,
    /// Where each bucket starts in them, and the end.
    pub starts: Buffer<u32>,
}

impl<'a> Digits<'a> {
    pub fn full(scalars: &'a Scalars, indices: Option<&'a Buffer<u32>>) -> Self {
        let scalars = [scalars.0.all(), indices.map_or(0, Buffer::all)];
        Self { scalars, count: "count_digits_full", place: "place_digits_full", _borrowed: std::marker::PhantomData }
    }

    pub fn ints(ints: &'a Ints, start: usize, len: usize) -> Self {
        let (scalars, width) = ([ints.at(start, len), 0], ints.width());
        let (count, place) = (for_widths!("count_digits")[width], for_widths!("place_digits")[width]);
        Self { scalars, count, place, _borrowed: std::marker::PhantomData }
    }

    /// A counting sort by window and digit; zeros are left out.
    pub fn sort(&self, device: &Device, windows: Windows, len: usize) -> Sorted {
        assert!(len as u64 * u64::from(windows.count) < 1 << 31, "{len} points in one sum");
        let buckets = windows.buckets();
        // One more than there are buckets: its sum is the end.
        let starts = Buffer::<u32>::zeroed(device, buckets + 1);
        let local = if buckets <= ALL_LOCAL { buckets } else { SOME_LOCAL } as u32;
        let shape = LaunchConfig { shared_mem_bytes: local * size_of::<u32>() as u32, ..elements(device, len) };
        launch!(device, Digits, self.count, shape, starts.all(), self.scalars, windows.count, windows.bits, local, count(len));
        exclusive_sums(device, &starts);
        let total = starts.download(device, buckets, 1)[0] as usize;
        let entries = Buffer::uninitialised(device, total);
        if total > 0 {
            let next = starts.copy(device, 0, buckets);
            let to = entries.all();
            launch!(device, Digits, self.place, shape, to, next.all(), self.scalars, windows.count, windows.bits, local, count(len));
        }
        Sorted { entries, starts }
    }
}

/// Replaces each count by the sum of those before it.
fn exclusive_sums(device: &Device, values: &Buffer<u32>) {
    let len = values.len();
    let tiles = len.div_ceil(TILE);
    let totals = Buffer::<u32>::uninitialised(device, tiles);
    let shape = LaunchConfig { shared_mem_bytes: THREADS * size_of::<u32>() as u32, ..grid(count(tiles)) };
    launch!(device, Digits, "scan_tiles", shape, values.all(), totals.all(), count(len));
    if tiles > 1 {
        exclusive_sums(device, &totals);
        launch!(device, Digits, "add_tile_totals", elements(device, len), values.all(), totals.all(), TILE as u32, count(len));
    }
}
