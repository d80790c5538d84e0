//! The pairing half of a Mercury opening: one KZG equation for all of its polynomials and points.
//!
//! ```text
//! A = [f] - (zeta^b1 - alpha) [q] + eta [g] + eta^2 [h] + eta^3 [S] + eta^4 [D]
//!   + rho ([g] + eta [h] + eta^2 [S]) + rho^2 [h]
//!   + zeta [at_zeta] + rho zeta^-1 [at_inverse] + rho^2 alpha [at_alpha] - evaluation [1]
//! e(A, [1]_2) = e([at_zeta] + rho [at_inverse] + rho^2 [at_alpha], [tau]_2)
//! ```
//!
//! Kate, Zaverucha, Goldberg 2010; batched as in PLONK (eprint 2019/953, section 3).

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM, pairing::Pairing};
use ark_ff::{Field, Zero};
use assay_circuits::{
    Error,
    mercury::{Opening, Points},
};

/// What the verifier needs of the powers of tau.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Powers {
    /// The generator `[1]_1`.
    pub g1: G1Affine,
    /// The generator `[1]_2`.
    pub g2: G2Affine,
    /// `[tau]_2`.
    pub tau_g2: G2Affine,
}

/// Checks the KZG equation of an opening of the polynomial that `commitment` commits to.
///
/// `opening` is what [`assay_circuits::mercury::verify`] returned for the digests of exactly these `points`.
///
/// # Errors
/// [`Error::OffCurve`] if one of `points` is not on the curve, [`Error::Opening`] if the equation does not hold.
///
/// # Soundness
/// Knowledge soundness of KZG in the algebraic group model. The caller vouches for `powers` and `commitment`.
pub fn verify(powers: &Powers, commitment: G1Projective, points: &Points, opening: &Opening<Fr>) -> Result<(), Error> {
    // BN254's G1 has prime order: to be on the curve is to be in the group.
    for (point, name) in
        points.to_array().iter().zip(["h", "q", "g", "S", "D", "the quotient at zeta", "the quotient at 1/zeta", "the quotient at alpha"])
    {
        if !point.is_on_curve() {
            return Err(Error::OffCurve { what: name.into() });
        }
    }
    let Opening { alpha, zeta, zeta_inverse, divisor, eta, rho, evaluation } = *opening;
    let rho_squared = rho * rho;
    let eta_squared = eta * eta;
    let bases = [points.h, points.q, points.g, points.s, points.d, points.at_zeta, points.at_inverse, points.at_alpha, powers.g1];
    let scalars = [
        eta_squared + rho * eta + rho_squared,
        -divisor,
        eta + rho,
        eta_squared * (eta + rho),
        eta_squared * eta_squared,
        zeta,
        rho * zeta_inverse,
        rho_squared * alpha,
        -evaluation,
    ];
    let left = commitment + G1Projective::msm_unchecked(&bases, &scalars);
    // Not by single multiplications, which bring arithmetic of arbitrary precision into a browser's module.
    let quotients = [points.at_zeta, points.at_inverse, points.at_alpha];
    let right = G1Projective::msm_unchecked(&quotients, &[Fr::ONE, rho, rho_squared]);
    let [left, right] = [left.into_affine(), right.into_affine()];
    let product = Bn254::multi_pairing([left, (-right.into_group()).into_affine()], [powers.g2, powers.tau_g2]);
    if product.is_zero() { Ok(()) } else { Err(Error::Opening) }
}
