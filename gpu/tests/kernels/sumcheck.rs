use crate::every_backend;

every_backend!(rounds_of_products, folds_before_a_round, rounds_of_ints_times_field);

mod check {
    use ark_bn254::Fr;
    use ark_ff::{AdditiveGroup, One};
    use assay_gpu::Backend;

    use crate::samples;

    fn naive(factors: &[Vec<Fr>]) -> Vec<Fr> {
        let half = factors[0].len() / 2;
        let points = [0].into_iter().chain(2..=factors.len() as u64).map(Fr::from);
        points
            .map(|x| {
                let at = |factor: &[Fr], i| (Fr::one() - x) * factor[i] + x * factor[half + i];
                (0..half).map(|i| factors.iter().map(|factor| at(factor, i)).product::<Fr>()).sum()
            })
            .collect()
    }

    /// Physical lengths in vectors of 2^log_len values.
    fn lengths(log_len: usize) -> Vec<usize> {
        let n = 1usize << log_len;
        vec![0, 1, n / 2 - 1, n / 2, n / 2 + 1, 3 * n / 4, n - 1, n]
    }

    fn padded(values: &[Fr], log_len: usize) -> Vec<Fr> {
        let mut values = values.to_vec();
        values.resize(1 << log_len, Fr::ZERO);
        values
    }

    pub fn rounds_of_products<B: Backend>(backend: &B) {
        let mut rng = samples::rng(20);
        for count in 1..=4 {
            for log_len in [1, 2, 3, 4, 5, 7, 14] {
                for len in lengths(log_len) {
                    let random: Vec<_> = (0..count).map(|_| samples::field(len, &mut rng)).collect();
                    for factors in [random, vec![samples::largest(len); count]] {
                        let vectors: Vec<_> = factors.iter().map(|factor| backend.upload(factor)).collect();
                        let round = backend.product_round(&vectors.iter().collect::<Vec<_>>(), log_len);
                        let factors: Vec<_> = factors.iter().map(|factor| padded(factor, log_len)).collect();
                        assert_eq!(round, naive(&factors), "{count} factors of length {len} in 2^{log_len}");
                    }
                }
            }
        }
    }

    pub fn folds_before_a_round<B: Backend>(backend: &B) {
        let mut rng = samples::rng(22);
        for count in 1..=4 {
            for log_len in [2, 3, 4, 5, 7, 14] {
                for len in lengths(log_len) {
                    let factors: Vec<_> = (0..count).map(|_| samples::field(len, &mut rng)).collect();
                    let r = samples::field(1, &mut rng)[0];
                    let half = 1 << (log_len - 1);
                    let fold = |factor: &Vec<Fr>| -> Vec<Fr> {
                        let factor = padded(factor, log_len);
                        (0..half).map(|i| factor[i] + r * (factor[half + i] - factor[i])).collect()
                    };
                    let folded: Vec<_> = factors.iter().map(fold).collect();
                    let mut vectors: Vec<_> = factors.iter().map(|factor| backend.upload(factor)).collect();
                    let round = backend.fold_product_round(&mut vectors.iter_mut().collect::<Vec<_>>(), log_len, r);
                    assert_eq!(round, naive(&folded), "{count} factors of length {len} in 2^{log_len}");
                    for (vector, folded) in vectors.iter().zip(&folded) {
                        assert_eq!(backend.len(vector), len.min(half));
                        assert_eq!(&padded(&backend.download(vector), log_len - 1), folded);
                    }
                }
            }
        }
    }

    pub fn rounds_of_ints_times_field<B: Backend>(backend: &B) {
        let mut rng = samples::rng(21);
        for len in [0, 2, 4, 6, 14, 16, 18, 126, 128, 130, 1 << 10, 8190, 8194, 20_000] {
            for ints in samples::ints(len, &mut rng) {
                for factor in [samples::field(len, &mut rng), samples::largest(len)] {
                    let round = backend.product_round_ints(&backend.upload_ints(ints.slice()), &backend.upload(&factor));
                    assert_eq!(round, naive(&[ints.field(), factor]), "length {len}");
                }
            }
        }
    }
}
