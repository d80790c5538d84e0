//! Programs from what the user named, and their execution.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use assay_core::onnx::{self, ImportOptions};
use assay_core::{Program, Tensor, jobs};
use assay_prover::KeyFile;
use assay_prover::key_file::has_private_constants;

use super::budget::{self, Task};
use crate::files;
use crate::inputs::NamedArray;
use crate::job::Job;
use crate::program::Source;

/// Proving keys hold a model's weights.
pub const MAX_PROVING_KEY_BYTES: u64 = 4 << 30;

/// Stands for all parameters of a model in `--private`.
const WEIGHTS: &str = "weights";

/// What can be executed.
pub enum Executable {
    /// A program, with the visibility that the job asks for.
    Program(Program),
    /// A compiled program: what is private was fixed with its keys.
    Compiled(Box<KeyFile>),
}

impl Executable {
    /// The program.
    pub fn program(&self) -> &Program {
        match self {
            Executable::Program(program) => program,
            Executable::Compiled(key) => &key.program,
        }
    }
}

/// Makes the job's program and checks that the machine has the memory for the task. Symbolic axes of a network take their
/// lengths from the input arrays.
pub fn load(job: &Job, arrays: &[NamedArray], task: Task) -> Result<Executable> {
    let name = || job.source.to_string();
    let program = match &job.source {
        Source::Compiled(path) => {
            if !job.private.is_empty() {
                bail!("{}: what is private was fixed when it was compiled; give --private to `assay compile` instead", path.display());
            }
            let bytes = files::read(path, MAX_PROVING_KEY_BYTES, "the proving key")?;
            let key = KeyFile::decode(&bytes).with_context(|| format!("the proving key {}", path.display()))?;
            budget::check(&key.program, task, job.max_memory).with_context(name)?;
            return Ok(Executable::Compiled(Box::new(key)));
        }
        Source::Onnx(path) => import(path, arrays)?,
        Source::BuiltIn(built_in) => {
            jobs::by_name(built_in).with_context(|| format!("`{built_in}` is not a built-in program"))?.with_context(name)?
        }
    };
    let program = hide(program, &job.private).with_context(name)?;
    budget::check(&program, task, job.max_memory).with_context(name)?;
    Ok(Executable::Program(program))
}

/// The program with the named inputs private, and with the weights if they are named.
fn hide(program: Program, private: &[String]) -> Result<Program> {
    if private.is_empty() {
        return Ok(program);
    }
    // An input of that name is what the user means by it.
    let is_input = |name: &str| program.inputs.iter().any(|port| port.name == name);
    let (inputs, rest): (Vec<&str>, Vec<&str>) = private.iter().map(String::as_str).partition(|name| is_input(name));
    if let Some(unknown) = rest.iter().find(|name| **name != WEIGHTS) {
        let names: Vec<String> = program.inputs.iter().map(|port| format!("`{}`", port.name)).collect();
        bail!("--private {unknown}: no such input; the program has {}, and `{WEIGHTS}` stands for its parameters", names.join(", "));
    }
    let hidden = program.with_visibility(&inputs, !rest.is_empty())?;
    if !rest.is_empty() && !has_private_constants(&hidden) {
        bail!("--private {WEIGHTS}: the program has no parameters that could be hidden");
    }
    Ok(hidden)
}

fn import(path: &Path, arrays: &[NamedArray]) -> Result<Program> {
    let bytes = files::read(path, onnx::MAX_MODEL_BYTES as u64, "the model")?;
    let model = || format!("the model {}", path.display());
    let named = arrays.iter().filter_map(|given| Some((given.name.clone()?, given.array.shape.clone())));
    let mut options = ImportOptions { name: None, input_shapes: named.collect::<BTreeMap<_, _>>() };
    let program = onnx::import(&bytes, &options).with_context(model)?;
    // An array without a name is the first input's: only now is that name known.
    let (Some(first), Some(port)) = (arrays.iter().find(|given| given.name.is_none()), program.inputs.first()) else {
        return Ok(program);
    };
    if program.shape(port.tensor).extents() == first.array.shape {
        return Ok(program);
    }
    options.input_shapes.insert(port.name.clone(), first.array.shape.clone());
    onnx::import(&bytes, &options).with_context(model)
}

/// Runs a program; the outputs, and the seconds it took.
pub fn execute(program: &Program, inputs: &[Tensor]) -> Result<(Vec<Tensor>, f64)> {
    let start = Instant::now();
    let outputs = assay_core::execute(program, inputs)?;
    Ok((outputs, start.elapsed().as_secs_f64()))
}
