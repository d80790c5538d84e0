//! `assay export-verifier`, `assay context`: what a contract needs, and what it binds a receipt to.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::engine;
use crate::files::PendingFile;
use crate::output::{Output, Verdict, hex};

/// Write the Solidity contract that verifies a program's wrapped receipts
#[derive(clap::Args)]
pub struct ExportArgs {
    /// The key of wrapped receipts, `wrap.vk` of `assay setup`
    key: PathBuf,
    /// Where the contract goes
    #[arg(long, short, value_name = "FILE.sol")]
    output: PathBuf,
}

/// Runs `assay export-verifier`.
pub fn export(args: &ExportArgs, output: &Output) -> Result<Verdict> {
    let key = engine::wrap_key(&args.key)?;
    let source = assay_contracts::render(&key).with_context(|| args.key.display().to_string())?;
    PendingFile::create(&args.output, "the contract")?.finish(|writer| Ok(writer.write_all(source.as_bytes())?))?;
    let (selector, name) = (hex(&key.selector()), assay_contracts::RENDERED_CONTRACT);
    output.line(format_args!("{}: contract {name}, selector 0x{selector}, {} public inputs", args.output.display(), key.num_public()));
    if key.is_development() {
        output.warn("the key is a development one: whoever made it, or knows tau, can forge receipts that this contract accepts");
    }
    output.object(&json!({
        "path": args.output,
        "contract": name,
        "selector": selector,
        "program_id": hex(&key.program_id),
        "public_inputs": key.num_public(),
        "development": key.is_development(),
    }))?;
    Ok(Verdict::Done)
}

/// Print the context under which a provider must prove an escrowed job, for `assay prove --context`
#[derive(clap::Args)]
pub struct ContextArgs {
    /// The chain's id
    #[arg(long)]
    chain: u64,
    /// The escrow contract's address
    #[arg(long, value_name = "ADDRESS")]
    escrow: String,
    /// The job's number
    #[arg(long)]
    job: u64,
    /// The account that is to be paid
    #[arg(long, value_name = "ADDRESS")]
    provider: String,
}

/// Runs `assay context`.
pub fn context(args: &ContextArgs, output: &Output) -> Result<Verdict> {
    let word = |value: u64| {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&value.to_be_bytes());
        word
    };
    let bytes = assay_contracts::context_bytes(&word(args.chain), &address(&args.escrow)?, &word(args.job), &address(&args.provider)?);
    let text = format!("0x{}", hex(&bytes));
    output.object(&json!({ "context": text }))?;
    output.line(text);
    Ok(Verdict::Done)
}

fn address(text: &str) -> Result<[u8; 20]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let digit = |i: usize| digits.get(2 * i..2 * i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..20).map(digit).collect();
    match bytes
        .and_then(|bytes| <[u8; 20]>::try_from(bytes).ok())
        .filter(|_| digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        Some(address) => Ok(address),
        None => bail!("`{text}` is not an address: 40 hexadecimal digits are expected"),
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_forty_digits() {
        assert_eq!(address(&format!("0x{}", "ab".repeat(20))).unwrap(), [0xab; 20]);
        for wrong in ["", "0x", "0xab", &"0".repeat(41), &"g".repeat(40), &"+1".repeat(20)] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
