//! Sums over points that several devices share. The number of devices is the process's, so each has its own.

use std::{
    env,
    process::{Command, Output},
};

use crate::stand_in;

/// Not tests of their own: what the processes below run.
mod in_a_process {
    use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
    use ark_ec::{PrimeGroup, ScalarMul};
    use ark_ff::{One, UniformRand};
    use ark_std::rand::Rng;
    use assay_gpu::{Backend, Cuda, Portable};

    use crate::{
        memory::{Limited, failure},
        samples, stand_in,
    };

    const LEN: usize = 2003;

    fn logs(len: usize, seed: u64) -> Vec<Fr> {
        let mut rng = samples::rng(seed);
        (0..len).map(|i| if i % 40 == 3 { Fr::from(i as u64 % 2) } else { Fr::rand(&mut rng) }).collect()
    }

    fn g1(len: usize, seed: u64) -> Vec<G1Affine> {
        G1Projective::generator().batch_mul(&logs(len, seed))
    }

    #[test]
    #[ignore = "run by the tests of this file, in an environment of theirs"]
    fn sums_are_shared() {
        let count = std::env::var("SHIM_DEVICES").expect("a number").parse::<usize>().expect("a number");
        stand_in::in_every_order(|cuda| {
            assert_eq!(cuda.device_count(), count);
            cuda.share_points_from(100);
            let all = g1(LEN, 110);
            let before = stand_in::live_bytes(count);
            let bases = cuda.prepare_bases(&all);
            let kept: Vec<_> = stand_in::live_bytes(count).into_iter().zip(before).map(|(now, before)| now - before).collect();
            assert_eq!(kept.iter().sum::<u64>(), 64 * LEN as u64);
            assert!(kept.iter().all(|bytes| bytes.abs_diff(64 * (LEN / count) as u64) <= 64), "{kept:?}");
            sums(cuda, &bases, &all);
            by_index(cuda);

            // Points that come to the devices from the computer's memory.
            drop(bases);
            let (all, limited) = (g1(LEN + 400, 111), Limited::to(cuda, 10_000));
            let before = stand_in::live_bytes(count);
            let bases = cuda.prepare_bases(&all);
            assert_eq!(stand_in::live_bytes(count), before);
            drop(limited);
            sums(cuda, &bases, &all);
        });
    }

    fn sums(cuda: &Cuda, bases: &<Cuda as Backend>::Bases, all: &[G1Affine]) {
        let mut rng = samples::rng(112);
        let expected = Portable.prepare_bases(all);
        let len = all.len();
        // All parts, some of one, the end of one and the beginning of the next, the last alone.
        for (offset, count) in [(0, len), (3, 50), (len / 2 - 70, 150), (len / 3 - 9, len / 2), (len - 20, 20), (len, 0)] {
            let scalars = samples::field(count, &mut rng);
            let sum = cuda.msm(bases, offset, &cuda.upload(&scalars));
            assert_eq!(sum, Portable.msm(&expected, offset, &Portable.upload(&scalars)), "{count} from {offset}");
            for ints in samples::ints(count + 5, &mut rng).into_iter().step_by(4) {
                let sum = cuda.msm_ints(bases, offset, &cuda.upload_ints(ints.slice()), 5, count);
                assert_eq!(
                    sum,
                    Portable.msm_ints(&expected, offset, &Portable.upload_ints(ints.slice()), 5, count),
                    "{count} from {offset}"
                );
            }
        }
    }

    fn by_index(cuda: &Cuda) {
        let mut rng = samples::rng(113);
        let scalars = samples::field(60, &mut rng);
        let (here, there) = (cuda.classify(&cuda.lend(&scalars)), Portable.classify(&Portable.lend(&scalars)));
        let g2: Vec<G2Affine> = G2Projective::generator().batch_mul(&logs(301, 114));
        let (bases, expected) = (cuda.prepare_bases_g2(&g2), Portable.prepare_bases_g2(&g2));
        for _ in 0..2 {
            let indices: Vec<u32> = (0..301).map(|_| rng.gen_range(0..60)).collect();
            assert_eq!(cuda.msm_g2(&bases, &here, &indices), Portable.msm_g2(&expected, &there, &indices));
        }
        let g1 = g1(LEN, 115);
        let indices: Vec<u32> = (0..LEN).map(|_| rng.gen_range(0..60)).collect();
        let sum = cuda.msm_indexed(&cuda.prepare_bases(&g1), &here, &indices);
        assert_eq!(sum, Portable.msm_indexed(&Portable.prepare_bases(&g1), &there, &indices));
    }

    #[test]
    #[ignore = "run by the tests of this file, in an environment of theirs"]
    fn a_device_fails() {
        stand_in::in_every_order(|cuda| {
            cuda.share_points_from(100);
            let bases = cuda.prepare_bases(&g1(500, 116));
            let scalars = cuda.upload(&[Fr::one(); 500]);
            assert_eq!(failure(|| cuda.msm(&bases, 0, &scalars)), "the CUDA device failed: unspecified launch failure");
        });
    }

    #[test]
    #[ignore = "run by the tests of this file, in an environment of theirs"]
    fn few_points_stay_on_the_first_device() {
        stand_in::in_every_order(|cuda| {
            let before = stand_in::live_bytes(2)[1];
            let bases = cuda.prepare_bases(&g1(500, 117));
            assert_eq!(stand_in::live_bytes(2)[1], before);
            drop(bases);
        });
    }
}

fn run(test: &str, variables: &[(&str, &str)]) -> Option<Output> {
    if let Err(reason) = stand_in::load() {
        eprintln!("skipped: {reason}");
        return None;
    }
    let output = Command::new(env::current_exe().expect("this test's path"))
        .args(["--ignored", "--exact", test, "--nocapture"])
        .envs(variables.iter().copied())
        .output();
    Some(output.expect("this test runs"))
}

/// Runs an ignored test, by its path, in a process whose environment has these variables.
pub fn passes(test: &str, variables: &[(&str, &str)]) {
    if let Some(output) = run(test, variables) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test is there");
    }
}

#[test]
fn one_two_and_three_devices_give_the_same_sums() {
    for count in ["1", "2", "3"] {
        passes("devices::in_a_process::sums_are_shared", &[("SHIM_DEVICES", count)]);
    }
}

#[test]
fn few_points_are_not_shared() {
    passes("devices::in_a_process::few_points_stay_on_the_first_device", &[("SHIM_DEVICES", "2")]);
}

#[test]
fn the_failure_of_one_device_is_the_failure_of_the_sum() {
    for broken in ["0", "1", "2"] {
        passes("devices::in_a_process::a_device_fails", &[("SHIM_DEVICES", "3"), ("SHIM_BROKEN_DEVICE", broken)]);
    }
}
