//! Real programs, proven and verified through the command line, and every way in which a receipt may fail to hold.

mod scratch;

use std::path::{Path, PathBuf};

use scratch::Folder;
use serde_json::{Value, json};

fn example(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/digits").join(name);
    path.to_str().expect("a path of text").to_owned()
}

fn verdict(folder: &Folder, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = folder.run(&[&["verify", "--json"], arguments].concat());
    (output.status.code(), serde_json::from_slice(&output.stdout).expect("an object"))
}

/// Replaces the only occurrence of some bytes.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = (0..=bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert_eq!(places.len(), 1, "{places:?}");
    [&bytes[..places[0]], to, &bytes[places[0] + from.len()..]].concat()
}

#[test]
fn a_handwritten_digit_is_proven_and_verified() {
    let folder = Folder::new("digit");
    let (model, image) = (example("digits_qdq.onnx"), example("seven.npy"));
    let (_, said) = folder.succeeds(&["prove", &model, "--input", &image, "-o", "out.receipt"]);
    for part in ["class 7", "receipt", "proved in", "verified in", "development reference string", "not zero-knowledge"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let proven = folder.json(&["prove", &model, "--input", &image, "-o", "again.receipt"]);
    assert_eq!(proven["outputs"][0]["class"], 7);
    assert_eq!(proven["receipt_bytes"], folder.read("again.receipt").len());
    assert_eq!(proven["wrap_seconds"], Value::Null);
    for field in ["execute_seconds", "prove_seconds", "verify_seconds", "peak_memory_bytes"] {
        assert!(proven[field].as_f64().is_some_and(|value| value > 0.0), "{field}: {proven}");
    }
    let (code, checked) = verdict(&folder, &["out.receipt"]);
    assert_eq!((code, &checked["valid"], &checked["reason"]), (Some(0), &json!(true), &Value::Null));
    assert_eq!(checked["statement"]["outputs"], proven["outputs"]);
    assert_eq!(checked["statement"]["program_id"], proven["program_id"]);
    assert_eq!(checked["development"], true);
    let (_, said) = folder.succeeds(&["verify", "out.receipt"]);
    for part in ["input `image`", "class 7", "valid: program", "development reference string", "not zero-knowledge"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn both_forms_of_the_network_read_every_digit() {
    let folder = Folder::new("digits");
    let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    for model in ["digits_qdq.onnx", "digits_qoperator.onnx"] {
        for (digit, name) in names.iter().enumerate() {
            let run = folder.json(&["run", &example(model), "--input", &example(&format!("{name}.npy"))]);
            assert_eq!(run["outputs"][0]["class"], digit, "{model}, {name}");
        }
    }
}

#[test]
fn a_run_writes_the_reals_that_onnx_runtime_gives() {
    let folder = Folder::new("reals");
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/peers/models/mlp64_qdq").join(name);
    let elements = |bytes: Vec<u8>| {
        let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        bytes[header..].to_vec()
    };
    let read = |name: &str| elements(std::fs::read(fixture(name)).expect("a fixture"));
    // The files hold one sample after another.
    for (input, output) in read("input.input.npy").chunks(4 * 64).zip(read("output.output.npy").chunks(4 * 10)).take(5) {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 64), }\n";
        folder.write("x.npy", &[b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), input].concat());
        folder.succeeds(&["run", fixture("model.onnx").to_str().expect("a path of text"), "--input", "x.npy", "-o", "y.npy"]);
        let written = folder.read("y.npy");
        assert!(String::from_utf8_lossy(&written[..128]).contains("'descr': '<f4', 'fortran_order': False, 'shape': (1, 10)"));
        assert_eq!(elements(written), output);
    }
}

#[test]
fn proof_sizes_are_known_beforehand() {
    let folder = Folder::new("sizes");
    let (model, image) = (example("digits_qoperator.onnx"), example("two.npy"));
    let jobs: [&[&str]; 6] = [
        &["matmul:3x5x7"],
        &["matmul:3x5x7", "--private", "a,b"],
        &["matmul:1x1x1"],
        &["heat2d:5x7x3"],
        &[&model, "--input", &image],
        &[&model, "--input", &image, "--private", "weights", "--private", "image"],
    ];
    for job in jobs {
        let proven = folder.json(&[&["prove", "-o", "out.receipt"], job].concat());
        let predicted = folder.json(&[&["inspect"], job].concat());
        assert_eq!(predicted["proof"]["proof_bytes"], proven["proof_bytes"], "{job:?}");
        assert_eq!(verdict(&folder, &["out.receipt"]).0, Some(0), "{job:?}");
        let receipt = folder.json(&["inspect", "out.receipt"]);
        assert_eq!((&receipt["kind"], &receipt["proof_bytes"]), (&json!("receipt"), &proven["proof_bytes"]));
    }
}

#[test]
fn private_inputs_stand_in_the_receipt_as_salted_commitments_only() {
    let folder = Folder::new("private");
    let mut rows = Vec::new();
    for receipt in ["one.receipt", "two.receipt"] {
        folder.succeeds(&["prove", "matmul:4x8x4", "--private", "a", "-o", receipt]);
        let (code, checked) = verdict(&folder, &[receipt]);
        assert_eq!(code, Some(0));
        let hidden = checked["statement"]["inputs"][0].as_object().expect("an input");
        assert_eq!((&hidden["name"], &hidden["private"], hidden.len()), (&json!("a"), &json!(true), 3), "{hidden:?}");
        assert!(hidden["commitments"].as_u64().is_some_and(|rows| rows > 0));
        assert!(checked["statement"]["inputs"][1]["values"].is_array());
        rows.push(folder.read(receipt));
    }
    assert_ne!(rows[0], rows[1]);
}

