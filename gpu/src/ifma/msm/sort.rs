//! Terms by bucket: a counting sort.

use super::{coordinate::Coordinate, engine::NEGATIVE, work::Work};

/// What a sum is over: entry i is the point `point(i)`, with a digit `digit(w, i)` for every window.
pub struct Terms<P, D> {
    /// Number of terms.
    pub len: usize,
    /// The point of a term, a finite one.
    pub point: P,
    /// The digit of a term in a window.
    pub digit: D,
}

/// Sorts the terms of some windows into `work`: a window has `width` buckets, bucket k for digits of size k + 1.
pub fn sort<F: Coordinate>(
    work: &mut Work<F>,
    windows: std::ops::Range<usize>,
    width: usize,
    terms: &Terms<impl Fn(usize) -> u32, impl Fn(usize, usize) -> i32>,
) {
    let Work { ends, entries, .. } = work;
    ends.clear();
    ends.resize(windows.len() * width + 1, 0);
    // Zeros are counted in place 0, so that no digit takes a branch.
    let slot = |first: usize, digit: i32| if digit == 0 { 0 } else { first + digit.unsigned_abs() as usize };
    for (row, window) in windows.clone().enumerate() {
        for i in 0..terms.len {
            ends[slot(row * width, (terms.digit)(window, i))] += 1;
        }
    }
    let zeros = std::mem::take(&mut ends[0]);
    let mut total = 0;
    for end in &mut ends[1..] {
        total += std::mem::replace(end, total);
    }
    // They end up behind all others.
    ends[0] = total;
    entries.resize((total + zeros) as usize, 0);
    for (row, window) in windows.enumerate() {
        for i in 0..terms.len {
            let digit = (terms.digit)(window, i);
            let next = &mut ends[slot(row * width, digit)];
            entries[*next as usize] = (terms.point)(i) | (digit as u32 & NEGATIVE);
            *next += 1;
        }
    }
    // Starts have become ends.
    ends[0] = 0;
}
