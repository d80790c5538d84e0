//! Pads of private tensors: whoever commits to them chooses them, so no valid entry may depend on them.

use crate::forgery::{Forgery, RELATION, add, rejected, tensor};
use crate::harness::{Ready, build, inputs, ready};
use assay_core::program::{Op, Rounding, Visibility};
use assay_core::view::Block;
use assay_core::{Builder, DType, Error, Ints, Shape, TensorId};

/// Fills the pads of a tensor of this shape with values that differ.
fn garbage(shape: &Shape) -> impl Fn(&mut Vec<i64>) + use<> {
    let shape = shape.clone();
    move |values| {
        let mut valid = vec![false; values.len()];
        shape.for_each_row(|_, at, len| valid[at..at + len].fill(true));
        let pads = values.iter_mut().zip(valid).filter(|(_, valid)| !valid);
        pads.enumerate().for_each(|(i, (value, _))| *value = [127, -128, 77, -3][i % 4]);
    }
}

/// Proves with garbage in the pads of every private input, and compares with the true outputs.
fn outputs_hold(name: &str, private: &[&str], program: impl FnOnce(&mut Builder) -> Result<(), Error>) {
    let ready = ready(build(program).with_visibility(private, false).unwrap());
    let given = inputs(&ready.program, 3);
    let honest = ready.prove(&given);
    let ports: Vec<(TensorId, Box<dyn Fn(&mut Vec<i64>)>)> = private_inputs(&ready)
        .into_iter()
        .map(|t| (t, Box::new(garbage(&ready.key.system.flat.program.node(t).shape)) as Box<dyn Fn(&mut Vec<i64>)>))
        .collect();
    assert_eq!(ports.len(), private.len());
    let forgery = ports.iter().fold(Forgery::default(), |f, (t, change)| f.tensor(*t, &**change));
    match forgery.prove(&ready, &given) {
        Ok(proven) => assert_eq!(proven.outputs, honest.outputs, "{name}"),
        Err(error) => panic!("{name}: {error}"),
    }
}

fn private_inputs(ready: &Ready) -> Vec<TensorId> {
    let program = &ready.key.system.flat.program;
    program.inputs.iter().filter(|p| p.visibility == Visibility::Private).map(|p| p.tensor).collect()
}

#[test]
fn no_contraction_reads_private_pads() {
    outputs_hold("one side", &["x"], |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::I8, &[5, 3])?);
        let z = p.contract("mk,kn->mn", x, y)?;
        p.output("z", z, DType::I32)
    });
    outputs_hold("both sides, batched", &["x", "y"], |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5, 6])?, p.input("y", DType::I8, &[5, 3, 6])?);
        let z = p.contract("bkl,kbl->b", x, y)?;
        let t = p.contract("bkl,kbm->lbm", x, y)?;
        p.output("z", z, DType::I32)?;
        p.output("t", t, DType::I32)
    });
    outputs_hold("after elementwise operations", &["x", "y"], |p| {
        let (x, y) = (p.input("x", DType::I8, &[5])?, p.input("y", DType::I8, &[5])?);
        let (a, b) = (p.mul(x, y)?, p.linear(&[(x, 2), (y, 1)], 3)?);
        let c = p.map(x, "plus seven", |v| v as i32 + 7)?;
        let q = p.round_shift(a, 3, Rounding::HalfEven)?;
        let (u, v) = (p.contract("k,k->", q, b)?, p.contract("k,k->", c, c)?);
        p.output("u", u, DType::I64)?;
        p.output("v", v, DType::I64)
    });
}

