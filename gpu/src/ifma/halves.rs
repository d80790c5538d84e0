//! Vectors whose variable 0 is being bound while the round polynomial of the next one is formed: one pass over memory.
//!
//! ```text
//! quarters of the vector      a | b | c | d
//! halves of the result        a + r (c - a) | b + r (d - b)
//! ```
//! A vector has a virtual length; values beyond its physical length are its tail. Cores take matching pieces of all
//! quarters.

#![allow(unsafe_code)]

use ark_bn254::Fr;

use super::field::{Lanes, avx512, between, broadcast, load_tailed, store_within};

/// Elements of a quarter in a piece, a multiple of eight.
pub const PIECE: usize = 1 << 11;

/// Matching parts of a vector's four quarters, as far as they are physical; the result replaces the first two.
#[derive(Default)]
pub struct Piece<'a> {
    /// From a and b.
    low: [&'a mut [Fr]; 2],
    /// From c and d.
    high: [&'a [Fr]; 2],
}

/// The pieces of a vector with a virtual length of four times `quarter`, for the first `end` elements of its quarters.
pub fn pieces(values: &mut [Fr], quarter: usize, end: usize) -> Vec<Piece<'_>> {
    let (low, high) = values.split_at_mut(values.len().min(2 * quarter));
    let (a, b) = low.split_at_mut(low.len().min(quarter));
    let (c, d) = high.split_at(high.len().min(quarter));
    let mut pieces = Vec::from_iter((0..end.div_ceil(PIECE)).map(|_| Piece::default()));
    for (half, (low, high)) in [(a, c), (b, d)].into_iter().enumerate() {
        for (piece, low) in pieces.iter_mut().zip(low.chunks_mut(PIECE)) {
            piece.low[half] = low;
        }
        for (piece, high) in pieces.iter_mut().zip(high.chunks(PIECE)) {
            piece.high[half] = high;
        }
    }
    pieces
}

avx512! {
    /// Binds the elements `at..at + 8` of both halves of the result, keeps them as far as they are physical, and returns
    /// them. `r` is the [`super::field::factor`] of the challenge.
    #[inline]
    pub fn bind(piece: &mut Piece<'_>, at: usize, tail: &Fr, r: &Lanes<Fr>) -> [Lanes<Fr>; 2] {
        let Piece { low: [a, b], high: [c, d] } = piece;
        if at >= a.len() {
            return [broadcast(tail); 2];
        }
        let low = [load_tailed(a, at, tail), load_tailed(b, at, tail)];
        let high = [load_tailed(c, at, tail), load_tailed(d, at, tail)];
        let bound = between(low, high, r);
        store_within(bound[0], a, at);
        store_within(bound[1], b, at);
        bound
    }
}
