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

/// Models that are valid but beyond what a program's ports can say, and what the refusal names.
const REFUSED: [(&str, &str); 2] = [
    ("node_test_dequantizelinear_axis", "an activation quantised per channel"),
    ("node_test_quantizelinear_axis", "an activation quantised per channel"),
];

/// Means of floats whose scales make exact ties up to f32 rounding. ONNX Runtime adds up rounded floats, so noise decides
/// the tie element by element, and no function of the integer sum gives the same; see SEMANTICS.md, section 5.
const TIES: [(&str, usize); 2] = [("qdq_averagepool_ceil_pads", 2), ("qlinearaveragepool_plain", 1)];

/// Walks a folder of fixtures; fails unless every value of every fixture matches, ties of float means aside.
fn walk(folder: &Path) {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|e| e.unwrap().path())
        .filter(|p| p.join("model.onnx").exists())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "{} holds no fixture", folder.display());
    let (mut wrong, mut total, mut refused, mut failed) = (0, 0, 0, vec![]);
    for fixture in &folders {
        let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
        let outcome = compare(fixture);
        if let Some((_, reason)) = REFUSED.iter().find(|r| r.0 == name) {
            match outcome {
                Err(error) if error.contains(reason) => refused += 1,
                other => failed.push(format!("{name}: expected a refusal with `{reason}`, found {other:?}")),
            }
            continue;
        }
        match outcome {
            Ok((bad, all)) => {
                println!("{name}: {bad} / {all}");
                wrong += bad;
                total += all;
                let ties = TIES.iter().find(|t| t.0 == name).map_or(0, |t| t.1);
                if bad > ties {
                    failed.push(format!("{name}: {bad} of {all} values differ"));
                }
            }
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    println!("{} fixtures, {refused} of them refused as expected: {wrong} mismatches / {total} values", folders.len());
    assert!(failed.is_empty(), "{} of {} fixtures failed:\n{}", failed.len(), folders.len(), failed.join("\n"));
}

#[test]
fn every_operator_matches_onnx_runtime() {
    walk(&repository().join("tests/onnx/fixtures"));
}

#[test]
fn the_networks_of_the_comparison_match_onnx_runtime() {
    walk(&repository().join("benches/peers/models"));
}

/// The stored outputs are the integers before the last DequantizeLinear.
fn digits(form: &str) {
    let folder = repository().join("examples/digits");
    let bytes = std::fs::read(folder.join(format!("digits_{form}.onnx"))).unwrap();
    let program = import(&bytes, &ImportOptions::default()).unwrap();
    let images = Npy::read(&folder.join("test_images.npy"));
    let labels = Npy::read(&folder.join("test_labels.npy"));
    let logits = Npy::read(&folder.join(format!("test_outputs_{form}.npy")));
    let (mut wrong, mut right) = (0, 0);
    for sample in 0..images.shape[0] {
        let npy::Values::Float(image) = images.sample(sample) else { panic!("images are floats") };
        let port = &program.inputs[0];
        let values = quantize(port, &image).unwrap();
        let input = Tensor::from_valid(program.shape(port.tensor).clone(), port.dtype, &values).unwrap();
        let output = execute(&program, &[input]).unwrap()[0].valid();
        wrong += logits.sample(sample).differences(&npy::Values::Int(output.clone())).0;
        let best = (0..output.len()).rev().max_by_key(|&i| output[i]).unwrap();
        right += usize::from(labels.sample(sample).differences(&npy::Values::Int(vec![best as i64])).0 == 0);
    }
    let count = images.shape[0];
    println!("digits_{form}: {wrong} mismatches / {} values, {right} of {count} digits recognised", count * 10);
    assert_eq!(wrong, 0);
    assert!(right * 10 > count * 9, "only {right} of {count} digits recognised");
}

#[test]
fn digits_with_integer_operators_match_onnx_runtime() {
    digits("qoperator");
}

#[test]
fn digits_with_quantised_floats_match_onnx_runtime() {
    digits("qdq");
}
