//! Receipts: what they say, and whether it holds.

use std::time::Instant;

use anyhow::{Context, Result};
use assay_core::program::Port;
use assay_verifier::{InputValue, PreparedKey, Receipt, Statement, VerifyingKey};
use serde_json::{Value, json};

use crate::output::hex;
use crate::summary::{self, Summary};

/// What the verifier says of a receipt.
pub struct Checked {
    /// Why it does not hold; absent for a valid one.
    pub reason: Option<String>,
    /// Seconds to read the receipt and to check it, with the key at hand.
    pub verify_seconds: f64,
    /// What the receipt asserts, for scripts.
    pub statement: Value,
    /// The inputs that it asserts, for people.
    pub inputs: Vec<String>,
    /// The outputs that it asserts.
    pub outputs: Vec<Summary>,
    /// Whether tau is public.
    pub development: bool,
    /// Bytes of the proof, without the statement.
    pub proof_bytes: usize,
}

/// What a receipt speaks of.
pub struct Subject {
    /// The program.
    pub program_id: [u8; 32],
    /// The reference string.
    pub reference: [u8; 32],
}

/// What a receipt speaks of.
pub fn receipt_subject(receipt: &[u8]) -> Result<Subject> {
    let receipt = Receipt::decode(receipt)?;
    Ok(Subject { program_id: receipt.statement.program_id, reference: receipt.reference })
}

/// A key that is ready to check receipts.
pub struct Verifier {
    key: PreparedKey,
    /// Seconds to read the key and to map its program.
    pub seconds: f64,
}

/// Reads a verifying key.
pub fn prepare(verifying_key: &[u8]) -> Result<Verifier> {
    let start = Instant::now();
    let key = VerifyingKey::decode(verifying_key).and_then(PreparedKey::new)?;
    Ok(Verifier { key, seconds: start.elapsed().as_secs_f64() })
}

/// Checks a receipt. An error means that it cannot be read.
pub fn verify(receipt: &[u8], Verifier { key, .. }: &Verifier) -> Result<Checked> {
    let start = Instant::now();
    let receipt = Receipt::decode(receipt).context("the receipt")?;
    let verified = key.verify(&receipt);
    let verify_seconds = start.elapsed().as_secs_f64();

    // The names and types are the key's; they mean nothing for another program's receipt.
    let same = receipt.statement.program_id == key.program_id() && receipt.statement.check(&key.key().program).is_ok();
    let program = same.then(|| &key.key().program);
    let inputs = program.map_or_else(Vec::new, |p| p.inputs.iter().zip(&receipt.statement.inputs).map(describe_input).collect());
    let outputs = program.map_or_else(Vec::new, |p| summary::outputs(p, &receipt.statement.outputs));
    Ok(Checked {
        reason: verified.err().map(|e| e.to_string()),
        verify_seconds,
        statement: statement(&receipt, program.map(|p| &p.inputs[..]), program.map(|p| &p.outputs[..])),
        inputs,
        outputs,
        development: key.key().reference.development,
        proof_bytes: receipt.proof.num_bytes(),
    })
}

fn describe_input((port, value): (&Port, &InputValue)) -> String {
    match value {
        InputValue::Public(tensor) => format!("input `{}` {} {}, public", port.name, port.dtype, tensor.shape),
        InputValue::Private(rows) => format!("input `{}` {}, private, commitments: {}", port.name, port.dtype, rows.len()),
    }
}

/// A receipt's statement, for scripts; ports name and type its tensors where the program is known.
pub fn statement(receipt: &Receipt, inputs: Option<&[Port]>, outputs: Option<&[Port]>) -> Value {
    let Statement { program_id, inputs: given, outputs: results, context } = &receipt.statement;
    let port = |ports: Option<&[Port]>, index: usize| ports.and_then(|p| p.get(index)).cloned();
    let input = |(index, value): (usize, &InputValue)| match value {
        InputValue::Public(tensor) => json!(Summary::new(port(inputs, index).as_ref(), tensor)),
        InputValue::Private(rows) => json!({ "name": port(inputs, index).map(|p| p.name), "private": true, "commitments": rows.len() }),
    };
    json!({
        "program_id": hex(program_id),
        "inputs": given.iter().enumerate().map(input).collect::<Vec<_>>(),
        "outputs": results.iter().enumerate().map(|(i, t)| Summary::new(port(outputs, i).as_ref(), t)).collect::<Vec<_>>(),
        "context": hex(context),
        "reference_string": hex(&receipt.reference),
    })
}
