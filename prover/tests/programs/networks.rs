//! Every ONNX network of the fixtures, the digits job and the peers' networks proves and verifies.

use crate::harness::{inputs, ready};
use assay_core::onnx::{ImportOptions, import};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn models(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(root().join(folder)).unwrap().map(|e| e.unwrap().path().join("model.onnx")).filter(|p| p.exists()).collect();
    found.sort();
    found
}

/// Proves each model on random inputs; the names of those that the importer refuses.
fn prove_all(models: &[PathBuf]) -> Vec<String> {
    let mut refused = vec![];
    for path in models {
        let name = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        match import(&std::fs::read(path).unwrap(), &ImportOptions::default()) {
            Ok(program) => {
                let ready = ready(program);
                ready.prove(&inputs(&ready.program, 9));
            }
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    refused
}

#[test]
fn fixtures() {
    let all = models("tests/onnx/fixtures");
    let refused = prove_all(&all);
    println!("{} of {} fixtures proven; refused by the importer:\n{}", all.len() - refused.len(), all.len(), refused.join("\n"));
    assert!(all.len() - refused.len() >= 400, "{refused:#?}");
}

#[test]
fn peers() {
    let all = models("benches/peers/models");
    assert_eq!(all.len(), 12);
    assert_eq!(prove_all(&all), Vec::<String>::new());
}

#[test]
fn digits_public_and_private() {
    for form in ["qdq", "qoperator"] {
        let bytes = std::fs::read(root().join(format!("examples/digits/digits_{form}.onnx"))).unwrap();
        let program = import(&bytes, &ImportOptions::default()).unwrap();
        let image = program.inputs[0].name.clone();
        for (hidden, weights) in [(vec![], false), (vec![image.as_str()], false), (vec![image.as_str()], true)] {
            let ready = ready(program.with_visibility(&hidden, weights).unwrap());
            ready.prove(&inputs(&ready.program, 4));
        }
    }
}
