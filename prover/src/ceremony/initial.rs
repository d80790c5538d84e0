//! The parameters that a ceremony begins from: what the powers of tau and the circuit alone determine (delta = 1).
//!
//! ```text
//! u_j, v_j, w_j   the columns of A, B, C as polynomials on the domain; public variable j adds L_(n + j) to u_j
//! A_j = [u_j(tau)]_1   B_j = [v_j(tau)]_1, [v_j(tau)]_2   K_j = [beta u_j(tau) + alpha v_j(tau) + w_j(tau)]_1
//! H_i = [tau^i (tau^m - 1)]_1  for i < m - 1        IC = the public K_j, L = the private ones        gamma = 1
//! ```
//!
//! J. Groth, *On the size of pairing-based non-interactive arguments*, section 3.2; the reduction is libsnark's.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInteger, Field, PrimeField};
use ark_groth16::{ProvingKey, VerifyingKey};
use assay_circuits::r1cs::R1cs;
use rayon::prelude::*;

use super::circuit::{self, Columns};
use super::hashing::PointHasher;
use super::{CeremonyError, Phase1};
use crate::srs::generators;

/// Columns normalised together.
const BATCH: usize = 1 << 10;
/// From so many terms on, a multi-scalar multiplication beats single ones.
const MANY_TERMS: usize = 32;
/// snarkjs hashes H in pieces of 2^14, the last one whole: from 2^15 points on, one point more than there is in H.
const SURPLUS_FROM: usize = 1 << 15;

/// The beginning of a ceremony: a key whose delta is 1, which everyone can compute and nobody may use.
#[derive(Clone, Debug)]
pub struct Initial {
    /// [`circuit_digest`](super::circuit_digest) of the constraint system.
    pub circuit: [u8; 32],
    /// [`Phase1::digest`] of the powers of tau.
    pub phase1: [u8; 32],
    /// The hash that snarkjs gives the parameters ("circuit hash"), from which the transcript continues.
    pub parameters: [u8; 64],
    /// The parameters themselves.
    pub key: ProvingKey<Bn254>,
}

impl Initial {
    /// Computes the parameters of a constraint system over powers of tau for its domain, see
    /// [`log_domain`](super::log_domain).
    ///
    /// # Errors
    /// [`CeremonyError`]: the system is malformed, or the powers are for another domain.
    pub fn new(phase1: &Phase1, r1cs: &R1cs) -> Result<Self, CeremonyError> {
        let log = circuit::log_domain(r1cs)?;
        if log != phase1.log_domain {
            let (expected, found) = (format!("2^{}, that of the powers", phase1.log_domain), format!("2^{log}"));
            return Err(CeremonyError::Circuit { what: "the domain's size", expected, found });
        }
        let (num_variables, num_rows) = (r1cs.num_variables(), r1cs.num_constraints());
        let [a, b, c] = [&r1cs.a, &r1cs.b, &r1cs.c].map(|matrix| Columns::new(matrix, num_variables));
        let public = |j: usize| (j < r1cs.num_instance).then_some((num_rows + j, Fr::ONE));
        let lagrange = &phase1.lagrange;
        let a_query = combine(num_variables, |j| on(&lagrange.tau_g1, a.column(j).chain(public(j))).collect());
        let b_g1_query = combine(num_variables, |j| on(&lagrange.tau_g1, b.column(j)).collect());
        let b_g2_query = combine(num_variables, |j| on(&lagrange.tau_g2, b.column(j)).collect());
        let mut gamma_abc_g1: Vec<G1Affine> = combine(num_variables, |j| {
            on(&lagrange.beta_tau_g1, a.column(j).chain(public(j)))
                .chain(on(&lagrange.alpha_tau_g1, b.column(j)))
                .chain(on(&lagrange.tau_g1, c.column(j)))
                .collect()
        });
        let l_query = gamma_abc_g1.split_off(r1cs.num_instance);
        let domain = 1usize << log;
        let surplus = usize::from(domain >= SURPLUS_FROM && phase1.tau_g1.len() == 2 * domain);
        let mut h_query = h_points(&phase1.tau_g1, domain, domain - 1 + surplus);
        let (one_g1, one_g2) = generators();
        let vk = VerifyingKey { alpha_g1: phase1.alpha_g1, beta_g2: phase1.beta_g2, gamma_g2: one_g2, delta_g2: one_g2, gamma_abc_g1 };
        let mut key =
            ProvingKey { vk, beta_g1: phase1.beta_g1, delta_g1: one_g1, a_query, b_g1_query, b_g2_query, h_query: vec![], l_query };
        let parameters = parameters_hash(&key, &h_query);
        h_query.truncate(domain - 1);
        key.h_query = h_query;
        Ok(Initial { circuit: circuit::digest(r1cs), phase1: phase1.digest(), parameters, key })
    }
}

