//! Every operation proves and verifies, at odd and minimal shapes.

use crate::harness::{build, inputs, ready};
use assay_core::program::Rounding;
use assay_core::view::Block;
use assay_core::{Builder, DType, Error};

fn holds(name: &str, f: impl FnOnce(&mut Builder) -> Result<(), Error>) {
    let ready = ready(build(f));
    for seed in 0..2 {
        let given = inputs(&ready.program, seed);
        if let Err(error) = ready.try_prove(&given, b"context") {
            panic!("{name}: {error}");
        }
        ready.prove(&given);
    }
}

#[test]
fn contractions() {
    for (m, k, n) in [(4, 8, 2), (3, 5, 7), (1, 1, 1), (1, 9, 1), (5, 1, 3)] {
        holds("matmul", |p| {
            let (x, y) = (p.input("x", DType::I8, &[m, k])?, p.input("y", DType::U8, &[k, n])?);
            let z = p.contract("mk,kn->mn", x, y)?;
            p.output("z", z, DType::I32)
        });
    }
    holds("batched, permuted", |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5, 2])?, p.input("y", DType::I8, &[2, 3, 7])?);
        let z = p.contract("bkm,mbn->nbk", x, y)?;
        p.output("z", z, DType::I32)
    });
    holds("masked", |p| {
        // Both operands have pads that are not zero, so that the contraction must mask them.
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::I8, &[5, 3])?);
        let (x, y) = (p.linear(&[(x, 2)], 7)?, p.linear(&[(y, 1)], 5)?);
        let z = p.contract("mk,kn->mn", x, y)?;
        p.output("z", z, DType::I32)
    });
    holds("masked and batched", |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::I8, &[3, 5])?);
        let (x, y) = (p.linear(&[(x, 2)], 7)?, p.linear(&[(y, 1)], 5)?);
        let z = p.contract("bk,bk->b", x, y)?;
        p.output("z", z, DType::I32)
    });
}

#[test]
fn elementwise() {
    holds("products", |p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 5])?, p.input("y", DType::I16, &[3, 5])?);
        let z = p.mul(x, y)?;
        let w = p.mul(z, x)?;
        p.output("w", w, DType::I32)
    });
    holds("tables", |p| {
        let x = p.input("x", DType::I8, &[7])?;
        let y = p.map(x, "square", |v| (v * v) as i32)?;
        p.output("y", y, DType::I32)
    });
    for rounding in [Rounding::Floor, Rounding::HalfUp, Rounding::HalfEven] {
        for shift in [1, 3, 11, 20] {
            holds("rounding", |p| {
                let x = p.input("x", DType::I32, &[11])?;
                let q = p.round_shift(x, shift, rounding)?;
                p.output("q", q, DType::I32)
            });
        }
    }
    holds("division", |p| {
        let (x, d) = (p.input("x", DType::I16, &[5])?, p.input("d", DType::U8, &[5])?);
        let d = p.map(d, "at least one", |v| v.max(1) as i32)?;
        let (q, r) = (p.div(x, d)?, p.rem(x, d)?);
        p.output("q", q, DType::I32)?;
        p.output("r", r, DType::U8)
    });
}

#[test]
fn half_even_ties() {
    let ready = ready(build(|p| {
        let x = p.input("x", DType::I16, &[64])?;
        let a = p.round_shift(x, 2, Rounding::HalfEven)?;
        let wide = p.linear(&[(x, 1 << 18)], 0)?;
        let b = p.round_shift(wide, 20, Rounding::HalfEven)?;
        p.output("a", a, DType::I16)?;
        p.output("b", b, DType::I16)
    }));
    let values: Vec<i64> = (-32..32).collect();
    let x = assay_core::Tensor::from_valid(assay_core::Shape::new([64]).unwrap(), DType::I16, &values).unwrap();
    let proven = ready.prove(&[x]);
    let want: Vec<i64> = values.iter().map(|v| (*v as f64 / 4.0).round_ties_even() as i64).collect();
    assert_eq!(proven.outputs[0].valid(), want);
    assert_eq!(proven.outputs[1].valid(), want);
}

#[test]
fn views() {
    holds("window with fill", |p| {
        let x = p.input("x", DType::I8, &[2, 7, 6])?;
        let w =
            p.view(x, &[2, 4, 3, 3, 2], vec![Block::same(0, 0), Block::window(1, [1, 3], 2, 1, -1), Block::window(2, [2, 4], 2, 1, 0)], 9)?;
        p.output("w", w, DType::I8)
    });
    holds("reshape, slice, join, transpose, broadcast", |p| {
        let x = p.input("x", DType::I8, &[2, 3, 4])?;
        let r = p.reshape(x, &[4, 6])?;
        let s = p.slice(x, 2, 3, -2, 2)?;
        let c = p.concat(&[x, s], 2)?;
        let t = p.transpose(x, &[2, 0, 1])?;
        let one = p.slice(x, 0, 1, 1, 1)?;
        let b = p.broadcast(one, &[5, 3, 4])?;
        let q = p.pad(x, &[0, 1, 2], &[1, 0, 1], -3)?;
        for (name, tensor) in [("r", r), ("s", s), ("c", c), ("t", t), ("b", b), ("q", q)] {
            p.output(name, tensor, DType::I8)?;
        }
        Ok(())
    });
}

