//! Imported models against ONNX Runtime's own outputs, bit for bit.
//!
//! A fixture is a folder with `model.onnx`, `input.NAME.npy` and `output.NAME.npy`; each array has one more leading axis
//! than the model declares, which counts the samples.

mod npy;

use assay_core::onnx::{ImportOptions, dequantize, import, quantize};
use assay_core::{Program, Tensor, execute};
use npy::Npy;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The arrays `prefix.NAME.npy` of a folder.
fn arrays(folder: &Path, prefix: &str) -> BTreeMap<String, Npy> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        if let Some(name) = file.strip_prefix(&format!("{prefix}.")).and_then(|f| f.strip_suffix(".npy")) {
            found.insert(name.to_owned(), Npy::read(&path));
        }
    }
    found
}

/// Runs one sample; inputs and outputs as the model declares them.
fn run(program: &Program, inputs: &BTreeMap<String, Npy>, sample: usize) -> Vec<(String, npy::Values)> {
    let feeds: Vec<Tensor> = program
        .inputs
        .iter()
        .map(|port| {
            let array = &inputs[&port.name];
            let values = match array.sample(sample) {
                npy::Values::Float(values) => quantize(port, &values).unwrap(),
                npy::Values::Int(values) => values,
            };
            Tensor::from_valid(program.shape(port.tensor).clone(), port.dtype, &values).unwrap()
        })
        .collect();
    let outputs = execute(program, &feeds).unwrap();
    let ports = program.outputs.iter().zip(outputs);
    ports
        .map(|(port, tensor)| {
            let values = tensor.valid();
            let values = match port.quantization {
                Some(_) => npy::Values::Float(dequantize(port, &values).unwrap()),
                None => npy::Values::Int(values),
            };
            (port.name.clone(), values)
        })
        .collect()
}

/// Mismatches and values of a fixture.
fn compare(folder: &Path) -> Result<(usize, usize), String> {
    let (inputs, outputs) = (arrays(folder, "input"), arrays(folder, "output"));
    let bytes = std::fs::read(folder.join("model.onnx")).unwrap();
    let input_shapes = inputs.iter().map(|(name, array)| (name.clone(), array.shape[1..].to_vec())).collect();
    let program = import(&bytes, &ImportOptions { name: None, input_shapes }).map_err(|e| e.to_string())?;
    let samples = inputs.values().next().unwrap().shape[0];
    let (mut wrong, mut total) = (0, 0);
    for sample in 0..samples {
        for (name, values) in run(&program, &inputs, sample) {
            let expected = outputs.get(&name).ok_or_else(|| format!("no reference for output `{name}`"))?.sample(sample);
            let (bad, all) = expected.differences(&values);
            wrong += bad;
            total += all;
        }
    }
    Ok((wrong, total))
}

/// Walks a folder of fixtures; fails unless every value of every fixture matches.
fn walk(folder: &Path) {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|e| e.unwrap().path())
        .filter(|p| p.join("model.onnx").exists())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "{} holds no fixture", folder.display());
    let (mut wrong, mut total, mut failed) = (0, 0, vec![]);
    for fixture in &folders {
        let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
        match compare(fixture) {
            Ok((bad, all)) => {
                println!("{name}: {bad} / {all}");
                wrong += bad;
                total += all;
                if bad > 0 {
                    failed.push(format!("{name}: {bad} of {all} values differ"));
                }
            }
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    println!("{} fixtures: {wrong} mismatches / {total} values", folders.len());
    assert!(failed.is_empty(), "{} of {} fixtures failed:\n{}", failed.len(), folders.len(), failed.join("\n"));
}

#[test]
fn every_operator_matches_onnx_runtime() {
    walk(&std::env::var_os("ASSAY_ONNX_FIXTURES").map_or_else(|| repository().join("tests/onnx/fixtures"), PathBuf::from));
}
