//! `assay run`: execution without a proof, the reference semantics of programs.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use assay_core::Program;
use serde_json::json;

use crate::engine::{self, Task};
use crate::files::PendingFile;
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::memory;
use crate::npy;
use crate::output::{Output, Verdict, hex, seconds};
use crate::summary;

/// Execute a program without proving it
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// Where outputs go: FILE.npy for the only or first output, NAME=FILE.npy for another; repeatable
    #[arg(long, short, value_name = "[NAME=]FILE.npy")]
    output: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let job = Job::resolve(&args.job, &[], None, None)?;
    let arrays = inputs::read(&job)?;
    let executable = engine::load(&job, &arrays, Task::Run)?;
    let program = executable.program();
    let tensors = inputs::bind(program, &arrays, job.source.has_demo_inputs(), args.job.seed)?;
    let targets = targets(program, &args.output)?;
    let (outputs, elapsed) = engine::execute(program, &tensors)?;
    for (index, pending) in targets {
        let array = inputs::to_array(&program.outputs[index], &outputs[index])?;
        pending.finish(|writer| Ok(writer.write_all(&npy::write(&array))?))?;
    }
    let summaries = summary::outputs(program, &outputs);
    for summary in &summaries {
        output.line(summary);
    }
    let digest = hex(&engine::public_input_digest(&tensors));
    output.line(format_args!("inputs {digest}, as wrapped receipts name them where all are public"));
    output.line(format_args!("executed in {}", seconds(elapsed)));
    output.object(&json!({
        "execute_seconds": elapsed,
        "peak_memory_bytes": memory::peak_bytes(),
        "input_digest": digest,
        "outputs": summaries,
    }))?;
    Ok(Verdict::Done)
}

/// The files to write, each with the index of its output; made before the program runs.
fn targets(program: &Program, given: &[String]) -> Result<Vec<(usize, PendingFile)>> {
    let mut targets: Vec<(usize, PendingFile)> = Vec::new();
    for text in given {
        let named = text.split_once('=').filter(|(name, _)| program.outputs.iter().any(|port| port.name == *name));
        let (index, path) = match named {
            Some((name, path)) => (program.outputs.iter().position(|port| port.name == name).unwrap_or(0), path),
            None if text.contains('=') => {
                let names: Vec<&str> = program.outputs.iter().map(|port| port.name.as_str()).collect();
                bail!("--output {text}: the program's outputs are {}", names.join(", "));
            }
            None => (0, text.as_str()),
        };
        if targets.iter().any(|target| target.0 == index) {
            bail!("output `{}` is directed to two files", program.outputs[index].name);
        }
        targets.push((index, PendingFile::create(&PathBuf::from(path), "the output")?));
    }
    Ok(targets)
}
