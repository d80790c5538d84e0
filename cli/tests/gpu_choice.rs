//! A GPU that nobody asks for: tested once, used if it passes, and left alone if it does not.

#![cfg(all(feature = "cuda", target_os = "linux"))]

mod scratch;
mod stand_in;

use scratch::Folder;
use serde_json::{Value, json};
use stand_in::{command, run_by_itself, stderr};

const PROVE: [&str; 4] = ["prove", "heat2d:4x4x2", "-o", "x"];

/// A kernel that proofs without a wrap never use, but the self-test does.
const UNUSED: &str = "weigh_buckets_g2";

/// Proves; the object and what was said.
fn proves(folder: &Folder, variables: &[(&str, &str)]) -> Option<(Value, String)> {
    let (code, object, said) = run_by_itself(folder, &PROVE, variables)?;
    assert_eq!(code, 0, "{said}");
    folder.succeeds(&["verify", "x"]);
    Some((object, said))
}

fn verdict(folder: &Folder) -> Value {
    let files = std::fs::read_dir(folder.0.join(".cache/gpu")).expect("a folder of verdicts");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    serde_json::from_slice(&std::fs::read(&files[0]).expect("a verdict")).expect("an object")
}

#[test]
fn a_gpu_that_passes_is_used_and_not_tested_again() {
    let folder = Folder::new("choice-passes");
    let Some((object, said)) = proves(&folder, &[]) else { return };
    assert_eq!((&object["backend"], said.as_str()), (&json!("cuda"), ""));
    assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(0), &json!(0)));
    let kept = verdict(&folder);
    assert_eq!((&kept["fault"], &kept["subject"]["device"]), (&Value::Null, &json!("CPU stand-in")));
    // It would fail now; with another driver it is asked.
    for (driver, backend_is_cuda) in [("12000", true), ("12020", false)] {
        let (object, _) = proves(&folder, &[("SHIM_WRONG_KERNEL", UNUSED), ("SHIM_DRIVER", driver)]).expect("the stand-in");
        assert_eq!(object["backend"] == "cuda", backend_is_cuda, "{object}");
    }
    // A new verdict takes the place of the last one, and so it does for one that nobody can read.
    let (object, said) = proves(&folder, &[]).expect("the stand-in");
    assert_eq!((&object["backend"], said.as_str()), (&json!("cuda"), ""));
    let name = format!("{}.json", verdict(&folder)["subject"]["uuid"].as_str().expect("a number"));
    std::fs::write(folder.0.join(".cache/gpu").join(name), b"{").expect("a file");
    let (object, _) = proves(&folder, &[("SHIM_WRONG_KERNEL", UNUSED)]).expect("the stand-in");
    assert_ne!(object["backend"], "cuda");
}

#[test]
fn a_gpu_that_fails_is_left_alone_until_it_is_tested_again() {
    let folder = Folder::new("choice-fails");
    let wrong = [("SHIM_WRONG_KERNEL", UNUSED)];
    let Some((object, said)) = proves(&folder, &wrong) else { return };
    let reason =
        "the GPU CPU stand-in failed its self-test (its results differ from the processor's for sums of points of the second group)";
    let backend = object["backend"].as_str().expect("a name");
    assert!(["portable", "ifma"].contains(&backend));
    assert_eq!(
        said,
        format!("warning: {reason}; the processor computes instead, with the {backend} backend. `assay gpu` tests it again\n")
    );
    assert_eq!(object["gpu"], json!({ "retries": 0, "fallbacks": 1, "reason": reason }));
    // Nothing is wrong any more, but nobody has asked. One line says so, and no warning.
    let (object, said) = proves(&folder, &[]).expect("the stand-in");
    assert_eq!((object["backend"].as_str(), said.as_str()), (Some(backend), ""));
    assert_eq!(object["gpu"], json!({ "retries": 0, "fallbacks": 1, "reason": reason }));
    let driver = ("LD_LIBRARY_PATH", stand_in::folder().expect("the stand-in"));
    let output = command(&folder, &PROVE, &[driver]).output().expect("it runs");
    assert!(stderr(&output).starts_with(&format!("{reason} and is left alone; `assay gpu` tests it again\n")), "{}", stderr(&output));
    let (_, bench, _) = run_by_itself(&folder, &["bench", "--quick", "matmul:2x2x2"], &[]).expect("the stand-in");
    assert_eq!(bench["gpu"]["about"], format!("no GPU: {reason}"));
    // Whoever asks for it has it.
    let (object, _) = proves(&folder, &[("ASSAY_BACKEND", "cuda")]).expect("the stand-in");
    assert_eq!(object["backend"], "cuda");

    let (code, object, said) = run_by_itself(&folder, &["gpu"], &wrong).expect("the stand-in");
    assert_eq!((code, said.as_str()), (1, ""));
    assert_eq!((&object["passed"], &object["used"]), (&json!(false), &json!(false)));
    let (code, object, _) = run_by_itself(&folder, &["gpu"], &[]).expect("the stand-in");
    assert_eq!((code, &object["passed"], &object["used"]), (0, &json!(true), &json!(true)));
    assert_eq!((&object["name"], &object["fault"]), (&json!("CPU stand-in"), &Value::Null));
    let (object, said) = proves(&folder, &[]).expect("the stand-in");
    assert_eq!((&object["backend"], said.as_str()), (&json!("cuda"), ""));
}