#[test]
fn shared_tensors_merge() {
    holds("one product, many readers", |p| {
        let (x, y) = (p.input("x", DType::I8, &[4, 5])?, p.input("y", DType::I8, &[5, 3])?);
        let z = p.contract("mk,kn->mn", x, y)?;
        let s = p.mul(z, z)?;
        let t = p.transpose(z, &[1, 0])?;
        let g = p.contract("mn,nk->mk", z, t)?;
        let r = p.reshape(z, &[6, 2])?;
        for (name, tensor) in [("z", z), ("s", s), ("g", g), ("r", r)] {
            p.output(name, tensor, DType::I64)?;
        }
        Ok(())
    });
}

#[test]
fn layers_with_committed_weights() {
    holds("two layers", |p| {
        let x = p.input("x", DType::U8, &[1, 40])?;
        let w1: Vec<i64> = (0..40 * 20).map(|i| i * 37 % 255 - 127).collect();
        let w2: Vec<i64> = (0..20 * 10).map(|i| i * 91 % 255 - 127).collect();
        let (w1, w2) = (p.constant("w1", &[40, 20], &w1)?, p.constant("w2", &[20, 10], &w2)?);
        let a = p.contract("mk,kn->mn", x, w1)?;
        let a = p.linear(&[(a, 12345)], 0)?;
        let q = p.round_shift(a, 24, Rounding::HalfUp)?;
        let y = p.map(q, "relu8", |v| v.clamp(0, 255) as i32)?;
        let b = p.contract("mk,kn->mn", y, w2)?;
        p.output("b", b, DType::I32)
    });
}

#[test]
fn scans() {
    for steps in [1, 4, 5] {
        holds("a scan", |p| {
            let s = p.input("s", DType::I8, &[3, 4])?;
            let c = p.input("c", DType::I8, &[3, 4])?;
            let all = p.scan(steps, &[(s, DType::I8)], &[c], |b, t| {
                let left = b.view(t[0], &[3, 4], vec![Block::same(0, 0), Block::strided(1, 1, 1, -1)], 0)?;
                let sum = b.linear(&[(t[0], 2), (left, 1), (t[1], 1)], 0)?;
                let q = b.round_shift(sum, 2, Rounding::HalfUp)?;
                Ok(vec![q])
            })?;
            let last = p.slice(all[0], 0, steps as i64 - 1, 1, 1)?;
            p.output("last", last, DType::I8)
        });
    }
}

#[test]
fn built_in_jobs() {
    for name in ["matmul:5x9x3", "matmul:32x64x16", "heat2d:6x5x3", "heat2d:16x16x8", "hardswish:3x5x7"] {
        let ready = ready(assay_core::jobs::by_name(name).unwrap().unwrap());
        let mut given = inputs(&ready.program, 5);
        if name.starts_with("heat") {
            // Extremes next to each other: no step may overflow.
            given = inputs(&ready.program, 6);
        }
        ready.prove(&given);
    }
}

#[test]
fn more_than_is_worked_on_at_once() {
    // More leaves than four pieces, an address space of eight; pads on both axes.
    let ready = ready(assay_core::jobs::by_name("hardswish:300x400x2").unwrap().unwrap());
    ready.prove(&inputs(&ready.program, 7));
}

#[test]
fn private_values() {
    let program = build(|p| {
        let (x, y) = (p.input("x", DType::I8, &[3, 20])?, p.input("y", DType::I16, &[3, 12])?);
        let w: Vec<i64> = (0..20 * 12).map(|i| i * 37 % 255 - 127).collect();
        let w = p.constant("w", &[20, 12], &w)?;
        let a = p.contract("mk,kn->mn", x, w)?;
        let s = p.add(a, y)?;
        let q = p.round_shift(s, 9, Rounding::HalfEven)?;
        let out = p.map(q, "clamp", |v| v.clamp(-128, 127) as i32)?;
        p.output("out", out, DType::I8)
    });
    for (inputs_hidden, weights_hidden) in [(&["x"][..], false), (&["x", "y"], false), (&[], true), (&["y"], true)] {
        let ready = ready(program.with_visibility(inputs_hidden, weights_hidden).unwrap());
        let proven = ready.prove(&inputs(&ready.program, 3));
        let hidden = proven.receipt.statement.inputs.iter().filter(|i| matches!(i, assay_verifier::InputValue::Private(_))).count();
        assert_eq!(hidden, inputs_hidden.len());
    }
}
