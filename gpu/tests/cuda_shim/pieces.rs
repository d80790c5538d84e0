//! Sums of points that do not fit the device at once: cut into pieces, with points from the computer's memory.

use crate::every_backend;

every_backend!(
    cuts_sums_of_kept_points,
    streams_points_that_are_not_kept,
    cuts_sums_by_index_in_both_groups,
    sums_at_the_same_time_share_the_memory,
    other_work_waits_for_a_sum,
    fails_where_no_piece_fits,
);

pub mod check {
    use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
    use ark_ec::{PrimeGroup, ScalarMul};
    use ark_ff::{One, UniformRand};
    use ark_std::rand::Rng;
    use assay_gpu::{Backend, Cuda, Portable};

    use crate::{
        memory::{Limited, failure},
        samples,
    };

    /// What a sum of this test may use. Its terms alone would need more if it were not cut: with windows of 17 bits at most,
    /// there are 15 entries of four bytes a term, besides the term's size and point.
    const LITTLE: usize = 600_000;

    /// Odd, and with pieces that end anywhere.
    const LEN: usize = 7001;

    fn points(len: usize, seed: u64) -> Vec<G1Affine> {
        let mut rng = samples::rng(seed);
        let logs: Vec<Fr> = (0..len).map(|i| if i % 50 == 3 { Fr::from(i as u64 % 2) } else { Fr::rand(&mut rng) }).collect();
        G1Projective::generator().batch_mul(&logs)
    }

    pub fn cuts_sums_of_kept_points(cuda: &Cuda) {
        let mut rng = samples::rng(90);
        let all = points(LEN, 90);
        let before = cuda.memory().live;
        let bases = cuda.prepare_bases(&all);
        assert_eq!(cuda.memory().live, before + 64 * LEN, "the points are kept");
        let expected = Portable.prepare_bases(&all);
        let scalars = samples::field(LEN - 300, &mut rng);
        let uploaded = cuda.upload(&scalars);
        let _limited = Limited::to(cuda, LITTLE);
        for offset in [0, 1, 299] {
            let sum = cuda.msm(&bases, offset, &uploaded);
            assert_eq!(sum, Portable.msm(&expected, offset, &Portable.upload(&scalars)), "from {offset}");
        }
    }

    pub fn streams_points_that_are_not_kept(cuda: &Cuda) {
        let mut rng = samples::rng(91);
        let all = points(LEN, 91);
        let expected = Portable.prepare_bases(&all);
        let scalars = samples::field(LEN - 1200, &mut rng);
        let uploaded = cuda.upload(&scalars);
        let ints = samples::ints(LEN - 800, &mut rng);
        let uploaded_ints: Vec<_> = ints.iter().map(|ints| cuda.upload_ints(ints.slice())).collect();
        let _limited = Limited::to(cuda, LITTLE);
        let before = cuda.memory().live;
        let bases = cuda.prepare_bases(&all);
        assert_eq!(cuda.memory().live, before, "the points are not kept");
        for offset in [0, 1013] {
            let sum = cuda.msm(&bases, offset, &uploaded);
            assert_eq!(sum, Portable.msm(&expected, offset, &Portable.upload(&scalars)), "from {offset}");
        }
        for (ints, uploaded) in ints.iter().zip(&uploaded_ints).step_by(3) {
            for (offset, start, len) in [(0, 0, LEN - 800), (777, 13, LEN - 900), (LEN - 1, 5, 1), (LEN, 9, 0)] {
                let sum = cuda.msm_ints(&bases, offset, uploaded, start, len);
                assert_eq!(
                    sum,
                    Portable.msm_ints(&expected, offset, &Portable.upload_ints(ints.slice()), start, len),
                    "{len} from {offset}"
                );
            }
        }
    }

    pub fn cuts_sums_by_index_in_both_groups(cuda: &Cuda) {
        let mut rng = samples::rng(92);
        let scalars = samples::field(100, &mut rng);
        let (here, there) = (cuda.classify(&cuda.lend(&scalars)), Portable.classify(&Portable.lend(&scalars)));
        let g1 = points(LEN, 92);
        let indices: Vec<u32> = (0..LEN).map(|_| rng.gen_range(0..100)).collect();
        let logs: Vec<Fr> = (0..1501).map(|_| Fr::rand(&mut rng)).collect();
        let g2: Vec<G2Affine> = G2Projective::generator().batch_mul(&logs);
        let _limited = Limited::to(cuda, LITTLE);
        let sum = cuda.msm_indexed(&cuda.prepare_bases(&g1), &here, &indices);
        assert_eq!(sum, Portable.msm_indexed(&Portable.prepare_bases(&g1), &there, &indices));
        let sum = cuda.msm_g2(&cuda.prepare_bases_g2(&g2), &here, &indices[..1501]);
        assert_eq!(sum, Portable.msm_g2(&Portable.prepare_bases_g2(&g2), &there, &indices[..1501]));
    }

    pub fn sums_at_the_same_time_share_the_memory(cuda: &Cuda) {
        let all = points(LEN, 93);
        let scalars = samples::field(LEN, &mut samples::rng(93));
        let uploaded = cuda.upload(&scalars);
        let expected = Portable.msm(&Portable.prepare_bases(&all), 0, &Portable.upload(&scalars));
        let _limited = Limited::to(cuda, LITTLE);
        let bases = cuda.prepare_bases(&all);
        std::thread::scope(|scope| {
            let sums: Vec<_> = (0..3).map(|_| scope.spawn(|| cuda.msm(&bases, 0, &uploaded))).collect();
            for sum in sums {
                assert_eq!(sum.join().expect("no thread fails"), expected);
            }
        });
    }

    pub fn other_work_waits_for_a_sum(cuda: &Cuda) {
        let len = 900;
        let all = points(len, 95);
        let scalars = samples::field(len, &mut samples::rng(95));
        let uploaded = cuda.upload(&scalars);
        let expected = Portable.msm(&Portable.prepare_bases(&all), 0, &Portable.upload(&scalars));
        let bases = cuda.prepare_bases(&all);
        // Together they need more than there is: a sum takes up to half of what is left.
        let _limited = Limited::to(cuda, LITTLE);
        let other = vec![Fr::one(); 3 * LITTLE / 5 / 32];
        std::thread::scope(|scope| {
            let sums = scope.spawn(|| (0..4).map(|_| cuda.msm(&bases, 0, &uploaded)).collect::<Vec<_>>());
            while !sums.is_finished() {
                assert_eq!(cuda.get(&cuda.upload(&other), 5), Fr::one());
            }
            assert_eq!(sums.join().expect("no failure"), vec![expected; 4]);
        });
    }

    pub fn fails_where_no_piece_fits(cuda: &Cuda) {
        let all = points(100, 94);
        let uploaded = cuda.upload(&[Fr::one(); 100]);
        let limited = Limited::to(cuda, 3000);
        let bases = cuda.prepare_bases(&all);
        let said = failure(|| cuda.msm(&bases, 0, &uploaded));
        assert!(said.starts_with("the CUDA device failed: out of memory: "), "{said}");
        drop(limited);
        let sum = cuda.msm(&bases, 0, &uploaded);
        assert_eq!(sum, all.iter().sum::<G1Projective>());
    }
}
