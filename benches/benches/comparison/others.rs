//! Sums of points by other libraries, whose results are compared with each other once.

use ark_bn254::{Fq, Fr, G1Affine, G1Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::{BigInt, PrimeField};
use halo2curves::{CurveAffine, bn256, ff::PrimeField as _, group::Curve};

use crate::{Run, keep};

/// ark-ec's sum, the one taceo-groth16 uses, and halo2curves' best one.
pub fn sums_of_g1<'a>(points: &'a [G1Affine], scalars: &'a [Fr]) -> Vec<(&'static str, Run<'a>)> {
    let their_scalars: Vec<bn256::Fr> = scalars.iter().map(|x| bn256::Fr::from_repr(bytes(*x).into()).expect("canonical")).collect();
    let their_points: Vec<bn256::G1Affine> = points.iter().map(point).collect();
    let sum = G1Projective::msm_unchecked(points, scalars).into_affine();
    assert_eq!(taceo_ark_algebra::msm::msm_unchecked(points, scalars), sum);
    assert_eq!(halo2curves::msm::msm_best(&their_scalars, &their_points).to_affine(), point(&sum));
    let mut runs = sums_of_small(points, scalars);
    runs.push(("halo2curves", Box::new(move || keep(halo2curves::msm::msm_best(&their_scalars, &their_points)))));
    runs
}

/// Those of them that need no conversion.
pub fn sums_of_small<'a>(points: &'a [G1Affine], scalars: &'a [Fr]) -> Vec<(&'static str, Run<'a>)> {
    vec![
        ("ark-ec", Box::new(|| keep(G1Projective::msm_unchecked(points, scalars)))),
        ("taceo", Box::new(|| keep(taceo_ark_algebra::msm::msm_unchecked(points, scalars)))),
    ]
}

fn point(point: &G1Affine) -> bn256::G1Affine {
    let coordinate = |x: Fq| bn256::Fq::from_repr(bytes(x).into()).expect("canonical");
    bn256::G1Affine::from_xy(coordinate(point.x), coordinate(point.y)).expect("on the curve")
}

fn bytes(value: impl PrimeField<BigInt = BigInt<4>>) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, limb) in bytes.chunks_exact_mut(8).zip(value.into_bigint().0) {
        bytes.copy_from_slice(&limb.to_le_bytes());
    }
    bytes
}
