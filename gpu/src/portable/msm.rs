//! Multi-scalar multiplication with field elements as scalars, class by class (see [`super::scalars`]).

use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::Zero;
use rayon::prelude::*;

use super::{
    affine::Point,
    buckets::{self, Terms, Windows},
    coordinate::Coordinate,
    msm_ints,
    scalars::{SCALAR_BITS, Scalars},
};

/// `sum_i scalars[indices[i]] points[i]`; without indices, `indices[i] = i`.
pub fn msm<P: SWCurveConfig<BaseField: Coordinate>>(
    points: &[Point<P::BaseField>],
    scalars: &Scalars,
    indices: Option<&[u32]>,
) -> Projective<P> {
    match indices {
        None => {
            assert_eq!(points.len(), scalars.len());
            sum(points, scalars, |base| base)
        }
        Some(indices) => {
            assert_eq!(points.len(), indices.len());
            sum(points, scalars, |base| indices[base] as usize)
        }
    }
}

fn sum<P: SWCurveConfig<BaseField: Coordinate>>(
    points: &[Point<P::BaseField>],
    scalars: &Scalars,
    scalar: impl Fn(usize) -> usize + Copy + Sync,
) -> Projective<P> {
    let classes = scalars.classes(points.len(), scalar);
    let (units, (small, full)) = rayon::join(
        || buckets::sum_sorted(points, 1, &classes.units, &[0, classes.units.len() as u32]),
        || {
            rayon::join(
                || {
                    let small = &classes.small;
                    msm_ints::sum(points, Terms { len: small.len(), point: |i: usize| small[i].0, digit: |i: usize| i64::from(small[i].1) })
                },
                || sum_full(points, scalars, &classes.full, scalar),
            )
        },
    );
    units + small + full
}

fn sum_full<P: SWCurveConfig<BaseField: Coordinate>>(
    points: &[Point<P::BaseField>],
    scalars: &Scalars,
    bases: &[u32],
    scalar: impl Fn(usize) -> usize + Copy + Sync,
) -> Projective<P> {
    if bases.is_empty() {
        return Projective::zero();
    }
    let windows = Windows::plan(bases.len(), SCALAR_BITS);
    let sums: Vec<Projective<P>> = (0..windows.count)
        .into_par_iter()
        .map(|window| {
            let digit = |i: usize| scalars.get(scalar(bases[i] as usize)).digit(windows.bits, window);
            buckets::sum(points, 1 << (windows.bits - 1), Terms { len: bases.len(), point: |i| bases[i], digit })
        })
        .collect();
    buckets::combine(&sums, windows.bits)
}
