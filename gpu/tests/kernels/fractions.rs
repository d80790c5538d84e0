use crate::every_backend;

every_backend!(
    builds_layers,
    builds_layers_of_units,
    rounds_equal_the_padded_ones,
    rounds_of_two_equal_those_of_fractions,
    splits_before_a_round,
    folds_tails,
    folds_before_a_round,
    a_whole_tree_sums_its_leaves
);

mod check {
    use ark_bn254::Fr;
    use ark_ff::{AdditiveGroup, One, Zero};
    use assay_gpu::Backend;

    use crate::samples;

    fn padded(values: &[Fr], len: usize, tail: Fr) -> Vec<Fr> {
        let mut values = values.to_vec();
        values.resize(len, tail);
        values
    }

    fn physical_lengths(log_len: usize) -> Vec<usize> {
        let n = 1usize << log_len;
        vec![0, 1, n / 4, n / 2 - 1, n / 2, (n / 2 + 1).min(n), 3 * n / 4, n - 1, n]
    }

    pub fn builds_layers<B: Backend>(backend: &B) {
        let mut rng = samples::rng(30);
        for log_len in [1, 2, 5, 14] {
            let (n, half) = (1 << log_len, 1 << (log_len - 1));
            for len in physical_lengths(log_len) {
                let (p, q) = (samples::field(len, &mut rng), samples::field(len, &mut rng));
                let (upper_p, upper_q) = backend.fraction_layer(&backend.upload(&p), &backend.upload(&q), log_len);
                let (p, q) = (padded(&p, n, Fr::zero()), padded(&q, n, Fr::one()));
                let expected_p: Vec<Fr> = (0..half).map(|i| p[i] * q[i + half] + p[i + half] * q[i]).collect();
                let expected_q: Vec<Fr> = (0..half).map(|i| q[i] * q[i + half]).collect();
                assert_eq!(backend.len(&upper_p), len.min(half));
                assert_eq!(padded(&backend.download(&upper_p), half, Fr::zero()), expected_p);
                assert_eq!(padded(&backend.download(&upper_q), half, Fr::one()), expected_q);
            }
        }
    }

    pub fn builds_layers_of_units<B: Backend>(backend: &B) {
        let mut rng = samples::rng(35);
        for log_len in [1, 2, 3, 5, 14] {
            let mut q = samples::field(1 << log_len, &mut rng);
            for (value, extreme) in q.iter_mut().zip([-Fr::one(), Fr::zero(), Fr::one()]) {
                *value = extreme;
            }
            let q = backend.upload(&q);
            let ones = backend.upload(&vec![Fr::one(); 1 << log_len]);
            let (upper_p, upper_q) = backend.unit_fraction_layer(&q);
            let (expected_p, expected_q) = backend.fraction_layer(&ones, &q, log_len);
            assert_eq!(backend.download(&upper_p), backend.download(&expected_p));
            assert_eq!(backend.download(&upper_q), backend.download(&expected_q));
        }
    }

    pub fn rounds_of_two_equal_those_of_fractions<B: Backend>(backend: &B) {
        let mut rng = samples::rng(36);
        for log_len in [1, 3, 4, 5, 14] {
            let [a, b] = [0, 1].map(|_| samples::field(1 << log_len, &mut rng));
            let eq = samples::field(1 << (log_len - 1), &mut rng);
            let zeros = vec![Fr::zero(); 1 << log_len];
            let expected = naive_round(&[a.clone(), zeros.clone(), zeros, b.clone()], &eq);
            let upload = |values: &[Fr]| backend.upload(values);
            assert_eq!(backend.eq_product_round(&upload(&a), &upload(&b), &upload(&eq)), expected, "2^{log_len}");
        }
    }

    fn naive_round(arrays: &[Vec<Fr>; 4], eq: &[Fr]) -> [Fr; 2] {
        let half = eq.len();
        let at = |x: Fr| -> Fr {
            let value = |j: usize, i: usize| (Fr::one() - x) * arrays[j][i] + x * arrays[j][half + i];
            let summand = |i| {
                let [p0, p1, q0, q1] = [0, 1, 2, 3].map(|j| value(j, i));
                eq[i] * (p0 * q1 + p1 * q0)
            };
            (0..half).map(summand).sum()
        };
        let (zero, one, two) = (at(Fr::zero()), at(Fr::one()), at(Fr::from(2)));
        let twice = two - one.double() + zero;
        [zero, twice / Fr::from(2)]
    }

    pub fn rounds_equal_the_padded_ones<B: Backend>(backend: &B) {
        let mut rng = samples::rng(31);
        for log_len in [1, 2, 5, 13] {
            let (n, half) = (1 << log_len, 1 << (log_len - 1));
            let lengths = physical_lengths(log_len);
            for (j, len) in lengths.iter().enumerate() {
                // One half of a split layer may be shorter than the other.
                let other = lengths[(j + 3) % lengths.len()];
                for [first, second] in [[*len, *len], [*len, other], [n, *len]] {
                    let arrays = [first, second, first, second].map(|len| samples::field(len, &mut rng));
                    let eq = samples::field(half, &mut rng);
                    let vectors = arrays.each_ref().map(|array| backend.upload(array));
                    let [a, b] = [0, 1].map(|_| samples::field(1, &mut rng)[0]);
                    for tails in [[Fr::zero(), a, Fr::one(), Fr::one()], [a, b, -a, a - b]] {
                        let arrays = each(&arrays, |j, array| padded(array, n, tails[j]));
                        let round = backend.fraction_round(vectors.each_ref(), tails, log_len, &backend.upload(&eq));
                        assert_eq!(round, naive_round(&arrays, &eq), "2^{log_len}, {first} and {second}");
                    }
                }
            }
        }
    }

