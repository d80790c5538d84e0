use crate::every_backend;

every_backend!(
    sums_full_scalars,
    sums_ints,
    sums_from_an_offset,
    survives_equal_opposite_and_infinite_points,
    survives_points_in_progression,
    survives_structured_scalars,
);

mod check {
    use ark_bn254::{Fr, G1Affine, G1Projective};
    use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
    use ark_ff::{One, PrimeField, UniformRand, Zero};
    use ark_std::rand::{Rng, rngs::StdRng};
    use assay_gpu::{Backend, IntSlice};

    use crate::samples;

    /// Random points and their discrete logarithms, so that a sum is checked by one multiplication.
    fn bases(len: usize, rng: &mut StdRng) -> (Vec<G1Affine>, Vec<Fr>) {
        let logs: Vec<Fr> = (0..len).map(|_| Fr::rand(rng)).collect();
        (points(&logs), logs)
    }

    fn points(logs: &[Fr]) -> Vec<G1Affine> {
        // Tables of the generator's multiples by each byte position: 31 additions a point.
        let mut table = Vec::new();
        let mut power = G1Projective::generator();
        for _ in 0..32 {
            let mut row = vec![G1Projective::zero()];
            for digit in 1..256 {
                row.push(row[digit - 1] + power);
            }
            power += row[255];
            table.push(row);
        }
        let point = |log: &Fr| -> G1Projective {
            let limbs = log.into_bigint().0;
            (0..32).map(|byte| table[byte][(limbs[byte / 8] >> (8 * (byte % 8)) & 255) as usize]).sum()
        };
        G1Projective::normalize_batch(&logs.iter().map(point).collect::<Vec<_>>())
    }

    fn expected(logs: &[Fr], scalars: &[Fr]) -> G1Projective {
        let sum: Fr = logs.iter().zip(scalars).map(|(a, b)| *a * b).sum();
        G1Projective::generator() * sum
    }

    pub fn sums_full_scalars<B: Backend>(backend: &B) {
        let mut rng = samples::rng(50);
        let (points, logs) = bases(20_000, &mut rng);
        let bases = backend.prepare_bases(&points);
        for len in [0, 1, 2, 3, 10, 31, 32, 33, 100, 255, 1000, 4097, 20_000] {
            for scalars in [samples::field(len, &mut rng), samples::largest(len), vec![-Fr::one(); len]] {
                let sum = backend.msm(&bases, 0, &backend.upload(&scalars));
                assert_eq!(sum, expected(&logs, &scalars), "{len} points");
            }
        }
    }

    pub fn sums_ints<B: Backend>(backend: &B) {
        let mut rng = samples::rng(51);
        let (points, logs) = bases(40_000, &mut rng);
        let bases = backend.prepare_bases(&points);
        for len in [0, 1, 2, 3, 63, 64, 1000, 4097, 40_000] {
            for ints in samples::ints(len, &mut rng) {
                let sum = backend.msm_ints(&bases, 0, &backend.upload_ints(ints.slice()), 0, len);
                assert_eq!(sum, expected(&logs, &ints.field()), "{len} points");
            }
        }
    }

    pub fn sums_from_an_offset<B: Backend>(backend: &B) {
        let mut rng = samples::rng(52);
        let (points, logs) = bases(3000, &mut rng);
        let bases = backend.prepare_bases(&points);
        let scalars = samples::field(2000, &mut rng);
        let sum = backend.msm(&bases, 700, &backend.upload(&scalars));
        assert_eq!(sum, expected(&logs[700..], &scalars));
        for ints in samples::ints(2500, &mut rng) {
            let sum = backend.msm_ints(&bases, 700, &backend.upload_ints(ints.slice()), 300, 2100);
            assert_eq!(sum, expected(&logs[700..], &ints.field()[300..2400]));
        }
    }

