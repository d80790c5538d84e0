//! Rows committed on several devices: the bytes of the processor's proofs, with work for each of them.

use crate::harness::ready;
use crate::{built, proven, stand_in};
use assay_core::jobs;
use assay_gpu::Portable;
use assay_prover::Economy;
use std::env;
use std::process::Command;

/// Not a test of its own: what the process below runs.
#[test]
#[ignore = "run by the test of this file, in an environment of its own"]
fn proves_on_all_of_them() {
    let Some((library, cuda)) = stand_in() else { return };
    // SAFETY: the library exports a function of this type.
    let launches = unsafe { library.get::<extern "C" fn(i32) -> u64>(b"shim_launches") }.expect("shim_launches");
    assert_eq!(cuda.device_count(), 3);
    // Longer than a row, and shorter than the witness.
    let ready = ready(jobs::by_name("heat2d:16x16x8").unwrap().unwrap());
    cuda.share_points_from(ready.key.num_powers() + 1);
    let expected = proven(&ready, &Portable, Economy::USUAL);
    let mut before = [0; 3];
    for _ in 0..2 {
        assert_eq!(proven(&ready, &cuda, Economy::USUAL), expected);
        let after = [0, 1, 2].map(|device| launches(device));
        assert!(after.iter().zip(before).all(|(after, before)| *after > before), "{after:?} after {before:?}");
        before = after;
    }
    // Without several sums to share, the others have nothing to do.
    cuda.share_points_from(usize::MAX);
    assert_eq!(proven(&ready, &cuda, Economy::USUAL), expected);
    let after = [0, 1, 2].map(|device| launches(device));
    assert!(after[0] > before[0] && after[1..] == before[1..], "{after:?} after {before:?}");
    println!("proven on three devices");
}

#[test]
fn rows_of_a_proof_are_spread() {
    if built().is_none() {
        return;
    }
    let output = Command::new(env::current_exe().expect("this test's path"))
        .args(["--ignored", "--exact", "several::proves_on_all_of_them", "--nocapture"])
        .env("SHIM_DEVICES", "3")
        .output()
        .expect("this test runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("proven on three devices"), "the test is there");
}
