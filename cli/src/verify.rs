//! `assay verify`: whether a receipt holds.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use crate::cache::Keyring;
use crate::engine::{self, NOT_ZERO_KNOWLEDGE};
use crate::files;
use crate::output::{Output, Verdict, bytes, hex, seconds};
use crate::srs::NOT_FOR_PRODUCTION;

/// Receipts hold public inputs and outputs, and a proof of about 100 KB.
pub const MAX_RECEIPT_BYTES: u64 = 1 << 28;
/// Verifying keys hold a program without its large constants.
pub const MAX_KEY_BYTES: u64 = 1 << 28;

/// Check a receipt; exit code 0 if it is valid, 1 if not, 2 if it or the key cannot be read
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
    let subject = engine::receipt_subject(&receipt).with_context(place)?;
    let path = match &args.vk {
        Some(path) => path.clone(),
        None => Keyring::open()?.verifying_key(&subject.program_id, &subject.reference)?,
    };
    let key = files::read(&path, MAX_KEY_BYTES, "the verifying key")?;
    let key = engine::prepare(&key).with_context(|| format!("{} is not a usable verifying key", path.display()))?;
    let checked = engine::verify(&receipt, &key)?;
    match &checked.reason {
        None => {
            checked.inputs.iter().for_each(|line| output.line(line));
            checked.outputs.iter().for_each(|summary| output.line(summary));
            output.line(format_args!("valid: program {}", hex(&subject.program_id)));
            if let Some(context) = checked.statement["context"].as_str().filter(|text| !text.is_empty()) {
                output.line(format_args!("context {context}"));
            }
            let (verify, prepare) = (seconds(checked.verify_seconds), seconds(key.seconds));
            output.line(format_args!("verified in {verify}, after preparing the key in {prepare}; proof {}", bytes(checked.proof_bytes)));
        }
        Some(reason) => output.line(format_args!("INVALID: {reason}")),
    }
    if checked.development {
        output.line(NOT_FOR_PRODUCTION);
    }
    output.line(NOT_ZERO_KNOWLEDGE);
    output.object(&json!({
        "valid": checked.reason.is_none(),
        "reason": checked.reason,
        "verify_seconds": checked.verify_seconds,
        "prepare_seconds": key.seconds,
        "proof_bytes": checked.proof_bytes,
        "development": checked.development,
        "zero_knowledge": false,
        "statement": checked.statement,
    }))?;
    Ok(if checked.reason.is_none() { Verdict::Done } else { Verdict::Invalid })
}
