//! Sums of points on the stand-in, smaller than those on a device.

use crate::every_backend;

every_backend!(
    sums_full_scalars,
    sums_ints_from_an_offset,
    survives_equal_opposite_and_infinite_points,
    shares_full_buckets,
    sums_by_index
);

mod check {
    use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
    use ark_ec::{PrimeGroup, ScalarMul};
    use ark_ff::{One, UniformRand, Zero};
    use ark_std::rand::{Rng, rngs::StdRng};
    use assay_gpu::{Backend, Cuda, IntSlice, Portable};

    use crate::samples;

    fn points(logs: &[Fr]) -> Vec<G1Affine> {
        G1Projective::generator().batch_mul(logs)
    }

    fn random_points(len: usize, rng: &mut StdRng) -> Vec<G1Affine> {
        points(&(0..len).map(|_| Fr::rand(rng)).collect::<Vec<_>>())
    }

    fn same(cuda: &Cuda, points: &[G1Affine], scalars: &[Fr]) {
        let sum = cuda.msm(&cuda.prepare_bases(points), 0, &cuda.upload(scalars));
        assert_eq!(sum, Portable.msm(&Portable.prepare_bases(points), 0, &Portable.upload(scalars)), "{} points", points.len());
    }

    fn same_ints(cuda: &Cuda, points: &[G1Affine], offset: usize, ints: IntSlice<'_>, start: usize, len: usize) {
        let sum = cuda.msm_ints(&cuda.prepare_bases(points), offset, &cuda.upload_ints(ints), start, len);
        let expected = Portable.msm_ints(&Portable.prepare_bases(points), offset, &Portable.upload_ints(ints), start, len);
        assert_eq!(sum, expected, "{len} points, {ints:?}");
    }

    pub fn sums_full_scalars(cuda: &Cuda) {
        let mut rng = samples::rng(60);
        let all = random_points(3000, &mut rng);
        for len in [0, 1, 2, 3, 32, 33, 1000, 3000] {
            for scalars in [samples::field(len, &mut rng), samples::largest(len), vec![-Fr::one(); len]] {
                same(cuda, &all[..len], &scalars);
            }
        }
    }

    pub fn sums_ints_from_an_offset(cuda: &Cuda) {
        let mut rng = samples::rng(61);
        let all = random_points(900, &mut rng);
        for ints in samples::ints(700, &mut rng) {
            same_ints(cuda, &all, 250, ints.slice(), 50, 650);
            same_ints(cuda, &all, 3, ints.slice(), 1, 1);
        }
        same_ints(cuda, &all, 900, IntSlice::I8(&[]), 0, 0);
    }

    pub fn survives_equal_opposite_and_infinite_points(cuda: &Cuda) {
        let mut rng = samples::rng(62);
        let (len, one) = (300, Fr::rand(&mut rng));
        let degenerate: [Vec<Fr>; 4] = [
            vec![one; len],
            vec![Fr::zero(); len],
            (0..len).map(|i| if i % 2 == 0 { one } else { -one }).collect(),
            (0..len).map(|_| Fr::from(rng.gen_range(-3..=3))).collect(),
        ];
        for logs in degenerate {
            let points = points(&logs);
            for scalars in [samples::field(len, &mut rng), vec![Fr::one(); len], vec![one; len]] {
                same(cuda, &points, &scalars);
            }
            let bytes: Vec<i8> = (0..len).map(|_| rng.r#gen()).collect();
            same_ints(cuda, &points, 0, IntSlice::I8(&bytes), 0, len);
        }
    }

    /// Scalars that fall into few buckets, far apart.
    pub fn shares_full_buckets(cuda: &Cuda) {
        let mut rng = samples::rng(63);
        let len = 4000;
        let all = random_points(len, &mut rng);
        let bits: Vec<u8> = (0..len).map(|_| rng.gen_range(0..2)).collect();
        let sparse: Vec<i64> = (0..len).map(|i| if i % 500 == 7 { i64::MIN + i as i64 } else { 0 }).collect();
        let two_sizes: Vec<u16> = (0..len).map(|i| if i < len / 2 { 1 } else { u16::MAX }).collect();
        for ints in [IntSlice::U8(&bits), IntSlice::I64(&sparse), IntSlice::U16(&two_sizes), IntSlice::I32(&vec![-1; len])] {
            same_ints(cuda, &all, 0, ints, 0, len);
        }
        let mixed: Vec<Fr> = (0..len).map(|i| if i % 40 == 0 { Fr::rand(&mut rng) } else { Fr::from(i as u64 % 2) }).collect();
        same(cuda, &all, &mixed);
    }

    pub fn sums_by_index(cuda: &Cuda) {
        let mut rng = samples::rng(64);
        for len in [0, 1, 2, 150, 700] {
            let logs: Vec<Fr> = (0..len).map(|i| if i % 9 == 0 { Fr::from(i as u64 % 3) } else { Fr::rand(&mut rng) }).collect();
            let g1 = points(&logs);
            let g2: Vec<G2Affine> = G2Projective::generator().batch_mul(&logs);
            for scalars in [samples::field(100, &mut rng), samples::largest(100), vec![Fr::one(); 100]] {
                let indices: Vec<u32> = (0..len).map(|_| rng.gen_range(0..100)).collect();
                let (here, there) = (cuda.classify(&cuda.lend(&scalars)), Portable.classify(&Portable.lend(&scalars)));
                let sum = cuda.msm_indexed(&cuda.prepare_bases(&g1), &here, &indices);
                assert_eq!(sum, Portable.msm_indexed(&Portable.prepare_bases(&g1), &there, &indices), "{len} points");
                let sum = cuda.msm_g2(&cuda.prepare_bases_g2(&g2), &here, &indices);
                assert_eq!(sum, Portable.msm_g2(&Portable.prepare_bases_g2(&g2), &there, &indices), "{len} points in G2");
            }
        }
    }
}
