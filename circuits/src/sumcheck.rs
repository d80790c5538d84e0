//! The sumcheck verifier: a claimed sum over the hypercube becomes a claim at one random point.
//!
//! ```text
//! plain            claim = sum_x f(x)             s_i(X) = sum over later variables of f(rho_1 .. rho_(i-1), X, ..)
//!                  sent: c_1 .. c_d of s_i        c_0 = (claim - (c_1 + .. + c_d)) / 2,  next claim s_i(rho_i)
//! eq-normalised    claim = sum_x eq(w, x) g(x)    t_i(X) = sum over later variables of eq(w_(>i), ..) g(.., X, ..)
//!                  sent: t_1 .. t_d of t_i        t_0 = claim - w_i (t_1 + .. + t_d),   next claim t_i(rho_i)
//! ```
//!
//! Lund, Fortnow, Karloff, Nisan 1992. Leaving c_0 out saves an element and makes the round's check hold by
//! construction. The eq-normalised form (Gruen, eprint 2024/108, section 3) keeps the factors of eq out of the
//! claims: its last claim is `g(point)` itself, and no inverse is needed to verify.
//!
//! Variable 0, the most significant bit, is bound first. An instance of fewer variables n_i is batched with larger
//! ones as a function that is constant in the first n - n_i variables, so its point is the SUFFIX of the common one.

use crate::{Error, Num, Transcript};
use ark_bn254::Fr;
use ark_ff::{Field, MontFp};

/// 1/2.
const HALF: Fr = MontFp!("10944121435919637611123202872628637544274182200208017171849102093287904247809");

/// The coefficients of X^1 .. X^d of every round's polynomial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof<N> {
    /// One list a round, in the order of the variables.
    pub rounds: Vec<Vec<N>>,
}

/// What a sumcheck leaves to be shown: the summand takes `value` at `point`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced<N> {
    /// The challenges; entry 0 binds the most significant bit.
    pub point: Vec<N>,
    /// The claimed value there.
    pub value: N,
}

impl<N> Proof<N> {
    /// The same proof over another kind of number.
    pub fn map<M>(&self, f: &mut impl FnMut(&N) -> M) -> Proof<M> {
        Proof { rounds: self.rounds.iter().map(|round| round.iter().map(&mut *f).collect()).collect() }
    }

    /// Every number of the proof, in the order of the transcript.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut N> {
        self.rounds.iter_mut().flatten()
    }

    fn check_shape(&self, num_vars: usize, degree: usize) -> Result<(), Error> {
        Error::check_length("the rounds of a sumcheck", num_vars, self.rounds.len())?;
        self.rounds.iter().try_for_each(|round| Error::check_length("the coefficients of a round polynomial", degree, round.len()))
    }
}

/// Verifies the rounds of `claim = sum_x f(x)` over `num_vars` variables, f of degree at most `degree` in each.
///
/// # Transcript
/// Each round absorbs its `degree` coefficients and squeezes one challenge.
///
/// # Errors
/// [`Error::Length`] if the number of rounds or of coefficients is not the one dictated.
///
/// # Soundness
/// A false claim survives with probability at most `num_vars * degree / |F|`, if the caller has bound f and `claim`
/// to the transcript and checks that `f(point) = value`.
pub fn verify<N: Num>(
    proof: &Proof<N>,
    num_vars: usize,
    degree: usize,
    claim: &N,
    transcript: &mut Transcript<N>,
) -> Result<Reduced<N>, Error> {
    proof.check_shape(num_vars, degree)?;
    let mut value = claim.clone();
    let mut point = Vec::with_capacity(num_vars);
    for round in &proof.rounds {
        let sum = N::sum(round.iter().cloned());
        let constant = value.sub(&sum).mul_constant(HALF);
        let challenge = next_challenge(round, transcript);
        value = evaluate_round(&constant, round, &challenge);
        point.push(challenge);
    }
    Ok(Reduced { point, value })
}

/// Verifies the rounds of `claim = sum_x eq(w, x) g(x)`, g of degree at most `degree` in each variable.
///
/// The result's value is the claim for `g(point)`, without the factor `eq(w, point)`.
///
/// # Transcript
/// As [`verify`]; `w` must have been bound before.
///
/// # Errors
/// As [`verify`].
///
/// # Soundness
/// A false claim survives with probability at most `w.len() * (degree + 1) / |F|` over the challenges and a random `w`.
pub fn verify_eq<N: Num>(proof: &Proof<N>, w: &[N], degree: usize, claim: &N, transcript: &mut Transcript<N>) -> Result<Reduced<N>, Error> {
    proof.check_shape(w.len(), degree)?;
    let mut value = claim.clone();
    let mut point = Vec::with_capacity(w.len());
    for (round, w) in proof.rounds.iter().zip(w) {
        let sum = N::sum(round.iter().cloned());
        let constant = value.sub(&w.mul(&sum));
        let challenge = next_challenge(round, transcript);
        value = evaluate_round(&constant, round, &challenge);
        point.push(challenge);
    }
    Ok(Reduced { point, value })
}

/// The claim of a batch of instances `(coefficient, claim, num_vars)` summed over `num_vars` common variables:
/// `sum_i coefficient_i 2^(num_vars - num_vars_i) claim_i`.
///
/// # Errors
/// [`Error::Length`] if an instance has more variables than the batch.
pub fn combined_claim<'a, N: Num + 'a>(num_vars: usize, instances: impl IntoIterator<Item = (&'a N, &'a N, usize)>) -> Result<N, Error> {
    let terms: Vec<N> = instances
        .into_iter()
        .map(|(coefficient, claim, own)| Ok(coefficient.mul(claim).mul_constant(multiplicity(num_vars, own)?)))
        .collect::<Result<_, Error>>()?;
    Ok(N::sum(terms))
}

/// How often an instance of `own` variables is counted in a sum over `num_vars`: 2 for each variable it lacks.
///
/// # Errors
/// [`Error::Length`] if `own > num_vars`.
pub fn multiplicity(num_vars: usize, own: usize) -> Result<Fr, Error> {
    let Some(missing) = num_vars.checked_sub(own) else {
        return Err(Error::Length { what: "the variables of a batched sumcheck".into(), expected: num_vars, found: own });
    };
    Ok(Fr::from(2u64).pow([missing as u64]))
}

fn next_challenge<N: Num>(round: &[N], transcript: &mut Transcript<N>) -> N {
    transcript.absorb(round);
    transcript.squeeze()
}

/// `constant + c_1 x + .. + c_d x^d` by Horner.
fn evaluate_round<N: Num>(constant: &N, round: &[N], x: &N) -> N {
    let Some((last, rest)) = round.split_last() else {
        return constant.clone();
    };
    let value = rest.iter().rev().fold(last.clone(), |value, c| value.mul(x).add(c));
    value.mul(x).add(constant)
}