    pub fn splits_before_a_round<B: Backend>(backend: &B) {
        let mut rng = samples::rng(37);
        for log_len in [2, 3, 4, 5, 7, 14] {
            let (n, half) = (1 << log_len, 1 << (log_len - 1));
            for len in physical_lengths(log_len) {
                let (p, q) = (samples::field(len, &mut rng), samples::field(len, &mut rng));
                let (eq, shift) = (samples::field(half / 2, &mut rng), samples::field(1, &mut rng)[0]);
                let layer = (backend.upload(&p), backend.upload(&q));
                let (vectors, round) = backend.split_fraction_round(layer, log_len, shift, &backend.upload(&eq));
                let (p, q) = (padded(&p, n, Fr::zero()), padded(&q, n, Fr::one()));
                let shifted: Vec<Fr> = (half..n).map(|i| p[i] + shift * q[i]).collect();
                let arrays = [p[..half].to_vec(), shifted, q[..half].to_vec(), q[half..].to_vec()];
                let lengths = [len.min(half), len.saturating_sub(half)];
                for (j, tail) in [Fr::zero(), shift, Fr::one(), Fr::one()].into_iter().enumerate() {
                    assert_eq!(backend.len(&vectors[j]), lengths[j % 2]);
                    assert_eq!(padded(&backend.download(&vectors[j]), half, tail), arrays[j], "array {j}, {len} of 2^{log_len}");
                }
                assert_eq!(round, naive_round(&arrays, &eq), "{len} of 2^{log_len}");
            }
        }
    }

    fn each<T, U>(values: &[T; 4], of: impl Fn(usize, &T) -> U) -> [U; 4] {
        std::array::from_fn(|j| of(j, &values[j]))
    }

    pub fn folds_before_a_round<B: Backend>(backend: &B) {
        let mut rng = samples::rng(34);
        for log_len in [2, 3, 4, 5, 7, 14] {
            let (n, half) = (1 << log_len, 1 << (log_len - 1));
            let lengths = physical_lengths(log_len);
            for (j, len) in lengths.iter().enumerate() {
                let other = lengths[(j + 3) % lengths.len()];
                for [first, second] in [[*len, *len], [*len, other], [n, *len]] {
                    let arrays = [first, second, first, second].map(|len| samples::field(len, &mut rng));
                    let eq = samples::field(half, &mut rng);
                    let [a, r] = [0, 1].map(|_| samples::field(1, &mut rng)[0]);
                    let tails = [Fr::zero(), a, Fr::one(), -a];
                    let (mut vectors, mut halved) = (each(&arrays, |_, array| backend.upload(array)), backend.upload(&eq));
                    let round = backend.fold_fraction_round(&mut vectors, tails, log_len, &mut halved, r);
                    let folded = each(&arrays, |j, array| {
                        let values = padded(array, n, tails[j]);
                        (0..half).map(|i| values[i] + r * (values[half + i] - values[i])).collect::<Vec<Fr>>()
                    });
                    let eq: Vec<Fr> = (0..half / 2).map(|i| eq[i] + eq[half / 2 + i]).collect();
                    assert_eq!(backend.download(&halved), eq);
                    for j in 0..4 {
                        assert_eq!(backend.len(&vectors[j]), arrays[j].len().min(half));
                        assert_eq!(
                            padded(&backend.download(&vectors[j]), half, tails[j]),
                            folded[j],
                            "array {j} of 2^{log_len}, {first} and {second}"
                        );
                    }
                    assert_eq!(round, naive_round(&folded, &eq), "2^{log_len}, {first} and {second}");
                }
            }
        }
    }

    pub fn folds_tails<B: Backend>(backend: &B) {
        let mut rng = samples::rng(32);
        for log_len in [1, 2, 5, 14] {
            let (n, half) = (1 << log_len, 1 << (log_len - 1));
            for len in physical_lengths(log_len) {
                for tail in [Fr::zero(), Fr::one(), samples::field(1, &mut rng)[0]] {
                    let values = samples::field(len, &mut rng);
                    let r = samples::field(1, &mut rng)[0];
                    let mut vector = backend.upload(&values);
                    backend.fold_tailed(&mut vector, log_len, tail, r);
                    let values = padded(&values, n, tail);
                    let expected: Vec<Fr> = (0..half).map(|i| values[i] + r * (values[half + i] - values[i])).collect();
                    assert_eq!(backend.len(&vector), len.min(half));
                    assert_eq!(padded(&backend.download(&vector), half, tail), expected);
                }
            }
        }
    }

    pub fn a_whole_tree_sums_its_leaves<B: Backend>(backend: &B) {
        let mut rng = samples::rng(33);
        let p = samples::field(77, &mut rng);
        let q: Vec<Fr> = (0..77).map(|i| Fr::from(i + 5)).collect();
        let expected: Fr = p.iter().zip(&q).map(|(p, q)| *p / q).sum();
        let (mut upper_p, mut upper_q) = (backend.upload(&p), backend.upload(&q));
        for log_len in (1..=7).rev() {
            (upper_p, upper_q) = backend.fraction_layer(&upper_p, &upper_q, log_len);
        }
        assert_eq!(backend.get(&upper_p, 0) / backend.get(&upper_q, 0), expected);
    }
}
