//! `assay bench`: the README's table, on this machine.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, thread};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::engine::{self, AboutGpu, Computer, Ready, Task};
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::memory;
use crate::output::{Output, Verdict, bytes, seconds};
use crate::srs::{DEVELOPMENT, Selection};

/// A job with a name of its own: the files of a checkout, looked for in the current folder.
struct Known {
    name: &'static str,
    model: &'static str,
    input: &'static str,
    /// Whether the file holds several inputs, of which the first is proven.
    stacked: bool,
}

const NETWORKS: [Known; 4] = [
    Known { name: "digits", model: "examples/digits/digits_qdq.onnx", input: "examples/digits/seven.npy", stacked: false },
    Known {
        name: "mlp64",
        model: "benches/peers/models/mlp64_qoperator/model.onnx",
        input: "benches/peers/models/mlp64_qoperator/input.input.npy",
        stacked: true,
    },
    Known {
        name: "cnn28",
        model: "benches/peers/models/cnn28_qoperator/model.onnx",
        input: "benches/peers/models/cnn28_qoperator/input.input.npy",
        stacked: true,
    },
    Known {
        name: "mlp784",
        model: "benches/peers/models/mlp784_qoperator/model.onnx",
        input: "benches/peers/models/mlp784_qoperator/input.input.npy",
        stacked: true,
    },
];
const BUILT_INS: [&str; 5] =
    ["matmul:256x256x256", "matmul:512x512x512", "matmul:1024x1024x1024", "hardswish:1024x1024x1", "heat2d:256x256x64"];
const QUICK: [&str; 3] = ["matmul:64x64x64", "matmul:256x256x256", "heat2d:32x32x8"];

/// Measure proving: time, its split by phase, proof size, verification, memory
#[derive(clap::Args)]
pub struct Args {
    /// Programs, job files, or digits, mlp64, cnn28, mlp784; by default the README's table, whose jobs fit 2 GiB of memory.
    /// `heat2d:512x512x256`, 16 times the largest of them, is proven only if named
    names: Vec<String>,
    /// Small jobs and one proof of each
    #[arg(long)]
    quick: bool,
    /// Proofs of each job; the median counts [default: 5, or 1 with --quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: Option<u32>,
    /// The reference string: a name in the cache or a file
    #[arg(long, default_value = DEVELOPMENT, value_name = "NAME|FILE")]
    srs: String,
    /// Memory of the GPU that may be held, where one computes: 8GiB, 512MiB [default: ASSAY_GPU_MEMORY, or what is free]
    #[arg(long, value_name = "SIZE", value_parser = memory::parse_size)]
    gpu_memory: Option<u64>,
    /// Measure one job in this process and print its row: how `bench` measures the memory of each
    #[arg(long, hide = true)]
    row: bool,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let repeat = args.repeat.unwrap_or(if args.quick { 1 } else { 5 });
    if args.row {
        let [name] = &args.names[..] else { bail!("--row measures one job") };
        output.object(&measure(name, repeat, &Selection::parse(&args.srs)?, args.gpu_memory, output)?)?;
        return Ok(Verdict::Done);
    }
    let chosen = engine::choose(output)?;
    let (backend, gpu) = (engine::backend_name(chosen.choice)?, AboutGpu::new(&chosen));
    let names = if args.names.is_empty() { default_names(args.quick) } else { args.names.clone() };
    // A name that means nothing is said before minutes of work, not after.
    names.iter().try_for_each(|name| resolve(name).map(drop))?;
    output.line(format_args!("backend {backend}, {} threads; {gpu}\n", thread::available_parallelism().map_or(1, usize::from)));
    output.line("| job | execute | prove | commit | lookups | relations | opening | verify | proof | peak memory |");
    output.line("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut rows = Vec::with_capacity(names.len());
    for name in &names {
        let row = in_child(name, repeat, args, output)?;
        output.line(line(&row));
        rows.push(row);
    }
    let count = |what: &str| rows.iter().filter_map(|row| row["gpu"][what].as_u64()).sum::<u64>();
    let (retries, fallbacks) = (count("retries"), count("fallbacks"));
    if retries + fallbacks > 0 {
        output.line(format_args!("\nGPU: second tries: {retries}, left to the processor: {fallbacks}"));
    }
    let mut gpu = gpu.report();
    gpu["retries"] = retries.into();
    gpu["fallbacks"] = fallbacks.into();
    output.object(&json!({ "backend": backend, "gpu": gpu, "repeat": repeat, "jobs": rows }))?;
    Ok(Verdict::Done)
}

fn default_names(quick: bool) -> Vec<String> {
    let networks = NETWORKS.iter().filter(|known| PathBuf::from(known.model).is_file());
    let names = if quick {
        networks.take(1).map(|k| k.name).chain(QUICK).collect::<Vec<_>>()
    } else {
        networks.map(|k| k.name).chain(BUILT_INS).collect()
    };
    names.into_iter().map(str::to_owned).collect()
}

/// The peak of a process's memory never falls, so that each job has a process of its own.
fn in_child(name: &str, repeat: u32, args: &Args, output: &Output) -> Result<Value> {
    let program = env::current_exe().context("cannot find this program's own file")?;
    let repeat = repeat.to_string();
    let gpu_memory = args.gpu_memory.map(|bytes| format!("--gpu-memory={bytes}B"));
    let child = Command::new(program)
        .args(["bench", "--json", "--row", "--repeat", &repeat, "--srs", &args.srs])
        .args(gpu_memory)
        .args(["--", name])
        .stdin(Stdio::null())
        .output()
        .context("cannot start a process for the job")?;
    let said = String::from_utf8_lossy(&child.stderr);
    said.lines().filter_map(|line| line.strip_prefix("warning: ")).for_each(|warning| output.warn(format_args!("{name}: {warning}")));
    let row: Value = serde_json::from_slice(&child.stdout).unwrap_or_default();
    match row["error"].as_str() {
        Some(sentence) => bail!("{sentence}"),
        None if child.status.success() => Ok(row),
        None => bail!("measuring {name} ended with {}: {}", child.status, said.trim()),
    }
}

fn known(name: &str) -> Option<&'static Known> {
    NETWORKS.iter().find(|known| known.name == name && PathBuf::from(known.model).is_file())
}

