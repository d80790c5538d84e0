//! Wrapped receipts are accepted, small, bound to everything they say, and refused when anything is changed.

use crate::everything;
use crate::harness::{Ready, inputs, ready};
use crate::session::{recorded, setup, wrapped};
use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use assay_core::onnx::{ImportOptions, import};
use assay_core::{Tensor, execute};
use assay_prover::Witness;
use assay_verifier::wrap::{RowSource, WrapKey, WrappedReceipt, WrappedStatement};

fn digits() -> (Ready, Vec<Tensor>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/digits/digits_qdq.onnx");
    let ready = ready(import(&std::fs::read(path).unwrap(), &ImportOptions::default()).unwrap());
    let given = inputs(&ready.program, 5);
    (ready, given)
}

#[test]
fn a_digit_fits_a_kilobyte() {
    let (ready, given) = digits();
    let key = setup(&ready);
    let receipt = wrapped(&ready, &key, &given, 1).receipt;
    let bytes = receipt.encode();
    assert!(bytes.len() <= 1536, "{} bytes", bytes.len());
    let back = WrappedReceipt::decode(&bytes).unwrap();
    let held = WrapKey::decode(&key.verifying.encode()).unwrap();
    let verified = held.verify(&back).unwrap();
    assert!(verified.development);
    assert_eq!(verified.statement.outputs, execute(&ready.program, &given).unwrap());
    assert_eq!(verified.statement.inputs, WrappedStatement::digest_inputs(&given));
}

#[test]
fn the_circuit_is_the_same_for_every_proof() {
    let ready = ready(everything::program());
    let expected = assay_prover::wrap::circuit(&ready.key).unwrap();
    for seed in [1, 2] {
        let given = inputs(&ready.program, seed);
        let witness = Witness::new(&ready.key.system, &given).unwrap();
        let found = recorded(&ready, &crate::session::inner(&ready, witness, &given, seed));
        assert_eq!(found.failed, None);
        assert!(found.system == expected, "another circuit");
    }
}

#[test]
fn every_change_is_refused() {
    let ready = ready(everything::program());
    let key = setup(&ready);
    let given = inputs(&ready.program, 3);
    let receipt = wrapped(&ready, &key, &given, 1).receipt;
    assert!(key.verifying.rows.iter().any(|row| matches!(row.source, RowSource::Private(0))));
    key.verifying.verify(&receipt).unwrap();

    type Change = Box<dyn Fn(&mut WrappedReceipt)>;
    let one = Fr::ONE;
    let moved = |point: &mut G1Affine| *point = (*point + G1Affine::generator()).into_affine();
    let mut changes: Vec<(&str, Change)> = vec![
        ("program", Box::new(|r| r.statement.program_id[3] ^= 1)),
        ("key", Box::new(|r| r.key[0] ^= 1)),
        ("inputs", Box::new(move |r| r.statement.inputs += one)),
        ("private rows", Box::new(move |r| moved(&mut r.statement.private[0][0]))),
        ("no private rows", Box::new(|r| r.statement.private.clear())),
        ("outputs swapped", Box::new(|r| r.statement.outputs.swap(0, 1))),
        ("context", Box::new(|r| r.statement.context.push(0))),
        ("A", Box::new(move |r| moved(&mut r.proof.groth16.a))),
        ("B", Box::new(|r| r.proof.groth16.b = (-r.proof.groth16.b.into_group()).into_affine())),
        ("C", Box::new(move |r| moved(&mut r.proof.groth16.c))),
        ("a witness row less", Box::new(|r| r.proof.rows.truncate(r.proof.rows.len() - 1))),
        ("a row challenge less", Box::new(|r| r.proof.row_challenges.truncate(1))),
        ("alpha", Box::new(move |r| r.proof.alpha += one)),
        ("zeta", Box::new(move |r| r.proof.zeta += one)),
        ("zeta is zero", Box::new(|r| r.proof.zeta = Fr::from(0u64))),
        ("eta", Box::new(move |r| r.proof.eta += one)),
        ("rho", Box::new(move |r| r.proof.rho += one)),
        ("evaluation", Box::new(move |r| r.proof.evaluation += one)),
    ];
    for index in 0..receipt.proof.rows.len() {
        changes.push(("witness row", Box::new(move |r| moved(&mut r.proof.rows[index]))));
    }
    for index in 0..receipt.proof.row_challenges.len() {
        changes.push(("row challenge", Box::new(move |r| r.proof.row_challenges[index] += one)));
    }
    for index in 0..8 {
        let change = move |r: &mut WrappedReceipt| {
            let mut points = r.proof.points.to_array();
            moved(&mut points[index]);
            r.proof.points = assay_circuits::mercury::Points::from_array(points);
        };
        changes.push(("a point of the opening", Box::new(change)));
    }
    for output in 0..receipt.statement.outputs.len() {
        let change = move |r: &mut WrappedReceipt| {
            let tensor = &mut r.statement.outputs[output];
            let mut values = tensor.valid();
            values[0] = if values[0] == 0 { 1 } else { 0 };
            *tensor = Tensor::from_valid(tensor.shape.clone(), tensor.data.dtype(), &values).unwrap();
        };
        changes.push(("an output's value", Box::new(change)));
    }
    for (name, change) in changes {
        let mut altered = receipt.clone();
        change(&mut altered);
        assert!(key.verifying.verify(&altered).is_err(), "accepted with another {name}");
    }
}

