//! `assay bench`: the README's table, on this machine.

use anyhow::{Result, anyhow};
use serde_json::{Value, json};

use crate::engine;
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::memory;
use crate::output::{Output, Verdict, bytes, seconds};
use crate::srs::{DEVELOPMENT, Selection};

/// What is measured without arguments; the README's table adds its networks.
const DEFAULT: [&str; 4] = ["matmul:256x256x256", "matmul:512x512x512", "matmul:1024x1024x1024", "heat2d:256x256x64"];

/// Measure proving: time, its split by phase, proof size, memory
#[derive(clap::Args)]
pub struct Args {
    /// Programs or job files; by default the built-in jobs
    programs: Vec<String>,
    /// Proofs of each program; the fastest counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// The reference string: a name in the cache or a file
    #[arg(long, default_value = DEVELOPMENT, value_name = "NAME|FILE")]
    srs: String,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let selection = Selection::parse(&args.srs)?;
    let mut programs: Vec<&str> = args.programs.iter().map(String::as_str).collect();
    if programs.is_empty() {
        programs.extend(DEFAULT);
    }
    let mut rows = Vec::with_capacity(programs.len());
    for program in programs {
        rows.push(measure(program, args.repeat, &selection, output)?);
    }
    output.object(&json!({ "jobs": rows }))?;
    Ok(Verdict::Done)
}

fn measure(text: &str, repeat: u32, selection: &Selection, output: &Output) -> Result<Value> {
    let job = Job::resolve(&JobArgs::of(text), &[], None, None)?;
    let arrays = inputs::read(&job)?;
    let program = engine::load(&job.source, &arrays)?;
    let tensors = inputs::bind(&program, &arrays, job.source.has_demo_inputs(), 0)?;
    let srs = selection.load(engine::required_powers(&program, &job.private)?, output)?;
    let keys = engine::compile(&program, &job.private, &srs)?;
    let mut best: Option<engine::Proven> = None;
    for _ in 0..repeat {
        let proven = engine::prove(&keys, &srs, &tensors, &job, &|_| ())?;
        best = best.filter(|b| b.prove_seconds <= proven.prove_seconds).or(Some(proven));
    }
    let best = best.ok_or_else(|| anyhow!("nothing was measured"))?;
    let checked = engine::verify(&best.receipt, &keys.verifying_key)?;
    let phases: Value = best.phases.iter().map(|(name, time)| (name.clone(), json!(time))).collect::<serde_json::Map<_, _>>().into();
    let split: Vec<String> = best.phases.iter().map(|(name, time)| format!("{name} {}", seconds(*time))).collect();
    output.line(format_args!(
        "{text}: prove {}, verify {}, proof {}, peak memory {}\n  {}",
        seconds(best.prove_seconds),
        seconds(checked.verify_seconds),
        bytes(best.proof_bytes as u64),
        memory::peak_bytes().map_or("unknown".into(), bytes),
        split.join(", ")
    ));
    Ok(json!({
        "program": text,
        "backend": best.backend,
        "execute_seconds": best.execute_seconds,
        "prove_seconds": best.prove_seconds,
        "phases": phases,
        "verify_seconds": checked.verify_seconds,
        "proof_bytes": best.proof_bytes,
        // Of this process so far: earlier, larger jobs count as well.
        "peak_memory_bytes": memory::peak_bytes(),
    }))
}
