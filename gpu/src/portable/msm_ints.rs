//! Multi-scalar multiplication with machine integers.
//!
//! Integers that few buckets cover are their own digit; others are cut like full scalars, after the width that
//! their largest size needs rather than that of their type.

use ark_bn254::{G1Projective, g1};
use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::Zero;
use rayon::prelude::*;

use super::{
    Ints,
    affine::Point,
    buckets::{self, Terms, Windows},
    coordinate::Coordinate,
    ints::{Int, with_values},
    parallel::CHUNK,
};

/// `sum_i ints[start + i] points[i]`.
pub fn msm(points: &[Point<ark_bn254::Fq>], ints: &Ints, start: usize) -> G1Projective {
    assert!(points.len() < 1 << 31, "{} points in one sum", points.len());
    with_values!(ints, values => {
        let values = &values[start..start + points.len()];
        sum::<g1::Config>(points, Terms { len: points.len(), point: |i: usize| i as u32, digit: |i: usize| values[i].value() })
    })
}

/// `sum_i digit(i) points[point(i)]` for machine integers `digit(i)`.
pub fn sum<P: SWCurveConfig<BaseField: Coordinate>>(
    points: &[Point<P::BaseField>],
    terms: Terms<impl Fn(usize) -> u32 + Sync, impl Fn(usize) -> i64 + Sync>,
) -> Projective<P> {
    let Terms { len, point, digit: value } = terms;
    let largest = (0..len).into_par_iter().with_min_len(CHUNK).map(|i| value(i).unsigned_abs()).max().unwrap_or(0);
    if largest == 0 {
        return Projective::zero();
    }
    // One bit more than the size: the top digit must not overflow.
    let windows = Windows::plan(len, u64::BITS - largest.leading_zeros() + 1);
    let single = len.saturating_add((largest as usize).saturating_mul(buckets::BUCKET_COST));
    if largest < 1 << 20 && single <= windows.cost(len) {
        return buckets::sum(points, largest as usize, Terms { len, point, digit: |i| value(i) as i32 });
    }
    let half = 1i128 << (windows.bits - 1);
    let bias: i128 = (0..windows.count).map(|window| half << (window * windows.bits)).sum();
    let sums: Vec<Projective<P>> = (0..windows.count)
        .into_par_iter()
        .map(|window| {
            let digit = |i: usize| {
                let field = (i128::from(value(i)) + bias) >> (window * windows.bits);
                ((field & (2 * half - 1)) - half) as i32
            };
            buckets::sum(points, half as usize, Terms { len, point: &point, digit })
        })
        .collect();
    buckets::combine(&sums, windows.bits)
}
