//! Points that are kept for many sums, with multiples beside them: the same sums, within what multiples may take.

use crate::{devices::passes, every_backend};

every_backend!(
    multiples_stay_within_what_they_may_take,
    sums_with_multiples_are_the_same,
    survives_points_that_are_multiples_of_each_other,
    sums_in_pieces_with_multiples_are_the_same,
    only_kept_points_have_multiples,
);

mod check {
    use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
    use ark_ec::{AffineRepr, PrimeGroup, ScalarMul};
    use ark_ff::{AdditiveGroup, Field, One, UniformRand};
    use ark_std::rand::Rng;
    use assay_gpu::{Backend, Cuda, Portable};

    use crate::{memory::Limited, samples};

    /// Odd.
    const LEN: usize = 151;

    /// Bytes of the points of the first group.
    const ALL: usize = 64 * LEN;

    /// Nothing, less than a list, lists enough for some sets of windows, and for one set.
    const BUDGETS: [usize; 5] = [0, ALL - 1, ALL + 5, 5 * ALL, 100 * ALL];

    /// What multiples may take, until this is dropped.
    struct Within<'a>(&'a Cuda);

    impl<'a> Within<'a> {
        fn bytes(cuda: &'a Cuda, bytes: usize) -> Self {
            cuda.precompute_within(bytes);
            Self(cuda)
        }
    }

    impl Drop for Within<'_> {
        fn drop(&mut self) {
            self.0.precompute_within(0);
        }
    }

    /// With points at infinity, equal and opposite ones.
    fn logs(len: usize, seed: u64) -> Vec<Fr> {
        let mut rng = samples::rng(seed);
        let mut logs: Vec<Fr> = (0..len).map(|_| Fr::rand(&mut rng)).collect();
        for i in (7..len).step_by(20) {
            logs[i] = Fr::from(0u64);
            logs[i - 1] = logs[i - 2];
            logs[i - 3] = -logs[i - 2];
        }
        logs
    }

    fn g1(len: usize, seed: u64) -> Vec<G1Affine> {
        G1Projective::generator().batch_mul(&logs(len, seed))
    }

    pub fn multiples_stay_within_what_they_may_take(cuda: &Cuda) {
        let all = g1(LEN, 130);
        let mut lists = vec![];
        for budget in BUDGETS {
            let _within = Within::bytes(cuda, budget);
            let before = cuda.memory().live;
            let bases = cuda.keep_bases(&all);
            let beside = cuda.memory().live - before - ALL;
            assert!(beside <= budget && beside.is_multiple_of(ALL), "{beside} of {budget}");
            lists.push(beside / ALL);
            // What these have, others cannot.
            let second = cuda.keep_bases(&all);
            assert!(cuda.memory().live - before - 2 * ALL <= budget);
            drop((bases, second));
            assert_eq!(cuda.memory().live, before);
        }
        assert_eq!(lists[..3], [0, 0, 1]);
        assert!((2..=5).contains(&lists[3]) && lists[4] > 5, "{lists:?}");
    }

    pub fn sums_with_multiples_are_the_same(cuda: &Cuda) {
        let mut rng = samples::rng(131);
        let (all, few) = (g1(LEN, 131), samples::field(50, &mut rng));
        let g2: Vec<G2Affine> = G2Projective::generator().batch_mul(&logs(61, 132));
        let (expected, expected_g2) = (Portable.prepare_bases(&all), Portable.prepare_bases_g2(&g2));
        let indices: Vec<u32> = (0..LEN).map(|_| rng.gen_range(0..50)).collect();
        for budget in BUDGETS {
            let _within = Within::bytes(cuda, budget);
            let bases = cuda.keep_bases(&all);
            for (offset, len) in [(0, LEN), (1, LEN - 1), (30, 77), (LEN - 1, 1), (LEN, 0)] {
                let scalars = samples::field(len, &mut rng);
                let sum = cuda.msm(&bases, offset, &cuda.upload(&scalars));
                assert_eq!(sum, Portable.msm(&expected, offset, &Portable.upload(&scalars)), "{len} from {offset}, {budget} bytes");
                for ints in samples::ints(len + 5, &mut rng).into_iter().step_by(3) {
                    let sum = cuda.msm_ints(&bases, offset, &cuda.upload_ints(ints.slice()), 5, len);
                    let expected = Portable.msm_ints(&expected, offset, &Portable.upload_ints(ints.slice()), 5, len);
                    assert_eq!(sum, expected, "{len} from {offset}, {budget} bytes");
                }
            }
            let (here, there) = (cuda.classify(&cuda.lend(&few)), Portable.classify(&Portable.lend(&few)));
            assert_eq!(cuda.msm_indexed(&bases, &here, &indices), Portable.msm_indexed(&expected, &there, &indices));
            drop(bases);
            let sum = cuda.msm_g2(&cuda.keep_bases_g2(&g2), &here, &indices[..61]);
            assert_eq!(sum, Portable.msm_g2(&expected_g2, &there, &indices[..61]));
        }
    }

    pub fn survives_points_that_are_multiples_of_each_other(cuda: &Cuda) {
        // 2^i G and its opposite: whatever the step, points of one list are those of the others.
        let powers: Vec<Fr> = (0..50).scan(Fr::one(), |power, _| Some(std::mem::replace(power, power.double()))).collect();
        let logs: Vec<Fr> = powers.iter().flat_map(|power| [*power, -*power, Fr::from(0u64)]).collect();
        let points: Vec<G1Affine> = G1Projective::generator().batch_mul(&logs);
        assert!(points[2].is_zero());
        let _within = Within::bytes(cuda, usize::MAX);
        let bases = cuda.keep_bases(&points);
        // The same digit in every window, many of them, and none.
        let repeated = (0..25).fold(Fr::from(0u64), |sum, j| sum + Fr::from(2u64).pow([10 * j]));
        for scalar in [repeated, Fr::one(), -Fr::one(), Fr::from(1u64 << 63), Fr::from(0u64)] {
            let mut scalars = vec![scalar; logs.len()];
            for step in [1, 2, 3] {
                scalars.iter_mut().skip(1).step_by(step).for_each(|scalar| *scalar += Fr::one());
                let log: Fr = scalars.iter().zip(&logs).map(|(scalar, log)| *scalar * log).sum();
                assert_eq!(cuda.msm(&bases, 0, &cuda.upload(&scalars)), G1Projective::generator() * log);
            }
        }
    }

    pub fn sums_in_pieces_with_multiples_are_the_same(cuda: &Cuda) {
        let mut rng = samples::rng(133);
        let all = g1(1001, 133);
        let expected = Portable.prepare_bases(&all);
        let _within = Within::bytes(cuda, 4 * 64 * all.len());
        let bases = cuda.keep_bases(&all);
        let scalars = samples::field(900, &mut rng);
        let uploaded = cuda.upload(&scalars);
        let _limited = Limited::to(cuda, 300_000);
        for offset in [0, 1, 101] {
            let sum = cuda.msm(&bases, offset, &uploaded);
            assert_eq!(sum, Portable.msm(&expected, offset, &Portable.upload(&scalars)), "from {offset}");
        }
    }

    pub fn only_kept_points_have_multiples(cuda: &Cuda) {
        let all = g1(LEN, 134);
        let _within = Within::bytes(cuda, usize::MAX);
        let before = cuda.memory().live;
        let bases = cuda.prepare_bases(&all);
        assert_eq!(cuda.memory().live, before + ALL);
        drop(bases);
        // Nor have points that may not stay.
        cuda.keep_points(false);
        let bases = cuda.keep_bases(&all);
        assert_eq!(cuda.memory().live, before);
        drop(bases);
        cuda.keep_points(true);
        assert_eq!(cuda.msm(&cuda.keep_bases(&[]), 0, &cuda.upload(&[])), G1Projective::default());
        assert_eq!(cuda.memory().live, before);
    }
}