#[test]
fn bytes_that_were_changed_are_refused() {
    let ready = ready(everything::program());
    let key = setup(&ready);
    let bytes = wrapped(&ready, &key, &inputs(&ready.program, 3), 1).receipt.encode();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let accepted = WrappedReceipt::decode(&changed).is_ok_and(|receipt| key.verifying.verify(&receipt).is_ok());
        assert!(!accepted, "accepted with byte {at} changed");
        assert!(WrappedReceipt::decode(&bytes[..at]).is_err(), "accepted {at} bytes");
    }
    assert!(WrappedReceipt::decode(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn keys_of_other_programs_and_damaged_keys_are_refused() {
    let (a, b) = (ready(everything::program()), digits().0);
    let (wrap_a, wrap_b) = (setup(&a), setup(&b));
    assert!(matches!(wrap_b.check(&a.key), Err(assay_prover::wrap::Error::Mismatch { what: "the wrap key's program", .. })));
    let receipt = wrapped(&a, &wrap_a, &inputs(&a.program, 3), 1).receipt;
    assert!(matches!(wrap_b.verifying.verify(&receipt), Err(assay_verifier::Error::Program { .. })));
    // The same program, another Groth16 key.
    let again = assay_prover::wrap::setup(&a.key, &mut crate::harness::rng(12)).unwrap();
    assert!(matches!(again.verifying.verify(&receipt), Err(assay_verifier::Error::WrapKey { .. })));
    let swapped = assay_prover::wrap::WrapProvingKey::new(wrap_a.verifying.clone(), again.groth16);
    assert!(matches!(swapped, Err(assay_prover::wrap::Error::Mismatch { what: "the Groth16 key", .. })));
    // A point of the key moved: its digest changes, and the receipt names another key; or the proof fails.
    let mut tampered = wrap_a.verifying.clone();
    tampered.groth16.ic[2] = (tampered.groth16.ic[2] + G1Affine::generator()).into_affine();
    assert!(matches!(tampered.verify(&receipt), Err(assay_verifier::Error::WrapKey { .. })));
    let renamed = WrappedReceipt { key: tampered.digest(), ..receipt.clone() };
    assert!(matches!(tampered.verify(&renamed), Err(assay_verifier::Error::Groth16)));
    // Another constant row: the group equation.
    let mut tampered = wrap_a.verifying.clone();
    for row in &mut tampered.rows {
        if let RowSource::Constant(point) = &mut row.source {
            *point = (*point + G1Affine::generator()).into_affine();
        }
    }
    let renamed = WrappedReceipt { key: tampered.digest(), ..receipt };
    assert_eq!(tampered.verify(&renamed).unwrap_err(), assay_circuits::Error::Opening.into());
}
