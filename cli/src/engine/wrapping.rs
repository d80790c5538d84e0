//! Wrapped proofs: their keys, found or made, their receipts, made and checked.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use assay_core::Tensor;
use assay_core::program::{Port, Visibility};
use assay_prover::groth16::PreparedKey;
use assay_prover::wrap::{self, WrapProvingKey, Wrapper};
use assay_prover::{Options, Phase, Workplace};
use assay_verifier::wrap::{WrapPort, WrappedReceipt, WrappedStatement};
use assay_verifier::{WrapKey, elements};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use super::backend::with_backend;
use super::computer::Computer;
use super::keys::Ready;
use super::verifying::Checked;
use crate::cache::Keyring;
use crate::files::{self, PendingFile};
use crate::output::{Output, hex};
use crate::summary::Summary;
use crate::verify::MAX_KEY_BYTES;

/// The proving key's file in a folder of wrap keys.
pub const WRAP_PK: &str = "wrap.pk";
/// The verifying key's file in a folder of wrap keys.
pub const WRAP_VK: &str = "wrap.vk";

/// A wrapped receipt and what it took.
pub struct Wrapped {
    /// The encoded receipt.
    pub receipt: Vec<u8>,
    /// What is told of the outputs.
    pub outputs: Vec<Tensor>,
    /// Names the inputs: what a job on chain is posted with.
    pub input_digest: [u8; 32],
    /// Bytes of the proof, without the statement.
    pub proof_bytes: usize,
    /// Seconds by phase, in order.
    pub phases: Vec<(&'static str, f64)>,
    /// Seconds of execution, of the inner proof and of its wrap.
    pub seconds: [f64; 3],
}

/// The wrap keys in a folder, or those in the cache; where there are none, development keys are made and kept.
pub fn wrap_keys(ready: &Ready, folder: Option<&Path>, output: &Output) -> Result<WrapProvingKey> {
    let keyring = Keyring::open()?;
    let (pk, vk) = match folder {
        Some(folder) => (folder.join(WRAP_PK), folder.join(WRAP_VK)),
        None => keyring.wrap_paths(&ready.program_id(), &ready.srs.digest()),
    };
    if folder.is_none() && !(pk.exists() && vk.exists()) {
        let spinner = output.spinner("making a development key for the wrap circuit (once a program)");
        let key = wrap::setup(&ready.key, &mut ChaCha20Rng::from_entropy())?;
        spinner.finish_and_clear();
        files::create_folder(pk.parent().unwrap_or(Path::new(".")), "the cache folder")?;
        store(&key, &pk, &vk)?;
        keyring.store_wrap_verifying(&key.verifying, output);
        return Ok(key);
    }
    let verifying = wrap_key(&vk)?;
    let groth16 = PreparedKey::open(&pk).with_context(|| pk.display().to_string())?;
    let key = WrapProvingKey::new(verifying, groth16).with_context(|| format!("{} and {}", pk.display(), vk.display()))?;
    key.check(&ready.key)?;
    keyring.store_wrap_verifying(&key.verifying, output);
    Ok(key)
}

/// Writes both keys, each whole or not at all; the verifying key last, so that it never speaks of a proving key that is not there.
pub fn store(key: &WrapProvingKey, pk: &Path, vk: &Path) -> Result<()> {
    let pending = PendingFile::create(vk, "the wrap's verifying key")?;
    PendingFile::create(pk, "the wrap's proving key")?.finish(|writer| Ok(key.groth16.write(writer)?))?;
    pending.finish(|writer| Ok(writer.write_all(&key.verifying.encode())?))
}

/// Reads the key of wrapped receipts.
pub fn wrap_key(path: &Path) -> Result<WrapKey> {
    let bytes = files::read(path, MAX_KEY_BYTES, "the wrap's verifying key")?;
    WrapKey::decode(&bytes).with_context(|| format!("{} is not a usable key of wrapped receipts", path.display()))
}

/// Proves a run and wraps the proof, `repeat` times.
#[allow(clippy::too_many_arguments)]
pub fn prove_wrapped(
    ready: &Ready,
    key: &WrapProvingKey,
    inputs: &[Tensor],
    context: &[u8],
    repeat: u32,
    computer: &mut Computer<'_>,
    phase: &dyn Fn(&str),
) -> Result<Vec<Wrapped>> {
    let mut rng = ChaCha20Rng::from_entropy();
    let begun = |p: Phase| phase(p.name());
    computer.compute(|here| {
        let options = Options { context: context.to_vec(), economy: here.economy };
        with_backend!(here.choice, backend => {
            let place = Workplace::new(&backend, &ready.key, &ready.srs.g1);
            let wrapper = if repeat > 1 { Wrapper::keeping(&backend, key) } else { Wrapper::new(key) };
            (0..repeat)
                .map(|_| {
                    let wrapped = wrap::prove(&place, &wrapper, inputs, &options, &mut rng, &begun)?;
                    let (times, statement) = (&wrapped.timings, &wrapped.receipt.statement);
                    Ok(Wrapped {
                        receipt: wrapped.receipt.encode(),
                        outputs: statement.outputs.clone(),
                        input_digest: statement.input_digest(),
                        proof_bytes: wrapped.receipt.proof.num_bytes(),
                        phases: Phase::ALL.iter().map(|p| (p.name(), times.get(*p).as_secs_f64())).collect(),
                        seconds: [times.get(Phase::Execute), times.proving(), times.get(Phase::Wrap)].map(|t| t.as_secs_f64()),
                    })
                })
                .collect()
        })
    })
}

/// Checks a wrapped receipt. An error means that it cannot be read.
pub fn verify_wrapped(receipt: &[u8], key: &WrapKey) -> Result<Checked> {
    let start = Instant::now();
    let receipt = WrappedReceipt::decode(receipt).context("the receipt")?;
    let verified = key.verify(&receipt);
    let verify_seconds = start.elapsed().as_secs_f64();
    let statement = &receipt.statement;
    let same = statement.program_id == key.program_id && statement.outputs.len() == key.outputs.len();
    let ports: Vec<Option<&Port>> = (0..statement.outputs.len()).map(|i| key.outputs.get(i).filter(|_| same).map(|p| &p.port)).collect();
    let outputs: Vec<Summary> = ports.iter().zip(&statement.outputs).map(|(port, tensor)| Summary::new(*port, tensor)).collect();
    let inputs = if same { key.inputs.iter().map(describe).collect() } else { vec![] };
    Ok(Checked {
        reason: verified.err().map(|e| e.to_string()),
        verify_seconds,
        statement: wrapped_statement(&receipt, &outputs),
        inputs,
        outputs,
        development: key.is_development(),
        proof_bytes: receipt.proof.num_bytes(),
    })
}

/// Names inputs that are all public, as [`WrappedStatement::input_digest`] does.
pub fn public_input_digest(tensors: &[Tensor]) -> [u8; 32] {
    let inputs = WrappedStatement::digest_inputs(tensors);
    WrappedStatement { program_id: [0; 32], inputs, private: vec![], outputs: vec![], context: vec![] }.input_digest()
}

/// A wrapped receipt's statement, for scripts.
pub fn wrapped_statement(receipt: &WrappedReceipt, outputs: &[Summary]) -> serde_json::Value {
    let statement = &receipt.statement;
    let mut inputs = assay_core::encode::Writer::new();
    elements::write_scalar(&mut inputs, &statement.inputs);
    let mut inputs = inputs.finish();
    inputs.reverse();
    json!({
        "program_id": hex(&statement.program_id),
        "inputs": hex(&inputs),
        "input_digest": hex(&statement.input_digest()),
        "private_inputs": statement.private.iter().map(|rows| json!({ "commitments": rows.len() })).collect::<Vec<_>>(),
        "outputs": outputs,
        "context": hex(&statement.context),
        "key": hex(&receipt.key),
    })
}

/// The key of a receipt's program in a folder of keys, or the one in the cache.
pub fn key_of(receipt: &[u8]) -> Result<std::path::PathBuf> {
    let receipt = WrappedReceipt::decode(receipt)?;
    let path = Keyring::open()?.wrap_verifying_path(&receipt.key);
    if !path.exists() {
        bail!(
            "no key {} for program {} here: give --vk FILE (`assay setup` makes it)",
            hex(&receipt.key),
            hex(&receipt.statement.program_id)
        );
    }
    Ok(path)
}

fn describe(port: &WrapPort) -> String {
    let what = match port.port.visibility {
        Visibility::Public => "public, told by its digest",
        Visibility::Private => "private",
    };
    format!("input `{}` {} {}, {what}", port.port.name, port.port.dtype, port.shape)
}