/// Pairs a column's values with the points of its rows.
fn on<'a, A: Copy>(points: &'a [A], column: impl Iterator<Item = (usize, Fr)> + 'a) -> impl Iterator<Item = (A, Fr)> + 'a {
    column.map(|(row, value)| (points[row], value))
}

/// One linear combination of points a variable.
fn combine<A>(count: usize, terms: impl Fn(usize) -> Vec<(A, Fr)> + Sync) -> Vec<A>
where
    A: AffineRepr<ScalarField = Fr>,
    A::Group: VariableBaseMSM<MulBase = A>,
{
    let starts: Vec<usize> = (0..count).step_by(BATCH).collect();
    let batch = |start: &usize| {
        let sums: Vec<A::Group> = (*start..count.min(start + BATCH)).into_par_iter().with_min_len(16).map(|j| sum(&terms(j))).collect();
        A::Group::normalize_batch(&sums)
    };
    starts.par_iter().flat_map_iter(batch).collect()
}

fn sum<A>(terms: &[(A, Fr)]) -> A::Group
where
    A: AffineRepr<ScalarField = Fr>,
    A::Group: VariableBaseMSM<MulBase = A>,
{
    if terms.len() >= MANY_TERMS {
        let (points, scalars): (Vec<A>, Vec<Fr>) = terms.iter().copied().unzip();
        return A::Group::msm_unchecked(&points, &scalars);
    }
    terms.iter().map(|(point, scalar)| multiple(point, *scalar)).sum()
}

/// Most coefficients of a circuit are small, or small and negative.
fn multiple<A: AffineRepr<ScalarField = Fr>>(point: &A, scalar: Fr) -> A::Group {
    let (positive, negative) = (scalar.into_bigint(), (-scalar).into_bigint());
    if positive.num_bits() <= 64 {
        point.mul_bigint(positive)
    } else if negative.num_bits() <= 64 {
        -point.mul_bigint(negative)
    } else {
        *point * scalar
    }
}

/// `[tau^(i + m)]_1 - [tau^i]_1` for i < count.
fn h_points(powers: &[G1Affine], domain: usize, count: usize) -> Vec<G1Affine> {
    let starts: Vec<usize> = (0..count).step_by(BATCH).collect();
    let batch = |start: &usize| {
        let range = *start..count.min(start + BATCH);
        let points: Vec<G1Projective> = range.map(|i| powers[i + domain] - powers[i]).collect();
        G1Projective::normalize_batch(&points)
    };
    starts.par_iter().flat_map_iter(batch).collect()
}

/// snarkjs' "circuit hash": blake2b of the parameters in the order in which it computes them.
fn parameters_hash(key: &ProvingKey<Bn254>, h: &[G1Affine]) -> [u8; 64] {
    let mut hasher = PointHasher::new();
    hasher.g1(&key.vk.alpha_g1);
    hasher.g1(&key.beta_g1);
    hasher.g2(&key.vk.beta_g2);
    hasher.g2(&key.vk.gamma_g2);
    hasher.g1(&key.delta_g1);
    hasher.g2(&key.vk.delta_g2);
    hasher.counted_g1(&key.vk.gamma_abc_g1, key.vk.gamma_abc_g1.len());
    let domain = (h.len() + 1) & !1;
    hasher.counted_g1(h, domain - 1);
    hasher.counted_g1(&key.l_query, key.l_query.len());
    hasher.counted_g1(&key.a_query, key.a_query.len());
    hasher.counted_g1(&key.b_g1_query, key.b_g1_query.len());
    hasher.counted_g2(&key.b_g2_query);
    hasher.finish()
}
