//! Terms by bucket: a counting sort.

use std::ops::Range;

use super::{super::fresh, coordinate::Coordinate, engine::NEGATIVE, work::Work};

/// What a sum is over, for every window a digit a term. Both come as iterators over a range of terms: a sort reads them
/// twice, and its time is that of a few instructions a term.
pub struct Terms<P, D> {
    /// Number of terms.
    pub len: usize,
    /// The points of a range of terms, finite ones: `points(range)`.
    pub points: P,
    /// The digits of a range of terms in a window: `digits(window, range)`.
    pub digits: D,
}

/// Sorts the terms of some windows into `work`: a window has `width` buckets, bucket k for digits of size k + 1.
pub fn sort<F: Coordinate, P: Iterator<Item = u32>, D: Iterator<Item = i32>>(
    work: &mut Work<F>,
    windows: Range<usize>,
    width: usize,
    terms: &Terms<impl Fn(Range<usize>) -> P, impl Fn(usize, Range<usize>) -> D>,
) {
    let Work { ends, entries, .. } = work;
    ends.clear();
    ends.resize(windows.len() * width + 1, 0);
    // Zeros are counted in place 0, so that no digit takes a branch.
    let slot = |first: usize, digit: i32| if digit == 0 { 0 } else { first + digit.unsigned_abs() as usize };
    for (row, window) in windows.clone().enumerate() {
        for digit in (terms.digits)(window, 0..terms.len) {
            ends[slot(row * width, digit)] += 1;
        }
    }
    let zeros = std::mem::take(&mut ends[0]);
    let mut total = 0;
    for end in &mut ends[1..] {
        total += std::mem::replace(end, total);
    }
    // They end up behind all others.
    ends[0] = total;
    fresh::reserve(entries, terms.len * windows.len());
    entries.resize((total + zeros) as usize, 0);
    for (row, window) in windows.enumerate() {
        for (point, digit) in (terms.points)(0..terms.len).zip((terms.digits)(window, 0..terms.len)) {
            let next = &mut ends[slot(row * width, digit)];
            entries[*next as usize] = point | (digit as u32 & NEGATIVE);
            *next += 1;
        }
    }
    // Starts have become ends.
    ends[0] = 0;
}
