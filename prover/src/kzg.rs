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

/// Commits to a row of integers, and hides it with `salt` at the coefficients from `salt_offset` up.
///
/// The row's coefficients are `ints[start .. start + len]`; those from `len` to `salt_offset` are zero.
///
/// # Panics
/// If `ints` or `bases` are too short, or the salt would overlap the row.
pub fn commit_ints<B: Backend>(
    backend: &B,
    bases: &B::Bases,
    ints: &B::Ints,
    start: usize,
    len: usize,
    salt_offset: usize,
    salt: &[Fr],
) -> G1Projective {
    assert!(salt.is_empty() || salt_offset >= len, "salt at {salt_offset} in a row of {len}");
    let row = backend.msm_ints(bases, 0, ints, start, len);
    if salt.is_empty() {
        return row;
    }
    row + backend.msm(bases, salt_offset, &backend.upload(salt))
}
