//! The seal: a proof as the verifier contract takes it, in the order of the [`layout`](crate::layout).

use crate::abi::{g1_words, g2_words, scalar_word};
use crate::error::Error;
use crate::layout::Layout;
use ark_ff::Field;
use assay_verifier::WrapKey;
use assay_verifier::wrap::WrappedProof;

/// A proof's seal.
///
/// # Errors
/// Another number of rows or row challenges than the key's; a zeta without inverse.
pub fn encode_seal(key: &WrapKey, proof: &WrappedProof) -> Result<Vec<u8>, Error> {
    let layout = Layout::new(key);
    Error::check_count("rows of the witness", layout.witness_rows, proof.rows.len())?;
    Error::check_count("row challenges", layout.row_challenges, proof.row_challenges.len())?;
    let zeta_inverse = proof.zeta.inverse().ok_or(Error::ZeroZeta)?;

    let mut seal = key.selector().to_vec();
    seal.extend(g1_words(&proof.groth16.a).as_flattened());
    seal.extend(g2_words(&proof.groth16.b).as_flattened());
    seal.extend(g1_words(&proof.groth16.c).as_flattened());
    for point in proof.rows.iter().chain(&proof.points.to_array()) {
        seal.extend(g1_words(point).as_flattened());
    }
    let tail = [proof.alpha, proof.zeta, proof.eta, proof.rho, proof.evaluation, zeta_inverse];
    for scalar in proof.row_challenges.iter().chain(&tail) {
        seal.extend(scalar_word(scalar));
    }
    Ok(seal)
}
