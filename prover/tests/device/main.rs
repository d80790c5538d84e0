//! Proofs on the CPU's stand-in for a device, within little of its memory, and on several: the bytes of the processor's proofs.

#![cfg(all(feature = "cuda", target_os = "linux"))]
#![allow(unsafe_code)]

mod groth16;
#[allow(dead_code)]
#[path = "../programs/harness.rs"]
mod harness;
#[path = "../../../gpu/tests/cuda_shim/library.rs"]
mod library;
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../groth16/samples.rs"]
mod samples;
mod several;

use assay_core::jobs;
use assay_gpu::cuda::device_failure;
use assay_gpu::{Backend, Cuda, Portable};
use assay_prover::{Economy, Options};
use harness::{Ready, inputs, ready};
use libloading::Library;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

/// Pieces of which a small program has many.
const PIECES: Economy = Economy { log_piece: 6, parents_from: 0, whole_space: 0 };

/// The library of the stand-in, unless it cannot be built here.
fn built() -> Option<PathBuf> {
    let built = library::built(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../gpu/cuda"));
    built.inspect_err(|reason| eprintln!("skipped: {reason}")).ok()
}

/// The stand-in, and the device that it is.
fn stand_in() -> Option<(Library, Cuda)> {
    // SAFETY: loads what was just built.
    let library = unsafe { Library::new(built()?) }.expect("the stand-in loads");
    let cuda = Cuda::detect().expect("the stand-in is a device");
    assert_eq!(cuda.device_name(), "CPU stand-in", "a real driver was loaded in its place");
    Some((library, cuda))
}

/// The bytes of a receipt, made with the random choices of all receipts here.
fn proven<B: Backend>(ready: &Ready, backend: &B, economy: Economy) -> Vec<u8> {
    let options = Options { context: b"context".to_vec(), economy };
    ready.prove_with(backend, &inputs(&ready.program, 3), options).unwrap().receipt.encode()
}

/// One test of this process, since a device is the process's.
#[test]
fn proofs_on_a_device_are_those_of_the_processor() {
    let Some((_library, first)) = stand_in() else { return };
    a_proof_stays_within_a_tight_budget(first);
    groth16::is_proven_on(&Cuda::detect().expect("the stand-in again"));
}

fn a_proof_stays_within_a_tight_budget(first: Cuda) {
    let ready = ready(jobs::by_name("heat2d:16x16x8").unwrap().unwrap());
    let expected = proven(&ready, &Portable, Economy::USUAL);
    let proven = |cuda: &Cuda, economy| proven(&ready, cuda, economy);
    assert_eq!(proven(&first, Economy::WHOLE), expected);
    let whole = first.memory().peak;

    // A new context begins with a new peak.
    let cuda = Cuda::reopen().expect("the stand-in again");
    let limit = whole * 2 / 3;
    cuda.limit_memory(limit);
    cuda.keep_points(false);
    assert_eq!(proven(&cuda, PIECES), expected);
    let held = cuda.memory();
    eprintln!("{} bytes of {limit} in pieces, {whole} at once", held.peak);
    assert!(held.peak <= limit, "{held:?}");
    let refused = panic::catch_unwind(AssertUnwindSafe(|| proven(&cuda, Economy::WHOLE))).expect_err("too little memory");
    assert!(device_failure(&*refused).is_some_and(|sentence| sentence.contains("out of memory")));

    // What the failure held is gone, and what was set stays.
    assert_eq!(cuda.memory().live, held.live);
    let again = Cuda::reopen().expect("the stand-in again");
    assert_eq!((again.memory().limit, again.memory().live), (limit, 0));
    assert_eq!(proven(&again, PIECES), expected);
    assert!(panic::catch_unwind(|| cuda.eq_table(&[], 1u64.into())).is_err(), "a device that was opened anew is still used");
}
