//! One LogUp tree: leaves that add up to zero are accepted; every deviation is not.

use crate::dense::{assert_length, assert_unequal, fold, interpolate, mle, random, rng};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::{
    Error, Num, Transcript, eq,
    logup::{self, Layer, Proof, Reduced},
    sumcheck,
};
use assay_gpu::{Backend, Portable};
use assay_prover::logup::{self as prover, Economy, prove};
use std::ops::Range;

const ROOT: &str = "the sum of a LogUp tree";
const LAYER: &str = "the values of a LogUp layer";
const LEAVES: [&str; 2] = ["the leaves' numerators", "the leaves' denominators"];

/// Fractions before their padding with 0/1.
#[derive(Clone)]
pub struct Leaves {
    pub p: Vec<Fr>,
    pub q: Vec<Fr>,
    pub log_len: usize,
}

impl Leaves {
    /// `len` random fractions that add up to zero.
    fn balanced(len: usize, log_len: usize, seed: u64) -> Self {
        let mut rng = rng(seed);
        let (mut p, q) = (random(len, &mut rng), random(len, &mut rng));
        p[0] = Fr::ZERO;
        let sum: Fr = p.iter().zip(&q).map(|(p, q)| *p * Field::inverse(q).unwrap()).sum();
        p[0] = -sum * q[0];
        Self { p, q, log_len }
    }

    /// Numerators 1 but in some range, where they are random; the last fraction of that range makes up for all others.
    fn units_but(mixed: Range<usize>, len: usize, log_len: usize, seed: u64) -> Self {
        let mut leaves = Self::balanced(len, log_len, seed);
        (0..len).filter(|i| !mixed.contains(i)).for_each(|i| leaves.p[i] = Fr::ONE);
        let last = mixed.end - 1;
        leaves.p[last] = Fr::ZERO;
        let sum: Fr = leaves.p.iter().zip(&leaves.q).map(|(p, q)| *p * Field::inverse(q).unwrap()).sum();
        leaves.p[last] = -sum * leaves.q[last];
        leaves
    }

    fn padded(&self) -> [Vec<Fr>; 2] {
        let (mut p, mut q) = (self.p.clone(), self.q.clone());
        p.resize(1 << self.log_len, Fr::ZERO);
        q.resize(1 << self.log_len, Fr::ONE);
        [p, q]
    }

    fn prove(&self) -> (Proof<Fr>, Reduced<Fr>) {
        prove(&Portable, self, self.log_len, Economy::USUAL, &mut start())
    }

    /// The verifier, holding the leaves.
    fn check(&self, proof: &Proof<Fr>) -> Result<Reduced<Fr>, Error> {
        let reduced = logup::verify(proof, self.log_len, &mut start())?;
        let [p, q] = self.padded();
        reduced.p.assert_eq(&mle(&p, &reduced.point), LEAVES[0])?;
        reduced.q.assert_eq(&mle(&q, &reduced.point), LEAVES[1])?;
        Ok(reduced)
    }
}

impl prover::Leaves<Portable> for Leaves {
    fn num_leaves(&self) -> usize {
        self.p.len()
    }

    fn read(&self, backend: &Portable, ranges: &[Range<usize>]) -> (<Portable as Backend>::Vector, <Portable as Backend>::Vector) {
        let read = |values: &[Fr]| backend.upload_vec(ranges.iter().flat_map(|range| values[range.clone()].to_vec()).collect());
        (read(&self.p), read(&self.q))
    }

    fn are_units(&self, range: &Range<usize>) -> bool {
        self.p[range.clone()].iter().all(|p| *p == Fr::ONE)
    }

    fn denominators(&self, backend: &Portable, ranges: &[Range<usize>], scale: Fr, shift: Fr) -> <Portable as Backend>::Vector {
        assert!(ranges.iter().all(|range| self.are_units(range)));
        let of = |range: &Range<usize>| self.q[range.clone()].iter().map(|q| *q * scale + shift).collect::<Vec<_>>();
        backend.upload_vec(ranges.iter().flat_map(of).collect())
    }
}

fn start() -> Transcript<Fr> {
    Transcript::new("logup test")
}

/// Where a deviating prover may change what it sends, or the point that it goes on with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Root,
    Round(usize, usize),
    Values(usize),
    Point(usize),
}

