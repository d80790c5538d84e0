//! KZG commitments over the powers of tau: `[f] = sum_i f_i [tau^i]`.

use ark_bn254::{Fr, G1Projective};
use assay_gpu::Backend;

/// Commits to a polynomial by its coefficients, from the constant up.
///
/// # Panics
/// If there are more coefficients than `bases`.
pub fn commit<B: Backend>(backend: &B, bases: &B::Bases, coefficients: &B::Vector) -> G1Projective {
    backend.msm(bases, 0, coefficients)
}

/// Commits to coefficients from `offset` up: the salt behind a row.
///
/// # Panics
/// If `bases` are too few.
pub fn commit_at<B: Backend>(backend: &B, bases: &B::Bases, offset: usize, coefficients: &[Fr]) -> G1Projective {
    backend.msm(bases, offset, &backend.upload(coefficients))
}
