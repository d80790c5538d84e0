//! Why there is no CUDA backend, in words; and what a process without one does.

#![cfg(feature = "cuda")]

use assay_gpu::{Backend, Cuda, cuda::Unavailable};

#[test]
fn a_device_is_used_or_its_absence_explained() {
    match Cuda::detect() {
        Ok(cuda) => assert_eq!(cuda.name(), "cuda"),
        Err(reason) => {
            eprintln!("skipped: {reason}");
            assert!(!reason.to_string().is_empty());
            // The answer is the process's.
            assert_eq!(Cuda::detect().expect_err("still none"), reason);
        }
    }
}

#[test]
fn reasons_say_what_was_found() {
    let old = Unavailable::TooOld { name: "Tesla T4".into(), found: (7, 5) };
    assert_eq!(old.to_string(), "the device Tesla T4 has compute capability 7.5, but the kernels need 8.0 or newer");
}
