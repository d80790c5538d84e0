//! Proving on a GPU, and what is said where there is none to prove on.

#![cfg(feature = "cuda")]

mod scratch;
mod stand_in;

use assay_gpu::Cuda;
use scratch::Folder;
use stand_in::{command, stderr};

#[test]
fn a_gpu_proves_or_its_absence_is_explained() {
    let folder = Folder::new("gpu");
    for (variable, value, wish) in [("ASSAY_BACKEND", "cuda", "ASSAY_BACKEND=cuda"), ("ASSAY_REQUIRE_GPU", "1", "ASSAY_REQUIRE_GPU is set")]
    {
        let output = command(&folder, &["prove", "matmul:2x2x2", "-o", "x"], &[(variable, value)]).output().expect("the command runs");
        match Cuda::detect() {
            Ok(_) => assert_eq!(output.status.code(), Some(0), "{}", stderr(&output)),
            Err(reason) => {
                assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
                assert!(stderr(&output).starts_with(&format!("error: {wish}: {reason}; unset the variable")), "{}", stderr(&output));
                assert!(folder.is_empty());
            }
        }
    }
}

#[test]
fn the_gpu_is_shown_or_its_absence_explained() {
    let folder = Folder::new("gpu-shown");
    let output = command(&folder, &["gpu"], &[]).output().expect("the command runs");
    match Cuda::detect() {
        Ok(cuda) => assert!(stderr(&output).starts_with(&format!("GPU {}", cuda.device_name())), "{}", stderr(&output)),
        Err(reason) => assert_eq!((output.status.code(), stderr(&output)), (Some(2), format!("error: no GPU: {reason}\n"))),
    }
}

#[test]
fn a_required_gpu_is_not_replaced_by_a_processor() {
    let folder = Folder::new("gpu-required");
    let variables = [("ASSAY_BACKEND", "portable"), ("ASSAY_REQUIRE_GPU", "1")];
    let output = command(&folder, &["prove", "matmul:2x2x2", "-o", "x"], &variables).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("ASSAY_REQUIRE_GPU is set, but ASSAY_BACKEND=portable computes on the processor"),
        "{}",
        stderr(&output)
    );
    assert!(folder.is_empty());
}

#[test]
fn benches_say_why_no_gpu_was_used() {
    let folder = Folder::new("gpu-bench");
    let output = command(&folder, &["bench", "--quick", "matmul:2x2x2"], &[]).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = match Cuda::detect() {
        Ok(cuda) => format!("threads; GPU {}", cuda.device_name()),
        Err(reason) => format!("threads; no GPU: {reason}"),
    };
    assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
}

#[test]
#[cfg(target_os = "linux")]
fn proofs_by_the_kernels_verify() {
    let Some(driver) = stand_in::folder() else { return };
    let driver = ("LD_LIBRARY_PATH", driver);
    let folder = Folder::new("gpu-stand-in");

    // The second has columns to commit to and to open.
    for program in ["matmul:4x3x5", "heat2d:4x4x2"] {
        let variables = [driver, ("ASSAY_BACKEND", "cuda")];
        let output = command(&folder, &["prove", program, "-o", "x"], &variables).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0), "{program}: {}", stderr(&output));
        folder.succeeds(&["verify", "x"]);
    }

    for (backend, expected) in [
        (Some(("ASSAY_BACKEND", "cuda")), "backend cuda"),
        (Some(("ASSAY_REQUIRE_GPU", "1")), "threads; GPU CPU stand-in, driver"),
        (Some(("ASSAY_BACKEND", "processor")), "threads; no GPU: ASSAY_BACKEND=processor computes on the processor"),
        (None, "backend cuda"),
    ] {
        let variables: Vec<_> = [driver].into_iter().chain(backend).collect();
        let output = command(&folder, &["bench", "--quick", "matmul:2x2x2"], &variables).output().expect("the command runs");
        assert!(stderr(&output).contains(expected), "{expected}: {}", stderr(&output));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
}
