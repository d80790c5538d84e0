//! Proofs with one part changed: every scalar, every group element.

use crate::everything::{holds, num_scalars, proven};
use ark_bn254::{Fq, Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use assay_circuits::mercury::Points;
use assay_verifier::{InputValue, Receipt};

#[test]
fn rejects_any_other_scalar() {
    let (ready, _, proven) = proven();
    for target in 0..num_scalars(&proven.receipt.proof.scalars) {
        let mut at = 0;
        let mut receipt = proven.receipt.clone();
        receipt.proof.scalars = proven.receipt.proof.scalars.map(&mut |x| {
            at += 1;
            if at - 1 == target { *x + Fr::ONE } else { *x }
        });
        assert!(!holds(&ready, &receipt), "scalar {target} can be changed");
    }
}

/// All group elements of a receipt, and a way to write them back.
fn points(receipt: &Receipt) -> Vec<G1Affine> {
    let mut all = receipt.proof.rows.clone();
    all.extend(receipt.proof.opening.iter().flat_map(|p| p.to_array()));
    for input in &receipt.statement.inputs {
        if let InputValue::Private(rows) = input {
            all.extend(rows);
        }
    }
    all
}

fn with_points(receipt: &Receipt, points: &[G1Affine]) -> Receipt {
    let mut receipt = receipt.clone();
    let mut points = points.iter().copied();
    receipt.proof.rows.iter_mut().for_each(|p| *p = points.next().unwrap());
    if let Some(opening) = &mut receipt.proof.opening {
        *opening = Points::from_array(opening.to_array().map(|_| points.next().unwrap()));
    }
    for input in &mut receipt.statement.inputs {
        if let InputValue::Private(rows) = input {
            rows.iter_mut().for_each(|p| *p = points.next().unwrap());
        }
    }
    assert!(points.next().is_none());
    receipt
}

#[test]
fn rejects_any_other_group_element() {
    let (ready, _, proven) = proven();
    let honest = points(&proven.receipt);
    assert!(holds(&ready, &with_points(&proven.receipt, &honest)));
    assert!(honest.len() > 9);
    for at in 0..honest.len() {
        let point = honest[at];
        let off_curve = G1Affine::new_unchecked(point.x + Fq::ONE, point.y);
        let moved = (point + G1Affine::generator()).into_affine();
        for other in [moved, -point, G1Affine::identity(), off_curve, honest[(at + 1) % honest.len()]] {
            if other != point {
                let mut changed = honest.clone();
                changed[at] = other;
                assert!(!holds(&ready, &with_points(&proven.receipt, &changed)), "group element {at} can be changed");
            }
        }
    }
}

#[test]
fn rejects_rows_in_another_order() {
    let (ready, _, proven) = proven();
    let rows = proven.receipt.proof.rows.len();
    assert!(rows > 1);
    for at in 1..rows {
        let mut receipt = proven.receipt.clone();
        receipt.proof.rows.swap(at - 1, at);
        assert!(receipt == proven.receipt || !holds(&ready, &receipt), "rows {} and {at} can be swapped", at - 1);
    }
}
