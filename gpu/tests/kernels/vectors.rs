use crate::every_backend;

every_backend!(
    moves_vectors,
    assembles_pieces,
    moves_ints,
    eq_table_is_the_product_of_its_variables,
    converts_ints,
    converts_many_ints,
    adds_scaled,
    combines_ints,
    combines_many_ints,
    folds,
    folds_ints,
    takes_inner_products,
    sums_halves,
);

mod check {
    use ark_bn254::Fr;
    use ark_ff::{One, Zero};
    use assay_gpu::Backend;

    use crate::samples;

    const LENGTHS: [usize; 8] = [2, 4, 6, 64, 254, 1024, 10_000, 1 << 15];

    pub fn moves_vectors<B: Backend>(backend: &B) {
        let values = samples::field(1000, &mut samples::rng(0));
        let vector = backend.upload(&values);
        assert_eq!(backend.len(&vector), 1000);
        assert_eq!(backend.get(&vector, 999), values[999]);
        assert_eq!(backend.download(&backend.duplicate(&vector)), values);
        assert_eq!(backend.download(&backend.slice(&vector, 17, 400)), &values[17..417]);
        assert_eq!(backend.len(&backend.upload(&[])), 0);
        for log_len in [10, 11, 12] {
            let (low, high) = backend.split(backend.duplicate(&vector), log_len);
            let half = 1 << (log_len - 1);
            assert_eq!(backend.download(&low), &values[..half.min(1000)]);
            assert_eq!(backend.download(&high), &values[half.min(1000)..]);
        }
    }

    pub fn assembles_pieces<B: Backend>(backend: &B) {
        let mut rng = samples::rng(8);
        assert_eq!(backend.pieces(100, |k| k * k), Vec::from_iter((0..100).map(|k| k * k)));
        for (lens, piece) in [([0, 0, 0], 4), ([1, 0, 5], 4), ([64, 63, 1], 8), ([3, 17, 0], 1), ([1000, 10_000, 4097], 1 << 9)] {
            let values = lens.map(|len| samples::field(len, &mut rng));
            let part = |values: &Vec<Fr>, k: usize| {
                let start = (k * piece).min(values.len());
                backend.upload(&values[start..values.len().min(start + piece)])
            };
            let whole = backend.assemble(lens, piece, |k| values.each_ref().map(|values| part(values, k)));
            assert_eq!(whole.each_ref().map(|vector| backend.download(vector)), values, "{lens:?} in pieces of {piece}");
        }
    }

    pub fn moves_ints<B: Backend>(backend: &B) {
        for ints in samples::ints(1000, &mut samples::rng(7)) {
            let (whole, values) = (backend.upload_ints(ints.slice()), ints.field());
            for (start, len) in [(0, 1000), (0, 0), (1000, 0), (17, 400), (999, 1)] {
                let part = backend.slice_ints(&whole, start, len);
                assert_eq!(backend.download(&backend.ints_to_field(&part)), &values[start..start + len]);
            }
        }
        let moved = backend.upload_int_vec(assay_core::Ints::I16(vec![3, -4, 5]));
        assert_eq!(backend.download(&backend.ints_to_field(&moved)), [3, -4, 5].map(Fr::from));
    }

    pub fn eq_table_is_the_product_of_its_variables<B: Backend>(backend: &B) {
        let mut rng = samples::rng(1);
        for variables in [0, 1, 2, 3, 7, 10, 11, 12, 13] {
            let point = samples::field(variables, &mut rng);
            let scale = samples::field(1, &mut rng)[0];
            let table = backend.download(&backend.eq_table(&point, scale));
            assert_eq!(table.len(), 1 << variables);
            for (index, value) in table.iter().enumerate() {
                let mut expected = scale;
                for (j, r) in point.iter().enumerate() {
                    let bit = index >> (variables - 1 - j) & 1;
                    expected *= if bit == 1 { *r } else { Fr::one() - r };
                }
                assert_eq!(*value, expected, "entry {index} of {variables} variables");
            }
        }
    }

    pub fn converts_ints<B: Backend>(backend: &B) {
        for len in [0, 1, 7, 8, 9, 63, 64, 65, 300, 4097, 70_000] {
            for ints in samples::ints(len, &mut samples::rng(2)) {
                let vector = backend.ints_to_field(&backend.upload_ints(ints.slice()));
                assert_eq!(backend.download(&vector), ints.field());
            }
        }
    }

    pub fn converts_many_ints<B: Backend>(backend: &B) {
        let values: Vec<i16> = (0..(1i32 << 18) + 5).map(|i| (i.wrapping_mul(40_503) >> 3) as i16).collect();
        let vector = backend.download(&backend.ints_to_field(&backend.upload_ints(assay_gpu::IntSlice::I16(&values))));
        assert_eq!(vector.len(), values.len());
        assert!(values.iter().zip(&vector).all(|(x, element)| Fr::from(*x) == *element));
    }

