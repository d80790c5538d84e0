//! Cutting work between cores, but never waking another core for less work than that costs.

use std::ops::Range;

use rayon::prelude::*;

use crate::backend::num_pieces;

/// Elements a task handles at least: about 50 microseconds of field products.
pub const CHUNK: usize = 1 << 12;

/// The merged results of `part` over ranges that make up `0..len`.
pub fn sum<S: Send + Default>(len: usize, part: impl Fn(Range<usize>) -> S + Sync, merge: impl Fn(S, S) -> S + Send + Sync) -> S {
    if len <= CHUNK {
        return part(0..len);
    }
    (0..len.div_ceil(CHUNK)).into_par_iter().map(|chunk| part(chunk * CHUNK..len.min((chunk + 1) * CHUNK))).reduce(S::default, merge)
}

/// Runs `work` on pieces of a slice, with the index each starts at.
pub fn for_each_chunk<T: Send>(target: &mut [T], work: impl Fn(usize, &mut [T]) + Sync) {
    if target.len() <= CHUNK {
        work(0, target);
    } else {
        target.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, target)| work(chunk * CHUNK, target));
    }
}

/// Matching pieces, of so many elements, of some slices.
pub fn cut<T, const N: usize>(slices: [&mut [T]; N], piece: usize) -> Vec<[&mut [T]; N]> {
    let count = num_pieces(slices.each_ref().map(|slice| slice.len()), piece);
    let mut pieces = Vec::from_iter((0..count).map(|_| [(); N].map(|()| <&mut [T]>::default())));
    for (j, slice) in slices.into_iter().enumerate() {
        for (piece, part) in pieces.iter_mut().zip(slice.chunks_mut(piece)) {
            piece[j] = part;
        }
    }
    pieces
}

/// Runs `update` on matching pieces of a vector's halves, and drops the upper one.
pub fn halve<T: Send + Sync>(values: &mut Vec<T>, update: impl Fn(&mut [T], &[T]) + Sync) {
    assert!(values.len().is_multiple_of(2), "halving {} values", values.len());
    let half = values.len() / 2;
    let (low, high) = values.split_at_mut(half);
    self::update(low, high, update);
    values.truncate(half);
}

/// Runs `update` on matching pieces of two slices of equal length.
pub fn update<T: Send, U: Sync>(target: &mut [T], values: &[U], update: impl Fn(&mut [T], &[U]) + Sync) {
    assert_eq!(target.len(), values.len());
    if target.len() <= CHUNK {
        update(target, values);
    } else {
        target.par_chunks_mut(CHUNK).zip(values.par_chunks(CHUNK)).for_each(|(target, values)| update(target, values));
    }
}
