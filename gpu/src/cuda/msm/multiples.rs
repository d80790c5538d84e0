//! Multiples of points by powers of two, for points that very many sums are asked of: windows of a sum that lie as many bits apart
//! as two lists of multiples share buckets.
//!
//! ```text
//! sum_i s_i P_i = sum_i sum_w 2^(c w) d_iw P_i = sum_a 2^(c a) sum_i sum_j d_(i, a + s j) (2^(c s j) P_i)     (w = a + s j, a < s)
//! ```
//! With `s` sets of buckets instead of one for each window there are fewer to be weighed, so that windows may be wider, and digits
//! fewer. Each list takes as much memory as the points. Brickell, Gordon, McCurley and Wilson, "Fast exponentiation with
//! precomputation" (EUROCRYPT '92), for sums of many points.
//!
//! In additions of a point to a bucket, as [`Windows::cost`] counts them, full scalars cost so many for each point, with so many lists,
//! the points themselves among them:
//!
//! | points | 1 | 2 | 4 | at most 8 | as many as help |
//! | --- | ---: | ---: | ---: | ---: | ---: |
//! | 2^12 | 36.0 | 32.5 | 29.5 | 27.0 | 24.0 (20) |
//! | 2^16 | 24.8 | 22.5 | 21.3 | 20.0 | 18.0 (16) |
//! | 2^20 | 18.0 | 17.0 | 16.0 | 15.5 | 15.0 (13) |
//! | 2^22 | 15.9 | 15.5 | 15.0 | 14.0 | 13.5 (13) |
//!
//! Scalars of a few bits have one window, and gain nothing. Making the lists takes about 250 doublings of each point, and 380 products
//! a list for its coordinates: as many products as 40 sums of 2^20 points, of which they save a sixth each.

#![allow(unsafe_code)]

use super::{group::Group, windows::Windows};
use crate::cuda::{
    device::Device,
    launch::{THREADS, count, grid, launch_from},
    memory::{Buffer, Limbs},
};

/// Bits of the largest scalars' sizes.
const SCALAR_BITS: u32 = 253;

/// Lists are worth making where they save at least one part of so many of a sum.
const WORTHWHILE: usize = 20;

/// The lists that there are of some points: `2^(step j) P` for j below `lists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multiples {
    pub lists: u32,
    pub step: u32,
}

impl Multiples {
    /// The points alone.
    pub const NONE: Self = Self { lists: 1, step: 0 };

    /// The lists with which a sum of all points costs least, in at most so many bytes besides the points themselves.
    pub fn planned<P: Group>(points: usize, bytes: usize) -> Self {
        let cost = |windows: &Windows| windows.cost(points);
        let plain = Windows::up_to(SCALAR_BITS, P::MOST_WINDOW_BITS).map(|windows| cost(&windows)).min().unwrap_or(usize::MAX);
        let steps = (1..=P::MOST_SHARED_BITS).flat_map(|width| (1..=SCALAR_BITS / width).map(move |sets| width * sets));
        let candidates = steps.map(|step| Self { lists: (SCALAR_BITS + 1).div_ceil(step), step });
        let fitting = candidates.filter(|lists| lists.lists > 1 && lists.bytes::<P>(points) <= bytes && lists.entries(points));
        let best = fitting
            .filter_map(|lists| Some((lists.windows::<P>(SCALAR_BITS).map(|windows| cost(&windows)).min()?, lists.lists, lists.step)));
        match best.min() {
            Some((cost, lists, step)) if cost <= plain - plain / WORTHWHILE => Self { lists, step },
            _ => Self::NONE,
        }
    }

    /// What the lists besides the points themselves take.
    pub fn bytes<P: Group>(&self, points: usize) -> usize {
        points.saturating_mul(P::POINT * size_of::<Limbs>()).saturating_mul(self.lists as usize - 1)
    }

    /// Whether an index in 31 bits reaches all of them.
    fn entries(&self, points: usize) -> bool {
        points.saturating_mul(self.lists as usize) < 1 << 31
    }

    /// How sums of scalars whose sizes have so many bits can be cut so that windows share buckets.
    pub fn windows<P: Group>(self, bits: u32) -> impl Iterator<Item = Windows> {
        let dividing = (1..=P::MOST_SHARED_BITS).filter(move |width| self.step.is_multiple_of(*width) && self.step > 0);
        let windows = dividing.map(move |width| Windows { count: (bits + 1).div_ceil(width), bits: width, sets: self.step / width });
        windows.filter(move |windows| windows.sets < windows.count && windows.count.div_ceil(windows.sets) <= self.lists)
    }

    /// Makes the lists behind the first one, which holds `len` points from the beginning of `coordinates` on.
    pub fn make<P: Group>(&self, device: &Device, coordinates: &Buffer<Limbs>, len: usize) {
        let list = |index: u32| coordinates.at(index as usize * len * P::POINT, len * P::POINT);
        for index in 1..self.lists {
            let (to, from) = (list(index), list(index - 1));
            launch_from!(device, P::KERNELS, P::MULTIPLES, grid(count(len).div_ceil(THREADS)), to, from, self.step, count(len));
        }
    }
}

#[cfg(test)]
mod tests {
    use ark_bn254::{g1, g2};

    use super::*;

    #[test]
    fn more_memory_makes_cheaper_sums() {
        for len in [1000, 1 << 16, 1 << 20, 1 << 22] {
            let cost = |lists: Multiples| {
                let plain = Windows::up_to(SCALAR_BITS, g1::Config::MOST_WINDOW_BITS);
                plain.chain(lists.windows::<g1::Config>(SCALAR_BITS)).map(|windows| windows.cost(len)).min().expect("a way")
            };
            let mut last = cost(Multiples::NONE);
            for lists in [0, 1, 3, 7, 30] {
                let planned = Multiples::planned::<g1::Config>(len, lists * len * 64 + 63);
                assert!(planned.lists as usize <= lists + 1 && planned.bytes::<g1::Config>(len) <= lists * len * 64);
                assert!(cost(planned) <= last, "{len} points with {lists} lists more");
                last = cost(planned);
            }
            assert!(last * 10 < cost(Multiples::NONE) * 9);
            assert_eq!(Multiples::planned::<g1::Config>(len, 63 * len), Multiples::NONE);
        }
    }

    #[test]
    fn lists_reach_all_windows_that_share_buckets() {
        let lists = Multiples::planned::<g2::Config>(5000, usize::MAX);
        for bits in [1, 7, 31, 63, 253] {
            for windows in lists.windows::<g2::Config>(bits) {
                assert!(windows.count * windows.bits > bits && windows.sets * windows.bits == lists.step);
                assert!((windows.count - 1) / windows.sets < lists.lists);
            }
        }
        assert!(lists.windows::<g2::Config>(253).count() > 0);
        assert_eq!(Multiples::NONE.windows::<g2::Config>(253).count(), 0);
        // An index in 31 bits.
        assert!(Multiples::planned::<g1::Config>(1 << 28, usize::MAX).lists < 8);
    }
}
