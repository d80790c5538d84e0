//! `assay setup`: the keys that wrap a program's proofs.

use std::path::PathBuf;

use anyhow::{Context, Result};
use assay_prover::ceremony::read_key;
use assay_prover::groth16::PreparedKey;
use assay_prover::iden3;
use assay_prover::wrap::{self, WrapProvingKey};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use crate::engine::{self, Computer, Ready, Task, WRAP_PK, WRAP_VK};
use crate::files::{self, PendingFile};
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::output::{Output, Verdict, bytes, hex};
use crate::srs::{DEVELOPMENT, Selection};

/// Make the Groth16 keys that wrap a program's proofs: for development, or from a ceremony's result
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
    /// The key that `assay ceremony finalize --key` wrote for this program's circuit
    #[arg(long, value_name = "FILE", conflicts_with = "circuit")]
    ceremony: Option<PathBuf>,
    /// Only write the circuit, in iden3's .r1cs format, for `assay ceremony new --circuit`
    #[arg(long, value_name = "FILE")]
    circuit: Option<PathBuf>,
    /// The folder for `wrap.pk` and `wrap.vk`
    #[arg(long, short, value_name = "DIR", required_unless_present = "circuit")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let job = Job::resolve(&args.job, &args.private, None, None)?;
    let selection = Selection::parse(&args.srs)?;
    let arrays = inputs::read(&job)?;
    let executable = engine::load(&job, &arrays, Task::Prove)?;
    let mut computer = Computer::new(executable.program(), None, output)?;
    let ready = Ready::new(executable, &selection, &mut computer, output)?;
    let id = hex(&ready.program_id());
    if let Some(path) = &args.circuit {
        let pending = PendingFile::create(path, "the circuit")?;
        let circuit = wrap::circuit(&ready.key)?;
        pending.finish(|writer| Ok(iden3::write_r1cs(&circuit, writer)?))?;
        let (constraints, public) = (circuit.num_constraints(), circuit.num_instance - 1);
        output.line(format_args!("program {id}\n{}: {constraints} constraints, {public} public inputs", path.display()));
        output.object(&json!({ "program_id": id, "constraints": constraints, "public_inputs": public, "path": path }))?;
        return Ok(Verdict::Done);
    }
    let Some(folder) = &args.output else { anyhow::bail!("where should the keys go? give --output DIR") };
    files::create_folder(folder, "the folder")?;
    let spinner = output.spinner("making the keys of the wrap circuit");
    let key = match &args.ceremony {
        None => wrap::setup(&ready.key, &mut ChaCha20Rng::from_entropy())?,
        Some(path) => {
            let place = || path.display().to_string();
            let ark = read_key(&mut std::io::BufReader::new(files::open(path, "the ceremony's key")?)).with_context(place)?;
            let groth16 = PreparedKey::from_ark(&ark, &wrap::circuit(&ready.key)?).with_context(place)?;
            WrapProvingKey::new(wrap::wrap_key(&ready.key, &ark.vk, false)?, groth16)?
        }
    };
    spinner.finish_and_clear();
    engine::store(&key, &folder.join(WRAP_PK), &folder.join(WRAP_VK))?;
    let (shape, verifying) = (key.shape(), key.verifying.encode());
    output.line(format_args!(
        "program {id}\nkey {}: {} constraints, {} public inputs\n{}: {WRAP_PK} {}, {WRAP_VK} {}",
        hex(&key.verifying.digest()),
        shape.num_constraints,
        shape.num_instance - 1,
        folder.display(),
        bytes(key.groth16.num_bytes()),
        bytes(verifying.len())
    ));
    if key.verifying.development {
        output.line(engine::ONE_PARTY_SETUP);
    }
    output.object(&json!({
        "program_id": id,
        "key": hex(&key.verifying.digest()),
        "constraints": shape.num_constraints,
        "public_inputs": shape.num_instance - 1,
        "proving_key_bytes": key.groth16.num_bytes(),
        "verifying_key_bytes": verifying.len(),
        "development": key.verifying.is_development(),
        "folder": folder,
    }))?;
    Ok(Verdict::Done)
}
