//! `assay submit`: delivers a wrapped receipt to the escrow that pays for it.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use assay_contracts::Call;
use assay_contracts::client::{Address, Client, PrivateKeySigner, U256};
use assay_verifier::WrappedReceipt;
use serde_json::json;

use crate::engine;
use crate::files;
use crate::output::{Output, Verdict, hex};
use crate::verify::MAX_RECEIPT_BYTES;

/// The variable that holds the account's private key: an argument would show in the list of processes.
const KEY_VARIABLE: &str = "ASSAY_ACCOUNT_KEY";

/// Deliver a wrapped receipt to an escrow contract; the account's private key is taken from ASSAY_ACCOUNT_KEY
#[derive(clap::Args)]
pub struct Args {
    /// The receipt
    receipt: PathBuf,
    /// The key of wrapped receipts; by default the one in the cache
    #[arg(long, value_name = "FILE")]
    vk: Option<PathBuf>,
    /// The node
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// The escrow contract
    #[arg(long, value_name = "ADDRESS")]
    escrow: String,
    /// The job's number
    #[arg(long)]
    job: u64,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let bytes = files::read(&args.receipt, MAX_RECEIPT_BYTES, "the receipt")?;
    let receipt = WrappedReceipt::decode(&bytes).with_context(|| format!("{} is not a wrapped receipt", args.receipt.display()))?;
    let path = args.vk.clone().map_or_else(|| engine::key_of(&bytes), Ok)?;
    // Verified at home first: nobody pays gas for what could have been refused here.
    let call = Call::new(&engine::wrap_key(&path)?, &receipt)?;
    let secret = std::env::var(KEY_VARIABLE).map_err(|_| anyhow!("{KEY_VARIABLE} is not set: it holds the account's private key"))?;
    let signer: PrivateKeySigner = secret.trim().parse().map_err(|_| anyhow!("{KEY_VARIABLE} does not hold a private key"))?;
    let escrow: Address = args.escrow.parse().map_err(|_| anyhow!("`{}` is not an address", args.escrow))?;
    let client = Client::new(&args.rpc, signer)?;
    let done = client.submit(escrow, U256::from(args.job), &call)?;
    output.line(format_args!("job {} is completed: {} gas", args.job, done.gas));
    output.object(&json!({ "job": args.job, "gas": done.gas, "input_digest": hex(&receipt.statement.input_digest()) }))?;
    Ok(Verdict::Done)
}
