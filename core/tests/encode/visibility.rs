use crate::programs;
use assay_core::limits::{self, Budget};
use assay_core::program::{Op, Rounding, Visibility};
use assay_core::{Builder, DType, Error, Interval, Shape, Tensor, execute};

fn inputs(program: &assay_core::Program) -> Vec<Tensor> {
    let port = |(i, p): (usize, &assay_core::program::Port)| {
        let shape = program.shape(p.tensor).clone();
        let values: Vec<i64> = (0..shape.num_elements() as i64).map(|j| (j * 29 + i as i64 * 5) % 100).collect();
        Tensor::from_valid(shape, p.dtype, &values).unwrap()
    };
    program.inputs.iter().enumerate().map(port).collect()
}

#[test]
fn hiding_inputs_and_weights_changes_no_output() {
    for program in programs::all() {
        let names: Vec<&str> = program.inputs.iter().map(|p| p.name.as_str()).collect();
        let inputs = inputs(&program);
        let want = execute(&program, &inputs).unwrap();
        for (private, weights) in [(&names[..], false), (&names[..0], true), (&names[..], true)] {
            let hidden = program.with_visibility(private, weights).unwrap();
            assert_eq!(execute(&hidden, &inputs).unwrap(), want);
        }
    }
}

#[test]
fn a_private_parameter_shows_its_type_only() {
    let hidden = programs::network().with_visibility(&[], true).unwrap();
    assert_eq!(hidden.constants[0].visibility, Visibility::Private);
    assert_eq!(hidden.constants[0].range, Interval { lo: -128, hi: 127 });
    assert!(hidden.stripped().constants.iter().all(|c| !c.parameter || c.values.is_none()));
    let node = hidden.nodes.iter().find(|n| n.op == Op::Const(0)).unwrap();
    assert_eq!((node.range, node.padded_range), (Interval { lo: -128, hi: 127 }, Interval { lo: -128, hi: 127 }));
    assert_eq!(node.clean, [false, false]);
}

#[test]
fn hiding_weights_twice_changes_nothing_more() {
    let once = programs::simulation().with_visibility(&[], true).unwrap();
    assert_eq!(once.with_visibility(&[], true).unwrap(), once);
}

#[test]
fn an_argument_outside_a_table_fails_in_execution() {
    let mut p = Builder::new("narrow");
    let x = p.input("x", DType::I8, &[2]).unwrap();
    let w = p.constant_of("w", &[2], &[1, 2], Visibility::Public).unwrap();
    let y = p.mul(x, w).unwrap();
    let z = p.map(y, "identity", |v| v as i32).unwrap();
    p.output("z", z, DType::I16).unwrap();
    let program = p.finish().unwrap();
    // The table covers -256..=254; with private weights of eight bits the product seems to reach further.
    let mut hidden = program.with_visibility(&[], true).unwrap();
    let x = Tensor::from_valid(Shape::new([2]).unwrap(), DType::I8, &[5, -7]).unwrap();
    assert_eq!(execute(&hidden, std::slice::from_ref(&x)).unwrap()[0].valid(), [5, -14]);
    hidden.constants[0].values = Some(assay_core::Ints::U8(vec![200, 200]));
    assert!(matches!(execute(&hidden, &[x]), Err(Error::ValueOutOfRange { .. })));
}

#[test]
fn an_unknown_input_is_named() {
    let error = programs::network().with_visibility(&["z"], false).unwrap_err().to_string();
    assert!(error.contains("one of x") && error.contains('z'), "{error}");
}

#[test]
fn structure_limits_stop_programs_that_unfold_without_end() {
    let mut p = Builder::new("doubling");
    let mut x = p.input("x", DType::I8, &[2]).unwrap();
    for _ in 0..40 {
        x = p.linear(&[(x, 1), (x, -1)], 0).unwrap();
    }
    p.output("x", x, DType::I64).unwrap();
    assert!(matches!(limits::check_structure(&p.finish().unwrap()), Err(Error::AtNode { .. })));

    let mut p = Builder::new("chain");
    let mut x = p.input("x", DType::I8, &[2]).unwrap();
    for _ in 0..limits::MAX_LINEAR_DEPTH + 1 {
        x = p.linear(&[(x, 1)], 0).unwrap();
    }
    p.output("x", x, DType::I8).unwrap();
    assert!(limits::check_structure(&p.finish().unwrap()).is_err());
}

#[test]
fn memory_limits_name_the_node() {
    let mut p = Builder::new("large");
    let x = p.input("x", DType::I8, &[1 << 20]).unwrap();
    let y = p.scope("the heavy one").round_shift(x, 3, Rounding::Floor).unwrap();
    p.output("y", y, DType::I8).unwrap();
    let program = p.finish().unwrap();
    let cost = limits::check(&program, &Budget::VERIFIER).unwrap();
    assert!(cost.prover.bytes > 100 << 20 && cost.verifier.bytes < 10 << 20, "{cost:?}");
    let error = limits::check(&program, &Budget { prover_bytes: 1 << 20, ..Budget::VERIFIER }).unwrap_err().to_string();
    assert!(error.contains("the heavy one") && error.contains("proving"), "{error}");
    // Counted on the mapped program, it is less, and not by orders of magnitude.
    let counted = limits::check(&program, &Budget { prover_bytes: u64::MAX - 1, ..Budget::VERIFIER }).unwrap().prover;
    assert!(counted.bytes < cost.prover.bytes && counted.bytes > cost.prover.bytes / 8, "{counted:?} {cost:?}");
    assert!(counted.node == "the heavy one" && counted.node_bytes < counted.bytes, "{counted:?}");

    // One entry of an axis that is too long for the verifier's table of weights.
    let mut p = Builder::new("hostile");
    let x = p.input("x", DType::I8, &[1 << 34]).unwrap();
    let y = p.slice(x, 0, 1, 3, 2).unwrap();
    p.output("y", y, DType::I8).unwrap();
    assert!(limits::check(&p.finish().unwrap(), &Budget::VERIFIER).is_err());
}
