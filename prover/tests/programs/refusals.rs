//! Inputs that do not fit: refused on every backend, in the same words.

use crate::harness::{Ready, build, inputs, ready};
use assay_core::program::Visibility;
use assay_core::{DType, Error, Ints, Shape, Tensor};

/// What every backend says; the harness compares them.
fn refusal(ready: &Ready, inputs: &[Tensor]) -> Error {
    match ready.try_prove(inputs, b"context") {
        Err(assay_prover::Error::Program(error)) => error,
        other => panic!("not refused as an input: {other:?}"),
    }
}

#[test]
fn an_input_must_fit_its_port() {
    let ready = ready(build(|p| {
        let x = p.input("x", DType::I8, &[3, 5])?;
        let y = p.linear(&[(x, 3)], 1)?;
        p.output("y", y, DType::I16)
    }));
    assert!(matches!(refusal(&ready, &[]), Error::Mismatch { .. }));
    let turned = Tensor::from_valid(Shape::new([5, 3]).unwrap(), DType::I8, &[1; 15]).unwrap();
    assert!(matches!(refusal(&ready, &[turned]), Error::Mismatch { .. }));
    for value in [128, -129, 1 << 40] {
        let mut wide = inputs(&ready.program, 1)[0].data.to_i64();
        wide[1] = value;
        let wide = Tensor { shape: Shape::new([3, 5]).unwrap(), data: Ints::I64(wide) };
        assert!(matches!(refusal(&ready, &[wide]), Error::ValueOutOfRange { value: found, lo: -128, hi: 127, .. } if found == value));
    }
}

#[test]
fn a_carried_value_must_fit_its_type() {
    let ready = ready(build(|p| {
        let s = p.input("s", DType::I8, &[3])?;
        let all = p.scan(5, &[(s, DType::I8)], &[], |b, t| Ok(vec![b.linear(&[(t[0], 2)], 0)?]))?;
        let last = p.slice(all[0], 0, 4, 1, 1)?;
        p.output("last", last, DType::I8)
    }));
    let given = |values: &[i64]| [Tensor::from_valid(Shape::new([3]).unwrap(), DType::I8, values).unwrap()];
    ready.prove(&given(&[3, -4, 0]));
    for (values, first) in [([3, 4, 0], 128), ([1, -5, 2], -160), ([0, 100, -100], -200)] {
        let error = refusal(&ready, &given(&values)).to_string();
        assert!(error.contains("of a scan") && error.contains(&first.to_string()), "{error}");
    }
}

#[test]
fn an_argument_must_lie_in_its_table() {
    // Private weights: bounds do not see that they are small, and these are larger than those that the table was made for.
    let program = build(|p| {
        let x = p.input("x", DType::I8, &[3, 5])?;
        let w = p.constant_of("w", &[5, 2], &[1, -1, 2, 0, 1, 1, -2, 1, 0, 1], Visibility::Public)?;
        let a = p.contract("mk,kn->mn", x, w)?;
        let y = p.map(a, "halved", |v| (v >> 1) as i32)?;
        p.output("y", y, DType::I16)
    });
    let mut hidden = program.with_visibility(&[], true).unwrap();
    hidden.constants[0].values = Some(Ints::I8(vec![2; hidden.constants[0].shape.num_padded()]));
    let ready = ready(hidden);
    let given = |value| [Tensor::from_valid(Shape::new([3, 5]).unwrap(), DType::I8, &[value; 15]).unwrap()];
    ready.prove(&given(1));
    for value in [127, -128] {
        let error = refusal(&ready, &given(value)).to_string();
        assert!(error.contains("an argument of table `halved`") && error.contains(&(10 * value).to_string()), "{error}");
    }
}
