//! `sum_k (k + 1) bucket_k` of every window by batched affine additions, two a bucket.
//!
//! Buckets are laid out as a grid, k = C a + b with C columns:
//! ```text
//! sum_k (k + 1) bucket_k = C sum_a a row_a + sum_b (b + 1) column_b
//! ```
//! Rows and columns are summed by halving, all in one list of independent additions a level. What is left, about two square
//! roots of the number of buckets, is weighed by [`super::reduce`].

#![allow(unsafe_code)]

use ark_ec::short_weierstrass::Projective;
use ark_ff::AdditiveGroup;

use super::{
    coordinate::Coordinate,
    engine::{Packed, run},
    reduce,
    work::Work,
};

/// Fewer buckets than this in all, and inversions cost more than they save.
const WORTH: usize = 1 << 10;

/// The weighted sums of `windows` windows, whose buckets follow each other in `work`.
pub fn sums<F: Coordinate>(work: &mut Work<F>, windows: usize) -> Vec<Projective<F::Curve>> {
    let width = work.buckets.len() / windows;
    // The last window's digits are small: buckets that are empty in every window are left out.
    let used = work.buckets.chunks(width).map(used).max().unwrap_or(0);
    if used * windows < WORTH {
        return reduce::sums(&work.buckets, windows);
    }
    let log_columns = used.ilog2() / 2;
    let grid = Grid { columns: 1 << log_columns, rows: used.div_ceil(1 << log_columns), windows };
    let edges = work.edges(width, &grid);
    let sums = reduce::sums(&edges, 2 * windows);
    sums.chunks(2)
        .map(|sums| {
            let rows = (0..log_columns).fold(sums[0], |mut rows, _| *rows.double_in_place());
            rows + sums[1]
        })
        .collect()
}

/// One more than the place of the last bucket that is not empty.
fn used<F: Coordinate>(buckets: &[Packed<F>]) -> usize {
    buckets.iter().rposition(|bucket| !bucket.is_infinite()).map_or(0, |last| last + 1)
}

/// How buckets are laid out; grids of several windows follow each other.
struct Grid {
    columns: usize,
    rows: usize,
    windows: usize,
}

impl Grid {
    fn area(&self) -> usize {
        self.rows * self.columns
    }
}

impl<F: Coordinate> Work<F> {
    /// For each window, the sums of its rows from the second on, then those of its columns, both filled up with points at
    /// infinity to one width.
    fn edges(&mut self, width: usize, grid: &Grid) -> Vec<Packed<F>> {
        let all = grid.area() * grid.windows;
        let spare = self.reserve(2 * all);
        // Twice the same: rows are summed in the first copy, columns in the second.
        let mut infinite = false;
        for window in 0..grid.windows {
            let buckets = &self.buckets[window * width..(window + 1) * width];
            for i in 0..grid.area() {
                let bucket = buckets.get(i).copied().unwrap_or(Packed::INFINITY);
                infinite |= bucket.is_infinite();
                self.places[window * grid.area() + i] = bucket;
                self.places[all + window * grid.area() + i] = bucket;
            }
        }
        let (mut stride, mut rows) = (1, grid.rows);
        while stride < grid.columns || rows > 1 {
            self.jobs.pairs.clear();
            if stride < grid.columns {
                for first in (0..all).step_by(2 * stride) {
                    self.add(first, first + stride, infinite);
                }
            }
            let half = rows.div_ceil(2);
            for window in 0..grid.windows {
                let start = all + window * grid.area();
                for first in start..start + (rows - half) * grid.columns {
                    self.add(first, first + half * grid.columns, infinite);
                }
            }
            (stride, rows) = (2 * stride, half);
            let work = self.places.as_mut_ptr();
            // Points at infinity are not in the list: only a new one, from opposite points, needs care.
            let mut opposite = false;
            // SAFETY: places lie below the spare one, which was reserved. Pairs are disjoint.
            unsafe { run::<F, false>((work.cast_const(), work), &mut self.jobs, spare, false, &mut self.scratch, &mut opposite) };
            infinite |= opposite;
        }
        let edge = grid.columns.max(grid.rows - 1);
        let mut edges = vec![Packed::INFINITY; 2 * grid.windows * edge];
        for (window, edges) in edges.chunks_mut(2 * edge).enumerate() {
            let (row_sums, column_sums) = edges.split_at_mut(edge);
            let start = window * grid.area();
            for row in 1..grid.rows {
                row_sums[row - 1] = self.places[start + row * grid.columns];
            }
            column_sums[..grid.columns].copy_from_slice(&self.places[all + start..all + start + grid.columns]);
        }
        edges
    }

    /// Lists the addition of a place to another, or does it at once if one of them is infinite.
    #[inline(always)]
    fn add(&mut self, first: usize, second: usize, infinite: bool) {
        if infinite {
            let other = self.places[second];
            if other.is_infinite() {
                return;
            }
            if self.places[first].is_infinite() {
                self.places[first] = other;
                return;
            }
        }
        self.jobs.pairs.push([first as u32, second as u32]);
    }
}
