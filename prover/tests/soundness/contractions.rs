//! Contractions: one wrong entry of the result.

use crate::forgery::{Forgery, RELATION, add, tensor};
use crate::harness::{build, inputs, ready};
use assay_core::program::Op;
use assay_core::view::Block;
use assay_core::{Builder, DType, Error};

fn rejects(at: &[usize], checks: &[&str], program: impl FnOnce(&mut Builder) -> Result<(), Error>) {
    let ready = ready(build(program));
    let given = inputs(&ready.program, 3);
    let product = tensor(&ready, 0, |op| matches!(op, Op::Contract { .. }));
    for &at in at {
        Forgery::default().tensor(product, &add(at, 1)).fails(&ready, &given, checks);
    }
}

#[test]
fn rejects_a_wrong_product() {
    for (m, k, n) in [(4, 8, 2), (3, 5, 7), (1, 9, 1), (1, 1, 1), (5, 1, 3)] {
        rejects(&[0], &[RELATION], |p| {
            let (x, y) = (p.input("x", DType::I8, &[m, k])?, p.input("y", DType::U8, &[k, n])?);
            let z = p.contract("mk,kn->mn", x, y)?;
            p.output("z", z, DType::I32)
        });
    }
}

#[test]
fn rejects_a_pad_that_the_statement_knows_to_be_zero() {
    rejects(&[7, 31], &["output 0"], |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::U8, &[5, 7])?);
        let z = p.contract("mk,kn->mn", x, y)?;
        p.output("z", z, DType::I32)
    });
}

#[test]
fn rejects_a_wrong_batched_product() {
    rejects(&[0, 9], &[RELATION], |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5, 2])?, p.input("y", DType::I8, &[2, 3, 7])?);
        let z = p.contract("bkm,mbn->nbk", x, y)?;
        p.output("z", z, DType::I32)
    });
}

#[test]
fn rejects_a_wrong_masked_product() {
    // Entry 15 is a pad, which the output masks; its claim is false all the same.
    rejects(&[0, 10, 15], &[RELATION], |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::I8, &[5, 3])?);
        let (x, y) = (p.linear(&[(x, 2)], 7)?, p.linear(&[(y, 1)], 5)?);
        let z = p.contract("mk,kn->mn", x, y)?;
        p.output("z", z, DType::I32)
    });
}

#[test]
fn rejects_a_wrong_convolution() {
    rejects(&[0, 13], &[RELATION], |p| {
        let x = p.input("x", DType::I8, &[2, 7, 6])?;
        let kernel = p.input("kernel", DType::I8, &[3, 2, 3, 2])?;
        let blocks = vec![Block::same(0, 0), Block::window(1, [1, 3], 2, 1, -1), Block::window(2, [2, 4], 2, 1, 0)];
        let windows = p.view(x, &[2, 4, 3, 3, 2], blocks, 0)?;
        let z = p.contract("cyxkl,fckl->fyx", windows, kernel)?;
        p.output("z", z, DType::I32)
    });
}
