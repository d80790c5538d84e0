//! The one place where the command line meets the libraries.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use assay_core::{Program, Tensor, jobs};
use assay_prover::srs::Srs;

use crate::inputs::NamedArray;
use crate::job::Job;
use crate::program::Source;

/// Makes the program. Symbolic axes of a network take their lengths from the input arrays.
pub fn load(source: &Source, arrays: &[NamedArray]) -> Result<Program> {
    let program = match *source {
        Source::Onnx(_) => return import(source, arrays),
        Source::Matmul { sizes: [m, k, n] } => jobs::matmul(m, k, n),
        Source::Heat2d { sizes: [h, w, steps] } => jobs::heat2d(h, w, steps),
    };
    program.with_context(|| source.to_string())
}

fn import(source: &Source, _arrays: &[NamedArray]) -> Result<Program> {
    bail!("{source}: ONNX import is not part of this build")
}

/// Runs a program; the outputs, and the seconds it took.
pub fn execute(program: &Program, inputs: &[Tensor]) -> Result<(Vec<Tensor>, f64)> {
    let start = Instant::now();
    let outputs = assay_core::execute(program, inputs)?;
    Ok((outputs, start.elapsed().as_secs_f64()))
}

/// A program's keys.
pub struct Keys {
    /// Digest of the program and of its constants' commitments.
    pub program_id: [u8; 32],
    /// Encoded proving key.
    pub proving_key: Vec<u8>,
    /// Encoded verifying key.
    pub verifying_key: Vec<u8>,
}

/// A proof and what it took.
pub struct Proven {
    /// Digest of the program and of its constants' commitments.
    pub program_id: [u8; 32],
    /// The backend that computed.
    pub backend: String,
    /// The outputs.
    pub outputs: Vec<Tensor>,
    /// The encoded receipt.
    pub receipt: Vec<u8>,
    /// Seconds of execution.
    pub execute_seconds: f64,
    /// Seconds of the inner proof.
    pub prove_seconds: f64,
    /// Seconds of the wrap, if there was one.
    pub wrap_seconds: Option<f64>,
    /// Bytes of the proof, without the statement.
    pub proof_bytes: usize,
    /// Seconds by phase, in order.
    pub phases: Vec<(String, f64)>,
}

/// What the verifier says of a receipt.
pub struct Checked {
    /// Why it does not hold; absent for a valid one.
    pub reason: Option<String>,
    /// Seconds.
    pub verify_seconds: f64,
    /// The statement, for scripts.
    pub statement: serde_json::Value,
    /// Whether tau is public.
    pub development: bool,
}

/// The number of powers of tau that a program's keys and proofs need.
pub fn required_powers(_program: &Program, _private: &[String]) -> Result<usize> {
    bail!("proving is not part of this build")
}

/// Makes the keys of a program.
pub fn compile(_program: &Program, _private: &[String], _srs: &Srs) -> Result<Keys> {
    bail!("proving is not part of this build")
}

/// Proves a run. `phase` is told what begins.
pub fn prove(_keys: &Keys, _srs: &Srs, _inputs: &[Tensor], _job: &Job, _phase: &dyn Fn(&str)) -> Result<Proven> {
    bail!("proving is not part of this build")
}

/// The program id that a receipt names.
pub fn receipt_program(_receipt: &[u8]) -> Result<[u8; 32]> {
    bail!("verifying is not part of this build")
}

/// Checks a receipt. An error means that receipt or key cannot be read.
pub fn verify(_receipt: &[u8], _verifying_key: &[u8]) -> Result<Checked> {
    bail!("verifying is not part of this build")
}
