//! `assay`: prove and verify compute jobs from the command line.
//!
//! Exit codes: 0 done (or valid), 1 a proof does not verify or a GPU fails its self-test, 2 anything else, with one sentence on
//! standard error.

mod bench;
mod cache;
mod ceremony;
mod chain;
mod compile;
mod cpu;
mod engine;
#[cfg(feature = "cuda")]
mod failure;
mod files;
mod gpu;
mod inputs;
mod inspect;
mod interrupt;
mod job;
mod memory;
mod npy;
mod output;
mod program;
mod prove;
mod run;
mod setup;
mod srs;
#[cfg(feature = "chain")]
mod submit;
mod summary;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{Output, Verdict};

/// Prove that a compute job was executed exactly as specified, and check such proofs in milliseconds.
#[derive(Parser)]
#[command(name = "assay", version, max_term_width = 110)]
struct Cli {
    /// Print one JSON object on standard output instead of text on standard error
    #[arg(long, global = true)]
    json: bool,
    /// Print nothing but errors
    #[arg(long, short, global = true, conflicts_with = "json")]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Prove(prove::Args),
    Verify(verify::Args),
    Run(run::Args),
    Compile(compile::Args),
    Inspect(inspect::Args),
    Setup(setup::Args),
    Srs(srs::Args),
    Ceremony(ceremony::Args),
    ExportVerifier(chain::ExportArgs),
    Context(chain::ContextArgs),
    #[cfg(feature = "chain")]
    Submit(submit::Args),
    Bench(bench::Args),
    Gpu(gpu::Args),
}

fn main() -> ExitCode {
    if let Err(sentence) = cpu::check() {
        eprintln!("error: {sentence}");
        return ExitCode::from(2);
    }
    memory::keep_freed();
    // Clap prints usage errors itself and exits with 2.
    let cli = Cli::parse();
    let output = Output::new(cli.json, cli.quiet);
    if let Err(error) = interrupt::install() {
        output.error(&error);
        return ExitCode::from(2);
    }
    #[cfg(feature = "cuda")]
    let verdict = failure::explained(|| run(cli.command, &output));
    #[cfg(not(feature = "cuda"))]
    let verdict = run(cli.command, &output);
    let code = match verdict {
        Ok(Verdict::Done) => 0,
        Ok(Verdict::Invalid) => 1,
        Err(error) => {
            output.error(&error);
            2
        }
    };
    #[cfg(feature = "cuda")]
    if assay_gpu::cuda::is_stuck() {
        assay_gpu::cuda::end_process(code);
    }
    ExitCode::from(code)
}

fn run(command: Command, output: &Output) -> anyhow::Result<Verdict> {
    match command {
        Command::Prove(args) => prove::run(&args, output),
        Command::Verify(args) => verify::run(&args, output),
        Command::Run(args) => run::run(&args, output),
        Command::Compile(args) => compile::run(&args, output),
        Command::Inspect(args) => inspect::run(&args, output),
        Command::Srs(args) => srs::run(&args, output),
        Command::Ceremony(args) => ceremony::run(&args, output),
        Command::Setup(args) => setup::run(&args, output),
        Command::ExportVerifier(args) => chain::export(&args, output),
        Command::Context(args) => chain::context(&args, output),
        #[cfg(feature = "chain")]
        Command::Submit(args) => submit::run(&args, output),
        Command::Bench(args) => bench::run(&args, output),
        Command::Gpu(gpu::Args {}) => gpu::run(output),
    }
}
