//! `assay inspect`: what is in a program or a reference string, and what proving will take.

use std::path::Path;

use anyhow::{Context, Result};
use assay_core::Program;
use assay_core::program::Port;
use assay_prover::srs::{Header, Srs};
use serde_json::{Value, json};

use crate::engine;
use crate::files;
use crate::inputs;
use crate::job::{Job, JobArgs};
use crate::output::{Output, Verdict, hex};

/// Show what is in a program, a receipt, a key or a reference string
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let found = match recognise(args.job.program())? {
        Some(found) => found,
        None => {
            let job = Job::resolve(&args.job, &[], None, None)?;
            let program = engine::load(&job.source, &inputs::read(&job)?)?;
            describe(&program)
        }
    };
    print(&found, 0, output);
    output.object(&found)?;
    Ok(Verdict::Done)
}

/// A file that says by its first bytes what it is; `None` for programs.
fn recognise(text: &str) -> Result<Option<Value>> {
    let path = Path::new(text);
    if !path.is_file() {
        return Ok(None);
    }
    let mut file = files::open(path, "the file")?;
    let mut start = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(&file, 8), &mut start).with_context(|| format!("cannot read {text}"))?;
    if start.starts_with(b"assaysrs") {
        let header = Header::read(&mut file).with_context(|| text.to_owned())?;
        let (origin, digest) = (header.origin.name(), hex(&header.digest));
        return Ok(Some(json!({ "kind": "reference string", "origin": origin, "powers": header.num_powers, "digest": digest })));
    }
    if start.starts_with(b"ptau") {
        let powers = Srs::ptau_powers(&mut file).with_context(|| text.to_owned())?;
        return Ok(Some(json!({ "kind": "ceremony file", "powers": powers })));
    }
    Ok(None)
}

fn describe(program: &Program) -> Value {
    let ports = |ports: &[Port]| -> Vec<Value> {
        let describe = |port: &Port| {
            json!({
                "name": port.name,
                "array": inputs::array_type(port),
                "dtype": port.dtype.to_string(),
                "shape": program.shape(port.tensor).extents(),
            })
        };
        ports.iter().map(describe).collect()
    };
    let parameters: usize = program.constants.iter().map(|constant| constant.shape.num_elements()).sum();
    json!({
        "kind": "program",
        "name": program.name,
        "inputs": ports(&program.inputs),
        "outputs": ports(&program.outputs),
        "nodes": program.nodes.len(),
        "scans": program.scans.iter().map(|scan| scan.steps).collect::<Vec<_>>(),
        "tables": program.tables.len(),
        "constants": parameters,
    })
}

/// The same for people: a line a field, lists of objects indented.
fn print(value: &Value, indent: usize, output: &Output) {
    let Value::Object(fields) = value else { return };
    for (name, field) in fields {
        let name = name.replace('_', " ");
        match field {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                output.line(format_args!("{:indent$}{name}:", ""));
                for item in items {
                    let words: Vec<String> = item.as_object().into_iter().flatten().map(|(_, v)| plain(v)).collect();
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

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
