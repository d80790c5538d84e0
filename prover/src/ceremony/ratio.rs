//! Whether points stand in a ratio that a pair of points of the other group shows, by pairings.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInt, PrimeField, Zero};
use rand::{CryptoRng, RngCore};

/// `multiple = x base` in G2, for an x that nobody need know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    pub(super) base: G2Affine,
    pub(super) multiple: G2Affine,
}

/// `multiple = x base` for the ratio's x, none of the points being the identity.
pub(super) fn same(base: G1Affine, multiple: G1Affine, ratio: Ratio) -> bool {
    !(base.is_zero() || multiple.is_zero() || ratio.base.is_zero() || ratio.multiple.is_zero())
        && equal([multiple, base], [ratio.base, ratio.multiple])
}

/// `e(a0, b0) = e(a1, b1)`.
fn equal(a: [G1Affine; 2], b: [G2Affine; 2]) -> bool {
    Bn254::multi_pairing([a[0], -a[1]], b).is_zero()
}

/// 128-bit coefficients of a random linear combination.
pub(super) fn coefficients(count: usize, rng: &mut (impl RngCore + CryptoRng)) -> Vec<BigInt<4>> {
    (0..count).map(|_| BigInt::new([rng.next_u64(), rng.next_u64(), 0, 0])).collect()
}

/// `points[i + 1] = x points[i]` for every i, and neither x nor the first point is zero.
pub(super) fn successive(points: &[G1Affine], ratio: Ratio, rng: &mut (impl RngCore + CryptoRng)) -> bool {
    let [first, .., _] = points else { return false };
    if first.is_zero() || ratio.base.is_zero() || ratio.multiple.is_zero() {
        return false;
    }
    let r = coefficients(points.len() - 1, rng);
    let low = G1Projective::msm_bigint(&points[..points.len() - 1], &r).into_affine();
    let high = G1Projective::msm_bigint(&points[1..], &r).into_affine();
    equal([high, low], [ratio.base, ratio.multiple])
}

/// The same in G2, the ratio being shown by `base` and `multiple` in G1.
pub(super) fn successive_g2(points: &[G2Affine], base: G1Affine, multiple: G1Affine, rng: &mut (impl RngCore + CryptoRng)) -> bool {
    let [first, .., _] = points else { return false };
    if first.is_zero() || base.is_zero() || multiple.is_zero() {
        return false;
    }
    let r = coefficients(points.len() - 1, rng);
    let low = G2Projective::msm_bigint(&points[..points.len() - 1], &r).into_affine();
    let high = G2Projective::msm_bigint(&points[1..], &r).into_affine();
    equal([base, multiple], [high, low])
}

/// `before[i] = x after[i]` for every i: `after` was divided by the ratio's x. Identities must stay identities.
pub(super) fn divided(before: &[G1Affine], after: &[G1Affine], ratio: Ratio, rng: &mut (impl RngCore + CryptoRng)) -> bool {
    if before.len() != after.len() || before.iter().zip(after).any(|(b, a)| b.is_zero() != a.is_zero()) {
        return false;
    }
    let r = coefficients(before.len(), rng);
    let before = G1Projective::msm_bigint(before, &r).into_affine();
    let after = G1Projective::msm_bigint(after, &r).into_affine();
    equal([before, after], [ratio.base, ratio.multiple])
}

/// Scalars as the integers that multi-scalar multiplication takes.
pub(super) fn integers(scalars: &[Fr]) -> Vec<BigInt<4>> {
    scalars.iter().map(|s| s.into_bigint()).collect()
}
