//! An assignment in which one number of the inner proof, one digest or one public tensor is another: the constraints fail.
//!
//! Lying witnesses, one relation at a time, are told to the circuit in the tests of soundness.

use crate::everything::{num_scalars, program};
use crate::harness::{Ready, inputs, ready};
use crate::session::{inner, violated};
use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use assay_circuits::mercury::Points;
use assay_circuits::r1cs::Mode;
use assay_core::Tensor;
use assay_prover::inner::Unverified;
use assay_prover::{Witness, wrap};
use assay_verifier::InputValue;

fn honest() -> (Ready, Unverified) {
    let ready = ready(program());
    let given = inputs(&ready.program, 3);
    let witness = Witness::new(&ready.key.system, &given).unwrap();
    let proof = inner(&ready, witness, &given, 1);
    assert_eq!(violated(&ready, &proof), None);
    (ready, proof)
}

#[test]
fn rejects_every_scalar_of_the_inner_proof_changed() {
    let (ready, honest) = honest();
    let names: Vec<Option<String>> = (0..num_scalars(&honest.proof.scalars))
        .map(|wanted| {
            let mut altered = honest.clone();
            let mut position = 0;
            altered.proof.scalars = altered.proof.scalars.map(&mut |value| {
                position += 1;
                if position - 1 == wanted { *value + Fr::ONE } else { *value }
            });
            // A sample goes through the constraints themselves; the recorder agrees with them there.
            if wanted % 16 == 0 { violated(&ready, &altered) } else { wrap::assign(&ready.key, &altered, Mode::Assign).unwrap().failed }
        })
        .collect();
    for (index, name) in names.iter().enumerate() {
        assert!(name.is_some(), "scalar {index} may be anything");
    }
    for check in ["the sum of a LogUp tree", "the values of a LogUp layer", "the relations of a batched sumcheck", "the batched opening"] {
        assert!(names.iter().flatten().any(|name| name == check), "nothing failed {check}");
    }
    assert_eq!(names.last().unwrap().as_deref(), Some("Mercury's inner-product identity"));
}

#[test]
fn rejects_a_point_behind_each_digest_changed() {
    let (ready, honest) = honest();
    for index in 0..5 {
        let mut altered = honest.clone();
        let opening = altered.proof.opening.as_mut().unwrap();
        let mut points = opening.to_array();
        points[index] = (points[index] + G1Affine::generator()).into_affine();
        *opening = Points::from_array(points);
        assert_eq!(violated(&ready, &altered).as_deref(), Some("Mercury's inner-product identity"), "point {index}");
    }
    // The quotients are absorbed last: what they change is rho, a public input, and with it the group equation.
    for index in 5..8 {
        let mut altered = honest.clone();
        let opening = altered.proof.opening.as_mut().unwrap();
        let mut points = opening.to_array();
        points[index] = (points[index] + G1Affine::generator()).into_affine();
        *opening = Points::from_array(points);
        let [before, after] = [&honest, &altered].map(|proof| wrap::assign(&ready.key, proof, Mode::Assign).unwrap().assignment);
        let num_public = wrap::circuit(&ready.key).unwrap().num_instance;
        // rho and the evaluation, which it weighs.
        assert_ne!(before[num_public - 2], after[num_public - 2]);
        assert_ne!(before[num_public - 1], after[num_public - 1]);
    }
}

#[test]
fn rejects_another_binding_or_hidden_value() {
    let (ready, honest) = honest();
    let mut altered = honest.clone();
    altered.wrapped.as_mut().unwrap().0 += Fr::ONE;
    assert_eq!(violated(&ready, &altered).as_deref(), Some("the values of a LogUp layer"));
    let mut altered = honest.clone();
    altered.wrapped.as_mut().unwrap().1 += Fr::ONE;
    assert_eq!(violated(&ready, &altered).as_deref(), Some("the batched opening"));
}

#[test]
fn rejects_other_public_tensors_than_those_proven() {
    let (ready, honest) = honest();
    let other = |tensor: &Tensor| {
        let mut values = tensor.valid();
        values[1] ^= 1;
        Tensor::from_valid(tensor.shape.clone(), tensor.data.dtype(), &values).unwrap()
    };
    let mut altered = honest.clone();
    let InputValue::Public(x) = &altered.statement.inputs[0] else { panic!("the first input is public") };
    altered.statement.inputs[0] = InputValue::Public(other(x));
    assert_eq!(violated(&ready, &altered).as_deref(), Some("the relations of a batched sumcheck"));
    for output in 0..2 {
        let mut altered = honest.clone();
        altered.statement.outputs[output] = other(&honest.statement.outputs[output]);
        assert_eq!(violated(&ready, &altered), Some(format!("output {output}")));
    }
}

#[test]
fn public_inputs_are_what_the_circuit_computes() {
    let (ready, honest) = honest();
    let recorded = wrap::assign(&ready.key, &honest, Mode::Record).unwrap();
    for index in 1..recorded.system.num_instance {
        let mut assignment = recorded.assignment.clone();
        assignment[index] += Fr::ONE;
        assert!(recorded.system.first_violation(&assignment).is_some(), "public input {index} may be anything");
    }
}

#[test]
fn every_private_variable_is_constrained() {
    let (ready, honest) = honest();
    let recorded = wrap::assign(&ready.key, &honest, Mode::Record).unwrap();
    let system = &recorded.system;
    // The rows in which each variable stands: only those can notice it.
    let mut rows = vec![vec![]; system.num_variables()];
    for row in 0..system.num_constraints() {
        for matrix in [&system.a, &system.b, &system.c] {
            matrix.row(row).for_each(|(column, _)| rows[column].push(row));
        }
    }
    let mut assignment = recorded.assignment;
    let holds = |z: &[Fr], row: usize| system.a.dot(row, z) * system.b.dot(row, z) == system.c.dot(row, z);
    let mut free = vec![];
    for variable in system.num_instance..system.num_variables() {
        assignment[variable] += Fr::ONE;
        if rows[variable].iter().all(|row| holds(&assignment, *row)) {
            free.push(variable);
        }
        assignment[variable] -= Fr::ONE;
    }
    assert_eq!(free, Vec::<usize>::new());
}
