//! The number-theoretic transform over radix-2 domains.

use ark_bn254::Fr;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

/// Coefficients to values (or back, `inverse`) over the powers of arkworks' root of unity, natural order in and out.
pub fn transform(values: &mut Vec<Fr>, inverse: bool) {
    let len = values.len();
    let domain = Radix2EvaluationDomain::<Fr>::new(len).filter(|domain| domain.size() == len);
    let Some(domain) = domain else { panic!("a transform of length {len}") };
    if inverse {
        domain.ifft_in_place(values);
    } else {
        domain.fft_in_place(values);
    }
}
