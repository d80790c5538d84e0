//! `assay verify`: whether a receipt holds.

use std::path::PathBuf;

use anyhow::{Context, Result};
use assay_verifier::WrappedReceipt;
use serde_json::json;

use crate::cache::Keyring;
use crate::engine::{self, Checked, NOT_ZERO_KNOWLEDGE};
use crate::files;
use crate::output::{Output, Verdict, bytes, hex, seconds};
use crate::srs::NOT_FOR_PRODUCTION;

/// Receipts hold public inputs and outputs, and a proof of about 100 KB.
pub const MAX_RECEIPT_BYTES: u64 = 1 << 28;
/// Verifying keys hold a program without its large constants.
pub const MAX_KEY_BYTES: u64 = 1 << 28;

/// What a wrapped receipt under a development string or key must not be taken for.
const DEVELOPMENT_WRAP: &str =
    "development reference string or wrap key: somebody can forge such receipts; not for production (see `assay ceremony`)";

/// Check a receipt, wrapped or not; exit code 0 if it is valid, 1 if not, 2 if it or the key cannot be read
#[derive(clap::Args)]
pub struct Args {
    /// The receipt
    receipt: PathBuf,
    /// The program's verifying key; by default the one in the cache
    #[arg(long, value_name = "FILE")]
    vk: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let receipt = files::read(&args.receipt, MAX_RECEIPT_BYTES, "the receipt")?;
    let place = || format!("{} is not a readable receipt", args.receipt.display());
    if WrappedReceipt::is_one(&receipt) {
        let path = args.vk.clone().map_or_else(|| engine::key_of(&receipt).with_context(place), Ok)?;
        let key = engine::wrap_key(&path)?;
        let checked = engine::verify_wrapped(&receipt, &key).with_context(place)?;
        let id = checked.statement["program_id"].as_str().unwrap_or_default().to_owned();
        return conclude(&checked, &id, 0.0, true, output);
    }
    let subject = engine::receipt_subject(&receipt).with_context(place)?;
    let path = match &args.vk {
        Some(path) => path.clone(),
        None => Keyring::open()?.verifying_key(&subject.program_id, &subject.reference)?,
    };
    let key = files::read(&path, MAX_KEY_BYTES, "the verifying key")?;
    let key = engine::prepare(&key).with_context(|| format!("{} is not a usable verifying key", path.display()))?;
    let checked = engine::verify(&receipt, &key)?;
    conclude(&checked, &hex(&subject.program_id), key.seconds, false, output)
}

/// Says what was found.
fn conclude(checked: &Checked, program_id: &str, prepare_seconds: f64, wrapped: bool, output: &Output) -> Result<Verdict> {
    match &checked.reason {
        None => {
            checked.inputs.iter().for_each(|line| output.line(line));
            checked.outputs.iter().for_each(|summary| output.line(summary));
            output.line(format_args!("valid: program {program_id}"));
            if let Some(digest) = checked.statement["input_digest"].as_str() {
                output.line(format_args!("inputs {digest} (`assay run` prints those of arrays)"));
            }
            if let Some(context) = checked.statement["context"].as_str().filter(|text| !text.is_empty()) {
                output.line(format_args!("context {context}"));
            }
            let (verify, prepare) = (seconds(checked.verify_seconds), seconds(prepare_seconds));
            let after = if wrapped { String::new() } else { format!(", after preparing the key in {prepare}") };
            output.line(format_args!("verified in {verify}{after}; proof {}", bytes(checked.proof_bytes)));
        }
        Some(reason) => output.line(format_args!("INVALID: {reason}")),
    }
    if checked.development {
        output.line(if wrapped { DEVELOPMENT_WRAP } else { NOT_FOR_PRODUCTION });
    }
    if !wrapped {
        output.line(NOT_ZERO_KNOWLEDGE);
    }
    output.object(&json!({
        "valid": checked.reason.is_none(),
        "reason": checked.reason,
        "verify_seconds": checked.verify_seconds,
        "prepare_seconds": prepare_seconds,
        "proof_bytes": checked.proof_bytes,
        "development": checked.development,
        "zero_knowledge": wrapped,
        "wrapped": wrapped,
        "statement": checked.statement,
    }))?;
    Ok(if checked.reason.is_none() { Verdict::Done } else { Verdict::Invalid })
}
