//! Naive multilinear and univariate arithmetic: the reference, and what deviating provers are built from.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use assay_circuits::{Error, eq};

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub fn random(len: usize, rng: &mut StdRng) -> Vec<Fr> {
    (0..len).map(|_| Fr::rand(rng)).collect()
}

/// The multilinear extension of `values` at a big-endian point.
pub fn mle(values: &[Fr], point: &[Fr]) -> Fr {
    eq::mle(values, point).unwrap()
}

pub fn fold(values: &[Fr], r: Fr) -> Vec<Fr> {
    let (low, high) = values.split_at(values.len() / 2);
    low.iter().zip(high).map(|(a, b)| *a + r * (*b - a)).collect()
}

pub fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |value, c| value * x + c)
}

/// The coefficients of the polynomial of degree below `values.len()` with these values at 0, 1, 2, ...
pub fn interpolate(values: &[Fr]) -> Vec<Fr> {
    let mut sum = vec![Fr::ZERO; values.len()];
    for (i, value) in values.iter().enumerate() {
        let mut basis = vec![Fr::ONE];
        let mut scale = *value;
        for j in (0..values.len()).filter(|j| *j != i) {
            let root = Fr::from(j as u64);
            let mut next = vec![Fr::ZERO; basis.len() + 1];
            for (k, c) in basis.iter().enumerate() {
                next[k + 1] += c;
                next[k] -= root * c;
            }
            basis = next;
            scale *= Field::inverse(&(Fr::from(i as u64) - root)).unwrap();
        }
        for (sum, c) in sum.iter_mut().zip(&basis) {
            *sum += scale * c;
        }
    }
    sum
}

/// Asserts that a verifier refused because of the check that `what` names.
#[track_caller]
pub fn assert_unequal<T>(result: Result<T, Error>, what: &str) {
    match result {
        Err(Error::Unequal { what: found, .. }) => assert_eq!(found, what),
        Err(other) => panic!("rejected for another reason: {other}"),
        Ok(_) => panic!("accepted"),
    }
}

/// Asserts that a verifier refused because of a list's length.
#[track_caller]
pub fn assert_length<T>(result: Result<T, Error>) {
    match result {
        Err(Error::Length { .. }) => (),
        Err(other) => panic!("rejected for another reason: {other}"),
        Ok(_) => panic!("accepted"),
    }
}
