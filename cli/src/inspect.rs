//! `assay inspect`: what is in a program or a reference string, and what proving will take.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use assay_core::Program;
use assay_core::program::{Constant, Port, Visibility};
use assay_prover::srs::{Header, Srs};
use assay_verifier::wrap::WrapPort;
use assay_verifier::{Receipt, Reference, VerifyingKey, WrapKey, WrappedReceipt};
use serde_json::{Value, json};

use crate::cache::Keyring;
use crate::engine::{self, Estimate, Executable, Task};
use crate::files;
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::output::{Output, Verdict, hex};
use crate::summary::Summary;
use crate::verify::{MAX_KEY_BYTES, MAX_RECEIPT_BYTES};

/// Show what is in a program, a receipt, a key or a reference string
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// An input, or `weights`, that receipts must not show; repeatable
    #[arg(long, value_name = "NAME|weights", value_delimiter = ',')]
    private: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let found = match recognise(args.job.program())? {
        Some(found) => found,
        None => {
            let job = Job::resolve(&args.job, &args.private, None, None)?;
            let executable = engine::load(&job, &inputs::read(&job)?, Task::Inspect)?;
            let mut found = describe(executable.program());
            found["kind"] = "program".into();
            if let Executable::Compiled(key) = &executable {
                found["kind"] = "proving key".into();
                found["program_id"] = hex(&key.to_key()?.verifying.program_id()).into();
                found["salts"] = key.salts.len().into();
                found["reference_string"] = reference(&key.reference);
            }
            found["proof"] = prediction(&engine::estimate(executable.program())?);
            found
        }
    };
    print(&found, 0, output);
    output.object(&found)?;
    Ok(Verdict::Done)
}

/// A file that says by its first bytes what it is; `None` for programs and proving keys.
fn recognise(text: &str) -> Result<Option<Value>> {
    let path = Path::new(text);
    if !path.is_file() {
        return Ok(None);
    }
    let mut file = files::open(path, "the file")?;
    let mut start = Vec::new();
    Read::read_to_end(&mut Read::take(&file, 8), &mut start).with_context(|| format!("cannot read {text}"))?;
    let place = || text.to_owned();
    Ok(Some(match &start[..] {
        b"assaysrs" => {
            let header = Header::read(&mut file).with_context(place)?;
            let (origin, digest) = (header.origin.name(), hex(&header.digest));
            json!({ "kind": "reference string", "origin": origin, "powers": header.num_powers, "digest": digest })
        }
        [b'p', b't', b'a', b'u', ..] => {
            json!({ "kind": "ceremony file", "powers": Srs::ptau_powers(&mut file).with_context(place)? })
        }
        b"ASYRECPT" => receipt(&files::read(path, MAX_RECEIPT_BYTES, "the receipt")?).with_context(place)?,
        b"ASYWRAPR" => wrapped(&files::read(path, MAX_RECEIPT_BYTES, "the receipt")?).with_context(place)?,
        b"ASYWRPKY" => wrap_key(&engine::wrap_key(path)?),
        b"ASYVERKY" => verifying_key(&files::read(path, MAX_KEY_BYTES, "the verifying key")?).with_context(place)?,
        _ => return Ok(None),
    }))
}

fn receipt(bytes: &[u8]) -> Result<Value> {
    let receipt = Receipt::decode(bytes)?;
    let subject = engine::receipt_subject(bytes)?;
    // The program's names, if its key happens to be here; whether the receipt holds is for `assay verify` to say.
    let key = Keyring::open()?.verifying_key(&subject.program_id, &subject.reference).ok();
    let key = key.and_then(|path| VerifyingKey::decode(&files::read(&path, MAX_KEY_BYTES, "the verifying key").ok()?).ok());
    let program = key.as_ref().map(|key| &key.program);
    Ok(json!({
        "kind": "receipt",
        "bytes": bytes.len(),
        "proof_bytes": receipt.proof.num_bytes(),
        "witness_commitments": receipt.proof.rows.len(),
        "statement": engine::statement(&receipt, program.map(|p| &p.inputs[..]), program.map(|p| &p.outputs[..])),
    }))
}

fn wrapped(bytes: &[u8]) -> Result<Value> {
    let receipt = WrappedReceipt::decode(bytes)?;
    let key = engine::key_of(bytes).and_then(|path| engine::wrap_key(&path)).ok();
    let port = |i: usize| key.as_ref().and_then(|key| key.outputs.get(i)).map(|port| &port.port);
    let outputs: Vec<Summary> = receipt.statement.outputs.iter().enumerate().map(|(i, t)| Summary::new(port(i), t)).collect();
    Ok(json!({
        "kind": "wrapped receipt",
        "bytes": bytes.len(),
        "proof_bytes": receipt.proof.num_bytes(),
        "witness_commitments": receipt.proof.rows.len(),
        "statement": engine::wrapped_statement(&receipt, &outputs),
    }))
}