/// Not a test of its own: what the process below runs.
#[test]
#[ignore = "run by the test of this file, in an environment of its own"]
fn every_device_has_multiples() {
    use ark_bn254::{Fr, G1Projective};
    use ark_ec::{PrimeGroup, ScalarMul};
    use ark_ff::UniformRand;
    use assay_gpu::{Backend, IntSum, Portable};

    use crate::{samples, stand_in};

    stand_in::in_every_order(|cuda| {
        let mut rng = samples::rng(135);
        let logs: Vec<Fr> = (0..151).map(|_| Fr::rand(&mut rng)).collect();
        let points = G1Projective::generator().batch_mul(&logs);
        let ints: Vec<i64> = (0..151).map(|i: i64| (i - 75) << 50).collect();
        let expected = Portable.prepare_bases(&points);
        let upload = |backend: &Portable| backend.upload_ints(assay_gpu::IntSlice::I64(&ints));
        let (scalars, expected_ints) = (samples::field(151, &mut rng), Portable.msm_ints(&expected, 0, &upload(&Portable), 0, 151));
        assert_eq!(cuda.device_count(), 2);
        cuda.precompute_within(usize::MAX);
        // In parts, and in copies.
        for from in [100, 500] {
            cuda.share_points_from(from);
            let before = stand_in::live_bytes(2);
            let bases = cuda.keep_bases(&points);
            let uploaded = cuda.upload_ints(assay_gpu::IntSlice::I64(&ints));
            let sums: Vec<_> = (0..4).map(|_| IntSum { offset: 0, ints: &uploaded, start: 0, len: 151 }).collect();
            assert_eq!(cuda.msm_ints_each(&bases, &sums), [expected_ints; 4]);
            assert_eq!(cuda.msm(&bases, 0, &cuda.upload(&scalars)), Portable.msm(&expected, 0, &Portable.upload(&scalars)));
            for (now, before) in stand_in::live_bytes(2).into_iter().zip(before) {
                assert!(now - before > 4 * 64 * 75, "{now} bytes, {before} before");
            }
        }
        cuda.precompute_within(0);
    });
}

#[test]
fn devices_that_share_sums_have_multiples() {
    passes("multiples::every_device_has_multiples", &[("SHIM_DEVICES", "2")]);
}
