//! Round polynomials of sumchecks over products of multilinear extensions.

#![allow(unsafe_code)]

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use rayon::prelude::*;

use super::{
    field::{Lanes, add, avx512, difference, load_tailed, normalise, product, shift, zero},
    halves::{PIECE, PIECES_A_TASK, Piece, bind, pieces},
    sums::{Products, add_product, no_products, total_of_products},
    vectors,
};
use crate::portable::{FieldSum, parallel, sumcheck};

/// The values at X = 0, 2, ..., d of `sum_x prod_j f_j(X, x)` for d factors of virtual length 2^log_len with tails of zeros.
pub fn product_round(factors: &[&[Fr]], log_len: usize) -> Vec<Fr> {
    let half = 1 << (log_len - 1);
    assert!(factors.iter().all(|factor| factor.len() <= 2 * half), "more values than a vector of {} has", 2 * half);
    if half < 8 {
        return sumcheck::product_round(factors, log_len);
    }
    match *factors {
        [a] => vec![vectors::sum(&a[..a.len().min(half)])],
        [a, b] => round([a, b], half).to_vec(),
        [a, b, c] => round([a, b, c], half).to_vec(),
        [a, b, c, d] => round([a, b, c, d], half).to_vec(),
        _ => panic!("a round of {} factors", factors.len()),
    }
}

/// Binds variable 0 of the factors to r; then [`product_round`].
pub fn fold_product_round(factors: &mut [&mut Vec<Fr>], log_len: usize, r: Fr) -> Vec<Fr> {
    let quarter = 1 << (log_len - 2);
    assert!(factors.iter().all(|factor| factor.len() <= 4 * quarter), "more values than a vector of {} has", 4 * quarter);
    match factors {
        [a, b] if quarter >= 8 => fold_round([a, b], quarter, r).to_vec(),
        [a, b, c] if quarter >= 8 => fold_round([a, b, c], quarter, r).to_vec(),
        [a, b, c, d] if quarter >= 8 => fold_round([a, b, c, d], quarter, r).to_vec(),
        _ => {
            factors.iter_mut().for_each(|factor| vectors::fold_tailed(factor, log_len, Fr::zero(), r));
            product_round(&factors.iter().map(|factor| factor.as_slice()).collect::<Vec<_>>(), log_len - 1)
        }
    }
}

fn round<const D: usize>(factors: [&[Fr]; D], half: usize) -> [Fr; D] {
    let end = physical_end(factors, half);
    let part = |range: Range<usize>| {
        let from = |start: usize| factors.map(|factor| factor.get(start..).unwrap_or_default());
        // SAFETY: as everywhere in this file: an `Ifma` exists, so the processor has the instructions.
        unsafe { round_range(from(range.start), from(half + range.start), range.len()) }
    };
    finish(parallel::sum(end, part, merged))
}

fn fold_round<const D: usize>(mut factors: [&mut Vec<Fr>; D], quarter: usize, r: Fr) -> [Fr; D] {
    let end = physical_end(factors.each_ref().map(|factor| factor.as_slice()), quarter);
    let mut tasks =
        Vec::from_iter((0..end).step_by(PIECE).map(|start| (PIECE.min(end - start), std::array::from_fn(|_| Piece::default()))));
    for (j, factor) in factors.iter_mut().enumerate() {
        for ((_, pieces), piece) in tasks.iter_mut().zip(pieces(factor, quarter, end)) {
            pieces[j] = piece;
        }
    }
    // SAFETY: above.
    let part = |(len, pieces)| unsafe { fold_round_range::<D>(pieces, len, &r) };
    let sums = tasks.into_par_iter().with_min_len(PIECES_A_TASK).map(part).reduce(Sums::default, merged);
    factors.into_iter().for_each(|factor| factor.truncate(2 * quarter));
    finish(sums)
}

/// Where in a half of the round all factors are zero, rounded up to blocks of eight.
fn physical_end<const D: usize>(factors: [&[Fr]; D], half: usize) -> usize {
    let len = factors[0].len();
    assert!(factors.iter().all(|factor| factor.len() == len), "factors of different lengths");
    len.next_multiple_of(8).min(half)
}

/// One sum for each point at which a round polynomial is evaluated.
struct Sums<const D: usize>([FieldSum; D]);

impl<const D: usize> Default for Sums<D> {
    fn default() -> Self {
        Self([FieldSum::default(); D])
    }
}

fn merged<const D: usize>(mut a: Sums<D>, b: Sums<D>) -> Sums<D> {
    for (a, b) in a.0.iter_mut().zip(&b.0) {
        a.merge(b);
    }
    a
}

/// Each product but the last has left out four powers of two.
fn finish<const D: usize>(sums: Sums<D>) -> [Fr; D] {
    let scale = Fr::from(16u64).pow([D as u64 - 2]);
    sums.0.map(|sum| sum.finish() * scale)
}

avx512! {
    /// The sums over `len` x: `low` and `high` are the factors' values at (0, x) and (1, x) from the first of them on.
    fn round_range<const D: usize>(low: [&[Fr]; D], high: [&[Fr]; D], len: usize) -> Sums<D> {
        let mut sums = [no_products(); D];
        let nothing = Fr::zero();
        for x in (0..len).step_by(8) {
            let (mut lows, mut highs) = ([zero(); D], [zero(); D]);
            for j in 0..D {
                lows[j] = load_tailed(low[j], x, &nothing);
                highs[j] = load_tailed(high[j], x, &nothing);
            }
            add_terms(&mut sums, lows, highs);
        }
        Sums(sums.map(|sum| total_of_products(sum)))
    }

    fn fold_round_range<const D: usize>(pieces: [Piece<'_>; D], len: usize, r: &Fr) -> Sums<D> {
        let nothing = Fr::zero();
        let bound = pieces.map(|piece| bind(piece, &nothing, r));
        round_range(bound.map(|halves| halves[0]), bound.map(|halves| halves[1]), len)
    }

    /// Adds eight terms of each sum.
    #[inline]
    fn add_terms<const D: usize>(sums: &mut [Products; D], low: [Lanes<Fr>; D], high: [Lanes<Fr>; D]) {
        // The factors at X, moving from X = 0 to 2 and then up in unit steps; at X = 4 they are below 9 p.
        let mut at = low;
        let mut step = low;
        for j in 0..D {
            step[j] = difference(high[j], low[j]);
        }
        add_product_of_all(&mut sums[0], &at);
        for x in 1..D {
            for j in 0..D {
                at[j] = normalise(add(at[j], if x == 1 { shift::<Fr, 1>(step[j]) } else { step[j] }));
            }
            add_product_of_all(&mut sums[x], &at);
        }
    }

    #[inline]
    fn add_product_of_all<const D: usize>(sum: &mut Products, factors: &[Lanes<Fr>; D]) {
        let mut first = factors[0];
        for other in &factors[1..D - 1] {
            // Factors below 9 p leave at most (9 * 9/84.6 + 1.127) p.
            first = product(&first, other);
        }
        add_product(sum, &first, &factors[D - 1]);
    }
}
