//! Devices that cannot be used, and what is said about them. Detection happens once a process, so each has its own.

use std::{env, process::Command};

use assay_gpu::Cuda;

use crate::stand_in;

/// Not a test of its own: what the processes below run.
#[test]
#[ignore = "run by the tests of this file, in an environment of theirs"]
fn says_what_was_detected() {
    let _library = stand_in::load().expect("a C++ compiler, as in the process above");
    match Cuda::detect() {
        Ok(cuda) => println!("detected: {cuda:?}"),
        Err(reason) => println!("unavailable: {reason}"),
    }
}

fn detection(variable: &str, value: &str) -> Option<String> {
    if let Err(reason) = stand_in::load() {
        eprintln!("skipped: {reason}");
        return None;
    }
    let output = Command::new(env::current_exe().expect("this test's path"))
        .args(["--ignored", "--exact", "absence::says_what_was_detected", "--nocapture"])
        .env(variable, value)
        .output()
        .expect("this test runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

fn says(variable: &str, value: &str, expected: &str) {
    if let Some(output) = detection(variable, value) {
        assert!(output.contains(expected), "{output}");
    }
}

#[test]
fn a_driver_without_a_device_is_no_backend() {
    says("SHIM_NO_DEVICE", "1", "unavailable: the CUDA driver offers no device: no CUDA-capable device is detected");
}

#[test]
fn an_old_device_is_named() {
    says("SHIM_COMPUTE_MAJOR", "7", "unavailable: the device CPU stand-in has compute capability 7.0, but the kernels need 8.0 or newer");
}

#[test]
fn a_driver_that_refuses_the_kernels_is_no_backend() {
    says("SHIM_REFUSE_MODULES", "1", "unavailable: the driver does not load the kernels, which need driver version 520 or newer");
}

#[test]
fn a_device_is_detected() {
    says("SHIM_UNUSED", "1", "detected: Cuda(\"CPU stand-in\")");
}
