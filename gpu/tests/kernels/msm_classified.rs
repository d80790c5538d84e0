use crate::every_backend;

every_backend!(sums_by_index, sums_in_the_second_group, survives_degenerate_points, tells_sizes_apart_at_their_limits);

mod check {
    use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
    use ark_ec::{AffineRepr, CurveGroup, PrimeGroup, ScalarMul, VariableBaseMSM};
    use ark_ff::{Field, One, UniformRand, Zero};
    use ark_std::rand::{Rng, rngs::StdRng};
    use assay_gpu::Backend;

    use crate::samples;

    fn points(logs: &[Fr]) -> (Vec<G1Affine>, Vec<G2Affine>) {
        (G1Projective::generator().batch_mul(logs), G2Projective::generator().batch_mul(logs))
    }

    /// Both groups' sums against arkworks' own.
    fn agrees<B: Backend>(backend: &B, points: &(Vec<G1Affine>, Vec<G2Affine>), scalars: &[Fr], indices: &[u32]) {
        let chosen: Vec<Fr> = indices.iter().map(|index| scalars[*index as usize]).collect();
        let classified = backend.classify(&backend.lend(scalars));
        let g1 = backend.msm_indexed(&backend.prepare_bases(&points.0), &classified, indices);
        assert_eq!(g1, G1Projective::msm_unchecked(&points.0, &chosen), "{} points", indices.len());
        let g2 = backend.msm_g2(&backend.prepare_bases_g2(&points.1), &classified, indices);
        assert_eq!(g2, G2Projective::msm_unchecked(&points.1, &chosen), "{} points in G2", indices.len());
    }

    fn indices(len: usize, scalars: usize, rng: &mut StdRng) -> Vec<u32> {
        (0..len).map(|_| rng.gen_range(0..scalars) as u32).collect()
    }

    /// Every class, and every size of small ones.
    fn mixed(len: usize, rng: &mut StdRng) -> Vec<Fr> {
        (0..len)
            .map(|_| match rng.gen_range(0..8) {
                0 => Fr::zero(),
                1 => Fr::one(),
                2 => -Fr::one(),
                3 | 4 => {
                    let value = Fr::from(rng.r#gen::<u64>() >> rng.gen_range(0..64));
                    if rng.r#gen() { value } else { -value }
                }
                _ => Fr::rand(rng),
            })
            .collect()
    }

    pub fn sums_by_index<B: Backend>(backend: &B) {
        let mut rng = samples::rng(55);
        for len in [0, 1, 2, 3, 31, 255, 1000, 5000] {
            let points = points(&(0..len).map(|_| Fr::rand(&mut rng)).collect::<Vec<_>>());
            for scalars in [mixed(700, &mut rng), samples::largest(700), vec![Fr::zero(); 700]] {
                agrees(backend, &points, &scalars, &indices(len, 700, &mut rng));
            }
        }
    }

    pub fn sums_in_the_second_group<B: Backend>(backend: &B) {
        let mut rng = samples::rng(56);
        let len = 20_000;
        let points = points(&(0..len).map(|_| Fr::rand(&mut rng)).collect::<Vec<_>>());
        let all: Vec<u32> = (0..len as u32).collect();
        let bits: Vec<Fr> = (0..len).map(|_| Fr::from(rng.gen_range(0..2))).collect();
        for scalars in [samples::field(len, &mut rng), mixed(len, &mut rng), bits, vec![-Fr::one(); len]] {
            agrees(backend, &points, &scalars, &all);
        }
    }

    /// Equal, opposite and infinite points.
    pub fn survives_degenerate_points<B: Backend>(backend: &B) {
        let mut rng = samples::rng(57);
        for len in [2, 5, 300, 9000] {
            let one = Fr::rand(&mut rng);
            for logs in [
                vec![one; len],
                vec![Fr::zero(); len],
                (0..len).map(|i| if i % 2 == 0 { one } else { -one }).collect(),
                (0..len).map(|_| Fr::from(rng.gen_range(-3..=3))).collect(),
                (0..len).map(|_| if rng.gen_ratio(1, 3) { Fr::zero() } else { Fr::rand(&mut rng) }).collect::<Vec<_>>(),
            ] {
                let points = points(&logs);
                assert_eq!(points.1[0].is_zero(), logs[0].is_zero());
                for scalars in [mixed(50, &mut rng), vec![Fr::one()], vec![Fr::from(77)], vec![one]] {
                    agrees(backend, &points, &scalars, &indices(len, scalars.len(), &mut rng));
                }
            }
        }
    }

    pub fn tells_sizes_apart_at_their_limits<B: Backend>(backend: &B) {
        let mut rng = samples::rng(58);
        let half = -Fr::from(2).inverse().expect("two is not zero");
        let mut scalars = vec![half, half + Fr::one(), half - Fr::one()];
        for bit in 0..254u64 {
            let power = Fr::from(2).pow([bit]);
            scalars.extend([power, -power, power - Fr::one(), Fr::one() - power]);
        }
        let points = points(&(0..scalars.len()).map(|_| Fr::rand(&mut rng)).collect::<Vec<_>>());
        let all: Vec<u32> = (0..scalars.len() as u32).collect();
        agrees(backend, &points, &scalars, &all);
        let g1 = backend.prepare_bases(&points.0);
        for index in 0..scalars.len() {
            let single = G1Affine::from(backend.msm(&backend.prepare_bases(&points.0[..1]), 0, &backend.upload(&scalars[index..=index])));
            assert_eq!(single, (points.0[0] * scalars[index]).into_affine(), "scalar {index}");
        }
        let sum = backend.msm(&g1, 0, &backend.upload(&scalars));
        assert_eq!(sum, backend.msm_indexed(&g1, &backend.classify(&backend.lend(&scalars)), &all));
    }
}
