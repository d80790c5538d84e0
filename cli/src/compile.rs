//! `assay compile`: a program's keys.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use assay_prover::srs::Origin;
use serde_json::json;

use crate::engine::{self, Computer, Ready, Task};
use crate::files::{self, PendingFile};
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::output::{Output, Verdict, bytes, hex, seconds};
use crate::srs::{DEVELOPMENT, NOT_FOR_PRODUCTION, Selection};

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
    let executable = engine::load(&job, &arrays, Task::Prove)?;
    let mut computer = Computer::new(executable.program(), None, output)?;
    let ready = Ready::new(executable, &selection, &mut computer, output)?;
    files::create_folder(&args.output, "the folder")?;
    let id = hex(&ready.program_id());
    let (pk, vk) = (ready.key_file().encode(), ready.key.verifying.key().encode());
    let id_line = format!("{id}\n");
    // All are begun before any is finished: keys that do not belong together are worse than none.
    let pending = [
        (PendingFile::create_secret(&args.output.join("pk"), "the proving key")?, &pk[..]),
        (PendingFile::create(&args.output.join("vk"), "the verifying key")?, &vk),
        (PendingFile::create(&args.output.join("program_id"), "the program id")?, id_line.as_bytes()),
    ];
    for (file, bytes) in pending {
        file.finish(|writer| Ok(writer.write_all(bytes)?))?;
    }
    let (pk, vk) = (pk.len(), vk.len());
    let took = seconds(ready.seconds);
    output.line(format_args!("program {id}\n{}: pk {}, vk {}, made in {took}", args.output.display(), bytes(pk), bytes(vk)));
    let development = ready.srs.origin == Origin::Development;
    if development {
        output.line(NOT_FOR_PRODUCTION);
    }
    output.object(&json!({
        "program_id": id,
        "compile_seconds": ready.seconds,
        "proving_key_bytes": pk,
        "verifying_key_bytes": vk,
        "development": development,
        "folder": args.output,
    }))?;
    Ok(Verdict::Done)
}
