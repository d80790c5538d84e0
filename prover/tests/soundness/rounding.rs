//! Rounding divisions: remainders, quotients and ties.

use crate::forgery::{Forgery, LEAVES, SUM, add, column, set, tensor};
use crate::harness::{Ready, build, ready};
use assay_core::program::{Op, Rounding};
use assay_core::system::Source;
use assay_core::{DType, Shape, Tensor, TensorId};

/// q = round(x / 2^shift) of five values: half-way below an odd, above an odd, and below an even quotient, and two others.
fn rounding(shift: u32, rule: Rounding) -> (Ready, Vec<Tensor>) {
    let ready = ready(build(|p| {
        let x = p.input("x", DType::I32, &[5])?;
        let q = p.round_shift(x, shift, rule)?;
        p.output("q", q, DType::I32)
    }));
    let (one, half) = (1i64 << shift, 1i64 << (shift - 1));
    let values = [half, one + half, -one - half, 3 * one + 1, -7];
    let x = Tensor::from_valid(Shape::new([5]).unwrap(), DType::I32, &values).unwrap();
    (ready, vec![x])
}

fn quotient(ready: &Ready) -> TensorId {
    tensor(ready, 0, |op| matches!(op, Op::RoundShift { .. }))
}

/// The columns of a rounding's bits with their lowest bits and widths; bits of quotients first.
fn limbs(ready: &Ready) -> Vec<(usize, u32, u32)> {
    let x = tensor(ready, 0, |op| matches!(op, Op::Input(_)));
    let columns = ready.key.system.layout.columns.iter().enumerate();
    let limb = |(i, c): (usize, &assay_core::system::Column)| match c.source {
        Source::Limb { tensor, low, width, .. } if tensor == x => Some((i, low, width)),
        _ => None,
    };
    columns.filter_map(limb).collect()
}

#[test]
fn rejects_a_remainder_beyond_its_limbs() {
    // One less in the quotient, 2^shift more in the remainder: right over the integers, so that only the range can tell.
    for (shift, rule) in [(3, Rounding::HalfUp), (13, Rounding::Floor), (20, Rounding::HalfUp)] {
        let (ready, inputs) = rounding(shift, rule);
        let (top, low, _) = *limbs(&ready).last().unwrap();
        let carry = add(3, 1 << (shift - low));
        Forgery::default().tensor(quotient(&ready), &add(3, -1)).column(top, &carry).fails(&ready, &inputs, &[SUM]);
    }
}

#[test]
fn rejects_a_limb_beyond_its_width_that_its_neighbour_makes_up_for() {
    let (ready, inputs) = rounding(20, Rounding::HalfUp);
    let all = limbs(&ready);
    let [(first, _, width), (second, ..)] = all[..2] else { panic!("one limb only") };
    // All but the lowest bits of -7 + half are set, so that the second limb can give.
    Forgery::default().column(first, &add(4, 1 << width)).column(second, &add(4, -1)).fails(&ready, &inputs, &[SUM]);
}

#[test]
fn rejects_a_wrong_remainder_whose_quotient_is_no_integer() {
    // In range, but x + half - rem is no multiple of 2^shift: the quotient that the verifier derives is a huge field element,
    // and no integer that the prover could put in its place agrees with it.
    let (ready, inputs) = rounding(13, Rounding::HalfUp);
    let (first, ..) = limbs(&ready)[0];
    Forgery::default().column(first, &set(3, 0)).fails(&ready, &inputs, &[LEAVES, SUM]);
}

#[test]
fn rejects_a_quotient_off_by_one() {
    for rule in [Rounding::Floor, Rounding::HalfUp] {
        let (ready, inputs) = rounding(9, rule);
        Forgery::default().tensor(quotient(&ready), &add(0, 1)).fails(&ready, &inputs, &[LEAVES]);
    }
    // Half-even quotients are made of checked limbs and have no check of their own.
    let (ready, inputs) = rounding(9, Rounding::HalfEven);
    Forgery::default().tensor(quotient(&ready), &add(0, 1)).fails(&ready, &inputs, &["output 0"]);
}

#[test]
fn rejects_a_tie_rounded_to_the_odd_neighbour() {
    // The quotient is 2 h + up: a false `up` moves it by one, a false h and `up` move it the other way.
    for shift in [2, 20] {
        let (ready, inputs) = rounding(shift, Rounding::HalfEven);
        let up = column(&ready, 0, |s| matches!(s, Source::Tie { .. }));
        Forgery::default().tensor(quotient(&ready), &add(0, 1)).column(up, &set(0, 1)).fails(&ready, &inputs, &[SUM]);
        let (h, ..) = limbs(&ready)[0];
        Forgery::default().tensor(quotient(&ready), &add(1, -1)).column(h, &add(1, -1)).column(up, &set(1, 1)).fails(
            &ready,
            &inputs,
            &[SUM],
        );
    }
}

#[test]
fn rejects_the_other_half_of_a_tie() {
    // With s = (x + half) mod 2^(shift+1), both s and s + 2^shift divide evenly once the quotient's parity is free, and at a
    // tie neither rounds up: a bound on the quotient alone would accept both. The part above s must be an integer, and is
    // not here, whatever its limbs say.
    let (ready, inputs) = rounding(20, Rounding::HalfEven);
    let (top, low, width) = *limbs(&ready).last().unwrap();
    assert_eq!((low, width), (20, 1));
    Forgery::default().tensor(quotient(&ready), &add(0, 1)).column(top, &set(0, 0)).fails(&ready, &inputs, &[SUM, LEAVES]);
    Forgery::default().tensor(quotient(&ready), &add(1, -1)).column(top, &set(1, 1)).fails(&ready, &inputs, &[SUM, LEAVES]);
}

#[test]
fn rejects_a_false_flag_that_a_limb_is_not_zero() {
    let (ready, inputs) = rounding(20, Rounding::HalfEven);
    let flag = column(&ready, 0, |s| matches!(s, Source::LimbNonZero { .. }));
    // The top bit of entry 2 is clear, so that its flags change nothing else.
    for (at, to) in [(1, 1), (4, 0)] {
        Forgery::default().column(flag, &set(at, to)).fails(&ready, &inputs, &[SUM]);
    }
}

#[test]
fn half_even_holds_for_the_widest_values() {
    // The bounds of all limbs, and the coefficients of the one that is left, come close to 63 bits here.
    for shift in [1, 2, 30, 59, 60] {
        let ready = ready(build(|p| {
            let x = p.input("x", DType::I64, &[7])?;
            let q = p.round_shift(x, shift, Rounding::HalfEven)?;
            p.output("q", q, DType::I64)
        }));
        let (lo, hi) = DType::I64.bounds();
        let half = 1i64 << (shift - 1);
        let values = [lo, hi, half, -half, half + 1, 3 * (half / 2), -3 * (half / 2)];
        let x = Tensor::from_valid(Shape::new([7]).unwrap(), DType::I64, &values).unwrap();
        ready.prove(&[x.clone()]);
        Forgery::default().tensor(quotient(&ready), &add(2, 1)).fails(&ready, &[x], &["output 0"]);
    }
}
