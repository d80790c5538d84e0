//! Lookups in tables.

use crate::forgery::{Forgery, LEAVES, RELATION, SUM, add, column, rejected, set, tensor};
use crate::harness::{Ready, build, inputs, ready};
use assay_core::program::{Op, Visibility};
use assay_core::system::Source;
use assay_core::{DType, Ints, Shape, Tensor};

fn square() -> Ready {
    ready(build(|p| {
        let x = p.input("x", DType::I8, &[7])?;
        let y = p.map(x, "square", |v| (v * v) as i32)?;
        p.output("y", y, DType::I32)
    }))
}

#[test]
fn rejects_a_value_that_is_not_the_tables() {
    let ready = square();
    let given = inputs(&ready.program, 3);
    let y = tensor(&ready, 0, |op| matches!(op, Op::Lookup { .. }));
    // Entry 7 is a pad.
    for at in [0, 6, 7] {
        Forgery::default().tensor(y, &add(at, 1)).fails(&ready, &given, &[SUM]);
    }
}

#[test]
fn rejects_a_wrong_value_of_the_smallest_lookups() {
    // One entry, in a table of two and in a table of one.
    for (lo, hi) in [(3, 4), (3, 3)] {
        let ready = ready(build(|p| {
            let (x, c) = (p.input("x", DType::I8, &[])?, p.constant("c", &[], &[lo])?);
            let known = p.map(x, "known", |v| if v > 0 { hi as i32 } else { lo as i32 })?;
            let y = p.map(known, "ten more", |v| v as i32 + 10)?;
            let z = p.map(c, "ten less", |v| v as i32 - 10)?;
            p.output("y", y, DType::I8)?;
            p.output("z", z, DType::I8)
        }));
        let given = inputs(&ready.program, 3);
        for lookup in 0..3 {
            let y = tensor(&ready, lookup, |op| matches!(op, Op::Lookup { .. }));
            Forgery::default().tensor(y, &add(0, 1)).fails(&ready, &given, &[SUM]);
        }
    }
}

#[test]
fn rejects_the_value_of_another_argument() {
    let ready = square();
    let given = inputs(&ready.program, 3);
    let y = tensor(&ready, 0, |op| matches!(op, Op::Lookup { .. }));
    Forgery::default().tensor(y, &|v| v.swap(0, 1)).fails(&ready, &given, &[SUM]);
}

#[test]
fn rejects_the_value_of_another_table() {
    let ready = ready(build(|p| {
        let x = p.input("x", DType::I8, &[8])?;
        let a = p.map(x, "one more", |v| v as i32 + 1)?;
        let b = p.map(x, "one less", |v| v as i32 - 1)?;
        p.output("a", a, DType::I16)?;
        p.output("b", b, DType::I16)
    }));
    let given = inputs(&ready.program, 3);
    let a = tensor(&ready, 0, |op| matches!(op, Op::Lookup { .. }));
    Forgery::default().tensor(a, &add(3, -2)).fails(&ready, &given, &[SUM]);
}

#[test]
fn rejects_a_wrong_multiplicity() {
    let ready = square();
    let given = inputs(&ready.program, 3);
    let counts = column(&ready, 0, |s| matches!(s, Source::Multiplicity(_)));
    Forgery::default().column(counts, &add(0, 1)).fails(&ready, &given, &[SUM]);
    Forgery::default().column(counts, &|v| v.swap(0, 1)).fails(&ready, &given, &[SUM]);
}

#[test]
fn rejects_an_argument_outside_the_table() {
    let ready = ready(build(|p| {
        let x = p.input("x", DType::I8, &[3, 5])?;
        let y = p.constant("y", &[5, 2], &[1, -1, 0, 1, 1, 1, -1, 0, 1, -1])?;
        let z = p.contract("mk,kn->mn", x, y)?;
        let s = p.map(z, "sign", |v| v.signum() as i32)?;
        p.output("s", s, DType::I8)
    }));
    let given = inputs(&ready.program, 3);
    let z = tensor(&ready, 0, |op| matches!(op, Op::Contract { .. }));
    let table = &ready.program.tables[0];
    assert!(!table.values.len().is_power_of_two());
    // Inside the table, the lookup has nothing to object to: it is the contraction that fails.
    for (value, check) in [(table.hi() + 1, SUM), (table.lo - 1, SUM), (1 << 40, SUM), (table.hi(), RELATION)] {
        Forgery::default().tensor(z, &set(0, value)).fails(&ready, &given, &[check]);
    }
}

#[test]
fn rejects_an_argument_just_past_the_tables_end() {
    // The table is made for weights of 3 at most: 766 entries, padded to 1,024. Private weights may be anything of their type
    // as far as bounds go, so it is the lookup that keeps arguments within the table; where it is padded, too.
    let program = build(|p| {
        let x = p.input("x", DType::U8, &[2])?;
        let w = p.constant_of("w", &[2], &[3, 2], Visibility::Public)?;
        let z = p.mul(x, w)?;
        let y = p.map(z, "parity", |v| (v % 2) as i32)?;
        p.output("y", y, DType::U8)
    });
    let mut hidden = program.with_visibility(&[], true).unwrap();
    hidden.constants[0].values = Some(Ints::U8(vec![4, 2]));
    let mut ready = ready(hidden);
    let x = Tensor::from_valid(Shape::new([2]).unwrap(), DType::U8, &[255, 7]).unwrap();
    // A prover to whom the padding belongs to the table.
    let values = &mut ready.key.system.flat.program.tables[0].values;
    let (last, len) = (values[values.len() - 1], values.len().next_power_of_two());
    assert!(values.len() < 1021 && len == 1024);
    values.resize(len, last);
    rejected(Forgery::default().prove(&ready, &[x.clone()]), &[LEAVES, SUM]);
    // The same arguments within the table hold.
    let x = Tensor::from_valid(Shape::new([2]).unwrap(), DType::U8, &[191, 7]).unwrap();
    let key = &mut ready.key.system.flat.program.tables[0].values;
    key.truncate(766);
    Forgery::default().prove(&ready, &[x]).unwrap();
}