fn resolve(name: &str) -> Result<Job> {
    let arguments = known(name).map_or_else(|| JobArgs::of(name, None), |known| JobArgs::of(known.model, Some(known.input)));
    Job::resolve(&arguments, &[], None, None)
}

fn measure(name: &str, repeat: u32, selection: &Selection, gpu_memory: Option<u64>, output: &Output) -> Result<Value> {
    let job = resolve(name)?;
    let mut arrays = inputs::read(&job)?;
    if known(name).is_some_and(|known| known.stacked) {
        arrays.iter_mut().for_each(|given| given.array.keep_first());
    }
    let executable = engine::load(&job, &arrays, Task::Prove)?;
    // A network of the user's without inputs is measured on made-up ones.
    let tensors = inputs::bind(executable.program(), &arrays, true, 0)?;
    let mut computer = Computer::new(executable.program(), gpu_memory, output)?;
    let ready = Ready::new(executable, selection, &mut computer, output)?;
    let (proofs, bases_seconds) = engine::prove(&ready, &tensors, &job.context, repeat, &mut computer, &|_| ())?;
    let key = engine::prepare(&ready.key.verifying.key().encode())?;
    let mut checks = Vec::with_capacity(proofs.len());
    for proof in &proofs {
        let checked = engine::verify(&proof.receipt, &key)?;
        if let Some(reason) = checked.reason {
            bail!("a receipt of {name} does not verify: {reason}");
        }
        checks.push(checked);
    }
    let phases = proofs.first().map_or_else(Vec::new, |proof| proof.phases.clone());
    let of_phase = |index: usize| median(proofs.iter().map(|proof| proof.phases[index].1));
    let split: serde_json::Map<String, Value> = phases.iter().enumerate().map(|(i, p)| (p.0.to_owned(), of_phase(i).into())).collect();
    Ok(json!({
        "program": name,
        "backend": computer.name(),
        "gpu": computer.report(),
        "prepare_seconds": ready.seconds + bases_seconds,
        "execute_seconds": median(proofs.iter().map(|p| p.execute_seconds)),
        "prove_seconds": median(proofs.iter().map(|p| p.prove_seconds)),
        "phases": split,
        "verify_seconds": median(checks.iter().map(|c| c.verify_seconds)),
        "verify_prepare_seconds": key.seconds,
        "proof_bytes": proofs.first().map(|p| p.proof_bytes),
        "receipt_bytes": proofs.first().map(|p| p.receipt.len()),
        "peak_memory_bytes": memory::peak_bytes(),
    }))
}

/// The middle value, or the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

/// A row of the table.
fn line(row: &Value) -> String {
    let time = |value: &Value| value.as_f64().map_or_else(|| "-".into(), seconds);
    let size = |value: &Value| value.as_u64().map_or_else(|| "-".into(), bytes);
    let phases = ["commit", "lookups", "relations", "opening"].map(|name| time(&row["phases"][name]));
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        row["program"].as_str().unwrap_or_default(),
        time(&row["execute_seconds"]),
        time(&row["prove_seconds"]),
        phases.join(" | "),
        time(&row["verify_seconds"]),
        size(&row["proof_bytes"]),
        size(&row["peak_memory_bytes"])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0].into_iter()), 2.5);
    }
}
