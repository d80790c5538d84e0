//! A kernel that never ends. Devices are the process's, so each check has one of its own; the stand-in ends it where the driver
//! would wait for ever.

use std::{
    env,
    process::Command,
    time::{Duration, Instant},
};

use ark_bn254::{Fr, G1Projective};
use ark_ec::{PrimeGroup, ScalarMul};
use assay_gpu::{Backend, Cuda, cuda};

use crate::{memory::failure, stand_in};

const LIMIT: Duration = Duration::from_millis(300);

fn cuda() -> Cuda {
    std::mem::forget(stand_in::load().expect("a C++ compiler, as in the process above"));
    cuda::limit_waits(LIMIT);
    Cuda::detect().expect("the stand-in is a device")
}

/// What is left of CUDA once the first launch has hung, and of the process, which holds nothing any more.
fn leaves_it_alone(cuda: &Cuda, failed: &str) -> ! {
    assert_eq!(failed, "the CUDA device failed: it has not answered for 0.3 s");
    let start = Instant::now();
    // Whatever is asked for ends at once, in the same words.
    assert_eq!(failure(|| cuda.upload(&[Fr::from(1u64)])), failed);
    assert_eq!(failure(|| cuda.eq_table(&[Fr::from(3u64)], Fr::from(1u64))), failed);
    assert_eq!(failure(|| cuda.wait()), failed);
    for refused in [Cuda::detect(), Cuda::reopen()] {
        assert_eq!(refused.expect_err("stuck").to_string(), "no GPU is used any more in this process");
    }
    assert!(start.elapsed() < LIMIT / 2, "{:?}", start.elapsed());
    println!("left it alone");
    cuda::end_process(0)
}

/// Not tests of their own: what the processes below run.
#[test]
#[ignore = "run by the tests of this file, in an environment of its own"]
fn results_are_not_waited_for() {
    let cuda = cuda();
    let (small, large) = (vec![Fr::from(7u64); 10], vec![Fr::from(7u64); 1 << 16]);
    let (x, y) = (cuda.upload(&small), cuda.upload(&large));
    let start = Instant::now();
    let failed = failure(|| cuda.dot(&x, &x));
    assert!((LIMIT..10 * LIMIT).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert_eq!(failure(|| cuda.download(&y)), failed);
    drop((x, y));
    leaves_it_alone(&cuda, &failed);
}

#[test]
#[ignore = "run by the tests of this file, in an environment of its own"]
fn pieces_of_points_are_not_waited_for() {
    let cuda = cuda();
    cuda.keep_points(false);
    let ones = vec![Fr::from(1u64); 3000];
    let points = G1Projective::generator().batch_mul(&ones);
    let (bases, scalars) = (cuda.prepare_bases(&points), cuda.upload(&ones));
    let failed = failure(|| cuda.msm(&bases, 0, &scalars));
    drop(bases);
    leaves_it_alone(&cuda, &failed);
}

#[test]
#[ignore = "run by the tests of this file, in an environment of its own"]
fn many_launches_are_not_waited_for() {
    let cuda = cuda();
    let mut x = cuda.upload(&[Fr::from(7u64); 10]);
    let failed = failure(|| (0..2000).for_each(|_| cuda.fill(&mut x, 0, 10, Fr::from(1u64))));
    drop(x);
    leaves_it_alone(&cuda, &failed);
}

#[test]
#[ignore = "run by the tests of this file, in an environment of its own"]
fn uploads_are_not_waited_for() {
    let cuda = cuda();
    let mut x = cuda.upload(&[Fr::from(7u64); 10]);
    cuda.fill(&mut x, 0, 10, Fr::from(1u64));
    // Before the limit of launches: pinned memory runs out, or there is none.
    let failed = failure(|| (0..100).for_each(|_| drop(cuda.upload(&[Fr::from(7u64); 10]))));
    drop(x);
    leaves_it_alone(&cuda, &failed);
}

#[test]
#[ignore = "run by the tests of this file, in an environment of its own"]
fn contexts_are_not_ended() {
    let cuda = cuda();
    let mut x = cuda.upload(&[Fr::from(7u64); 10]);
    cuda.fill(&mut x, 0, 10, Fr::from(1u64));
    drop(x);
    // Nobody has noticed yet.
    assert_eq!(Cuda::reopen().expect_err("stuck").to_string(), "no GPU is used any more in this process");
    leaves_it_alone(&cuda, &failure(|| cuda.wait()));
}

fn hangs(check: &str, variables: &[(&str, &str)]) {
    if let Err(reason) = stand_in::load() {
        return eprintln!("skipped: {reason}");
    }
    let output = Command::new(env::current_exe().expect("this test's path"))
        .args(["--ignored", "--exact", &format!("hanging::{check}"), "--nocapture"])
        .envs([("SHIM_HANG_LAUNCH", "1")])
        .envs(variables.iter().copied())
        .output()
        .expect("this test runs");
    assert!(output.status.success(), "{check}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("left it alone"), "{check}: the test is there");
}

#[test]
fn a_kernel_that_never_ends_is_given_up() {
    for variables in [&[][..], &[("SHIM_NO_PINNED_MEMORY", "1")]] {
        hangs("results_are_not_waited_for", variables);
        hangs("pieces_of_points_are_not_waited_for", variables);
        hangs("many_launches_are_not_waited_for", variables);
        hangs("uploads_are_not_waited_for", variables);
        hangs("contexts_are_not_ended", variables);
    }
}
