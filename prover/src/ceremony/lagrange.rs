//! Lagrange polynomials in the exponent: from powers by a group Fourier transform, or checked against powers.
//!
//! ```text
//! L_i(X) = 1/m sum_k w^(-ik) X^k      so that      sum_i r_i L_i(tau) = sum_k c_k tau^k,   c = IFFT(r)
//! ```

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{Field, One, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;

use super::CeremonyError;
use super::ratio;

/// The Lagrange polynomials of a domain at tau, i from 0 to m - 1.
#[derive(Clone, Debug)]
pub struct Lagrange {
    /// `[L_i(tau)]_1`.
    pub tau_g1: Vec<G1Affine>,
    /// `[L_i(tau)]_2`.
    pub tau_g2: Vec<G2Affine>,
    /// `[alpha L_i(tau)]_1`.
    pub alpha_tau_g1: Vec<G1Affine>,
    /// `[beta L_i(tau)]_1`.
    pub beta_tau_g1: Vec<G1Affine>,
}

/// From the powers of tau, alpha tau and beta tau in G1, and of tau in G2.
pub(super) fn transform(g1: [&[G1Affine]; 3], tau_g2: &[G2Affine]) -> Lagrange {
    let [tau, alpha_tau, beta_tau] = g1.map(inverse_fourier);
    Lagrange { tau_g1: tau, tau_g2: inverse_fourier(tau_g2), alpha_tau_g1: alpha_tau, beta_tau_g1: beta_tau }
}

/// Checks Lagrange forms against powers of the same length.
///
/// # Errors
/// [`CeremonyError::InconsistentPowers`], naming the section.
pub(super) fn check(
    lagrange: &Lagrange,
    g1: [&[G1Affine]; 3],
    tau_g2: &[G2Affine],
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), CeremonyError> {
    let domain = domain(tau_g2.len());
    let r = ratio::coefficients(tau_g2.len(), rng);
    let mut coefficients: Vec<Fr> = r.iter().map(|r| Fr::from_bigint(*r).unwrap_or_default()).collect();
    domain.ifft_in_place(&mut coefficients);
    let coefficients = ratio::integers(&coefficients);
    let forms = [
        (&lagrange.tau_g1, g1[0], "section 12 is not the Lagrange form of section 2"),
        (&lagrange.alpha_tau_g1, g1[1], "section 14 is not the Lagrange form of section 4"),
        (&lagrange.beta_tau_g1, g1[2], "section 15 is not the Lagrange form of section 5"),
    ];
    for (form, powers, what) in forms {
        if G1Projective::msm_bigint(form, &r) != G1Projective::msm_bigint(powers, &coefficients) {
            return Err(CeremonyError::InconsistentPowers { what });
        }
    }
    if G2Projective::msm_bigint(&lagrange.tau_g2, &r) != G2Projective::msm_bigint(tau_g2, &coefficients) {
        return Err(CeremonyError::InconsistentPowers { what: "section 13 is not the Lagrange form of section 3" });
    }
    Ok(())
}

/// The domain of a power of two points.
pub(super) fn domain(size: usize) -> Radix2EvaluationDomain<Fr> {
    // Callers bound the size by that of a powers-of-tau file, whose power is at most 28, the field's two-adicity.
    #[expect(clippy::expect_used, reason = "sizes are bounded by the file's power")]
    Radix2EvaluationDomain::new(size).expect("at most 2^28 points")
}

/// `out[i] = 1/m sum_k w^(-ik) points[k]` for a power of two of points.
pub(crate) fn inverse_fourier<A: AffineRepr<ScalarField = Fr>>(points: &[A]) -> Vec<A> {
    let size = points.len();
    let log = size.trailing_zeros();
    let domain = domain(size);
    let mut values: Vec<A::Group> = (0..size)
        .into_par_iter()
        .map(|i| {
            let from = if log == 0 { 0 } else { i.reverse_bits() >> (usize::BITS - log) };
            points[from] * domain.size_inv()
        })
        .collect();
    for stage in 0..log {
        let half = 1usize << stage;
        let root = domain.group_gen_inv().pow([(size / (2 * half)) as u64]);
        let twiddles: Vec<Fr> = std::iter::successors(Some(Fr::one()), |w| Some(*w * root)).take(half).collect();
        values.par_chunks_mut(2 * half).for_each(|block| {
            let (low, high) = block.split_at_mut(half);
            low.par_iter_mut().zip(high).zip(&twiddles).with_min_len(64).for_each(|((low, high), twiddle)| {
                let turned = if twiddle.is_one() { *high } else { *high * twiddle };
                *high = *low - turned;
                *low += turned;
            });
        });
    }
    values.par_chunks(1 << 12).flat_map_iter(A::Group::normalize_batch).collect()
}
