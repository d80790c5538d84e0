use crate::every_backend;

every_backend!(evaluates, divides_by_binomials, transforms_there_and_back, transforms_as_arkworks_does, finds_quotients);

mod check {
    use ark_bn254::Fr;
    use ark_ff::{FftField, Field, One, Zero};
    use ark_poly::{DenseUVPolynomial, EvaluationDomain, Evaluations, Polynomial, Radix2EvaluationDomain, univariate::DensePolynomial};
    use assay_gpu::Backend;

    use crate::samples;

    fn value(coefficients: &[Fr], x: Fr) -> Fr {
        coefficients.iter().rev().fold(Fr::zero(), |sum, c| sum * x + c)
    }

    pub fn evaluates<B: Backend>(backend: &B) {
        let mut rng = samples::rng(40);
        for len in [0, 1, 2, 3, 4, 5, 255, 256, 257, 511, 520, 4095, 4096, 4097, 16_384, 16_385, 30_001] {
            let coefficients = if len == 520 { samples::largest(len) } else { samples::field(len, &mut rng) };
            let vector = backend.upload(&coefficients);
            for x in [Fr::zero(), Fr::one(), -Fr::one(), samples::field(1, &mut rng)[0]] {
                assert_eq!(backend.evaluate(&vector, x), value(&coefficients, x), "{len} coefficients");
            }
        }
    }

    pub fn divides_by_binomials<B: Backend>(backend: &B) {
        let mut rng = samples::rng(41);
        for len in [0, 1, 2, 3, 64, 512, 513, 577, 1000, 20_000, 33_333] {
            for power in [1, 2, 3, 5, 8, 9, 17, 63, 64, 65, 128, 999, 1000, 4000, 20_000] {
                for a in [Fr::zero(), Fr::one(), samples::field(1, &mut rng)[0]] {
                    let f = samples::field(len, &mut rng);
                    let (q, r) = backend.divide(&backend.upload(&f), power, a);
                    let (q, r) = (backend.download(&q), backend.download(&r));
                    assert_eq!((q.len(), r.len()), (len.saturating_sub(power), len.min(power)));
                    let mut product = vec![Fr::zero(); len];
                    for (i, r) in r.iter().enumerate() {
                        product[i] += r;
                    }
                    for (i, q) in q.iter().enumerate() {
                        product[i] -= a * q;
                        product[i + power] += q;
                    }
                    assert_eq!(product, f, "{len} coefficients by X^{power} - a");
                }
            }
        }
    }

    pub fn transforms_there_and_back<B: Backend>(backend: &B) {
        let mut rng = samples::rng(42);
        for log_len in [0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 13] {
            let coefficients = samples::field(1 << log_len, &mut rng);
            let mut vector = backend.upload(&coefficients);
            backend.ntt(&mut vector, false);
            let values = backend.download(&vector);
            let root = Fr::get_root_of_unity(1 << log_len).expect("a root of unity");
            for i in [0, 1, 2, 3, 4, 5, 77, (1 << log_len) - 1] {
                let i = i % (1 << log_len);
                assert_eq!(values[i], value(&coefficients, root.pow([i as u64])));
            }
            backend.ntt(&mut vector, true);
            assert_eq!(backend.download(&vector), coefficients);
        }
    }

    pub fn transforms_as_arkworks_does<B: Backend>(backend: &B) {
        let mut rng = samples::rng(43);
        for log_len in [0, 1, 2, 5, 8, 11, 12, 14] {
            let values = samples::field(1 << log_len, &mut rng);
            let domain = Radix2EvaluationDomain::<Fr>::new(1 << log_len).expect("a domain");
            for (inverse, expected) in [(false, domain.fft(&values)), (true, domain.ifft(&values))] {
                let mut vector = backend.upload(&values);
                backend.ntt(&mut vector, inverse);
                assert_eq!(backend.download(&vector), expected, "2^{log_len}");
            }
        }
    }

    pub fn finds_quotients<B: Backend>(backend: &B) {
        let mut rng = samples::rng(44);
        for log_len in [0, 1, 2, 3, 7, 8, 9, 10, 12, 13] {
            let domain = Radix2EvaluationDomain::<Fr>::new(1 << log_len).expect("a domain");
            let (a, b) = (samples::field(1 << log_len, &mut rng), samples::field(1 << log_len, &mut rng));
            let c: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
            let h = backend.download(&backend.quotient(backend.upload(&a), backend.upload(&b), backend.upload_vec(c.clone())));
            assert_eq!(h.len(), (1 << log_len) - 1);
            let [a, b, c] = [a, b, c].map(|values| Evaluations::from_vec_and_domain(values, domain).interpolate());
            let x = samples::field(1, &mut rng)[0];
            let product = DensePolynomial::from_coefficients_vec(h).evaluate(&x) * domain.evaluate_vanishing_polynomial(x);
            assert_eq!(a.evaluate(&x) * b.evaluate(&x) - c.evaluate(&x), product, "2^{log_len}");
        }
    }
}
