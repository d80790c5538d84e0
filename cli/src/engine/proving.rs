//! Proofs, on the backend that this machine has.

use std::time::Instant;

use anyhow::Result;
use assay_core::Tensor;
use assay_prover::{Options, Phase, Workplace};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::{backend::with_backend, computer::Computer, keys::Ready};

/// A proof and what it took.
pub struct Proven {
    /// The outputs.
    pub outputs: Vec<Tensor>,
    /// The encoded receipt.
    pub receipt: Vec<u8>,
    /// Seconds of execution.
    pub execute_seconds: f64,
    /// Seconds of the inner proof.
    pub prove_seconds: f64,
    /// Bytes of the proof, without the statement.
    pub proof_bytes: usize,
    /// Seconds by phase, in order.
    pub phases: Vec<(&'static str, f64)>,
}

/// Proves a run `repeat` times. `phase` is told what begins. The seconds beside the proofs are those that it took to hand
/// the powers of tau and the constants to the backend.
pub fn prove(
    ready: &Ready,
    inputs: &[Tensor],
    context: &[u8],
    repeat: u32,
    computer: &mut Computer<'_>,
    phase: &dyn Fn(&str),
) -> Result<(Vec<Proven>, f64)> {
    let mut rng = ChaCha20Rng::from_entropy();
    let begun = |p: Phase| phase(p.name());
    computer.compute(|here| {
        let options = Options { context: context.to_vec(), economy: here.economy };
        with_backend!(here.choice, backend => {
            let start = Instant::now();
            let place = Workplace::new(&backend, &ready.key, &ready.srs.g1);
            let seconds = start.elapsed().as_secs_f64();
            let mut one = || -> Result<Proven> {
                let proven = assay_prover::prove(&place, inputs, &options, &mut rng, &begun)?;
                let times = &proven.timings;
                Ok(Proven {
                    receipt: proven.receipt.encode(),
                    execute_seconds: times.get(Phase::Execute).as_secs_f64(),
                    prove_seconds: times.proving().as_secs_f64(),
                    proof_bytes: proven.receipt.proof.num_bytes(),
                    phases: Phase::ALL.iter().map(|p| (p.name(), times.get(*p).as_secs_f64())).collect(),
                    outputs: proven.outputs,
                })
            };
            Ok(((0..repeat).map(|_| one()).collect::<Result<_>>()?, seconds))
        })
    })
}
