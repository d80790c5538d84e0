//! Fiat-Shamir: what is sent before a challenge changes it. The verifier runs over numbers that record every permutation of
//! the transcript and never object, so that a changed proof is read to its end.

use crate::everything::{num_scalars, proven};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::inner::{Binding, Proof, verify};
use assay_circuits::{Error, Num, Publics, points_digest, poseidon2, sumcheck};
use std::cell::RefCell;

thread_local! {
    static PERMUTATIONS: RefCell<Vec<[Fr; 3]>> = const { RefCell::new(vec![]) };
}

/// A field element whose checks always pass.
#[derive(Clone, Debug)]
struct Recorded(Fr);

impl Num for Recorded {
    fn constant(value: Fr) -> Self {
        Recorded(value)
    }

    fn add(&self, other: &Self) -> Self {
        Recorded(self.0 + other.0)
    }

    fn sub(&self, other: &Self) -> Self {
        Recorded(self.0 - other.0)
    }

    fn mul(&self, other: &Self) -> Self {
        Recorded(self.0 * other.0)
    }

    fn add_constant(&self, value: Fr) -> Self {
        Recorded(self.0 + value)
    }

    fn mul_constant(&self, value: Fr) -> Self {
        Recorded(self.0 * value)
    }

    fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        Recorded(terms.into_iter().fold(Fr::ZERO, |sum, term| sum + term.0))
    }

    fn assert_eq(&self, _: &Self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn inverse(&self, _: &str) -> Result<Self, Error> {
        Ok(Recorded(Field::inverse(&self.0).unwrap_or_default()))
    }

    fn permute(state: &mut [Self; 4]) {
        let mut values = state.each_ref().map(|x| x.0);
        poseidon2::permute(&mut values);
        PERMUTATIONS.with_borrow_mut(|all| all.push([values[0], values[1], values[2]]));
        *state = values.map(Recorded);
    }
}

/// The statement's values play no part in what is absorbed.
struct Nothing;

impl Publics<Recorded> for Nothing {
    fn input(&self, _: usize, _: &[Recorded]) -> Result<Recorded, Error> {
        Ok(Recorded(Fr::ZERO))
    }

    fn output(&self, _: usize, _: &[Recorded]) -> Result<Recorded, Error> {
        Ok(Recorded(Fr::ZERO))
    }
}

/// A proof with what it is bound to, and the transcript that its verifier goes through.
struct Run {
    ready: crate::harness::Ready,
    binding: [Fr; 7],
    proof: Proof<Fr>,
}

impl Run {
    fn new() -> Run {
        let (ready, _, proven) = proven();
        let receipt = &proven.receipt;
        let [h, division, identity, quotients] = receipt.proof.opening.unwrap().digests();
        let statement = receipt.statement.digest(&receipt.reference);
        let program = ready.key.verifying.program_digest();
        let binding = [program, statement, points_digest(&receipt.proof.rows), h, division, identity, quotients];
        Run { binding, proof: receipt.proof.scalars.clone(), ready }
    }

    fn transcript(&self, binding: &[Fr; 7], proof: &Proof<Fr>) -> Vec<[Fr; 3]> {
        PERMUTATIONS.take();
        let [program, statement, commitments, h, division, identity, quotients] = binding.map(Recorded);
        let binding = Binding::plain(program, statement, commitments, [h, division, identity, quotients]);
        let proof = proof.map(&mut |x| Recorded(*x));
        verify(&self.ready.key.system, &self.ready.key.plan, &binding, &Nothing, &proof).unwrap();
        PERMUTATIONS.take()
    }

    /// The first permutation that differs with scalar `target` changed, and asserts that all later ones do.
    fn first_difference(&self, honest: &[[Fr; 3]], target: usize) -> usize {
        let mut at = 0;
        let changed = self.proof.map(&mut |x| {
            at += 1;
            if at - 1 == target { *x + Fr::ONE } else { *x }
        });
        difference(honest, &self.transcript(&self.binding, &changed)).unwrap_or_else(|| panic!("scalar {target} is not absorbed"))
    }
}

