//! `assay prove`: execute, prove, verify, write the receipt.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use assay_prover::srs::Origin;
use serde_json::json;

use crate::cache::Keyring;
use crate::engine;
use crate::files::PendingFile;
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::memory;
use crate::output::{self, Output, Verdict, bytes, hex, seconds};
use crate::srs::{DEVELOPMENT, NOT_FOR_PRODUCTION, Selection};

/// Execute a program and prove it; the receipt is verified before it is written
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// An input, or `weights`, that the receipt must not show; repeatable
    #[arg(long, value_name = "NAME|weights", value_delimiter = ',')]
    private: Vec<String>,
    /// Bytes that the proof is bound to (job id, payee, deadline): a file, or hexadecimal digits
    #[arg(long, value_name = "FILE|HEX")]
    context: Option<String>,
    /// The reference string: a name in the cache or a file
    #[arg(long, default_value = DEVELOPMENT, value_name = "NAME|FILE")]
    srs: String,
    /// Where the receipt goes
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let job = Job::resolve(&args.job, &args.private, args.context.as_deref(), args.output.as_deref())?;
    let target = job.output.as_ref().ok_or_else(|| anyhow!("where should the receipt go? give --output FILE"))?;
    let selection = Selection::parse(&args.srs)?;
    let arrays = inputs::read(&job)?;
    let program = engine::load(&job.source, &arrays)?;
    let tensors = inputs::bind(&program, &arrays, job.source.has_demo_inputs(), args.job.seed)?;
    // Before the work: a receipt that cannot be stored is not worth proving.
    let pending = PendingFile::create(target, "the receipt")?;

    let srs = selection.load(engine::required_powers(&program, &job.private)?, output)?;
    let spinner = output.spinner("preparing keys");
    let keys = engine::compile(&program, &job.private, &srs)?;
    Keyring::open()?.store(&keys, output);
    let proven = engine::prove(&keys, &srs, &tensors, &job, &|phase| spinner.set_message(phase.to_owned()))?;
    spinner.set_message("verifying");
    let checked = engine::verify(&proven.receipt, &keys.verifying_key)?;
    spinner.finish_and_clear();
    if let Some(reason) = checked.reason {
        bail!("the new proof does not verify ({reason}); this is a defect of the prover, please report it");
    }
    pending.finish(|writer| Ok(writer.write_all(&proven.receipt)?))?;

    let summaries = output::outputs(&program, &proven.outputs);
    for summary in &summaries {
        output.line(summary);
    }
    output.line(format_args!("program {}", hex(&proven.program_id)));
    output.line(format_args!(
        "executed in {}, proved in {} ({} backend), verified in {}",
        seconds(proven.execute_seconds),
        seconds(proven.prove_seconds),
        proven.backend,
        seconds(checked.verify_seconds)
    ));
    output.line(format_args!(
        "proof {}, receipt {}: {}",
        bytes(proven.proof_bytes as u64),
        bytes(proven.receipt.len() as u64),
        target.display()
    ));
    output.line("verified");
    if srs.origin == Origin::Development {
        output.line(NOT_FOR_PRODUCTION);
    }
    output.object(&json!({
        "program_id": hex(&proven.program_id),
        "backend": proven.backend,
        "execute_seconds": proven.execute_seconds,
        "prove_seconds": proven.prove_seconds,
        "wrap_seconds": proven.wrap_seconds,
        "verify_seconds": checked.verify_seconds,
        "proof_bytes": proven.proof_bytes,
        "peak_memory_bytes": memory::peak_bytes(),
        "outputs": summaries,
    }))?;
    Ok(Verdict::Done)
}
