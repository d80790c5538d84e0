//! `assay compile`: a program's keys.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::engine;
use crate::files;
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::output::{Output, Verdict, bytes, hex};
use crate::srs::{DEVELOPMENT, Selection};

/// Make a program's proving key (pk), verifying key (vk) and id
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// An input, or `weights`, that receipts must not show; repeatable
    #[arg(long, value_name = "NAME|weights", value_delimiter = ',')]
    private: Vec<String>,
    /// The reference string: a name in the cache or a file
    #[arg(long, default_value = DEVELOPMENT, value_name = "NAME|FILE")]
    srs: String,
    /// The folder for `pk`, `vk` and `program_id`
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let job = Job::resolve(&args.job, &args.private, None, None)?;
    let selection = Selection::parse(&args.srs)?;
    let arrays = inputs::read(&job)?;
    let program = engine::load(&job.source, &arrays)?;
    let srs = selection.load(engine::required_powers(&program, &job.private)?, output)?;
    let spinner = output.spinner("committing to constants");
    let keys = engine::compile(&program, &job.private, &srs);
    spinner.finish_and_clear();
    let keys = keys?;
    files::create_folder(&args.output, "the folder")?;
    let id = hex(&keys.program_id);
    files::write(&args.output.join("pk"), &keys.proving_key, "the proving key")?;
    files::write(&args.output.join("vk"), &keys.verifying_key, "the verifying key")?;
    files::write(&args.output.join("program_id"), format!("{id}\n").as_bytes(), "the program id")?;
    let (pk, vk) = (keys.proving_key.len() as u64, keys.verifying_key.len() as u64);
    output.line(format_args!("program {id}\n{}: pk {}, vk {}", args.output.display(), bytes(pk), bytes(vk)));
    output.object(&json!({ "program_id": id, "proving_key_bytes": pk, "verifying_key_bytes": vk, "folder": args.output }))?;
    Ok(Verdict::Done)
}
