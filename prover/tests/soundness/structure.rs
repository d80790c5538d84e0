//! Proofs of another shape: errors, never panics.

use crate::everything::{holds, proven};
use ark_bn254::Fr;
use assay_circuits::sumcheck;
use assay_verifier::{InputValue, Receipt};

/// A vector of a receipt, whatever it holds.
trait List {
    fn len(&self) -> usize;
    fn shorten(&mut self);
    fn extend_by_one(&mut self);
    fn empty(&mut self);
    fn reverse_all(&mut self);
}

impl<T: Clone> List for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }

    fn shorten(&mut self) {
        self.pop();
    }

    fn extend_by_one(&mut self) {
        self.extend(self.last().cloned());
    }

    fn empty(&mut self) {
        self.clear();
    }

    fn reverse_all(&mut self) {
        self.reverse();
    }
}

fn rounds(proof: &mut sumcheck::Proof<Fr>, f: &mut dyn FnMut(&mut dyn List)) {
    proof.rounds.iter_mut().for_each(|r| f(r));
    f(&mut proof.rounds);
}

/// Calls `f` on every vector of a receipt that its program fixes the length of.
fn lists(receipt: &mut Receipt, f: &mut dyn FnMut(&mut dyn List)) {
    let scalars = &mut receipt.proof.scalars;
    if let Some(lookups) = &mut scalars.lookups {
        lookups.layers.iter_mut().for_each(|l| rounds(&mut l.rounds, f));
        f(&mut lookups.layers);
    }
    f(&mut scalars.evaluations);
    for wave in &mut scalars.waves {
        rounds(&mut wave.rounds, f);
        f(&mut wave.evaluations);
    }
    f(&mut scalars.waves);
    if let Some(opening) = &mut scalars.opening {
        rounds(&mut opening.rounds, f);
    }
    f(&mut receipt.proof.rows);
    for input in &mut receipt.statement.inputs {
        if let InputValue::Private(rows) = input {
            f(rows);
        }
    }
    f(&mut receipt.statement.inputs);
    f(&mut receipt.statement.outputs);
}

#[test]
fn rejects_vectors_of_another_length() {
    let (ready, _, proven) = proven();
    let mut count = 0;
    lists(&mut proven.receipt.clone(), &mut |_| count += 1);
    assert!(count > 30);
    type Change = fn(&mut dyn List);
    let changes: [Change; 4] = [|l| l.shorten(), |l| l.extend_by_one(), |l| l.empty(), |l| l.reverse_all()];
    for target in 0..count {
        for (kind, change) in changes.iter().enumerate() {
            let mut receipt = proven.receipt.clone();
            let (mut at, mut len) = (0, 0);
            lists(&mut receipt, &mut |list| {
                if at == target {
                    len = list.len();
                    change(list);
                }
                at += 1;
            });
            // Reversing may change nothing, and so may shortening what is empty.
            assert!(receipt == proven.receipt || !holds(&ready, &receipt), "vector {target} of {len}, change {kind}");
        }
    }
}

#[test]
fn rejects_missing_parts() {
    let (ready, _, proven) = proven();
    let missing: [fn(&mut Receipt); 4] = [
        |r| r.proof.scalars.lookups = None,
        |r| r.proof.scalars.opening = None,
        |r| r.proof.opening = None,
        |r| (r.proof.scalars.opening, r.proof.opening) = (None, None),
    ];
    for remove in missing {
        let mut receipt = proven.receipt.clone();
        remove(&mut receipt);
        assert!(!holds(&ready, &receipt));
    }
}

#[test]
fn rejects_parts_that_a_program_has_no_use_for() {
    let (_, _, with) = proven();
    let bare = crate::harness::ready(crate::harness::build(|p| {
        let x = p.input("x", assay_core::DType::I8, &[5])?;
        p.output("x", x, assay_core::DType::I8)
    }));
    let given = crate::harness::inputs(&bare.program, 3);
    let honest = bare.prove(&given).receipt;
    let additions: [fn(&mut Receipt, &Receipt); 5] = [
        |r, w| r.proof.scalars.lookups.clone_from(&w.proof.scalars.lookups),
        |r, w| r.proof.scalars.opening.clone_from(&w.proof.scalars.opening),
        |r, w| r.proof.opening = w.proof.opening,
        |r, w| r.proof.scalars.waves.clone_from(&w.proof.scalars.waves),
        |r, w| r.proof.rows.clone_from(&w.proof.rows),
    ];
    for add in additions {
        let mut receipt = honest.clone();
        add(&mut receipt, &with.receipt);
        assert!(!holds(&bare, &receipt));
    }
}
