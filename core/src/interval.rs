//! Interval arithmetic: what values a tensor can hold, decided before anything runs.

use crate::error::Error;

/// No value of a program may exceed this in magnitude: far below the field's modulus, and within i64.
pub const MAX_MAGNITUDE: i128 = 1 << 61;

/// The integers `lo..=hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The least value.
    pub lo: i64,
    /// The greatest value.
    pub hi: i64,
}

impl Interval {
    /// The interval between two bounds.
    ///
    /// # Errors
    /// A bound exceeds [`MAX_MAGNITUDE`].
    pub fn new(lo: i128, hi: i128) -> Result<Interval, Error> {
        if lo < -MAX_MAGNITUDE || hi > MAX_MAGNITUDE || lo > hi {
            return Err(Error::IntervalTooWide { lo, hi });
        }
        Ok(Interval { lo: lo as i64, hi: hi as i64 })
    }

    /// One value.
    pub fn point(value: i64) -> Interval {
        Interval { lo: value, hi: value }
    }

    /// The least interval that contains both.
    pub fn hull(self, other: Interval) -> Interval {
        Interval { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Whether `value` lies inside.
    pub fn contains(self, value: i64) -> bool {
        self.lo <= value && value <= self.hi
    }

    /// Whether all of `other` lies inside.
    pub fn covers(self, other: Interval) -> bool {
        self.lo <= other.lo && other.hi <= self.hi
    }

    /// The greatest magnitude inside.
    pub fn magnitude(self) -> i128 {
        i128::from(self.lo).abs().max(i128::from(self.hi).abs())
    }

    /// The number of values inside.
    pub fn width(self) -> u64 {
        self.hi.abs_diff(self.lo) + 1
    }

    /// `(lo, hi)` of the products of two values, before the check of [`Interval::new`].
    pub fn product(self, other: Interval) -> (i128, i128) {
        let corners = [(self.lo, other.lo), (self.lo, other.hi), (self.hi, other.lo), (self.hi, other.hi)]
            .map(|(a, b)| i128::from(a) * i128::from(b));
        (corners.into_iter().min().unwrap_or(0), corners.into_iter().max().unwrap_or(0))
    }

    /// `(lo, hi)` of a value times a constant.
    pub fn scaled(self, c: i64) -> (i128, i128) {
        self.product(Interval::point(c))
    }

    /// The least k such that `hi - lo < 2^k`.
    pub fn bits(self) -> u32 {
        64 - self.hi.abs_diff(self.lo).leading_zeros()
    }
}
