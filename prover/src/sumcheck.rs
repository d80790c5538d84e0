//! The prover's half of [`assay_circuits::sumcheck`]: batched sums of products of multilinear extensions.
//!
//! ```text
//! sum_i coefficient_i 2^(n - n_i) claim_i = sum over x of n variables of sum_i coefficient_i prod_j f_ij(last n_i variables of x)
//! ```
//!
//! An instance of n_i < n variables is constant in the first n - n_i: it contributes nothing to the coefficients sent in
//! those rounds and is not touched before its own first round. Integer factors stay integers until then.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, MontFp};
use assay_circuits::{Transcript, sumcheck::Proof};
use assay_gpu::Backend;
use std::sync::Arc;

/// The most factors a product may have.
pub const MAX_FACTORS: usize = 4;

/// 1/k! for k up to [`MAX_FACTORS`].
const INVERSE_FACTORIALS: [Fr; MAX_FACTORS + 1] = [
    Fr::ONE,
    Fr::ONE,
    MontFp!("10944121435919637611123202872628637544274182200208017171849102093287904247809"),
    MontFp!("18240202393199396018538671454381062573790303667013361953081836822146507079681"),
    MontFp!("20976232752179305421319472172538221959858849217065366246044112345468483141633"),
];

/// One sum of a batch.
pub struct Instance<B: Backend> {
    /// Its weight in the batch.
    pub coefficient: Fr,
    /// What the product sums to over the instance's own hypercube.
    pub claim: Fr,
    /// 1 to [`MAX_FACTORS`] factors of one power-of-two length.
    pub factors: Vec<Factor<B>>,
}

/// The values of one multilinear extension; variable 0 is the most significant bit of the index.
pub enum Factor<B: Backend> {
    /// Field elements.
    Field(B::Vector),
    /// Machine integers, and how many.
    Ints(Arc<B::Ints>, usize),
}

/// A proof and what it leaves to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The rounds.
    pub proof: Proof<Fr>,
    /// The challenges; an instance of n_i variables is evaluated at the LAST n_i of them.
    pub point: Vec<Fr>,
    /// For each instance, the value of each factor at its point.
    pub finals: Vec<Vec<Fr>>,
}

/// Proves a batch; the degree is the largest number of factors, the number of variables that of the largest instance.
///
/// # Transcript
/// As [`assay_circuits::sumcheck::verify`]; the caller has absorbed what the claims depend on.
///
/// # Panics
/// If an instance has no factor, more than [`MAX_FACTORS`], or factors whose lengths differ or are not powers of two.
pub fn prove<B: Backend>(backend: &B, instances: Vec<Instance<B>>, transcript: &mut Transcript<Fr>) -> Proven {
    let mut states: Vec<State<B>> = instances.into_iter().map(|instance| State::new(backend, instance)).collect();
    let num_vars = states.iter().map(|state| state.num_vars).max().unwrap_or(0);
    let degree = states.iter().map(|state| state.factors.len()).max().unwrap_or(0);

    let mut rounds = Vec::with_capacity(num_vars);
    let mut point = Vec::with_capacity(num_vars);
    for round in 0..num_vars {
        let active = |state: &&mut State<B>| num_vars - state.num_vars <= round;
        let mut sent = vec![Fr::ZERO; degree];
        for state in states.iter_mut().filter(active) {
            state.compute_round(backend);
            for (sent, own) in sent.iter_mut().zip(&state.round[1..]) {
                *sent += state.coefficient * own;
            }
        }
        transcript.absorb(&sent);
        let challenge = transcript.squeeze();
        for state in states.iter_mut().filter(active) {
            state.continue_at(challenge);
        }
        rounds.push(sent);
        point.push(challenge);
    }
    let finals = states.into_iter().map(|state| state.finals(backend)).collect();
    Proven { proof: Proof { rounds }, point, finals }
}

/// An instance on its way down to one value a factor.
struct State<B: Backend> {
    coefficient: Fr,
    /// What the rest of the sum must be: the claim, then the round polynomials' values.
    claim: Fr,
    num_vars: usize,
    /// How many variables of the factors are not bound.
    unbound: usize,
    /// The challenge that the factors are still to be bound to.
    pending: Option<Fr>,
    factors: Vec<Factor<B>>,
    /// The coefficients of the current round's polynomial, from the constant up.
    round: Vec<Fr>,
}

