//! Scans: trajectories that the prover chooses.

use crate::forgery::{EQUAL, Forgery, SUM, add, rejected, tensor};
use crate::harness::{Ready, build, inputs, ready};
use assay_core::execute::trace;
use assay_core::program::{Op, Rounding};
use assay_core::view::Block;
use assay_core::{DType, TensorId};

fn smoothing(steps: usize) -> Ready {
    ready(build(|p| {
        let s = p.input("s", DType::I8, &[3, 4])?;
        let all = p.scan(steps, &[(s, DType::I8)], &[], |b, t| {
            let left = b.view(t[0], &[3, 4], vec![Block::same(0, 0), Block::strided(1, 1, 1, -1)], 0)?;
            let sum = b.linear(&[(t[0], 2), (left, 1)], 0)?;
            Ok(vec![b.round_shift(sum, 2, Rounding::HalfUp)?])
        })?;
        let last = p.slice(all[0], 0, steps as i64 - 1, 1, 1)?;
        p.output("last", last, DType::I8)
    }))
}

fn trajectory(ready: &Ready) -> TensorId {
    tensor(ready, 0, |op| matches!(op, Op::Scan { .. }))
}

#[test]
fn rejects_a_wrong_entry_of_a_trajectory() {
    // Five steps of [3, 4], padded to eight of [4, 4]: the first, one in between, the last, a pad of a step, a padding step.
    let ready = smoothing(5);
    let given = inputs(&ready.program, 3);
    for at in [2, 2 * 16 + 5, 4 * 16 + 2, 16 + 13, 6 * 16] {
        Forgery::default().tensor(trajectory(&ready), &add(at, 1)).fails(&ready, &given, &[EQUAL]);
    }
}

#[test]
fn rejects_a_trajectory_from_another_start() {
    let ready = smoothing(4);
    let (given, other) = (inputs(&ready.program, 3), inputs(&ready.program, 4));
    let states = trajectory(&ready);
    let run = trace(&ready.key.system.flat, &other, |t| t == states).unwrap();
    let elsewhere = run.get(states).unwrap().to_i64();
    Forgery::default().tensor(states, &|v| v.clone_from(&elsewhere)).fails(&ready, &given, &[EQUAL]);
}

#[test]
fn rejects_a_carried_value_outside_its_type() {
    // 100 + 100 is no int8, and execution stops there. A prover that goes on must hide it.
    let ready = ready(build(|p| {
        let s = p.input("s", DType::I8, &[3])?;
        let all = p.scan(2, &[(s, DType::I8)], &[], |b, t| Ok(vec![b.linear(&[(t[0], 2)], 0)?]))?;
        let twice = p.linear(&[(all[0], 2)], 0)?;
        p.output("twice", twice, DType::I16)
    }));
    let given = vec![assay_core::Tensor::from_valid(assay_core::Shape::new([3]).unwrap(), DType::I8, &[25, 1, 2]).unwrap()];
    let start = assay_core::Tensor::from_valid(assay_core::Shape::new([3]).unwrap(), DType::I8, &[50, 1, 2]).unwrap();
    ready.prove(&given);
    let states = trajectory(&ready);
    let first = tensor(&ready, 0, |op| matches!(op, Op::View { .. }));
    let forged = Forgery::default().tensor(states, &|v| (v[0], v[4]) = (100, 200)).tensor(first, &|v| v[0] = 50).prove_stating(
        &ready,
        &given,
        &[start],
    );
    rejected(forged, &[SUM]);
}
