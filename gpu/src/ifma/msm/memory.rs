//! Points in huge pages: sums read them in no order, and with small pages pay for a missed translation each time.

#![allow(unsafe_code)]

use std::{marker::PhantomData, mem::size_of, ops::Deref, slice};

use memmap2::MmapMut;
use rayon::prelude::*;

use super::{coordinate::Coordinate, engine::Packed};
use crate::portable::CHUNK;

/// Points in memory of their own.
#[derive(Debug)]
pub struct Memory<F> {
    storage: Storage<F>,
    len: usize,
}

#[derive(Debug)]
enum Storage<F> {
    Mapped(MmapMut, PhantomData<F>),
    Allocated(Vec<Packed<F>>),
}

/// Fewer points than this fit small pages that are all translated at once.
const WORTH_MAPPING: usize = 1 << 14;

impl<F: Coordinate> Memory<F> {
    /// The points `point(0..len)`.
    pub fn new(len: usize, point: impl Fn(usize) -> Packed<F> + Sync + Send) -> Self {
        let mapped = if len < WORTH_MAPPING { None } else { MmapMut::map_anon(len * size_of::<Packed<F>>()).ok() };
        let Some(mut map) = mapped else {
            return Self { storage: Storage::Allocated((0..len).into_par_iter().with_min_len(CHUNK).map(point).collect()), len };
        };
        // A wish: without huge pages everything works as well.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        // SAFETY: the map is aligned to pages, has room for `len` points, and its zeros are points.
        let points = unsafe { slice::from_raw_parts_mut(map.as_mut_ptr().cast::<Packed<F>>(), len) };
        points.par_iter_mut().with_min_len(CHUNK).enumerate().for_each(|(i, place)| *place = point(i));
        Self { storage: Storage::Mapped(map, PhantomData), len }
    }
}

impl<F> Deref for Memory<F> {
    type Target = [Packed<F>];

    fn deref(&self) -> &[Packed<F>] {
        match &self.storage {
            // SAFETY: `new` filled the map with as many points.
            Storage::Mapped(map, _) => unsafe { slice::from_raw_parts(map.as_ptr().cast(), self.len) },
            Storage::Allocated(points) => points,
        }
    }
}
