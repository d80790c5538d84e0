//! From scalars to points sorted by bucket.

#![allow(unsafe_code)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use cudarc::driver::{DeviceRepr, LaunchConfig};

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

/// Integers whose largest one launch finds.
const LARGEST: usize = 1 << 30;

/// Scalars as sizes with signs, on the device.
pub struct Scalars {
    sizes: Buffer<Limbs>,
    /// Copies on other devices, which sums with them have asked for, by the device.
    elsewhere: Mutex<HashMap<usize, Arc<Scalars>>>,
}

impl Scalars {
    pub(in crate::cuda) fn new(device: &Device, scalars: &Vector) -> Self {
        Self::of(signed_sizes(device, scalars, 0, scalars.0.len()))
    }

    fn of(sizes: Buffer<Limbs>) -> Self {
        Self { sizes, elsewhere: Mutex::default() }
    }

    /// The same ones on another device, for as long as they are here.
    pub fn on(&self, here: &Device, there: &Device) -> Arc<Self> {
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = || Arc::new(Self::of(self.sizes.moved(here, there, 0, self.sizes.len())));
        elsewhere.entry(there.ordinal()).or_insert_with(copy).clone()
    }

    pub(in crate::cuda) fn len(&self) -> usize {
        self.sizes.len()
    }
}

/// The sizes and signs of scalars `start..start + len`.
fn signed_sizes(device: &Device, scalars: &Vector, start: usize, len: usize) -> Buffer<Limbs> {
    let sizes = Buffer::uninitialised(device, len);
    if len > 0 {
        launch!(device, Digits, "signed_sizes", elements(device, len), sizes.all(), scalars.0.at(start, len), count(len));
    }
    sizes
}

/// Bits of the largest size among integers `start..start + len`.
pub fn bits_of_largest(device: &Device, ints: &Ints, start: usize, len: usize) -> u32 {
    if len == 0 {
        return 0;
    }
    let largest = Buffer::<u64>::zeroed(device, 1);
    let name = for_widths!("largest_size")[ints.width()];
    for from in (0..len).step_by(LARGEST) {
        let len = LARGEST.min(len - from);
        launch!(device, Digits, name, elements(device, len), largest.all(), ints.at(start + from, len), count(len));
    }
    u64::BITS - largest.download(device, 0, 1)[0].leading_zeros()
}

/// How scalars are cut, as the kernels take it.
#[repr(C)]
#[derive(Clone, Copy)]
struct Cut {
    count: u32,
    bits: u32,
    sets: u32,
    stride: u32,
}

// SAFETY: four numbers, laid out as in C.
unsafe impl DeviceRepr for Cut {}

/// Scalars in the order of the points, and the kernels for their kind.
pub struct Digits<'a> {
    /// Sizes and indices (or null), or the integers; kernels for integers take the first address only.
    scalars: [Address; 2],
    count: &'static str,
    place: &'static str,
    /// Memory that was made for this, besides that which is borrowed.
    _made: Made,
    _borrowed: std::marker::PhantomData<&'a ()>,
}

/// What a piece of a sum has made for itself.
enum Made {
    Nothing,
    Sizes { _memory: Buffer<Limbs> },
    Indices { _memory: Buffer<u32> },
}

/// The points of a sum sorted by bucket.
pub struct Sorted {
    /// `point << 1 | negative`.
    pub entries: Buffer<u32>,
    /// Where each bucket starts in them, and the end.
    pub starts: Buffer<u32>,
}

impl<'a> Digits<'a> {
    /// Field elements `start..start + len`.
    pub fn of_field(device: &Device, scalars: &'a Vector, start: usize, len: usize) -> Self {
        let sizes = signed_sizes(device, scalars, start, len);
        Self::full([sizes.all(), 0], Made::Sizes { _memory: sizes })
    }

    /// Scalars by index; every index is below their number.
    pub fn indexed(device: &Device, scalars: &'a Scalars, indices: &[u32]) -> Self {
        let indices = Buffer::upload(device, indices);
        Self::full([scalars.sizes.all(), indices.all()], Made::Indices { _memory: indices })
    }

    fn full(scalars: [Address; 2], made: Made) -> Self {
        Self { scalars, count: "count_digits_full", place: "place_digits_full", _made: made, _borrowed: std::marker::PhantomData }
    }

    pub fn ints(ints: &'a Ints, start: usize, len: usize) -> Self {
        let (scalars, width) = ([ints.at(start, len), 0], ints.width());
        let (count, place) = (for_widths!("count_digits")[width], for_widths!("place_digits")[width]);
        Self { scalars, count, place, _made: Made::Nothing, _borrowed: std::marker::PhantomData }
    }

    /// A counting sort by set of buckets and digit; zeros are left out. Where windows share buckets, each list of multiples has as
    /// many points as `stride` says.
    pub fn sort(&self, device: &Device, windows: Windows, stride: usize, len: usize) -> Sorted {
        assert!(len as u64 * u64::from(windows.count) < 1 << 31, "{len} points in one sum");
        let buckets = windows.buckets();
        // One more than there are buckets: its sum is the end.
        let starts = Buffer::<u32>::zeroed(device, buckets + 1);
        let local = if buckets <= ALL_LOCAL { buckets } else { SOME_LOCAL } as u32;
        let Windows { count: number, bits, sets } = windows;
        let cut = Cut { count: number, bits, sets, stride: count(stride) };
        let shape = LaunchConfig { shared_mem_bytes: local * size_of::<u32>() as u32, ..elements(device, len) };
        launch!(device, Digits, self.count, shape, starts.all(), self.scalars, cut, local, count(len));
        exclusive_sums(device, &starts);
        let total = starts.download(device, buckets, 1)[0] as usize;
        let entries = Buffer::uninitialised(device, total);
        if total > 0 {
            let next = starts.copy(device, 0, buckets);
            let to = entries.all();
            launch!(device, Digits, self.place, shape, to, next.all(), self.scalars, cut, local, count(len));
        }
        Sorted { entries, starts }
    }
}

/// What [`Digits::sort`] needs and returns, at most: entries, starts, their copy, and the totals of tiles of all levels.
pub fn bytes(entries: usize, windows: Windows) -> usize {
    let buckets = windows.buckets();
    (entries + 2 * (buckets + 1) + 2 * buckets.div_ceil(TILE) + usize::BITS as usize) * size_of::<u32>()
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
