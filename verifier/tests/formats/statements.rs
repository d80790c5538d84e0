use crate::vectors::ALL;
use ark_bn254::G1Affine;
use ark_ec::AffineRepr;
use assay_core::{DType, Ints, Shape, Tensor};
use assay_verifier::{Error, InputValue, Statement};

fn tensor(shape: &[usize], dtype: DType) -> Tensor {
    let shape = Shape::new(shape).unwrap();
    let values: Vec<i64> = (0..shape.num_elements() as i64).map(|i| i % 100).collect();
    Tensor::from_valid(shape, dtype, &values).unwrap()
}

fn statement() -> Statement {
    Statement {
        program_id: [7; 32],
        inputs: vec![InputValue::Public(tensor(&[3, 5], DType::I8)), InputValue::Private(vec![G1Affine::generator(); 2])],
        outputs: DType::ALL.map(|t| tensor(&[3], t)).to_vec(),
        context: b"job 7".to_vec(),
    }
}

#[test]
fn a_statement_round_trips() {
    let bytes = statement().encode();
    assert_eq!(Statement::decode(&bytes).unwrap(), statement());
    for end in 0..bytes.len() {
        assert!(Statement::decode(&bytes[..end]).is_err(), "{end}");
    }
}

#[test]
fn changed_bits_are_rejected_or_change_the_statement() {
    let bytes = statement().encode();
    for bit in 0..8 * bytes.len() {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Statement::decode(&changed) {
            assert_eq!(other.encode(), changed, "bit {bit}");
            assert_ne!(other, statement(), "bit {bit}");
        }
    }
}

#[test]
fn the_digest_covers_every_field_and_the_reference_string() {
    let base = statement();
    let mut digests = vec![base.digest(&[1; 32]), base.digest(&[2; 32])];
    let mut change = |f: &dyn Fn(&mut Statement)| {
        let mut changed = base.clone();
        f(&mut changed);
        digests.push(changed.digest(&[1; 32]));
    };
    change(&|s| s.program_id[31] = 0);
    change(&|s| s.context.push(0));
    change(&|s| drop(s.outputs.pop()));
    change(&|s| s.inputs.swap(0, 1));
    change(&|s| s.inputs[1] = InputValue::Private(vec![G1Affine::generator()]));
    change(&|s| s.outputs[0].data = Ints::I8(vec![0, 1, 3, 0]));
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 8);
}

#[test]
fn values_outside_their_type_have_no_encoding() {
    let wide = Tensor { shape: Shape::new([1]).unwrap(), data: Ints::I64(vec![1 << 61]) };
    let bytes = Statement { outputs: vec![wide], ..statement() }.encode();
    assert!(Statement::decode(&bytes).unwrap_err().to_string().contains("2305843009213693952"));
}

#[test]
fn tensors_that_are_not_the_ports_are_rejected() {
    let (program, honest) = (ALL[0].key().program, ALL[0].receipt().statement);
    honest.check(&program).unwrap();
    let fails = |f: &dyn Fn(&mut Statement)| {
        let mut changed = honest.clone();
        f(&mut changed);
        changed.check(&program).unwrap_err()
    };
    let output = |s: &mut Statement, t: Tensor| s.outputs[0] = t;
    assert!(matches!(fails(&|s| drop(s.outputs.pop())), Error::Count { expected: 1, found: 0, .. }));
    assert!(matches!(fails(&|s| s.inputs[0] = InputValue::Private(vec![])), Error::Port { .. }));
    assert!(matches!(fails(&|s| output(s, tensor(&[17, 3], DType::I8))), Error::Port { .. }));
    assert!(matches!(fails(&|s| output(s, tensor(&[3, 17], DType::I16))), Error::Port { .. }));
    let short = Tensor { shape: Shape::new([3, 17]).unwrap(), data: Ints::I8(vec![0; 51]) };
    assert!(matches!(fails(&|s| output(s, short.clone())), Error::Count { expected: 128, found: 51, .. }));
    for pad in [17, 31, 96, 127] {
        let mut data = vec![0; 128];
        data[pad] = -3;
        let stray = Tensor { shape: Shape::new([3, 17]).unwrap(), data: Ints::I8(data) };
        let error = fails(&|s| output(s, stray.clone()));
        assert!(matches!(error, Error::Value { value: -3, lo: 0, hi: 0, .. }), "{pad}: {error}");
    }
}
