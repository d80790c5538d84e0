//! The development reference string: the same for everyone, and worthless as evidence.

use ark_bn254::{Fr, G2Affine};
use ark_ec::CurveGroup;
use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};

use super::{Origin, Progress, Srs, SrsError, fixed_base, generators};

/// The sentence whose hash is tau. Published on purpose: a development string must never be mistaken for a secret.
const SENTENCE: &[u8] = b"Assay development reference string: this tau is public, anyone can forge proofs under it, not for production";

/// keccak256(sentence || 0) || keccak256(sentence || 1), little-endian, modulo the group order.
fn tau() -> Fr {
    let half = |index: u8| Keccak256::new().chain_update(SENTENCE).chain_update([index]).finalize();
    Fr::from_le_bytes_mod_order(&[half(0), half(1)].concat())
}

/// `[tau]_2` of the development string: whatever carries it must be marked as development.
pub(super) fn tau_g2() -> G2Affine {
    (generators().1 * tau()).into_affine()
}

impl Srs {
    /// The development string with `num_powers` powers (at least one). Deterministic: its tau is public.
    ///
    /// # Soundness
    /// None: anyone can compute tau and forge any proof. For trying out, tests and benchmarks.
    pub fn development(num_powers: usize, progress: Progress<'_>) -> Self {
        let (g1, g2) = generators();
        Srs { g1: fixed_base::powers(g1, tau(), 0, num_powers.max(1), progress), g2: [g2, tau_g2()], origin: Origin::Development }
    }

    /// Extends a development string to `num_powers` powers; does nothing if it has as many already.
    ///
    /// # Errors
    /// [`SrsError::CannotGrow`] for an imported string: nobody knows its tau.
    pub fn grow(&mut self, num_powers: usize, progress: Progress<'_>) -> Result<(), SrsError> {
        let available = self.g1.len();
        if num_powers <= available {
            return Ok(());
        }
        if self.origin != Origin::Development {
            return Err(SrsError::CannotGrow { available: available as u64, needed: num_powers as u64 });
        }
        self.g1.extend(fixed_base::powers(generators().0, tau(), available, num_powers - available, progress));
        Ok(())
    }
}
