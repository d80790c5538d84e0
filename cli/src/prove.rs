//! `assay prove`: execute, prove, verify, write the receipt.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use assay_core::Tensor;
use serde_json::json;

use crate::engine::{self, Computer, NOT_ZERO_KNOWLEDGE, ONE_PARTY_SETUP, Ready, Task};
use crate::files::PendingFile;
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::memory;
use crate::output::{Output, Verdict, bytes, hex, seconds};
use crate::srs::{DEVELOPMENT, NOT_FOR_PRODUCTION, Selection};
use crate::summary;

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
    /// Wrap the proof: a receipt of about a kilobyte, zero-knowledge, that contracts can check
    #[arg(long)]
    wrap: bool,
    /// The folder with the keys that `assay setup` made; by default a development key in the cache
    #[arg(long, value_name = "DIR", requires = "wrap")]
    wrap_key: Option<PathBuf>,
    /// Memory of the GPU that may be held, where one computes: 8GiB, 512MiB [default: ASSAY_GPU_MEMORY, or what is free]
    #[arg(long, value_name = "SIZE", value_parser = memory::parse_size)]
    gpu_memory: Option<u64>,
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
    let executable = engine::load(&job, &arrays, Task::Prove)?;
    let tensors = inputs::bind(executable.program(), &arrays, job.source.has_demo_inputs(), args.job.seed)?;
    // Before the work: a receipt that cannot be stored is not worth proving.
    let pending = PendingFile::create(target, "the receipt")?;

    let mut computer = Computer::new(executable.program(), args.gpu_memory, output)?;
    let ready = Ready::new(executable, &selection, &mut computer, output)?;
    if args.wrap {
        return wrapped(args, &ready, &tensors, &job, computer, pending, target, output);
    }
    computer.announce();
    let spinner = output.spinner("proving");
    let begun = |phase: &str| spinner.set_message(phase.to_owned());
    let (proofs, bases_seconds) = engine::prove(&ready, &tensors, &job.context, 1, &mut computer, &begun)?;
    spinner.set_message("verifying the written form");
    let proven = proofs.into_iter().next().ok_or_else(|| anyhow!("no proof was made"))?;
    // What a client will do, from the same bytes that it will have.
    let checked = engine::verify(&proven.receipt, &engine::prepare(&ready.key.verifying.key().encode())?)?;
    spinner.finish_and_clear();
    if let Some(reason) = checked.reason {
        bail!("the new receipt does not verify ({reason}); nothing was written. Please report this");
    }
    pending.finish(|writer| Ok(writer.write_all(&proven.receipt)?))?;

    let summaries = summary::outputs(&ready.program, &proven.outputs);
    for summary in &summaries {
        output.line(summary);
    }
    let id = hex(&ready.program_id());
    let backend = computer.name();
    let prepare_seconds = ready.seconds + bases_seconds;
    output.line(format_args!("program {id}"));
    output.line(format_args!(
        "prepared keys in {}, executed in {}, proved in {} on the {backend} backend ({})",
        seconds(prepare_seconds),
        seconds(proven.execute_seconds),
        seconds(proven.prove_seconds),
        split(&proven.phases)
    ));
    output.line(format_args!("proof {}, receipt {}: {}", bytes(proven.proof_bytes), bytes(proven.receipt.len()), target.display()));
    output.line(format_args!("verified in {}", seconds(checked.verify_seconds)));
    if checked.development {
        output.line(NOT_FOR_PRODUCTION);
    }
    output.line(NOT_ZERO_KNOWLEDGE);
    output.object(&json!({
        "program_id": id,
        "backend": backend,
        "gpu": computer.report(),
        "prepare_seconds": prepare_seconds,
        "execute_seconds": proven.execute_seconds,
        "prove_seconds": proven.prove_seconds,
        "wrap_seconds": null,
        "verify_seconds": checked.verify_seconds,
        "phases": proven.phases.iter().copied().collect::<BTreeMap<_, _>>(),
        "proof_bytes": proven.proof_bytes,
        "receipt_bytes": proven.receipt.len(),
        "peak_memory_bytes": memory::peak_bytes(),
        "development": checked.development,
        "outputs": summaries,
    }))?;
    Ok(Verdict::Done)
}

/// Proves, wraps, verifies the written form, and writes it.
#[allow(clippy::too_many_arguments)]
fn wrapped(
    args: &Args,
    ready: &Ready,
    tensors: &[Tensor],
    job: &Job,
    mut computer: Computer<'_>,
    pending: PendingFile,
    target: &Path,
    output: &Output,
) -> Result<Verdict> {
    let key = engine::wrap_keys(ready, args.wrap_key.as_deref(), output)?;
    computer.expect_wrap(&key, ready.key.num_powers())?;
    computer.announce();
    let spinner = output.spinner("proving");
    let begun = |phase: &str| spinner.set_message(phase.to_owned());
    let proofs = engine::prove_wrapped(ready, &key, tensors, &job.context, 1, &mut computer, &begun)?;
    let proven = proofs.into_iter().next().ok_or_else(|| anyhow!("no proof was made"))?;
    let checked = engine::verify_wrapped(&proven.receipt, &key.verifying)?;
    spinner.finish_and_clear();
    if let Some(reason) = checked.reason {
        bail!("the new receipt does not verify ({reason}); nothing was written. Please report this");
    }
    pending.finish(|writer| Ok(writer.write_all(&proven.receipt)?))?;
    let summaries = summary::outputs(&ready.program, &proven.outputs);
    summaries.iter().for_each(|summary| output.line(summary));
    let (id, backend) = (hex(&ready.program_id()), computer.name());
    let [execute, prove, wrap] = proven.seconds;
    output.line(format_args!("program {id}, inputs {}", hex(&proven.input_digest)));
    output.line(format_args!(
        "executed in {}, proved in {}, wrapped in {} on the {backend} backend ({} constraints)",
        seconds(execute),
        seconds(prove),
        seconds(wrap),
        key.shape().num_constraints
    ));
    output.line(format_args!("proof {}, receipt {}: {}", bytes(proven.proof_bytes), bytes(proven.receipt.len()), target.display()));
    output.line(format_args!("verified in {}", seconds(checked.verify_seconds)));
    if key.verifying.reference.development {
        output.line(NOT_FOR_PRODUCTION);
    }
    if key.verifying.development {
        output.line(ONE_PARTY_SETUP);
    }
    output.object(&json!({
        "program_id": id,
        "input_digest": hex(&proven.input_digest),
        "backend": backend,
        "gpu": computer.report(),
        "prepare_seconds": ready.seconds,
        "execute_seconds": execute,
        "prove_seconds": prove,
        "wrap_seconds": wrap,
        "verify_seconds": checked.verify_seconds,
        "phases": proven.phases.iter().copied().collect::<BTreeMap<_, _>>(),
        "constraints": key.shape().num_constraints,
        "proof_bytes": proven.proof_bytes,
        "receipt_bytes": proven.receipt.len(),
        "peak_memory_bytes": memory::peak_bytes(),
        "development": checked.development,
        "zero_knowledge": true,
        "outputs": summaries,
    }))?;
    Ok(Verdict::Done)
}

/// The phases of the proof itself, each with its time.
pub fn split(phases: &[(&str, f64)]) -> String {
    let own = phases.iter().filter(|(name, _)| !matches!(*name, "execute" | "wrap" | "verify"));
    own.map(|(name, time)| format!("{name} {}", seconds(*time))).collect::<Vec<_>>().join(", ")
}