    /// Points of few kinds, so that additions meet equal, opposite and infinite ones at every level.
    fn degenerate(len: usize, rng: &mut StdRng) -> [Vec<Fr>; 5] {
        let one = Fr::rand(rng);
        [
            vec![one; len],
            vec![Fr::zero(); len],
            (0..len).map(|i| if i % 2 == 0 { one } else { -one }).collect(),
            (0..len).map(|_| Fr::from(rng.gen_range(-3..=3))).collect(),
            (0..len).map(|_| if rng.gen_ratio(1, 3) { Fr::zero() } else { Fr::rand(rng) }).collect(),
        ]
    }

    pub fn survives_equal_opposite_and_infinite_points<B: Backend>(backend: &B) {
        let mut rng = samples::rng(53);
        for len in [2, 5, 300, 9000] {
            for logs in degenerate(len, &mut rng) {
                let points = points(&logs);
                assert_eq!(points[0].is_zero(), logs[0].is_zero());
                let bases = backend.prepare_bases(&points);
                for scalars in [samples::field(len, &mut rng), vec![Fr::one(); len], vec![logs[0]; len]] {
                    let sum = backend.msm(&bases, 0, &backend.upload(&scalars));
                    assert_eq!(sum, expected(&logs, &scalars), "{len} points");
                }
                for ints in samples::ints(len, &mut rng) {
                    let sum = backend.msm_ints(&bases, 0, &backend.upload_ints(ints.slice()), 0, len);
                    assert_eq!(sum, expected(&logs, &ints.field()), "{len} points");
                }
            }
        }
    }

    /// Sums of neighbours meet each other's, and equal scalars fill one bucket, on both sides of its largest piece.
    pub fn survives_points_in_progression<B: Backend>(backend: &B) {
        let mut rng = samples::rng(59);
        let step = Fr::rand(&mut rng);
        for len in [5000, 40_000] {
            let logs: Vec<Fr> = (0..len as u64).map(|i| step * Fr::from(i + 1)).collect();
            let bases = backend.prepare_bases(&points(&logs));
            let mirrored: Vec<Fr> = (0..len).map(|i| if i % 2 == 0 { step } else { -step }).collect();
            for scalars in [samples::field(len, &mut rng), vec![step; len], mirrored] {
                assert_eq!(backend.msm(&bases, 0, &backend.upload(&scalars)), expected(&logs, &scalars), "{len} points");
            }
            for ints in [vec![5i16; len], (0..len).map(|i| (i % 3) as i16 - 1).collect(), (0..len).map(|i| i as i16).collect()] {
                let uploaded = backend.upload_ints(IntSlice::I16(&ints));
                let scalars: Vec<Fr> = ints.iter().map(|value| Fr::from(*value)).collect();
                assert_eq!(backend.msm_ints(&bases, 0, &uploaded, 0, len), expected(&logs, &scalars), "{len} points");
            }
        }
    }

    pub fn survives_structured_scalars<B: Backend>(backend: &B) {
        let mut rng = samples::rng(54);
        let len = 9000;
        let (points, logs) = bases(len, &mut rng);
        let bases = backend.prepare_bases(&points);
        let bits: Vec<u8> = (0..len).map(|_| rng.gen_range(0..2)).collect();
        let sparse: Vec<i64> = (0..len).map(|i| if i % 1000 == 7 { i64::MIN + i as i64 } else { 0 }).collect();
        let narrow: Vec<i64> = (0..len).map(|_| rng.gen_range(-300..300)).collect();
        let narrow32: Vec<i32> = (0..len).map(|_| rng.gen_range(-1..=1)).collect();
        for ints in [IntSlice::U8(&bits), IntSlice::I64(&sparse), IntSlice::I64(&narrow), IntSlice::I32(&narrow32)] {
            let uploaded = backend.upload_ints(ints);
            let field = backend.ints_to_field(&uploaded);
            let sum = backend.msm_ints(&bases, 0, &uploaded, 0, len);
            assert_eq!(sum, expected(&logs, &backend.download(&field)));
            // The same small numbers as field elements.
            assert_eq!(sum, backend.msm(&bases, 0, &field));
        }
    }
}