/// A prover by definition, which follows the transcript but lets `deviate` change one message.
fn reference(leaves: &Leaves, mut deviate: impl FnMut(Step, &mut [Fr])) -> Proof<Fr> {
    let mut tree = vec![leaves.padded()];
    for _ in 0..leaves.log_len {
        let [p, q] = tree.last().unwrap();
        let half = p.len() / 2;
        let parents = (0..half).map(|i| (p[i] * q[i + half] + p[i + half] * q[i], q[i] * q[i + half])).unzip();
        tree.push(<[Vec<Fr>; 2]>::from(parents));
    }
    let mut transcript = start();
    let [p, q] = tree.pop().unwrap();
    let mut root = [p[0], q[0]];
    deviate(Step::Root, &mut root);
    transcript.absorb(&root);
    let mut lambda = transcript.squeeze();
    let mut w = Vec::new();
    let mut layers = Vec::new();
    for k in 0..leaves.log_len {
        let [p, q] = tree.pop().unwrap();
        let (p0, p1) = p.split_at(1 << k);
        let (q0, q1) = q.split_at(1 << k);
        let mut arrays = [p0, p1, q0, q1].map(<[Fr]>::to_vec);
        let mut rounds = Vec::new();
        let mut point = Vec::new();
        for round in 0..k {
            let eq = eq::eq_table(&w[round + 1..]);
            let at = |x: u64| -> Fr {
                let [p0, p1, q0, q1] = arrays.each_ref().map(|array| fold(array, Fr::from(x)));
                (0..eq.len()).map(|i| eq[i] * (p0[i] * q1[i] + p1[i] * q0[i] + lambda * q0[i] * q1[i])).sum()
            };
            let mut sent = interpolate(&[at(0), at(1), at(2)])[1..].to_vec();
            deviate(Step::Round(k, round), &mut sent);
            transcript.absorb(&sent);
            let challenge = transcript.squeeze();
            arrays = arrays.map(|array| fold(&array, challenge));
            rounds.push(sent);
            point.push(challenge);
        }
        let mut values = arrays.map(|array| array[0]);
        deviate(Step::Values(k), &mut values);
        transcript.absorb(&values);
        point.insert(0, transcript.squeeze());
        lambda = transcript.squeeze();
        deviate(Step::Point(k), &mut point);
        w = point;
        let [p0, p1, q0, q1] = values;
        layers.push(Layer { rounds: sumcheck::Proof { rounds }, p: [p0, p1], q: [q0, q1] });
    }
    Proof { root, layers }
}

#[test]
fn balanced_leaves_of_every_size_are_accepted() {
    for log_len in 0..=12usize {
        let full = 1usize << log_len;
        for len in [full, full - full / 3, full / 2 + 1, (full / 8).max(1), 1] {
            let leaves = Leaves::balanced(len, log_len, (log_len * 7 + len) as u64);
            let (proof, claims) = leaves.prove();
            assert_eq!(leaves.check(&proof).unwrap(), claims);
        }
    }
}

#[test]
fn the_proof_is_the_one_by_definition() {
    for (len, log_len) in [(1, 0), (2, 1), (3, 2), (8, 3), (11, 5), (32, 5), (3, 5)] {
        let leaves = Leaves::balanced(len, log_len, 5);
        assert_eq!(leaves.prove().0, reference(&leaves, |_, _| ()));
    }
}

#[test]
fn pieces_make_the_same_proof() {
    for log_len in 3..=7 {
        let full = 1usize << log_len;
        for len in [full, full - 1, full - full / 3, 3 * full / 4, full / 2 + 1, full / 2, full / 4 + 1, 5] {
            let leaves = Leaves::balanced(len, log_len, 9);
            let whole = leaves.prove();
            for log_piece in 0..=3 {
                for parents_from in [0, usize::MAX] {
                    let pieces = prove(&Portable, &leaves, log_len, Economy { log_piece, parents_from, ..Economy::USUAL }, &mut start());
                    assert_eq!(pieces, whole, "{len} of 2^{log_len} in pieces of 2^{log_piece}, parents from {parents_from}");
                }
            }
        }
    }
}

