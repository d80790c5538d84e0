//! Elementwise products, linear combinations, and tensors with several readers.

use crate::forgery::{Forgery, LEAVES, RELATION, add, tensor};
use crate::harness::{build, inputs, ready};
use assay_core::program::Op;
use assay_core::system::Reduction;
use assay_core::{Builder, DType, Error};

fn rejects(op: impl Fn(&Op) -> bool, at: usize, checks: &[&str], program: impl FnOnce(&mut Builder) -> Result<(), Error>) {
    let ready = ready(build(program));
    let given = inputs(&ready.program, 3);
    Forgery::default().tensor(tensor(&ready, 0, op), &add(at, 1)).fails(&ready, &given, checks);
}

#[test]
fn rejects_a_wrong_elementwise_product() {
    for (shape, at) in [(&[3, 5][..], 9), (&[8], 0), (&[], 0), (&[1, 1], 0)] {
        rejects(
            |op| matches!(op, Op::Mul { .. }),
            at,
            &[RELATION],
            |p| {
                let (x, y) = (p.input("x", DType::I8, shape)?, p.input("y", DType::I16, shape)?);
                let z = p.mul(x, y)?;
                p.output("z", z, DType::I32)
            },
        );
    }
}

// A linear combination has no message of its own: the verifier computes its evaluations from its operands'. A false one is
// caught by whatever reads it.

#[test]
fn rejects_a_wrong_linear_combination_at_a_product() {
    rejects(
        |op| matches!(op, Op::Linear { .. }),
        2,
        &[RELATION],
        |p| {
            let x = p.input("x", DType::I8, &[5])?;
            let y = p.linear(&[(x, 3)], 4)?;
            let z = p.mul(y, x)?;
            p.output("z", z, DType::I32)
        },
    );
}

#[test]
fn rejects_a_wrong_linear_combination_at_a_contraction() {
    rejects(
        |op| matches!(op, Op::Linear { .. }),
        2,
        &[RELATION],
        |p| {
            let x = p.input("x", DType::I8, &[3, 5])?;
            let y = p.linear(&[(x, 3)], 4)?;
            let z = p.contract("mk,nk->mn", y, x)?;
            p.output("z", z, DType::I32)
        },
    );
}

#[test]
fn rejects_a_wrong_linear_combination_at_a_lookup() {
    rejects(
        |op| matches!(op, Op::Linear { .. }),
        2,
        &[LEAVES],
        |p| {
            let x = p.input("x", DType::I8, &[5])?;
            let y = p.linear(&[(x, 2)], 4)?;
            let z = p.map(y, "half", |v| (v / 2) as i32)?;
            p.output("z", z, DType::I32)
        },
    );
}

#[test]
fn rejects_a_wrong_linear_combination_at_an_output() {
    rejects(
        |op| matches!(op, Op::Linear { .. }),
        2,
        &["output 0"],
        |p| {
            let x = p.input("x", DType::I8, &[5])?;
            let y = p.linear(&[(x, 2)], 0)?;
            p.output("y", y, DType::I32)
        },
    );
}

#[test]
fn rejects_a_wrong_tensor_that_several_relations_read() {
    let ready = ready(build(|p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::I8, &[5, 3])?);
        let z = p.contract("mk,kn->mn", x, y)?;
        let s = p.mul(z, z)?;
        let t = p.transpose(z, &[1, 0])?;
        let g = p.contract("mn,nk->mk", z, t)?;
        for (name, tensor) in [("z", z), ("s", s), ("g", g)] {
            p.output(name, tensor, DType::I64)?;
        }
        Ok(())
    }));
    let given = inputs(&ready.program, 3);
    let product = tensor(&ready, 0, |op| matches!(op, Op::Contract { .. }));
    let merged = ready.key.plan.waves.iter().flat_map(|w| &w.instances).filter(|i| i.reduction == Reduction::Merge);
    assert!(merged.clone().any(|i| i.claims.len() >= 3), "nothing to merge");
    Forgery::default().tensor(product, &add(4, 1)).fails(&ready, &given, &[RELATION]);
    // One reader alone goes wrong.
    let square = tensor(&ready, 0, |op| matches!(op, Op::Mul { .. }));
    Forgery::default().tensor(square, &add(4, 1)).fails(&ready, &given, &[RELATION]);
}
