use crate::every_backend;

every_backend!(sums_over_any_axes, sums_long_axes, sums_the_largest_values);

mod check {
    use ark_bn254::Fr;
    use ark_ff::Zero;
    use assay_gpu::Backend;

    use crate::samples::{self, Owned};

    fn naive(values: &[Fr], dims: &[usize], weights: &[Option<Vec<Fr>>]) -> Vec<Fr> {
        let kept: usize = dims.iter().zip(weights).filter(|(_, w)| w.is_none()).map(|(d, _)| d).product();
        let mut out = vec![Fr::zero(); kept];
        for (flat, value) in values.iter().enumerate() {
            let (mut rest, mut term, mut target, mut stride) = (flat, *value, 0, 1);
            for (dim, weights) in dims.iter().zip(weights).rev() {
                let index = rest % dim;
                rest /= dim;
                match weights {
                    Some(weights) => term *= weights[index],
                    None => {
                        target += index * stride;
                        stride *= dim;
                    }
                }
            }
            out[target] += term;
        }
        out
    }

    fn compare<B: Backend>(backend: &B, ints: &Owned, dims: &[usize], weights: &[Option<Vec<Fr>>]) {
        let uploaded: Vec<_> = weights.iter().map(|axis| axis.as_ref().map(|w| backend.upload(w))).collect();
        let borrowed: Vec<_> = uploaded.iter().map(Option::as_ref).collect();
        let field = ints.field();
        let expected = naive(&field, dims, weights);
        let weighed = backend.weigh(&backend.upload_ints(ints.slice()), dims, &borrowed);
        assert_eq!(backend.download(&weighed), expected, "{dims:?}");
        let weighed = backend.weigh_field(&backend.upload(&field), dims, &borrowed);
        assert_eq!(backend.download(&weighed), expected, "{dims:?}");
    }

    pub fn sums_over_any_axes<B: Backend>(backend: &B) {
        let mut rng = samples::rng(10);
        let shapes: [&[usize]; 11] = [
            &[],
            &[1],
            &[70],
            &[3, 5],
            &[64, 130],
            &[1, 7, 1],
            &[2, 3, 2],
            &[7, 3, 2],
            &[5, 4, 9, 3],
            &[2, 3, 4, 3, 2, 5],
            &[2, 1, 3, 2, 2, 3, 2, 2],
        ];
        for dims in shapes {
            for mask in 0..1u32 << dims.len() {
                let axes = dims.iter().enumerate();
                let weights: Vec<_> = axes.map(|(j, dim)| (mask >> j & 1 == 1).then(|| samples::field(*dim, &mut rng))).collect();
                let all = samples::ints(dims.iter().product(), &mut rng);
                if dims.len() <= 3 {
                    all.iter().for_each(|ints| compare(backend, ints, dims, &weights));
                } else {
                    compare(backend, &all[mask as usize % all.len()], dims, &weights);
                }
            }
        }
    }

    pub fn sums_long_axes<B: Backend>(backend: &B) {
        let mut rng = samples::rng(11);
        let shapes = [
            [1, 40_000, 1],
            [2, 9001, 3],
            [300, 17, 1],
            [1, 17, 3000],
            [1, 2, 20_000],
            [20_000, 2, 1],
            [9, 64, 1],
            [3, 700, 9],
            [5, 513, 64],
            [2, 1025, 70],
        ];
        for dims in shapes {
            let weights = [None, Some(samples::field(dims[1], &mut rng)), None];
            for ints in samples::ints(dims.iter().product(), &mut rng) {
                compare(backend, &ints, &dims, &weights);
            }
        }
    }

    pub fn sums_the_largest_values<B: Backend>(backend: &B) {
        for ints in samples::ints(8192, &mut samples::rng(12)) {
            compare(backend, &ints, &[4096, 2], &[Some(samples::largest(4096)), None]);
            compare(backend, &ints, &[2, 4096], &[Some(samples::largest(2)), Some(samples::largest(4096))]);
        }
    }
}
