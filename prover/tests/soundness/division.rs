//! Quotients and remainders by a tensor.

use crate::forgery::{Forgery, LEAVES, RELATION, SUM, add, set, tensor};
use crate::harness::{Ready, build, ready};
use assay_core::program::Op;
use assay_core::{DType, Shape, Tensor, TensorId};

/// Five quotients, or remainders.
fn division(quotients: bool) -> (Ready, Vec<Tensor>) {
    let ready = ready(build(|p| {
        let (x, d) = (p.input("x", DType::I16, &[5])?, p.input("d", DType::U8, &[5])?);
        let d = p.map(d, "at least one", |v| v.max(1) as i32)?;
        let result = if quotients { p.div(x, d)? } else { p.rem(x, d)? };
        p.output("result", result, DType::I32)
    }));
    let given = |dtype, v: &[i64]| Tensor::from_valid(Shape::new([5]).unwrap(), dtype, v).unwrap();
    let inputs = vec![given(DType::I16, &[1000, -1000, 7, 0, 255]), given(DType::U8, &[7, 7, 1, 255, 2])];
    (ready, inputs)
}

fn quotient(ready: &Ready) -> TensorId {
    tensor(ready, 0, |op| matches!(op, Op::Div { .. }))
}

/// Asserts that a quotient off by `by` fails at the range of the remainder or of what it lacks to the divisor, though the
/// remainder goes with the quotient.
fn rejects(quotients: bool, by: i64) {
    let (ready, inputs) = division(quotients);
    let (x, d) = (inputs[0].valid(), inputs[1].valid());
    let linear = |nth| tensor(&ready, nth, |op| matches!(op, Op::Linear { .. }));
    for at in 0..5 {
        let remainder = x[at] - (x[at].div_euclid(d[at]) + by) * d[at];
        assert!(!(0..d[at]).contains(&remainder));
        let (off, rest, slack) = (add(at, by), set(at, remainder), set(at, d[at] - 1 - remainder));
        Forgery::default().tensor(quotient(&ready), &off).tensor(linear(0), &rest).tensor(linear(1), &slack).fails(&ready, &inputs, &[SUM]);
    }
}

#[test]
fn rejects_a_quotient_whose_remainder_is_negative() {
    rejects(true, 1);
}

#[test]
fn rejects_a_quotient_whose_remainder_is_the_divisor_or_more() {
    rejects(true, -1);
}

#[test]
fn rejects_a_remainder_that_is_congruent_only() {
    rejects(false, 1);
    rejects(false, -1);
}

#[test]
fn rejects_a_wrong_remainder() {
    let (ready, inputs) = division(false);
    let remainder = tensor(&ready, 0, |op| matches!(op, Op::Linear { .. }));
    Forgery::default().tensor(remainder, &add(0, 1)).fails(&ready, &inputs, &[LEAVES]);
}

#[test]
fn rejects_a_wrong_product_of_quotient_and_divisor() {
    let (ready, inputs) = division(true);
    let product = tensor(&ready, 0, |op| matches!(op, Op::Mul { .. }));
    Forgery::default().tensor(product, &add(0, 1)).fails(&ready, &inputs, &[RELATION]);
}