#[test]
fn private_weights_keep_their_id() {
    let folder = Folder::new("weights");
    let (model, image) = (example("digits_qdq.onnx"), example("four.npy"));
    let job = ["prove", &model, "--input", &image, "--private", "weights", "-o", "out.receipt"];
    let first = folder.json(&job)["program_id"].clone();
    assert_eq!(folder.json(&job)["program_id"], first);
    assert_eq!(folder.json(&["compile", &model, "--private", "weights", "-o", "keys"])["program_id"], first);
    assert_eq!(folder.read("keys/program_id"), format!("{}\n", first.as_str().expect("hexadecimal")).as_bytes());
    for key in ["keys", "keys/pk"] {
        assert_eq!(folder.json(&["prove", key, "--input", &image, "-o", "again.receipt"])["program_id"], first);
    }
    assert_eq!(verdict(&folder, &["again.receipt", "--vk", "keys/vk"]).0, Some(0));
    for (file, kind) in [("keys/pk", "proving key"), ("keys/vk", "verifying key")] {
        let found = folder.json(&["inspect", file]);
        assert_eq!((&found["kind"], &found["program_id"]), (&json!(kind), &first));
    }
    // Elsewhere, the same model gets other salts.
    let elsewhere = Folder::new("elsewhere");
    assert_ne!(elsewhere.json(&job)["program_id"], first);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.0.join("keys/pk")).expect("the key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    folder.refuses(&["prove", "keys", "--private", "weights", "-o", "x"], "what is private was fixed when it was compiled");
    let mut damaged = folder.read("keys/pk");
    damaged[100] ^= 1;
    folder.write("damaged.pk", &damaged);
    folder.refuses(&["prove", "damaged.pk", "--input", &image, "-o", "x"], "does not match its checksum");
    folder.write("cut.pk", &damaged[..50]);
    folder.refuses(&["prove", "cut.pk", "--input", &image, "-o", "x"], "truncated or damaged");
    assert!(!folder.names().contains(&"x".to_owned()));
}

#[test]
fn receipts_that_do_not_hold_are_invalid() {
    let folder = Folder::new("invalid");
    folder.succeeds(&["prove", "matmul:1x2x2", "--context", "0xfeedc0ffee", "-o", "out.receipt"]);
    folder.succeeds(&["compile", "matmul:1x2x3", "-o", "other"]);
    let receipt = folder.read("out.receipt");
    let statement = verdict(&folder, &["out.receipt"]).1["statement"].clone();
    assert_eq!(statement["context"], "feedc0ffee");
    let outputs: Vec<i32> =
        statement["outputs"][0]["values"].as_array().expect("values").iter().map(|v| v.as_i64().expect("an integer") as i32).collect();
    let encoded = |values: &[i32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let forged = replaced(&receipt, &encoded(&outputs), &encoded(&[outputs[0] + 1, outputs[1]]));
    let rebound = replaced(&receipt, b"\xfe\xed\xc0\xff\xee", b"\xfe\xed\xc0\xff\xef");
    for (name, bytes) in [("forged", &forged), ("rebound", &rebound)] {
        folder.write(name, bytes);
        let (code, checked) = verdict(&folder, &[name]);
        assert_eq!((code, &checked["valid"]), (Some(1), &json!(false)), "{name}: {checked}");
        assert!(checked["reason"].as_str().is_some_and(|reason| reason.contains("the proof does not hold")), "{name}: {checked}");
        assert!(checked["verify_seconds"].is_number() && checked["statement"].is_object());
    }
    let (code, checked) = verdict(&folder, &["out.receipt", "--vk", "other/vk"]);
    assert_eq!(code, Some(1));
    let other = String::from_utf8(folder.read("other/program_id")).expect("text");
    let reason = checked["reason"].as_str().expect("a reason");
    assert!(reason.contains(statement["program_id"].as_str().expect("an id")) && reason.contains(other.trim()), "{reason}");
    let said = folder.run(&["verify", "forged"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).starts_with("INVALID: the proof does not hold"));
}

#[test]
fn benches_measure_each_job_by_itself() {
    let folder = Folder::new("bench");
    let found = folder.json(&["bench", "--repeat", "2", "matmul:8x8x8", "heat2d:4x4x2"]);
    let jobs = found["jobs"].as_array().expect("jobs");
    assert_eq!(jobs.len(), 2);
    for job in jobs {
        assert!(job["proof_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{job}");
        assert!(job["peak_memory_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{job}");
        assert!(job["phases"]["commit"].is_number(), "{job}");
    }
    let (_, table) = folder.succeeds(&["bench", "--quick", "matmul:8x8x8"]);
    assert!(table.contains("| matmul:8x8x8 |") && table.contains("backend"), "{table}");
    folder.refuses(&["bench", "matmul:8x8"], "is not of the form");
}
