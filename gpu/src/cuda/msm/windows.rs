//! How scalars are cut into windows.

use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, Zero};

/// What a bucket costs, in additions of a point to a bucket: two full additions and a share of the rest.
const BUCKET_COST: usize = 4;

/// Windows of equal width, from the lowest bits: window w has the buckets of set w mod `sets`. Where there are fewer sets than
/// windows, its points are multiples (see [`super::multiples`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    pub count: u32,
    pub bits: u32,
    pub sets: u32,
}

impl Windows {
    /// Windows of this width for scalars whose sizes have `bits` bits, each with buckets of its own. Booth digits carry into one
    /// bit more.
    pub fn of(bits: u32, width: u32) -> Self {
        let count = (bits + 1).div_ceil(width);
        Self { count, bits: width, sets: count }
    }

    /// Those of each width up to `most` bits.
    pub fn up_to(bits: u32, most: u32) -> impl Iterator<Item = Self> {
        (1..=most.min(bits + 1)).map(move |width| Self::of(bits, width))
    }

    /// What a sum of `len` terms costs, in additions of a point to a bucket.
    pub fn cost(&self, len: usize) -> usize {
        self.count as usize * len + BUCKET_COST * self.buckets()
    }

    /// Buckets of a set: one for each size of a digit but zero.
    pub fn buckets_each(&self) -> usize {
        1 << (self.bits - 1)
    }

    pub fn buckets(&self) -> usize {
        self.sets as usize * self.buckets_each()
    }

    /// `sum_a 2^(bits a) sums[a]`, over the sets.
    pub fn combine<P: SWCurveConfig>(&self, sums: &[Projective<P>]) -> Projective<P> {
        sums.iter().rev().fold(Projective::zero(), |mut total, sum| {
            for _ in 0..self.bits {
                total.double_in_place();
            }
            total + sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_carry() {
        for bits in [1, 7, 8, 31, 63, 64, 253] {
            for windows in Windows::up_to(bits, 16) {
                assert!(windows.count * windows.bits > bits && (1..=16).contains(&windows.bits));
            }
        }
        let best = Windows::up_to(7, 16).min_by_key(|windows| windows.cost(1 << 20));
        assert_eq!(best, Some(Windows { count: 1, bits: 8, sets: 1 }));
    }
}
