//! Multi-scalar multiplication with machine integers.
//!
//! Integers that few buckets cover are their own digit; others are cut like full scalars, after the width that
//! their largest size needs rather than that of their type.

use ark_bn254::G1Projective;
use ark_ff::Zero;
use rayon::prelude::*;

use super::{
    Ints,
    affine::Point,
    buckets::{self, Windows},
    ints::{Int, with_values},
    parallel::CHUNK,
};

/// `sum_i ints[start + i] points[i]`.
pub fn msm(points: &[Point], ints: &Ints, start: usize) -> G1Projective {
    with_values!(ints, values => sum(points, &values[start..start + points.len()]))
}

fn sum<T: Int>(points: &[Point], values: &[T]) -> G1Projective {
    let size = |x: &T| x.value().unsigned_abs();
    let largest = values.par_iter().with_min_len(CHUNK).map(size).max().unwrap_or(0);
    if largest == 0 {
        return G1Projective::zero();
    }
    // One bit more than the size: the top digit must not overflow.
    let windows = Windows::plan(points.len(), u64::BITS - largest.leading_zeros() + 1);
    let single = points.len().saturating_add((largest as usize).saturating_mul(buckets::BUCKET_COST));
    if largest < 1 << 20 && single <= windows.cost(points.len()) {
        return buckets::sum(points, largest as usize, |index| values[index].value() as i32);
    }
    let half = 1i128 << (windows.bits - 1);
    let bias: i128 = (0..windows.count).map(|window| half << (window * windows.bits)).sum();
    let sums: Vec<G1Projective> = (0..windows.count)
        .into_par_iter()
        .map(|window| {
            buckets::sum(points, half as usize, |index| {
                let field = (i128::from(values[index].value()) + bias) >> (window * windows.bits);
                ((field & (2 * half - 1)) - half) as i32
            })
        })
        .collect();
    buckets::combine(&sums, windows.bits)
}