/// The first permutation that differs. All after it differ in every lane, too.
fn difference(honest: &[[Fr; 3]], other: &[[Fr; 3]]) -> Option<usize> {
    assert_eq!(honest.len(), other.len());
    let first = honest.iter().zip(other).position(|(a, b)| a != b)?;
    assert!(honest[first..].iter().zip(&other[first..]).all(|(a, b)| a.iter().zip(b).all(|(a, b)| a != b)));
    Some(first)
}

#[test]
fn every_scalar_changes_every_later_challenge() {
    let run = Run::new();
    let honest = run.transcript(&run.binding, &run.proof);
    let firsts: Vec<usize> = (0..num_scalars(&run.proof)).map(|k| run.first_difference(&honest, k)).collect();
    assert!(firsts.is_sorted(), "a scalar is absorbed after a later one");

    // Number the scalars, to see that a round's challenge is drawn after its coefficients and before the next round's.
    let mut next = 0;
    let numbered = run.proof.map(&mut |_| {
        next += 1;
        next - 1
    });
    let in_order = |p: &sumcheck::Proof<usize>| {
        for pair in p.rounds.windows(2) {
            let [this, next] = pair else { unreachable!() };
            assert!(firsts[this[this.len() - 1]] < firsts[next[0]], "two rounds without a challenge between them");
        }
        p.rounds.last().map(|r| firsts[r[r.len() - 1]])
    };
    let after = |end: Option<usize>, next: usize| assert!(end.is_none_or(|end| end < firsts[next]), "no challenge after a sumcheck");
    let lookups = numbered.lookups.as_ref().unwrap();
    for layer in &lookups.layers {
        after(in_order(&layer.rounds), layer.p[0]);
    }
    for pair in lookups.layers.windows(2) {
        assert!(firsts[pair[0].q[1]] < firsts[pair[1].rounds.rounds[0][0]], "two layers without a challenge between them");
    }
    assert!(firsts[lookups.layers.last().unwrap().q[1]] < firsts[numbered.evaluations[0]]);
    let mut before = firsts[*numbered.evaluations.last().unwrap()];
    for wave in &numbered.waves {
        if let Some(first) = wave.rounds.rounds.first() {
            assert!(before < firsts[first[0]], "evaluations without a challenge after them");
        }
        after(in_order(&wave.rounds), wave.evaluations[0]);
        before = firsts[*wave.evaluations.last().unwrap()];
    }
    let opening = numbered.opening.as_ref().unwrap();
    assert!(before < firsts[opening.rounds.rounds[0][0]]);
    after(in_order(&opening.rounds), opening.value);
    assert!(firsts[opening.value] < firsts[opening.mercury.g[0]]);
}

#[test]
fn program_statement_and_commitments_change_the_first_challenge() {
    let run = Run::new();
    let honest = run.transcript(&run.binding, &run.proof);
    let mut last = 0;
    for item in 0..7 {
        let mut binding = run.binding;
        binding[item] += Fr::ONE;
        let first = difference(&honest, &run.transcript(&binding, &run.proof)).expect("a digest is not absorbed");
        if item < 3 {
            assert_eq!(first, 0, "item {item}");
        } else {
            // Mercury's group elements come one phase after the other, with a challenge between them.
            assert!(first > last, "item {item}");
            last = first;
        }
    }
    // The last challenge depends on all that was sent.
    assert_eq!(last, honest.len() - 1);
}

#[test]
fn statement_and_rows_change_their_digests() {
    let (ready, _, proven) = proven();
    let statement = &proven.receipt.statement;
    let digest = statement.digest(&proven.receipt.reference);
    let mut others = vec![statement.clone(); 5];
    others[0].context[0] ^= 1;
    others[1].program_id[0] ^= 1;
    others[2].outputs.swap(0, 1);
    others[3].inputs.swap(0, 1);
    others[4].inputs[1] = assay_verifier::InputValue::Private(proven.receipt.proof.rows.clone());
    for other in &others {
        assert_ne!(other.digest(&proven.receipt.reference), digest);
    }
    let mut reference = proven.receipt.reference;
    reference[0] ^= 1;
    assert_ne!(statement.digest(&reference), digest);
    let mut rows = proven.receipt.proof.rows.clone();
    rows.reverse();
    assert_ne!(points_digest(&rows), points_digest(&proven.receipt.proof.rows));
    assert_eq!(ready.key.verifying.program_id(), statement.program_id);
}
