//! Uploads through pinned memory, and without it. The stand-in ends the process where a copy is not ordered with what uses it.

use std::{env, process::Command};

use crate::{every_backend, stand_in};

every_backend!(uploads_what_was_given, uploads_at_the_same_time_stay_apart);

/// Not a test of its own: what the process below runs.
#[test]
#[ignore = "run by a test of this file, in an environment of its own"]
fn uploads_and_sums() {
    stand_in::in_every_order(|cuda| {
        check::uploads_what_was_given(cuda);
        crate::pieces::check::streams_points_that_are_not_kept(cuda);
    });
}

#[test]
fn pinned_memory_is_not_needed() {
    let child = Command::new(env::current_exe().expect("this test's path"))
        .args(["--ignored", "--exact", "transfers::uploads_and_sums", "--nocapture"])
        .env("SHIM_NO_PINNED_MEMORY", "1")
        .output()
        .expect("this test runs");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
}

mod check {
    use ark_bn254::Fr;
    use ark_ff::{One, Zero};
    use assay_gpu::{Backend, Cuda, IntSlice};

    /// Bytes of a slot of pinned memory.
    const SLOT: usize = 4 << 20;

    fn bytes(len: usize, seed: usize) -> Vec<u8> {
        (0..len).map(|i| ((i * 31 + seed) ^ (i >> 8)) as u8).collect()
    }

    pub fn uploads_what_was_given(cuda: &Cuda) {
        for len in [0, 1, 1000, 1 << 20, SLOT - 1, SLOT, SLOT + 1, 5 * SLOT + 77] {
            let given = bytes(len, len);
            let uploaded = cuda.upload_ints(IntSlice::U8(&given));
            let downloaded = cuda.download_ints(&uploaded);
            assert!(downloaded.into_iter().eq(given.into_iter().map(i64::from)), "{len} bytes");
        }
        let limbs: Vec<Fr> = (0..300_001u64).map(|i| Fr::from(i * i)).collect();
        let mut vector = cuda.upload(&limbs);
        // A kernel, and then a copy of part of what it wrote.
        cuda.fill(&mut vector, 7, 200_000, Fr::one());
        let (first, rest) = (cuda.slice(&vector, 0, 10), cuda.slice(&vector, 200_000, 100_001));
        drop(vector);
        assert_eq!(cuda.download(&first)[..8], [&limbs[..7], &[Fr::one()]].concat());
        assert_eq!(cuda.download(&rest)[7..], limbs[200_007..]);
        let sum = cuda.dot(&cuda.upload(&limbs), &cuda.upload(&vec![Fr::one(); limbs.len()]));
        assert_eq!(sum, limbs.iter().fold(Fr::zero(), |sum, limb| sum + limb));
    }

    pub fn uploads_at_the_same_time_stay_apart(cuda: &Cuda) {
        std::thread::scope(|scope| {
            for seed in 0..4 {
                scope.spawn(move || {
                    let given = bytes(2 * SLOT + 1000 + seed, seed);
                    let ints = cuda.upload_ints(IntSlice::U8(&given));
                    assert!(cuda.download_ints(&ints).into_iter().eq(given.into_iter().map(i64::from)), "thread {seed}");
                });
            }
        });
    }
}
