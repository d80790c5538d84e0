//! The command line on the stand-in for the CUDA driver, which runs the kernels on the CPU.

// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code)]

#[cfg(target_os = "linux")]
#[path = "../../../gpu/tests/cuda_shim/library.rs"]
mod library;

use std::process::{Command, Output};

use crate::scratch::Folder;

/// Variables that would decide in a test's place.
const DECIDING: [&str; 5] = ["ASSAY_BACKEND", "ASSAY_REQUIRE_GPU", "ASSAY_GPU_MEMORY", "ASSAY_GPU_PRECOMPUTE", "ASSAY_GPU_TIMEOUT"];

/// The command where no variable but these says anything of a GPU.
pub fn command(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = folder.command(arguments);
    for variable in DECIDING {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    command
}

/// What a command said.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The folder of the stand-in, or nothing where there is no compiler to build it.
#[cfg(target_os = "linux")]
pub fn folder() -> Option<&'static str> {
    static FOLDER: std::sync::OnceLock<Result<String, String>> = std::sync::OnceLock::new();
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../gpu/cuda");
    let folder =
        || library::built(&sources).map(|library| library.parent().expect("a folder").to_str().expect("a path of text").to_owned());
    let folder = FOLDER.get_or_init(folder).as_ref();
    folder.inspect_err(|reason| eprintln!("skipped: {reason}")).ok().map(String::as_str)
}

/// The command on the stand-in, with faults: its exit code, the object that it prints, and what it says.
#[cfg(target_os = "linux")]
pub fn run(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Option<(i32, serde_json::Value, String)> {
    run_by_itself(folder, arguments, &[&[("ASSAY_BACKEND", "cuda")], variables].concat())
}

/// [`run`], where nothing asks for a backend.
#[cfg(target_os = "linux")]
pub fn run_by_itself(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Option<(i32, serde_json::Value, String)> {
    let variables = [&[("LD_LIBRARY_PATH", self::folder()?)], variables].concat();
    let output = command(folder, &[arguments, &["--json"]].concat(), &variables).output().expect("the command runs");
    let said = stderr(&output);
    assert!(!said.contains("panicked"), "{said}");
    let object = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {said}"));
    Some((output.status.code().expect("an exit code"), object, said))
}