    pub fn adds_scaled<B: Backend>(backend: &B) {
        let mut rng = samples::rng(3);
        for len in [0, 1, 7, 9000] {
            for scale in [Fr::zero(), Fr::one(), -Fr::one(), samples::field(1, &mut rng)[0]] {
                let base = samples::field(len + 20, &mut rng);
                let values = samples::field(len, &mut rng);
                let mut target = backend.upload(&base);
                backend.add_scaled(&mut target, 13, &backend.upload(&values), scale);
                let mut expected = base;
                for (target, value) in expected[13..].iter_mut().zip(&values) {
                    *target += scale * value;
                }
                assert_eq!(backend.download(&target), expected);
            }
        }
    }

    pub fn combines_ints<B: Backend>(backend: &B) {
        let mut rng = samples::rng(8);
        for len in [0, 1, 7, 8, 9, 63, 64, 65, 127, 256, 257, 5000] {
            let columns = samples::ints(len, &mut rng);
            let uploaded: Vec<_> = columns.iter().map(|ints| backend.upload_ints(ints.slice())).collect();
            for count in [0, 1, 2, 3, 15] {
                let start = if count < 3 { len % columns.len() } else { 0 };
                let chosen: Vec<_> = (0..count).map(|j| (start + j) % columns.len()).collect();
                let scales = samples::field(count, &mut rng);
                for constant in [Fr::zero(), -Fr::one(), samples::field(1, &mut rng)[0]] {
                    let base = samples::field(len + 20, &mut rng);
                    let mut target = backend.upload(&base);
                    let terms: Vec<_> = chosen.iter().zip(&scales).map(|(j, scale)| (&uploaded[*j], *scale)).collect();
                    backend.combine_ints(&mut target, 13, constant, &terms);
                    let mut expected = base;
                    if count > 0 {
                        expected[13..13 + len].fill(constant);
                    }
                    for (j, scale) in chosen.iter().zip(&scales) {
                        for (target, x) in expected[13..].iter_mut().zip(columns[*j].field()) {
                            *target += *scale * x;
                        }
                    }
                    assert_eq!(backend.download(&target), expected, "{count} columns of length {len}");
                }
            }
        }
    }

    pub fn combines_many_ints<B: Backend>(backend: &B) {
        let columns = samples::ints(70, &mut samples::rng(9));
        let uploaded: Vec<_> = columns.iter().map(|ints| backend.upload_ints(ints.slice())).collect();
        let scale = samples::largest(1)[0];
        let terms: Vec<_> = (0..2000).map(|j| (&uploaded[j % columns.len()], scale)).collect();
        let mut target = backend.upload(&samples::largest(70));
        backend.combine_ints(&mut target, 0, scale, &terms);
        let mut expected = vec![scale; 70];
        for j in 0..2000 {
            expected.iter_mut().zip(columns[j % columns.len()].field()).for_each(|(target, x)| *target += scale * x);
        }
        assert_eq!(backend.download(&target), expected);
    }

    fn folded(values: &[Fr], r: Fr) -> Vec<Fr> {
        let half = values.len() / 2;
        (0..half).map(|i| (Fr::one() - r) * values[i] + r * values[half + i]).collect()
    }

    pub fn folds<B: Backend>(backend: &B) {
        let mut rng = samples::rng(4);
        for len in LENGTHS {
            for r in samples::field(6, &mut rng) {
                let values = samples::field(len, &mut rng);
                let mut vector = backend.upload(&values);
                backend.fold(&mut vector, r);
                assert_eq!(backend.download(&vector), folded(&values, r));
            }
        }
    }

    pub fn folds_ints<B: Backend>(backend: &B) {
        let mut rng = samples::rng(5);
        for len in LENGTHS.into_iter().chain([0, 14, 16, 18, 126, 130]) {
            for ints in samples::ints(len, &mut rng) {
                let challenge = samples::field(1, &mut rng)[0];
                for r in [Fr::zero(), Fr::one(), -Fr::one(), samples::largest(1)[0], challenge] {
                    let vector = backend.fold_ints(&backend.upload_ints(ints.slice()), r);
                    assert_eq!(backend.download(&vector), folded(&ints.field(), r));
                }
            }
        }
    }

    pub fn takes_inner_products<B: Backend>(backend: &B) {
        let mut rng = samples::rng(6);
        for len in [0, 1, 3, 4096, 4097, 100_000] {
            let cases = [(samples::field(len, &mut rng), samples::field(len, &mut rng)), (samples::largest(len), samples::largest(len))];
            for (a, b) in cases {
                let expected: Fr = a.iter().zip(&b).map(|(a, b)| *a * b).sum();
                assert_eq!(backend.dot(&backend.upload(&a), &backend.upload(&b)), expected);
            }
        }
    }

    pub fn sums_halves<B: Backend>(backend: &B) {
        for len in LENGTHS {
            let values = samples::field(len, &mut samples::rng(7));
            let mut vector = backend.upload(&values);
            backend.sum_halves(&mut vector);
            let (low, high) = values.split_at(len / 2);
            let expected: Vec<Fr> = low.iter().zip(high).map(|(a, b)| *a + b).collect();
            assert_eq!(backend.download(&vector), expected);
        }
    }
}
