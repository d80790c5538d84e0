//! Devices opened anew after a failure. They are the process's, so the check has one of its own.

use std::{env, process::Command};

use crate::stand_in;

/// Not a test of its own: what the process below runs.
#[test]
#[ignore = "run by the test of this file, in an environment of its own"]
fn goes_on() {
    use ark_bn254::{Fr, G1Projective};
    use ark_ec::{PrimeGroup, ScalarMul};
    use assay_gpu::{Backend, Cuda, Portable};

    let _library = stand_in::load().expect("a C++ compiler, as in the process above");
    let cuda = Cuda::detect().expect("the stand-in is a device");
    cuda.share_points_from(100);
    cuda.limit_memory(1 << 30);
    let ones = vec![Fr::from(1u64); 500];
    let points = G1Projective::generator().batch_mul(&ones);
    let sum = |cuda: &Cuda| cuda.msm(&cuda.prepare_bases(&points), 0, &cuda.upload(&ones));
    assert_eq!(cuda.device_count(), 3);
    assert_eq!(crate::memory::failure(|| sum(&cuda)), "the CUDA device failed: unspecified launch failure");

    // One of the others is the one that fails: the first one goes on alone, with what was set.
    let again = Cuda::reopen().expect("the stand-in again");
    assert_eq!((again.device_count(), again.memory().limit, again.memory().live), (1, 1 << 30, 0));
    assert_eq!(sum(&again), Portable.msm(&Portable.prepare_bases(&points), 0, &Portable.upload(&ones)));
    let panic = std::panic::catch_unwind(|| cuda.eq_table(&[], Fr::from(1u64))).err().expect("a panic");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"this device was opened anew"));

    // With something left in memory, nothing is opened anew.
    let left = again.upload(&ones);
    assert!(std::panic::catch_unwind(Cuda::reopen).is_err(), "memory in use was given up");
    assert_eq!(again.download(&left), ones);
    println!("went on");
}

#[test]
fn the_first_device_goes_on_alone() {
    if let Err(reason) = stand_in::load() {
        return eprintln!("skipped: {reason}");
    }
    let output = Command::new(env::current_exe().expect("this test's path"))
        .args(["--ignored", "--exact", "reopening::goes_on", "--nocapture"])
        .envs([("SHIM_DEVICES", "3"), ("SHIM_BROKEN_DEVICE", "2")])
        .output()
        .expect("this test runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("went on"), "the test is there");
}
