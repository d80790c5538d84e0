//! `assay verify`: whether a receipt holds.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::cache::Keyring;
use crate::engine;
use crate::files;
use crate::output::{Output, Verdict, hex, seconds};
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
    let key = match &args.vk {
        Some(path) => files::read(path, MAX_KEY_BYTES, "the verifying key")?,
        None => Keyring::open()?.verifying_key(&engine::receipt_program(&receipt)?)?,
    };
    let checked = engine::verify(&receipt, &key)?;
    match &checked.reason {
        None => {
            output.line(format_args!("valid: program {}", hex(&engine::receipt_program(&receipt)?)));
            output.line(format_args!("verified in {}", seconds(checked.verify_seconds)));
        }
        Some(reason) => output.line(format_args!("INVALID: {reason}")),
    }
    if checked.development {
        output.line(NOT_FOR_PRODUCTION);
    }
    output.object(&json!({
        "valid": checked.reason.is_none(),
        "reason": checked.reason,
        "verify_seconds": checked.verify_seconds,
        "statement": checked.statement,
    }))?;
    Ok(if checked.reason.is_none() { Verdict::Done } else { Verdict::Invalid })
}
