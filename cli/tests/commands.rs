//! Commands that do what they say: execution, reference strings, signals, closed pipes.

mod scratch;

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use scratch::Folder;

const PTAU: &[u8] = include_bytes!("../../prover/src/srs/fixtures/power6.ptau");

/// A version 1 `.npy` file of int8 elements.
fn npy(shape: &str, data: &[i8]) -> Vec<u8> {
    let header = format!("{{'descr': '|i1', 'fortran_order': False, 'shape': {shape}, }}\n");
    let data: Vec<u8> = data.iter().map(|x| *x as u8).collect();
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

#[test]
fn runs_a_product_of_given_matrices() {
    let folder = Folder::new("product");
    folder.write("a.npy", &npy("(2, 3)", &[1, -2, 3, 4, 5, -6]));
    folder.write("b.npy", &npy("(3, 2)", &[7, 8, 9, -10, 11, 12]));
    let run = folder.json(&["run", "matmul:2x3x2", "--input", "a.npy", "--input", "b=b.npy", "-o", "c=c.npy"]);
    assert_eq!(run["outputs"][0]["name"], "c");
    assert_eq!(run["outputs"][0]["values"], serde_json::json!([22, 64, 7, -90]));
    let bytes = folder.read("c.npy");
    let values: Vec<i32> = bytes[bytes.len() - 16..].chunks(4).map(|c| i32::from_le_bytes(c.try_into().unwrap())).collect();
    assert_eq!(values, [22, 64, 7, -90]);
    assert!(String::from_utf8_lossy(&bytes[..128]).contains("'descr': '<i4', 'fortran_order': False, 'shape': (2, 2)"));
}

#[test]
fn runs_the_heat_equation() {
    let folder = Folder::new("heat");
    let outputs = folder.json(&["run", "heat2d:5x7x3", "--seed", "4"])["outputs"].clone();
    assert_eq!(outputs[0]["shape"], serde_json::json!([5, 7]));
}

#[test]
fn job_files_and_arguments_agree() {
    let folder = Folder::new("job");
    fs::create_dir_all(folder.0.join("deep")).unwrap();
    folder.write("deep/a.npy", &npy("(1, 2)", &[3, 4]));
    folder.write("deep/b.npy", &npy("(2, 1)", &[5, 6]));
    folder.write("deep/job.toml", b"program = 'matmul:1x2x1'\n[inputs]\na = 'a.npy'\nb = 'b.npy'\n");
    assert_eq!(folder.json(&["run", "deep/job.toml"])["outputs"][0]["values"], serde_json::json!([39]));
}

#[test]
fn built_ins_run_on_made_up_inputs_that_a_seed_fixes() {
    let folder = Folder::new("seed");
    let values = |seed: &str| folder.json(&["run", "matmul:4x5x6", "--seed", seed])["outputs"][0]["values"].clone();
    assert_eq!(values("1"), values("1"));
    assert_ne!(values("1"), values("2"));
}

#[test]
fn the_development_string_grows_and_heals() {
    let folder = Folder::new("grow");
    assert!(folder.succeeds(&["srs", "list"]).1.contains("no reference strings yet"));
    let small = folder.json(&["srs", "new", "--power", "5"]);
    let large = folder.json(&["srs", "new", "--power", "8"]);
    assert_eq!((&small["powers"], &large["powers"]), (&76.into(), &340.into()));
    assert_eq!(small["digest"], large["digest"]);
    // Asking for fewer powers than there are must not shrink it.
    folder.json(&["srs", "new", "--power", "3"]);
    let listed = folder.json(&["srs", "list"]);
    assert_eq!(listed["reference_strings"][0]["powers"], 340);
    let path = large["path"].as_str().unwrap();
    let good = fs::read(path).unwrap();
    let mut damaged = good.clone();
    damaged[500] ^= 1;
    fs::write(path, damaged).unwrap();
    let (_, stderr) = folder.succeeds(&["srs", "new", "--power", "8"]);
    assert!(stderr.contains("warning: generating") && stderr.contains("checksum"), "{stderr}");
    assert_eq!(fs::read(path).unwrap(), good);
    assert!(folder.succeeds(&["srs", "verify"]).1.contains("not for production"));
}

#[test]
fn imports_lists_and_verifies_a_ceremony_file() {
    let folder = Folder::new("import");
    folder.write("small.ptau", PTAU);
    let imported = folder.json(&["srs", "import", "small.ptau", "--name", "tiny", "--power", "4"]);
    assert_eq!((&imported["powers"], &imported["origin"]), (&40.into(), &"imported".into()));
    folder.json(&["srs", "import", "small.ptau"]);
    let listed = folder.json(&["srs", "list"]);
    assert_eq!(listed["reference_strings"][0]["powers"], 127);
    assert_eq!(listed["reference_strings"][1]["name"], "tiny");
    assert_eq!(listed["reference_strings"][0]["digest"], listed["reference_strings"][1]["digest"]);
    folder.succeeds(&["srs", "verify", "tiny"]);
    assert_eq!(folder.json(&["inspect", "small.ptau"])["powers"], 127);
    folder.refuses(&["srs", "import", "small.ptau", "--power", "9"], "127");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::new("pipe");
    let mut command = folder.command(&["run", "matmul:64x8x64", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
#[cfg(unix)]
fn an_interrupt_leaves_no_partial_file() {
    let folder = Folder::new("interrupt");
    // Seconds of work: the interrupt always comes in the middle of it.
    let mut child = folder.command(&["srs", "new", "--power", "22", "-o", "big.srs"]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while folder.is_empty() {
        assert!(Instant::now() < deadline, "no temporary file appeared");
        thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(folder.is_empty(), "{:?}", folder.names());
}

#[test]
fn inspects_programs_and_reference_strings() {
    let folder = Folder::new("inspect");
    let program = folder.json(&["inspect", "matmul:2x3x4"]);
    assert_eq!(program["inputs"][1]["shape"], serde_json::json!([3, 4]));
    assert_eq!(program["outputs"][0]["dtype"], "int32");
    folder.succeeds(&["srs", "new", "--power", "3", "-o", "x.srs"]);
    let string = folder.json(&["inspect", "x.srs"]);
    assert_eq!((&string["powers"], &string["origin"]), (&32.into(), &"development".into()));
}