#[test]
fn no_view_reads_private_pads() {
    outputs_hold("views", &["x"], |p| {
        let x = p.input("x", DType::I8, &[3, 6])?;
        let aligned = p.slice(x, 1, 4, 1, 2)?;
        let odd = p.slice(x, 1, 0, 1, 3)?;
        let flipped = p.slice(x, 0, 2, -1, 3)?;
        let reshaped = p.reshape(x, &[9, 2])?;
        let free = p.reshape(x, &[3, 3, 2])?;
        let turned = p.transpose(x, &[1, 0])?;
        let padded = p.pad(x, &[1, 0], &[0, 2], -3)?;
        let row = p.slice(x, 0, 2, 1, 1)?;
        let wide = p.broadcast(row, &[5, 6])?;
        let joined = p.concat(&[x, flipped], 1)?;
        let windows = p.view(x, &[3, 3, 2], vec![Block::same(0, 0), Block::window(1, [1, 2], 2, 3, -1)], 5)?;
        let all = [aligned, odd, flipped, reshaped, free, turned, padded, wide, joined, windows];
        for (i, tensor) in all.into_iter().enumerate() {
            p.output(&format!("view {i}"), tensor, DType::I8)?;
            let axes = p.shape(tensor).num_axes();
            let labels = &"abc"[..axes];
            let square = p.contract(&format!("{labels},{labels}->{}", &labels[..1]), tensor, tensor)?;
            p.output(&format!("squares of view {i}"), square, DType::I32)?;
        }
        Ok(())
    });
}

#[test]
fn no_division_or_scan_reads_private_pads() {
    outputs_hold("division", &["x", "d"], |p| {
        let (x, d) = (p.input("x", DType::I8, &[5])?, p.input("d", DType::I8, &[5])?);
        let d = p.map(d, "at least one", |v| v.max(1) as i32)?;
        let (q, r) = (p.div(x, d)?, p.rem(x, d)?);
        let sum = p.contract("k,k->", q, r)?;
        p.output("q", q, DType::I32)?;
        p.output("sum", sum, DType::I64)
    });
    outputs_hold("scan", &["s", "c"], |p| {
        let (s, c) = (p.input("s", DType::I8, &[3, 3])?, p.input("c", DType::I8, &[3, 3])?);
        let all = p.scan(3, &[(s, DType::I8)], &[c], |b, t| {
            let left = b.view(t[0], &[3, 3], vec![Block::same(0, 0), Block::strided(1, 1, 1, -1)], 0)?;
            let mixed = b.contract("mk,nk->mn", t[0], t[1])?;
            let mixed = b.round_shift(mixed, 9, Rounding::HalfUp)?;
            let sum = b.linear(&[(mixed, 1), (left, 1)], 0)?;
            Ok(vec![b.round_shift(sum, 2, Rounding::HalfEven)?])
        })?;
        let total = p.contract("tmn,tmn->m", all[0], all[0])?;
        p.output("all", all[0], DType::I8)?;
        p.output("total", total, DType::I64)
    });
}

#[test]
fn rejects_an_output_that_counts_pads() {
    let program = build(|p| {
        let (x, y) = (p.input("x", DType::I8, &[3])?, p.input("y", DType::I8, &[3])?);
        let z = p.contract("k,k->", x, y)?;
        p.output("z", z, DType::I32)
    });
    let ready = ready(program.with_visibility(&["x", "y"], false).unwrap());
    let given = inputs(&ready.program, 3);
    let z = tensor(&ready, 0, |op| matches!(op, Op::Contract { .. }));
    let ports = private_inputs(&ready);
    let pad = |v: &mut Vec<i64>| v[3] = 10;
    let counted = add(0, 100);
    let forged = Forgery::default().tensor(ports[0], &pad).tensor(ports[1], &pad).tensor(z, &counted);
    rejected(forged.prove(&ready, &given), &[RELATION]);
}

#[test]
fn no_contraction_reads_the_pads_of_private_weights() {
    let program = build(|p| {
        let x = p.input("x", DType::I8, &[3, 5])?;
        let w = p.constant_of("w", &[5, 3], &(0..15).map(|i| i * 17 - 100).collect::<Vec<_>>(), Visibility::Public)?;
        // Pads of x that are not zero.
        let x = p.linear(&[(x, 1)], 9)?;
        let z = p.contract("mk,kn->mn", x, w)?;
        p.output("z", z, DType::I32)
    });
    let honest = program.with_visibility(&[], true).unwrap();
    let mut padded = honest.clone();
    let mut values = honest.constants[0].values.as_ref().unwrap().to_i64();
    garbage(&honest.constants[0].shape)(&mut values);
    padded.constants[0].values = Some(Ints::from_i64(honest.constants[0].values.as_ref().unwrap().dtype(), values));
    assert_ne!(padded, honest);
    let given = inputs(&honest, 3);
    let outputs = ready(honest).prove(&given).outputs;
    assert_eq!(ready(padded).try_prove(&given, b"").unwrap().outputs, outputs);
}