fn wrap_key(key: &WrapKey) -> Value {
    let ports = |ports: &[WrapPort]| -> Vec<Value> {
        let describe = |port: &WrapPort| {
            json!({
                "name": port.port.name,
                "dtype": port.port.dtype.to_string(),
                "shape": port.shape.extents(),
                "visibility": visibility(port.port.visibility),
            })
        };
        ports.iter().map(describe).collect()
    };
    json!({
        "kind": "key of wrapped receipts",
        "name": key.name,
        "program_id": hex(&key.program_id),
        "key": hex(&key.digest()),
        "selector": hex(&key.selector()),
        "inputs": ports(&key.inputs),
        "outputs": ports(&key.outputs),
        "public_inputs": key.num_public(),
        "rows": { "all": key.rows.len(), "witness": key.num_witness_rows(), "length": 1u64 << key.row_vars },
        "one_party_setup": key.development,
        "reference_string": reference(&key.reference),
    })
}

fn verifying_key(bytes: &[u8]) -> Result<Value> {
    let key = VerifyingKey::decode(bytes)?;
    let mut found = describe(&key.program);
    found["kind"] = "verifying key".into();
    found["bytes"] = bytes.len().into();
    found["program_id"] = hex(&key.program_id()).into();
    found["constant_commitments"] = key.constant_rows.len().into();
    found["reference_string"] = reference(&key.reference);
    Ok(found)
}

fn reference(reference: &Reference) -> Value {
    json!({ "digest": hex(&reference.digest), "development": reference.development })
}

fn prediction(estimate: &Estimate) -> Value {
    let [constants, inputs, witness] = estimate.rows;
    let [prover, verifier] = estimate.memory;
    let [gpu, least_gpu] = estimate.gpu_memory;
    json!({
        "committed_columns": estimate.columns,
        "rows": { "constants": constants, "private_inputs": inputs, "witness": witness, "length": 1u64 << estimate.row_vars },
        "powers_of_tau": estimate.powers,
        "lookups": estimate.lookups,
        "lookup_tables": estimate.tables,
        "waves": estimate.waves,
        "sumcheck_rounds": estimate.rounds,
        "proof_bytes": estimate.proof_bytes,
        "estimated_prover_memory_bytes": prover,
        "estimated_verifier_memory_bytes": verifier,
        "estimated_gpu_memory_bytes": gpu,
        "least_gpu_memory_bytes": least_gpu,
    })
}

fn describe(program: &Program) -> Value {
    let ports = |ports: &[Port]| -> Vec<Value> {
        let describe = |port: &Port| {
            json!({
                "name": port.name,
                "array": inputs::array_type(port),
                "dtype": port.dtype.to_string(),
                "shape": program.shape(port.tensor).extents(),
                "visibility": visibility(port.visibility),
            })
        };
        ports.iter().map(describe).collect()
    };
    let constants = || program.scans.iter().flat_map(|s| &s.body.constants).chain(&program.constants);
    let elements =
        |wanted: &dyn Fn(&Constant) -> bool| -> usize { constants().filter(|c| wanted(c)).map(|c| c.shape.num_elements()).sum() };
    json!({
        "kind": null, // the caller knows
        "name": program.name,
        "inputs": ports(&program.inputs),
        "outputs": ports(&program.outputs),
        "nodes": program.nodes.len(),
        "scans": program.scans.iter().map(|scan| scan.steps).collect::<Vec<_>>(),
        "tables": program.tables.len(),
        "constants": elements(&|_| true),
        "parameters": elements(&|c| c.parameter),
        "private_parameters": elements(&|c| c.visibility == Visibility::Private),
    })
}

fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    }
}

/// The fields that people look for first, in order.
const FIRST: [&str; 6] = ["kind", "name", "program_id", "dtype", "shape", "visibility"];
/// The most elements of a list that are shown to people.
const MOST_SHOWN: usize = 16;

/// The same for people: a line a field, lists of objects indented.
fn print(value: &Value, indent: usize, output: &Output) {
    for (name, field) in ordered(value) {
        let name = name.replace('_', " ");
        match field {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                output.line(format_args!("{:indent$}{name}:", ""));
                for item in items {
                    let words: Vec<String> = ordered(item).into_iter().filter_map(|(name, field)| word(name, field)).collect();
                    output.line(format_args!("{:indent$}  {}", "", words.join(" ")));
                }
            }
            Value::Object(_) => {
                output.line(format_args!("{:indent$}{name}:", ""));
                print(field, indent + 2, output);
            }
            _ => output.line(format_args!("{:indent$}{name}: {}", "", plain(field))),
        }
    }
}

fn ordered(value: &Value) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = value.as_object().into_iter().flatten().collect();
    fields.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    fields
}

/// A field in a line of its object's: names are left out where the value says it all.
fn word(name: &str, field: &Value) -> Option<String> {
    match (name, field) {
        (_, Value::Null | Value::Object(_)) | ("reals", _) => None,
        (name, _) if FIRST.contains(&name) => Some(plain(field)),
        ("array", _) => Some(format!("({} array)", plain(field))),
        ("private", _) => Some("private".into()),
        _ => Some(format!("{name} {}", plain(field))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.len() > MOST_SHOWN => format!("({} of them)", items.len()),
        other => other.to_string(),
    }
}
