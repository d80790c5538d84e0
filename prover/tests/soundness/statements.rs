//! Statements that are not what was proven, and receipts of other keys.

use crate::everything::{holds, proven};
use crate::forgery::{Forgery, RELATION, rejected};
use crate::harness::{build, inputs, ready, rng};
use assay_core::{DType, Ints, Shape, Tensor};
use assay_gpu::Portable;
use assay_prover::witness::Witness;
use assay_prover::{Options, Workplace, prove_witness};
use assay_verifier::{InputValue, Receipt};

#[test]
fn rejects_another_output() {
    let (ready, given, _) = proven();
    for output in 0..2 {
        let mut witness = Witness::new(&ready.key.system, &given).unwrap();
        let shape = witness.outputs[output].shape.clone();
        let mut values = witness.outputs[output].valid();
        values[4] += 1;
        witness.outputs[output] = Tensor::from_valid(shape, DType::I8, &values).unwrap();
        let place = Workplace::new(&Portable, &ready.key, &ready.srs.g1);
        let result = prove_witness(&place, &given, witness, &Options::default(), &mut rng(2), &|_| ());
        rejected(result, &[&format!("output {output}")]);
    }
}

#[test]
fn rejects_an_output_that_is_not_the_input_it_repeats() {
    // Nothing is committed and nothing is looked up: the point is drawn from the statement alone.
    for shape in [&[5][..], &[], &[3, 3]] {
        let ready = ready(build(|p| {
            let x = p.input("x", DType::I8, shape)?;
            let y = p.linear(&[(x, -1)], 0)?;
            p.output("x", x, DType::I8)?;
            p.output("y", y, DType::I16)
        }));
        let given = inputs(&ready.program, 3);
        assert!(ready.key.plan.openings.is_empty() && ready.key.plan.leaves.is_empty());
        let proven = ready.prove(&given);
        for output in 0..2 {
            let mut receipt = proven.receipt.clone();
            let tensor = &mut receipt.statement.outputs[output];
            let mut values = tensor.valid();
            values[0] += 1;
            *tensor = Tensor::from_valid(tensor.shape.clone(), tensor.data.dtype(), &values).unwrap();
            assert!(!holds(&ready, &receipt));
        }
    }
}

#[test]
fn rejects_a_run_on_another_public_input() {
    let ready = ready(build(|p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::I8, &[5, 2])?);
        let z = p.contract("mk,kn->mn", x, y)?;
        p.output("z", z, DType::I32)
    }));
    let given = inputs(&ready.program, 3);
    let mut stated = given.clone();
    stated[0] = inputs(&ready.program, 4)[0].clone();
    rejected(Forgery::default().prove_stating(&ready, &given, &stated), &[RELATION]);
}

fn rejects(change: impl Fn(&mut Receipt)) {
    let (ready, _, proven) = proven();
    let mut receipt = proven.receipt.clone();
    change(&mut receipt);
    assert_ne!(receipt, proven.receipt);
    assert!(!holds(&ready, &receipt));
}

#[test]
fn rejects_another_context() {
    rejects(|r| r.statement.context.clear());
    rejects(|r| r.statement.context.push(0));
    rejects(|r| r.statement.context[0] ^= 1);
}

#[test]
fn rejects_another_reference_string_or_program_id() {
    rejects(|r| r.reference[0] ^= 1);
    rejects(|r| r.statement.program_id[31] ^= 1);
}

#[test]
fn rejects_public_values_in_another_form() {
    let input = |r: &mut Receipt, f: &dyn Fn(&mut Tensor)| match &mut r.statement.inputs[0] {
        InputValue::Public(tensor) => f(tensor),
        InputValue::Private(_) => panic!("a public input is hidden"),
    };
    let change_data = |t: &mut Tensor, at: usize| {
        let mut values = t.data.to_i64();
        values[at] += 1;
        t.data = Ints::from_i64(t.data.dtype(), values);
    };
    // Pads are not part of a statement: padded rows are eight long.
    rejects(|r| input(r, &|t| change_data(t, 7)));
    rejects(|r| change_data(&mut r.statement.outputs[0], 3));
    // The same values, of another type, and of a shape with the same padded form.
    rejects(|r| input(r, &|t| t.data = Ints::from_i64(DType::I16, t.data.to_i64())));
    rejects(|r| input(r, &|t| t.shape = Shape::new([3, 6]).unwrap()));
    rejects(|r| input(r, &|t| t.shape = Shape::new([32]).unwrap()));
    // A value beyond the type.
    rejects(|r| {
        input(r, &|t| {
            let mut values = t.data.to_i64();
            values[0] = 1000;
            t.data = Ints::I16(values.iter().map(|v| *v as i16).collect());
        });
    });
    rejects(|r| r.statement.outputs.swap(0, 1));
    rejects(|r| r.statement.inputs.swap(0, 1));
}

#[test]
fn rejects_the_proof_of_another_run() {
    let (ready, given, first) = proven();
    let mut others = inputs(&ready.program, 4);
    others[1] = given[1].clone();
    let second = ready.prove(&others);
    // A proof with another statement.
    let swapped = Receipt { statement: second.receipt.statement.clone(), ..first.receipt.clone() };
    assert!(!holds(&ready, &swapped));
    // The commitment of another private input.
    let mut receipt = first.receipt.clone();
    let elsewhere = ready.prove(&[given[0].clone(), inputs(&ready.program, 5)[1].clone()]);
    receipt.statement.inputs[1] = elsewhere.receipt.statement.inputs[1].clone();
    assert!(!holds(&ready, &receipt));
    // Rows or group elements of another proof.
    let mut receipt = first.receipt.clone();
    receipt.proof.rows.clone_from(&second.receipt.proof.rows);
    assert!(!holds(&ready, &receipt));
    let mut receipt = first.receipt.clone();
    receipt.proof.opening = second.receipt.proof.opening;
    assert!(!holds(&ready, &receipt));
}

#[test]
fn rejects_a_receipt_of_another_programs_key() {
    let (ready, _, first) = proven();
    // The same program with another private weight: the same plan, another id.
    let mut program = crate::everything::program();
    let weights = program.constants.iter_mut().find(|c| c.name == "w").unwrap();
    let mut values = weights.values.as_ref().unwrap().to_i64();
    values[0] += 1;
    weights.values = Some(Ints::from_i64(DType::I8, values));
    let other = crate::harness::ready(program);
    assert!(!holds(&other, &first.receipt));
    let mut receipt = first.receipt.clone();
    receipt.statement.program_id = other.key.verifying.program_id();
    assert!(!holds(&other, &receipt));
    assert!(!holds(&ready, &receipt));
}
