//! Bit reversal, a square of values at a time.
//!
//! An index is (a, m, c) with three bits in a and c, and goes to (rev c, rev m, rev a): the squares of m and rev m trade
//! places, transposed. Rows of a square are a power of two apart and share a set of the cache, which has room for eight.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

use crate::portable::ntt::reversed;

/// Three bits, reversed.
const ORDER: [usize; 8] = [0, 4, 2, 6, 1, 5, 3, 7];

/// Pairs of squares a task handles at least: 4096 values.
const MIN_PAIRS: usize = 32;

/// Values of which a task touches squares of its own.
#[derive(Clone, Copy)]
struct Squares {
    start: *mut [Fr; 8],
    count: usize,
}

// SAFETY: `reverse_bits` gives no square to two tasks.
unsafe impl Send for Squares {}
// SAFETY: as above.
unsafe impl Sync for Squares {}

/// Puts values into bit-reversed order, or back. Their number is a power of two, at least 64.
pub fn reverse_bits(values: &mut [Fr]) {
    assert!(values.len().is_power_of_two() && values.len() >= 64);
    let count = values.len() / 64;
    let squares = Squares { start: values.as_mut_ptr().cast(), count };
    (0..count).into_par_iter().with_min_len(2 * MIN_PAIRS).for_each(|m| {
        let n = reversed(m, count.ilog2());
        if m <= n {
            // SAFETY: both are below the number of squares, and n belongs to m alone, as reversal is its own inverse.
            unsafe {
                let (first, second) = (squares.read(m), squares.read(n));
                squares.write(n, &first);
                squares.write(m, &second);
            }
        }
    });
}

impl Squares {
    /// # Safety
    /// The square must exist, and nobody may write to it meanwhile.
    unsafe fn read(self, m: usize) -> [[Fr; 8]; 8] {
        // SAFETY: row a of square m is the group of eight values at `a count + m`, of `8 count` there are.
        std::array::from_fn(|a| unsafe { *self.start.add(a * self.count + m) })
    }

    /// Writes the transpose of a square, rows and columns reversed.
    ///
    /// # Safety
    /// The square must exist, and nobody may use it meanwhile.
    unsafe fn write(self, m: usize, square: &[[Fr; 8]; 8]) {
        for (row, c) in ORDER.into_iter().enumerate() {
            let mut values = [Fr::ZERO; 8];
            for (value, a) in values.iter_mut().zip(ORDER) {
                *value = square[a][c];
            }
            // SAFETY: as in `read`.
            unsafe { *self.start.add(row * self.count + m) = values };
        }
    }
}
