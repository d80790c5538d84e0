//! A key whose matrices and points stay on a backend between proofs.

use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::Proof;
use assay_gpu::Backend;
use rand::{CryptoRng, RngCore};

use super::{Error, PreparedKey, prove::prove_from};

/// What stays: the matrices, and the points of a proof's five sums, ready for them.
pub(super) struct Kept<'a, B: Backend> {
    pub matrices: [B::Matrix<'a>; 3],
    pub a: B::Bases,
    pub b_g1: B::Bases,
    pub b_g2: B::BasesG2,
    pub l: B::Bases,
    pub h: B::Bases,
}

/// A key made ready on a backend, for any number of proofs. It holds all of the key's matrices and
/// points there, where [`prove`](super::prove) drops each of them behind its use.
pub struct KeptKey<'a, B: Backend> {
    backend: &'a B,
    key: &'a PreparedKey,
    kept: Kept<'a, B>,
}

impl<'a, B: Backend> KeptKey<'a, B> {
    /// Prepares matrices and points.
    pub fn new(backend: &'a B, key: &'a PreparedKey) -> Self {
        let layout = &key.layout;
        let g1 = |range| backend.keep_bases(&key.points_g1(range));
        let kept = Kept {
            matrices: key.matrices().map(|matrix| backend.prepare_matrix(matrix)),
            a: g1(&layout.a),
            b_g1: g1(&layout.b_g1),
            b_g2: backend.keep_bases_g2(&key.points_g2(&layout.b_g2)),
            l: g1(&layout.l),
            h: g1(&layout.h),
        };
        Self { backend, key, kept }
    }

    /// [`prove`](super::prove).
    ///
    /// # Errors
    /// As there.
    pub fn prove(&self, z: &[Fr], rng: &mut (impl RngCore + CryptoRng)) -> Result<Proof<Bn254>, Error> {
        let (r, s) = (Fr::rand(rng), Fr::rand(rng));
        self.prove_with_blinding(z, r, s)
    }

    /// [`prove_with_blinding`](super::prove_with_blinding).
    ///
    /// # Errors
    /// As there.
    pub fn prove_with_blinding(&self, z: &[Fr], r: Fr, s: Fr) -> Result<Proof<Bn254>, Error> {
        prove_from(self.backend, self.key, Some(&self.kept), z, r, s)
    }
}
