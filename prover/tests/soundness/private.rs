//! Private inputs and weights: their ranges, and that what was committed to is what was computed with.

use crate::forgery::{Forgery, KZG, SUM, add, rejected, set, tensor};
use crate::harness::{build, inputs, ready, rng};
use ark_bn254::Fr;
use ark_ff::UniformRand;
use assay_core::program::{Op, Rounding, Visibility};
use assay_core::{DType, Ints};

#[test]
fn rejects_a_private_input_outside_its_type() {
    let beyond = |dtype: DType| [dtype.bounds().0 - 1, dtype.bounds().1 + 1].map(|value| (dtype, value));
    for (dtype, value) in DType::ALL.into_iter().flat_map(beyond) {
        let program = build(|p| {
            let x = p.input("x", dtype, &[5])?;
            let y = p.round_shift(x, 2, Rounding::Floor)?;
            p.output("y", y, DType::I64)
        });
        let ready = ready(program.with_visibility(&["x"], false).unwrap());
        let given = inputs(&ready.program, 3);
        let x = tensor(&ready, 0, |op| matches!(op, Op::Input(_)));
        // An entry, and a pad.
        for at in [2, 6] {
            Forgery::default().tensor(x, &set(at, value)).fails(&ready, &given, &[SUM]);
        }
    }
}

#[test]
fn rejects_private_weights_outside_their_type() {
    let program = build(|p| {
        let x = p.input("x", DType::I8, &[5])?;
        let w = p.constant_of("w", &[5], &[1, -2, 3, -100, 100], Visibility::Public)?;
        let z = p.contract("k,k->", x, w)?;
        p.output("z", z, DType::I32)
    });
    let mut program = program.with_visibility(&[], true).unwrap();
    // A key whose commitment holds a weight that its program says is an int8.
    program.constants[0].values = Some(Ints::I16(vec![1, -2, 300, -100, 100, 0, 0, 0]));
    let ready = ready(program);
    let given = inputs(&ready.program, 3);
    let w = tensor(&ready, 0, |op| matches!(op, Op::Const(_)));
    rejected(Forgery::default().tensor(w, &set(2, 300)).prove(&ready, &given), &[SUM]);
}

#[test]
fn rejects_other_weights_than_those_committed_to() {
    let weights: Vec<i64> = (0..300).map(|i| i * 37 % 255 - 127).collect();
    for private in [false, true] {
        let program = build(|p| {
            let x = p.input("x", DType::I8, &[20])?;
            let w = p.constant_of("w", &[20, 15], &weights, Visibility::Public)?;
            let z = p.contract("k,kn->n", x, w)?;
            p.output("z", z, DType::I32)
        });
        let ready = ready(program.with_visibility(&[], private).unwrap());
        let given = inputs(&ready.program, 3);
        let w = tensor(&ready, 0, |op| matches!(op, Op::Const(_)));
        // Everything is consistent with these weights but the commitment in the key.
        Forgery::default().tensor(w, &add(17, 1)).fails(&ready, &given, &[KZG]);
    }
}

#[test]
fn rejects_other_salts_than_those_committed_with() {
    let (mut ready, given, _) = crate::everything::proven();
    ready.key.salts[0] = Fr::rand(&mut rng(9));
    rejected(Forgery::default().prove(&ready, &given), &[KZG]);
}

#[test]
fn commitments_to_equal_private_inputs_differ_by_their_salts() {
    use assay_verifier::InputValue;
    let (ready, given, proven) = crate::everything::proven();
    let rows = |p: &assay_prover::Proven| match &p.receipt.statement.inputs[1] {
        InputValue::Private(rows) => rows.clone(),
        InputValue::Public(_) => panic!("a private input in the open"),
    };
    let again = {
        use assay_gpu::Portable;
        let place = assay_prover::Workplace::new(&Portable, &ready.key, &ready.srs.g1);
        let options = assay_prover::Options::default();
        assay_prover::prove(&place, &given, &options, &mut rng(77), &|_| ()).unwrap()
    };
    assert_ne!(rows(&proven), rows(&again));
    assert_eq!(proven.outputs, again.outputs);
}
