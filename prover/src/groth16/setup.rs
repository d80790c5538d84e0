//! Keys for development: whoever runs this knows tau and could forge proofs, so that nobody else should trust them.

use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_groth16::{ProvingKey, VerifyingKey};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use assay_circuits::r1cs::{Matrix, R1cs};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;

use super::{Error, Shape};
use crate::srs::fixed_base::multiples;

/// Makes a proving key from secrets that it draws and forgets.
///
/// gamma is 1, as in ceremonies, so that a verifier may merge the pairing with gamma with others against the generator.
///
/// # Soundness
/// The secrets lie in this process's memory: for real use, run a ceremony.
///
/// # Errors
/// A system whose matrices do not fit together, or that is too large.
pub fn setup(r1cs: &R1cs, rng: &mut (impl RngCore + CryptoRng)) -> Result<ProvingKey<Bn254>, Error> {
    let shape = Shape::of(r1cs)?;
    let most = shape.domain() as u64;
    let domain = Radix2EvaluationDomain::<Fr>::new(shape.domain()).ok_or(Error::TooLarge { rows: most, most })?;
    let [alpha, beta, delta] = std::array::from_fn(|_| nonzero(rng));
    let tau = loop {
        let tau = nonzero(rng);
        if domain.evaluate_vanishing_polynomial(tau) != Fr::ZERO {
            break tau;
        }
    };
    let Some(delta_inverse) = delta.inverse() else { return Err(Error::Malformed("delta is 0".into())) };

    // u_i(tau), v_i(tau), w_i(tau): each variable's polynomials at tau.
    let lagrange = domain.evaluate_all_lagrange_coefficients(tau);
    let [mut u, v, w] = [&r1cs.a, &r1cs.b, &r1cs.c].map(|matrix| columns(matrix, &lagrange, shape.num_variables()));
    for (u, row) in u.iter_mut().zip(&lagrange[shape.num_constraints..]).take(shape.num_instance) {
        *u += row;
    }
    let mut combined: Vec<Fr> = u.par_iter().zip(&v).zip(&w).map(|((u, v), w)| beta * u + alpha * v + w).collect();
    combined[shape.num_instance..].par_iter_mut().for_each(|value| *value *= delta_inverse);
    let step = domain.evaluate_vanishing_polynomial(tau) * delta_inverse;
    let h: Vec<Fr> = std::iter::successors(Some(step), |power| Some(*power * tau)).take(shape.domain() - 1).collect();

    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    let singles_g1 = multiples(g1, &[alpha, beta, delta]);
    let singles_g2 = multiples(g2, &[beta, delta]);
    let mut gamma_abc_g1 = multiples(g1, &combined);
    let l_query = gamma_abc_g1.split_off(shape.num_instance);
    Ok(ProvingKey {
        vk: VerifyingKey { alpha_g1: singles_g1[0], beta_g2: singles_g2[0], gamma_g2: g2, delta_g2: singles_g2[1], gamma_abc_g1 },
        beta_g1: singles_g1[1],
        delta_g1: singles_g1[2],
        a_query: multiples(g1, &u),
        b_g1_query: multiples(g1, &v),
        b_g2_query: multiples(g2, &v),
        h_query: multiples(g1, &h),
        l_query,
    })
}

fn nonzero(rng: &mut (impl RngCore + CryptoRng)) -> Fr {
    loop {
        let value = Fr::rand(rng);
        if value != Fr::ZERO {
            return value;
        }
    }
}

/// `sum_row lagrange[row] matrix[row][column]` for every column.
fn columns(matrix: &Matrix, lagrange: &[Fr], num_variables: usize) -> Vec<Fr> {
    let mut sums = vec![Fr::ZERO; num_variables];
    for (row, weight) in lagrange.iter().enumerate().take(matrix.num_rows()) {
        for (column, value) in matrix.row(row) {
            sums[column] += *weight * value;
        }
    }
    sums
}
