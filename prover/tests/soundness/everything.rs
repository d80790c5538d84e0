//! A small program that has every part of a proof, for what is done to proofs rather than to witnesses.

use crate::harness::{Ready, build, inputs, ready};
use assay_circuits::inner;
use assay_core::program::{Op, Visibility};
use assay_core::system::{Group, Reduction};
use assay_core::view::Block;
use assay_core::{DType, Program, Tensor};
use assay_prover::Proven;

/// Lookups, all four reductions, a public, a private and a large constant, a public and a private input.
pub fn program() -> Program {
    let program = build(|p| {
        let (x, h) = (p.input("x", DType::I8, &[3, 5])?, p.input("h", DType::I8, &[5, 3])?);
        let large: Vec<i64> = (0..17 * 17).map(|i| i % 3 - 1).collect();
        let large = p.constant("large", &[17, 17], &large)?;
        let corner = p.slice(large, 0, 1, 1, 3)?;
        let corner = p.slice(corner, 1, 2, 1, 3)?;
        let w = p.constant_of("w", &[3, 3], &[1, -2, 3, 4, -5, 6, 7, 8, 9], Visibility::Public)?;
        let z = p.contract("mk,kn->mn", x, h)?;
        let weighted = p.mul(z, w)?;
        let turned = p.transpose(z, &[1, 0])?;
        let sum = p.linear(&[(weighted, 1), (turned, 3), (corner, 5)], 2)?;
        let q = p.round_shift(sum, 12, assay_core::program::Rounding::HalfUp)?;
        let y = p.map(q, "clamp", |v| v.clamp(-100, 100) as i32)?;
        let shifted = p.view(y, &[3, 3], vec![Block::strided(0, 0, 1, -1), Block::same(1, 1)], 4)?;
        p.output("shifted", shifted, DType::I8)?;
        p.output("y", y, DType::I8)
    });
    program.with_visibility(&["h"], true).unwrap()
}

/// The program, proven.
pub fn proven() -> (Ready, Vec<Tensor>, Proven) {
    let ready = ready(program());
    let given = inputs(&ready.program, 3);
    let proven = ready.prove(&given);
    (ready, given, proven)
}

/// Whether a receipt verifies.
pub fn holds(ready: &Ready, receipt: &assay_verifier::Receipt) -> bool {
    ready.key.verifying.verify(receipt).is_ok()
}

/// The number of scalars of a proof.
pub fn num_scalars<N: Clone>(proof: &inner::Proof<N>) -> usize {
    let mut count = 0;
    proof.map(&mut |_| count += 1);
    count
}

#[test]
fn has_every_part() {
    let (ready, _, proven) = proven();
    let plan = &ready.key.plan;
    let reductions: Vec<&Reduction> = plan.waves.iter().flat_map(|w| &w.instances).map(|i| &i.reduction).collect();
    for wanted in [Reduction::Merge, Reduction::Contract, Reduction::Mul, Reduction::View] {
        assert!(reductions.contains(&&wanted), "no {wanted:?}");
    }
    assert!(!plan.leaves.is_empty() && !plan.openings.is_empty());
    let groups: Vec<Group> = ready.key.system.layout.groups.iter().map(|g| g.group).collect();
    for wanted in [Group::Constants, Group::PrivateConstants, Group::PrivateInput(1), Group::Witness] {
        assert!(groups.contains(&wanted), "no {wanted:?}");
    }
    assert!(ready.key.system.flat.program.nodes.iter().any(|n| matches!(n.op, Op::RoundShift { .. })));
    assert!(holds(&ready, &proven.receipt));
    assert!(num_scalars(&proven.receipt.proof.scalars) > 100);
}