impl<B: Backend> State<B> {
    fn new(backend: &B, Instance { coefficient, claim, factors }: Instance<B>) -> Self {
        assert!((1..=MAX_FACTORS).contains(&factors.len()), "a product of {} factors", factors.len());
        let len = factors[0].len(backend);
        assert!(len.is_power_of_two(), "a factor of {len} values");
        assert!(factors.iter().all(|factor| factor.len(backend) == len), "factors of different lengths");
        let num_vars = len.trailing_zeros() as usize;
        Self { coefficient, claim, num_vars, unbound: num_vars, pending: None, factors, round: Vec::new() }
    }

    /// Finds the round polynomial of the first variable that is not bound, after binding the one before.
    fn compute_round(&mut self, backend: &B) {
        let values = match (self.factors.as_slice(), self.pending.take()) {
            ([Factor::Ints(ints, _), Factor::Field(field)] | [Factor::Field(field), Factor::Ints(ints, _)], None) => {
                backend.product_round_ints(ints, field)
            }
            (_, None) => {
                // No kernel multiplies these as integers.
                self.factors.iter_mut().for_each(|factor| factor.expand(backend));
                let vectors: Vec<&B::Vector> = self.factors.iter().filter_map(Factor::vector).collect();
                backend.product_round(&vectors, self.unbound)
            }
            (_, Some(challenge)) if self.factors.iter().all(|factor| factor.vector().is_some()) => {
                let mut vectors: Vec<&mut B::Vector> = self.factors.iter_mut().filter_map(Factor::vector_mut).collect();
                self.unbound -= 1;
                backend.fold_product_round(&mut vectors, self.unbound + 1, challenge)
            }
            (_, Some(challenge)) => {
                self.bind(backend, challenge);
                let vectors: Vec<&B::Vector> = self.factors.iter().filter_map(Factor::vector).collect();
                backend.product_round(&vectors, self.unbound)
            }
        };
        // Values at 0, 2, .., d; the one at 1 is what the claim leaves.
        let mut all = Vec::with_capacity(values.len() + 1);
        all.extend([values[0], self.claim - values[0]]);
        all.extend_from_slice(&values[1..]);
        self.round = interpolate(&all);
    }

    /// Takes the challenge of the current round; the factors follow with the next one.
    fn continue_at(&mut self, challenge: Fr) {
        self.claim = self.round.iter().rev().fold(Fr::ZERO, |value, c| value * challenge + c);
        self.pending = Some(challenge);
    }

    fn bind(&mut self, backend: &B, challenge: Fr) {
        for factor in &mut self.factors {
            match factor {
                Factor::Field(values) => backend.fold(values, challenge),
                Factor::Ints(ints, _) => *factor = Factor::Field(backend.fold_ints(ints, challenge)),
            }
        }
        self.unbound -= 1;
    }

    fn finals(mut self, backend: &B) -> Vec<Fr> {
        if let Some(challenge) = self.pending.take() {
            self.bind(backend, challenge);
        }
        let value = |factor: &Factor<B>| match factor {
            Factor::Field(values) => backend.get(values, 0),
            Factor::Ints(ints, _) => backend.get(&backend.ints_to_field(ints), 0),
        };
        self.factors.iter().map(value).collect()
    }
}

impl<B: Backend> Factor<B> {
    fn len(&self, backend: &B) -> usize {
        match self {
            Self::Field(values) => backend.len(values),
            Self::Ints(_, len) => *len,
        }
    }

    fn expand(&mut self, backend: &B) {
        if let Self::Ints(ints, _) = self {
            *self = Self::Field(backend.ints_to_field(ints));
        }
    }

    fn vector(&self) -> Option<&B::Vector> {
        match self {
            Self::Field(values) => Some(values),
            Self::Ints(..) => None,
        }
    }

    fn vector_mut(&mut self) -> Option<&mut B::Vector> {
        match self {
            Self::Field(values) => Some(values),
            Self::Ints(..) => None,
        }
    }
}

/// The coefficients of the polynomial with these values at 0, 1, 2, ..: Newton's forward differences.
pub(crate) fn interpolate(values: &[Fr]) -> Vec<Fr> {
    let mut differences = values.to_vec();
    let mut coefficients = vec![Fr::ZERO; values.len()];
    // X (X - 1) .. (X - k + 1)
    let mut falling = vec![Fr::ONE];
    for (k, inverse_factorial) in INVERSE_FACTORIALS.iter().enumerate().take(values.len()) {
        let scale = differences[0] * inverse_factorial;
        for (coefficient, factor) in coefficients.iter_mut().zip(&falling) {
            *coefficient += scale * factor;
        }
        differences = differences.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let root = Fr::from(k as u64);
        let mut next = vec![Fr::ZERO];
        next.extend_from_slice(&falling);
        for (next, factor) in next.iter_mut().zip(&falling) {
            *next -= root * factor;
        }
        falling = next;
    }
    coefficients
}