#[test]
fn units_make_the_same_proof() {
    for log_len in 4..=7usize {
        let full = 1 << log_len;
        for len in [full, full - 1, full - full / 4, full / 2 + full / 8, full / 2 + 1, full / 2] {
            for mixed in [len - 1..len, len - len / 4..len, 0..1, len / 2..len / 2 + 2, 3..len / 3 + 2, 0..len] {
                let leaves = Leaves::units_but(mixed.clone(), len, log_len, 11);
                let whole = leaves.prove();
                leaves.check(&whole.0).unwrap();
                for log_piece in 0..=2 {
                    for parents_from in [0, usize::MAX] {
                        let pieces =
                            prove(&Portable, &leaves, log_len, Economy { log_piece, parents_from, ..Economy::USUAL }, &mut start());
                        assert_eq!(
                            pieces, whole,
                            "{len} of 2^{log_len} but {mixed:?}, pieces of 2^{log_piece}, parents from {parents_from}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn prover_and_verifier_leave_one_transcript() {
    let leaves = Leaves::balanced(29, 5, 5);
    let (mut ours, mut theirs) = (start(), start());
    let (proof, _) = prove(&Portable, &leaves, 5, Economy::USUAL, &mut ours);
    logup::verify(&proof, 5, &mut theirs).unwrap();
    assert_eq!(ours.squeeze(), theirs.squeeze());
}

#[test]
fn rejects_leaves_that_do_not_add_up_to_zero() {
    for log_len in 0..=6 {
        let mut leaves = Leaves::balanced(1 << log_len, log_len, 1);
        leaves.p[0] += Fr::ONE;
        assert_unequal(leaves.check(&leaves.prove().0), ROOT);
    }
}

#[test]
fn rejects_a_root_that_hides_a_sum() {
    for log_len in 1..=6 {
        let mut leaves = Leaves::balanced(1 << log_len, log_len, 1);
        leaves.p[0] += Fr::ONE;
        let proof = reference(&leaves, |step, sent| {
            if step == Step::Root {
                sent[0] = Fr::ZERO;
            }
        });
        assert_unequal(leaves.check(&proof), LAYER);
    }
    let mut single = Leaves::balanced(1, 0, 1);
    single.p[0] += Fr::ONE;
    let mut proof = single.prove().0;
    proof.root[0] = Fr::ZERO;
    assert_unequal(single.check(&proof), LEAVES[0]);
}

#[test]
fn rejects_a_zero_denominator() {
    // 0/0 adds up to zero with anything.
    let mut leaves = Leaves::balanced(8, 3, 1);
    leaves.p[2] = Fr::ZERO;
    leaves.q[2] = Fr::ZERO;
    let proof = leaves.prove().0;
    assert_eq!(proof.root, [Fr::ZERO; 2]);
    assert!(matches!(leaves.check(&proof), Err(Error::Zero { .. })));
}

#[test]
fn rejects_a_deviation_at_each_step() {
    let leaves = Leaves::balanced(16, 4, 2);
    let mut steps = vec![];
    reference(&leaves, |step, _| steps.push(step));
    assert_eq!(steps.len(), 1 + 6 + 4 + 4);
    for wrong in steps {
        let width = match wrong {
            Step::Root | Step::Round(..) => 2,
            Step::Values(_) => 4,
            Step::Point(k) => k + 1,
        };
        for entry in 0..width {
            let proof = reference(&leaves, |step, sent| {
                if step == wrong {
                    sent[entry] += Fr::ONE;
                }
            });
            let result = leaves.check(&proof);
            match wrong {
                Step::Root if entry == 0 => assert_unequal(result, ROOT),
                // No message depends on entry 0, nor on the last point: there the prover has nothing to deviate with.
                Step::Point(k) if entry == 0 || k == 3 => assert_eq!(proof, leaves.prove().0),
                _ => assert_unequal(result, LAYER),
            }
        }
    }
}

#[test]
fn rejects_last_values_that_only_satisfy_the_layer() {
    // p0 q1 + p1 q0 + lambda q0 q1 has many solutions: the layer's check passes, the leaves' does not.
    let leaves = Leaves::balanced(16, 4, 2);
    let proof = reference(&leaves, |step, sent| {
        if step == Step::Values(3) {
            sent[1] += sent[3];
            sent[0] -= sent[2];
        }
    });
    assert_unequal(leaves.check(&proof), LEAVES[0]);
}

#[test]
fn rejects_swapped_halves_layers_and_rounds() {
    let leaves = Leaves::balanced(16, 4, 2);
    let honest = leaves.prove().0;
    let mut proof = honest.clone();
    proof.layers[3].p.swap(0, 1);
    assert_unequal(leaves.check(&proof), LAYER);
    let mut proof = honest.clone();
    proof.layers[3].p.swap(0, 1);
    proof.layers[3].q.swap(0, 1);
    assert_unequal(leaves.check(&proof), LEAVES[0]);
    let mut proof = honest.clone();
    proof.layers[3].rounds.rounds.swap(0, 1);
    assert_unequal(leaves.check(&proof), LAYER);
    let mut proof = honest;
    proof.layers.swap(2, 3);
    assert_length(leaves.check(&proof));
}

#[test]
fn rejects_other_shapes() {
    let leaves = Leaves::balanced(16, 4, 2);
    let honest = leaves.prove().0;
    let edits: [fn(&mut Vec<Layer<Fr>>); 6] = [
        |layers| layers.truncate(3),
        |layers| layers.push(layers[3].clone()),
        |layers| layers.clear(),
        |layers| layers[2].rounds.rounds.truncate(1),
        |layers| layers[0].rounds.rounds.push(vec![Fr::ONE; 2]),
        |layers| layers[3].rounds.rounds[1].push(Fr::ZERO),
    ];
    for edit in edits {
        let mut proof = honest.clone();
        edit(&mut proof.layers);
        assert_length(leaves.check(&proof));
    }
}

#[test]
fn rejects_every_number_tampered_with() {
    let leaves = Leaves::balanced(13, 4, 2);
    let honest = leaves.prove().0;
    let count = honest.clone().values_mut().count();
    assert_eq!(count, 2 + 4 * 4 + 2 * 6);
    for i in 0..count {
        let mut proof = honest.clone();
        *proof.values_mut().nth(i).unwrap() += Fr::ONE;
        assert!(matches!(leaves.check(&proof), Err(Error::Unequal { .. })), "number {i}");
    }
}
