//! From a job to a wrapped receipt.

use super::{Error, WrapProvingKey, assign};
use crate::groth16::{self, KeptKey};
use crate::inner::{Form, Options, Phase, Progress, Timings, Unverified, argue};
use crate::workplace::Workplace;
use ark_bn254::Fr;
use assay_circuits::r1cs::Mode;
use assay_core::Tensor;
use assay_gpu::Backend;
use assay_verifier::wrap::{Groth16Proof, WrapKey, WrappedProof, WrappedReceipt, WrappedStatement};
use rand::{CryptoRng, RngCore};
use std::time::Instant;

/// A wrapped receipt and what its making cost.
#[derive(Clone, Debug)]
pub struct Wrapped {
    /// The receipt.
    pub receipt: WrappedReceipt,
    /// The time of each phase.
    pub timings: Timings,
}

/// A wrap's key on a backend.
pub struct Wrapper<'a, B: Backend> {
    wrap: &'a WrapProvingKey,
    kept: Option<KeptKey<'a, B>>,
}

impl<'a, B: Backend> Wrapper<'a, B> {
    /// For few proofs: the key's points are sent for each of them, a sum at a time.
    pub fn new(wrap: &'a WrapProvingKey) -> Self {
        Self { wrap, kept: None }
    }

    /// For many proofs: the key's points stay where the backend computes.
    pub fn keeping(backend: &'a B, wrap: &'a WrapProvingKey) -> Self {
        Self { wrap, kept: Some(KeptKey::new(backend, &wrap.groth16)) }
    }
}

/// Runs the program, proves that it gave its outputs, and wraps the proof. The receipt is verified before it is returned.
///
/// # Errors
/// Inputs that do not fit the program, keys that do not belong to it, or a fault that verification caught.
pub fn prove<B: Backend, R: RngCore + CryptoRng>(
    place: &Workplace<'_, B>,
    wrapper: &Wrapper<'_, B>,
    inputs: &[Tensor],
    options: &Options,
    rng: &mut R,
    progress: Progress<'_>,
) -> Result<Wrapped, Error> {
    let (key, wrap) = (place.key, wrapper.wrap);
    wrap.check(key)?;
    progress(Phase::Execute);
    let start = Instant::now();
    let run = place.run(inputs)?;
    let execution = start.elapsed();
    let mut inner = argue(place, inputs, run, Form::Wrapped, options, rng, progress)?;
    inner.timings.add(Phase::Execute, execution);

    progress(Phase::Wrap);
    let start = Instant::now();
    let assignment = assign(key, &inner, Mode::Assign)?;
    if let Some(check) = assignment.failed {
        return Err(Error::Unverified(check));
    }
    let z = assignment.assignment;
    let proof = match &wrapper.kept {
        Some(kept) => kept.prove(&z, rng)?,
        None => groth16::prove(place.backend, &wrap.groth16, &z, rng)?,
    };
    let groth16 = Groth16Proof { a: proof.a, b: proof.b, c: proof.c };
    let public = z.get(1..wrap.shape().num_instance).unwrap_or_default();
    let (receipt, mut timings) = receipt(&wrap.verifying, inner, groth16, public)?;
    timings.add(Phase::Wrap, start.elapsed());

    progress(Phase::Verify);
    let start = Instant::now();
    wrap.verifying.verify(&receipt).map_err(|e| Error::Unverified(e.to_string()))?;
    timings.add(Phase::Verify, start.elapsed());
    Ok(Wrapped { receipt, timings })
}

/// Puts a receipt together; `public` are the public inputs, in order.
fn receipt(key: &WrapKey, inner: Unverified, groth16: Groth16Proof, public: &[Fr]) -> Result<(WrappedReceipt, Timings), Error> {
    let missing = || Error::Inner(crate::Error::internal("a wrapped proof lacks its opening"));
    // row challenges, alpha, zeta, eta, rho, evaluation: the last ones.
    let tail = public.len().checked_sub(key.log_rows + 5).and_then(|start| public.get(start..)).ok_or_else(missing)?;
    let (row_challenges, opening) = tail.split_at(key.log_rows);
    let &[alpha, zeta, eta, rho, evaluation] = opening else { return Err(missing()) };
    let points = inner.proof.opening.ok_or_else(missing)?;
    let row_challenges = row_challenges.to_vec();
    let proof = WrappedProof { groth16, rows: inner.proof.rows, points, row_challenges, alpha, zeta, eta, rho, evaluation };
    let statement = WrappedStatement::of(&inner.statement);
    Ok((WrappedReceipt { key: key.digest(), statement, proof }, inner.timings))
}
