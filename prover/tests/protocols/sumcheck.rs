//! The batched sumcheck, and the eq-normalised form that LogUp's layers use.

use crate::dense::{self, assert_length, assert_unequal, evaluate, fold, interpolate, mle, random, rng};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::Rng;
use assay_circuits::{Error, Num, Transcript, eq, sumcheck};
use assay_gpu::{Backend, IntSlice, Portable};
use assay_prover::sumcheck::{Factor, Instance, Proven, prove};

const FINAL: &str = "the summand at the sumcheck's point";

/// One sum, its factors as dense vectors; `small` marks those that reach the prover as integers.
struct Sum {
    coefficient: Fr,
    claim: Fr,
    factors: Vec<Vec<Fr>>,
    small: Vec<Option<Vec<i16>>>,
}

impl Sum {
    fn random(num_vars: usize, kinds: &[bool], seed: u64) -> Self {
        let mut rng = rng(seed);
        let len = 1 << num_vars;
        let small: Vec<Option<Vec<i16>>> = kinds.iter().map(|small| small.then(|| (0..len).map(|_| rng.r#gen()).collect())).collect();
        let factors: Vec<Vec<Fr>> = small
            .iter()
            .map(|small| match small {
                Some(ints) => ints.iter().map(|x| Fr::from(*x)).collect(),
                None => random(len, &mut rng),
            })
            .collect();
        let claim = (0..len).map(|x| factors.iter().map(|factor| factor[x]).product::<Fr>()).sum();
        Self { coefficient: Fr::rand(&mut rng), claim, factors, small }
    }

    fn num_vars(&self) -> usize {
        self.factors[0].len().ilog2() as usize
    }

    fn instance(&self) -> Instance<Portable> {
        let factors = self
            .factors
            .iter()
            .zip(&self.small)
            .map(|(values, small)| match small {
                Some(ints) => Factor::Ints(Portable.upload_ints(IntSlice::I16(ints)).into(), ints.len()),
                None => Factor::Field(Portable.upload(values)),
            })
            .collect();
        Instance { coefficient: self.coefficient, claim: self.claim, factors }
    }
}

fn shape(sums: &[Sum]) -> (usize, usize) {
    let num_vars = sums.iter().map(Sum::num_vars).max().unwrap();
    let degree = sums.iter().map(|sum| sum.factors.len()).max().unwrap();
    (num_vars, degree)
}

fn start(sums: &[Sum]) -> Transcript<Fr> {
    let mut transcript = Transcript::new("sumcheck test");
    for sum in sums {
        transcript.absorb(&[sum.coefficient, sum.claim]);
    }
    transcript
}

/// The verifier, holding the factors: reduces, and checks the summand at the point.
fn check(sums: &[Sum], proof: &sumcheck::Proof<Fr>) -> Result<sumcheck::Reduced<Fr>, Error> {
    let (num_vars, degree) = shape(sums);
    let claim = sumcheck::combined_claim(num_vars, sums.iter().map(|sum| (&sum.coefficient, &sum.claim, sum.num_vars())))?;
    let reduced = sumcheck::verify(proof, num_vars, degree, &claim, &mut start(sums))?;
    let at_point: Fr = sums
        .iter()
        .map(|sum| {
            let point = &reduced.point[num_vars - sum.num_vars()..];
            sum.coefficient * sum.factors.iter().map(|factor| mle(factor, point)).product::<Fr>()
        })
        .sum();
    reduced.value.assert_eq(&at_point, FINAL)?;
    Ok(reduced)
}

/// A prover by definition: every round polynomial from the full table; `deviate` may change what is sent.
fn reference(sums: &[Sum], mut deviate: impl FnMut(usize, &mut Vec<Fr>)) -> sumcheck::Proof<Fr> {
    let (num_vars, degree) = shape(sums);
    let mut transcript = start(sums);
    let mut tables: Vec<Vec<Vec<Fr>>> =
        sums.iter().map(|sum| sum.factors.iter().map(|factor| factor.repeat(1 << (num_vars - sum.num_vars()))).collect()).collect();
    let mut rounds = Vec::new();
    for round in 0..num_vars {
        let at = |x: usize| -> Fr {
            let value = |(sum, factors): (&Sum, &Vec<Vec<Fr>>)| {
                let folded: Vec<Vec<Fr>> = factors.iter().map(|factor| fold(factor, Fr::from(x as u64))).collect();
                sum.coefficient * (0..folded[0].len()).map(|i| folded.iter().map(|factor| factor[i]).product::<Fr>()).sum::<Fr>()
            };
            sums.iter().zip(&tables).map(value).sum()
        };
        let mut sent = interpolate(&(0..=degree).map(at).collect::<Vec<_>>())[1..].to_vec();
        deviate(round, &mut sent);
        transcript.absorb(&sent);
        let challenge = transcript.squeeze();
        for factor in tables.iter_mut().flatten() {
            *factor = fold(factor, challenge);
        }
        rounds.push(sent);
    }
    sumcheck::Proof { rounds }
}

fn batch() -> Vec<Sum> {
    vec![
        Sum::random(5, &[false, true], 1),
        Sum::random(3, &[false, false, false], 2),
        Sum::random(0, &[true], 3),
        Sum::random(5, &[true, true, false], 4),
    ]
}

fn honest(sums: &[Sum]) -> Proven {
    prove(&Portable, sums.iter().map(Sum::instance).collect(), &mut start(sums))
}

#[test]
fn every_size_and_mix_of_factors_is_accepted() {
    let mixes: &[&[bool]] = &[
        &[false],
        &[true],
        &[false, false],
        &[true, false],
        &[false, true],
        &[true, true],
        &[false, true, false],
        &[true, true, true],
        &[false, false, true, false],
        &[true, true, true, true],
    ];
    for num_vars in 0..=12 {
        for (i, mix) in mixes.iter().enumerate() {
            let sums = [Sum::random(num_vars, mix, (100 * num_vars + i) as u64)];
            let proven = honest(&sums);
            let reduced = check(&sums, &proven.proof).unwrap();
            assert_eq!(reduced.point, proven.point);
            for (factor, value) in sums[0].factors.iter().zip(&proven.finals[0]) {
                assert_eq!(mle(factor, &proven.point), *value);
            }
        }
    }
}

#[test]
fn a_batch_of_different_sizes_is_the_sum_by_definition() {
    let sums = batch();
    let proven = honest(&sums);
    assert_eq!(proven.proof, reference(&sums, |_, _| ()));
    check(&sums, &proven.proof).unwrap();
    for (sum, finals) in sums.iter().zip(&proven.finals) {
        let suffix = &proven.point[5 - sum.num_vars()..];
        let expected: Vec<Fr> = sum.factors.iter().map(|factor| mle(factor, suffix)).collect();
        assert_eq!(*finals, expected);
    }
}

#[test]
fn prover_and_verifier_leave_one_transcript() {
    let sums = batch();
    let mut ours = start(&sums);
    let proven = prove(&Portable, sums.iter().map(Sum::instance).collect(), &mut ours);
    let claim = sumcheck::combined_claim(5, sums.iter().map(|sum| (&sum.coefficient, &sum.claim, sum.num_vars()))).unwrap();
    let mut theirs = start(&sums);
    sumcheck::verify(&proven.proof, 5, 3, &claim, &mut theirs).unwrap();
    assert_eq!(ours.squeeze(), theirs.squeeze());
}

#[test]
fn rejects_a_false_claim_of_each_instance() {
    for i in 0..4 {
        let mut sums = batch();
        sums[i].claim += Fr::ONE;
        // The prover knows the false claim and follows the protocol on it.
        assert_unequal(check(&sums, &honest(&sums).proof), FINAL);
    }
}

#[test]
fn rejects_a_wrong_polynomial_in_each_round() {
    for wrong in 0..5 {
        for coefficient in 0..3 {
            let sums = batch();
            let proof = reference(&sums, |round, sent| {
                if round == wrong {
                    sent[coefficient] += Fr::ONE;
                }
            });
            assert_unequal(check(&sums, &proof), FINAL);
        }
    }
}

#[test]
fn rejects_swapped_rounds() {
    let sums = batch();
    let mut proof = honest(&sums).proof;
    proof.rounds.swap(1, 2);
    assert_unequal(check(&sums, &proof), FINAL);
}

#[test]
fn rejects_a_claim_changed_after_proving() {
    let mut sums = batch();
    let proof = honest(&sums).proof;
    sums[0].claim += Fr::ONE;
    assert_unequal(check(&sums, &proof), FINAL);
}

#[test]
fn rejects_missing_and_extra_rounds_and_coefficients() {
    let sums = batch();
    let honest = honest(&sums).proof;
    let edits: [fn(&mut Vec<Vec<Fr>>); 6] = [
        |rounds| rounds.truncate(4),
        |rounds| rounds.push(rounds[0].clone()),
        |rounds| rounds.clear(),
        |rounds| rounds[2].truncate(2),
        |rounds| rounds[2].push(Fr::ZERO),
        |rounds| rounds[4].clear(),
    ];
    for edit in edits {
        let mut proof = honest.clone();
        edit(&mut proof.rounds);
        assert_length(check(&sums, &proof));
    }
    assert_length(sumcheck::combined_claim(2, [(&Fr::ONE, &Fr::ONE, 3)]));
}

#[test]
fn rejects_every_number_tampered_with() {
    let sums = batch();
    let honest = honest(&sums).proof;
    let count = honest.clone().values_mut().count();
    assert_eq!(count, 15);
    for i in 0..count {
        let mut proof = honest.clone();
        *proof.values_mut().nth(i).unwrap() += Fr::ONE;
        assert_unequal(check(&sums, &proof), FINAL);
    }
}

/// An eq-normalised prover by definition for `g = a b`; `deviate` may change what is sent.
fn reference_eq(a: &[Fr], b: &[Fr], w: &[Fr], mut deviate: impl FnMut(usize, &mut Vec<Fr>)) -> sumcheck::Proof<Fr> {
    let mut transcript = Transcript::new("eq test");
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    let mut rounds = Vec::new();
    for round in 0..w.len() {
        let eq = eq::eq_table(&w[round + 1..]);
        let at = |x: u64| -> Fr {
            let (a, b) = (fold(&a, Fr::from(x)), fold(&b, Fr::from(x)));
            (0..eq.len()).map(|i| eq[i] * a[i] * b[i]).sum()
        };
        let mut sent = interpolate(&[at(0), at(1), at(2)])[1..].to_vec();
        deviate(round, &mut sent);
        transcript.absorb(&sent);
        let challenge = transcript.squeeze();
        (a, b) = (fold(&a, challenge), fold(&b, challenge));
        rounds.push(sent);
    }
    sumcheck::Proof { rounds }
}

#[test]
fn the_eq_normalised_form_reduces_to_the_function_itself() {
    for num_vars in 0..=8 {
        let mut rng = rng(num_vars as u64);
        let [a, b] = [(); 2].map(|()| random(1 << num_vars, &mut rng));
        let w = random(num_vars, &mut rng);
        let claim: Fr = eq::eq_table(&w).iter().zip(a.iter().zip(&b)).map(|(e, (a, b))| *e * a * b).sum();
        let verify = |proof: &sumcheck::Proof<Fr>, claim: Fr| {
            let reduced = sumcheck::verify_eq(proof, &w, 2, &claim, &mut Transcript::new("eq test"))?;
            reduced.value.assert_eq(&(mle(&a, &reduced.point) * mle(&b, &reduced.point)), FINAL)
        };
        let proof = reference_eq(&a, &b, &w, |_, _| ());
        verify(&proof, claim).unwrap();
        assert_unequal(verify(&proof, claim + Fr::ONE), FINAL);
        for wrong in 0..num_vars {
            let proof = reference_eq(&a, &b, &w, |round, sent| {
                if round == wrong {
                    sent[0] += Fr::ONE;
                }
            });
            assert_unequal(verify(&proof, claim), FINAL);
        }
        let mut longer = proof.clone();
        longer.rounds.push(vec![Fr::ONE; 2]);
        assert_length(verify(&longer, claim));
    }
}

#[test]
fn the_reference_interpolates() {
    let coefficients = random(5, &mut rng(9));
    let values: Vec<Fr> = (0..5u64).map(|x| evaluate(&coefficients, Fr::from(x))).collect();
    assert_eq!(dense::interpolate(&values), coefficients);
}