#[test]
fn a_gpu_that_breaks_or_hangs_in_its_test_is_left_alone() {
    for (fault, said_first) in [
        (("SHIM_FAIL_LAUNCH", "3"), "the CUDA device failed: unspecified launch failure (at products of field elements)"),
        (("SHIM_HANG_LAUNCH", "3"), "the CUDA device failed: it has not answered for 0.2 s"),
    ] {
        let folder = Folder::new(&format!("choice-{}", fault.0));
        let Some((object, said)) = proves(&folder, &[fault, ("ASSAY_GPU_TIMEOUT", "0.2")]) else { return };
        assert!(said.starts_with(&format!("warning: the GPU CPU stand-in failed its self-test ({said_first}")), "{said}");
        assert_eq!((said.lines().count(), &object["gpu"]["fallbacks"]), (1, &json!(1)), "{said}");
        assert!(verdict(&folder)["fault"].as_str().is_some_and(|fault| fault.starts_with(said_first)));
    }
}

#[test]
fn memory_that_others_hold_is_no_verdict() {
    let folder = Folder::new("choice-no-memory");
    let Some((object, said)) = proves(&folder, &[("SHIM_MEMORY", "5000")]) else { return };
    assert!(
        said.starts_with("warning: the GPU CPU stand-in has no memory for its self-test (the CUDA device failed: out of memory"),
        "{said}"
    );
    assert_ne!(object["backend"], "cuda");
    let (object, said) = proves(&folder, &[]).expect("the stand-in");
    assert_eq!((&object["backend"], said.as_str()), (&json!("cuda"), ""));
}

#[test]
fn names_decide() {
    let folder = Folder::new("choice-names");
    for (name, is_cuda) in [("auto", true), ("processor", false), ("portable", false)] {
        let Some((object, said)) = proves(&folder, &[("ASSAY_BACKEND", name)]) else { return };
        assert_eq!((object["backend"] == "cuda", said.as_str()), (is_cuda, ""), "{name}");
        assert_eq!(object["gpu"] == Value::Null, !is_cuda, "{object}");
    }
    let (code, object, _) = run_by_itself(&folder, &["gpu"], &[("ASSAY_BACKEND", "portable")]).expect("the stand-in");
    assert_eq!((code, &object["passed"], &object["used"]), (0, &json!(true), &json!(false)));
    let (code, object, _) = run_by_itself(&folder, &PROVE, &[("ASSAY_GPU_TIMEOUT", "soon")]).expect("the stand-in");
    assert_eq!((code, &object["error"]), (2, &json!("ASSAY_GPU_TIMEOUT: `soon` is not a number of seconds such as 300")));
}

#[test]
fn commands_that_do_not_prove_leave_the_driver_alone() {
    let folder = Folder::new("choice-unloaded");
    let Some(driver) = stand_in::folder() else { return };
    folder.succeeds(&["prove", "matmul:2x2x2", "-o", "x"]);
    // A driver that ends whoever loads it.
    let variables = [("LD_LIBRARY_PATH", driver), ("SHIM_UNLOADABLE", "1")];
    let code = |arguments: &[&str]| command(&folder, arguments, &variables).output().expect("it runs").status.code();
    assert_eq!(code(&["prove", "matmul:2x2x2", "-o", "y"]), None, "it is loaded for a proof");
    for arguments in [
        &["verify", "x"][..],
        &["inspect", "x"],
        &["inspect", "heat2d:4x4x2"],
        &["run", "matmul:2x2x2"],
        &["--help"],
        &["prove", "--help"],
        &["--version"],
        &["srs", "list"],
    ] {
        assert_eq!(code(arguments), Some(0), "{arguments:?}");
    }
}
