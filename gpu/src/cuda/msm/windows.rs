//! How scalars are cut into windows.

use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, Zero};

/// What a bucket costs, in additions of a point to a bucket: two full additions and a share of the rest.
const BUCKET_COST: usize = 4;

/// Windows of equal width, from the lowest bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    pub count: u32,
    pub bits: u32,
}

impl Windows {
    /// The cheapest windows of at most `most` bits for `len` scalars whose sizes have `bits` bits. Booth digits carry into
    /// one bit more.
    pub fn plan(len: usize, bits: u32, most: u32) -> Self {
        let windows = (1..=most.min(bits + 1)).map(|width| Self { count: (bits + 1).div_ceil(width), bits: width });
        let Some(best) = windows.min_by_key(|windows| windows.cost(len)) else { unreachable!("there is a width") };
        best
    }

    fn cost(&self, len: usize) -> usize {
        self.count as usize * (len + BUCKET_COST * self.buckets_each())
    }

    /// Buckets of a window: one for each size of a digit but zero.
    pub fn buckets_each(&self) -> usize {
        1 << (self.bits - 1)
    }

    pub fn buckets(&self) -> usize {
        self.count as usize * self.buckets_each()
    }

    /// `sum_w 2^(bits w) sums[w]`.
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
        for len in [1, 100, 10_000, 1 << 20, 1 << 26] {
            for bits in [1, 7, 8, 31, 63, 64, 253] {
                let windows = Windows::plan(len, bits, 16);
                assert!(windows.count * windows.bits > bits && (1..=16).contains(&windows.bits));
            }
        }
        assert_eq!(Windows::plan(1 << 20, 7, 16), Windows { count: 1, bits: 8 });
    }
}
