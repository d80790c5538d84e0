//! Views with an index map of their own. Free views need no test of their own: they send nothing, an evaluation of one is an
//! evaluation of its source at a point that the verifier renames itself, so there is nothing to be wrong.

use crate::forgery::{Forgery, RELATION, add, tensor};
use crate::harness::{Ready, build, inputs, ready};
use assay_core::program::Op;
use assay_core::system::WireKind;
use assay_core::view::Block;
use assay_core::{Builder, DType, Error, TensorId};

/// The tensor of the first view that is not free.
fn bound(ready: &Ready) -> TensorId {
    let system = &ready.key.system;
    let is_bound = |t: &usize| matches!(system.wire(system.wire_of[*t]).kind, WireKind::View { .. });
    TensorId((0..system.wire_of.len()).find(is_bound).unwrap() as u32)
}

fn windows(p: &mut Builder) -> Result<(), Error> {
    let x = p.input("x", DType::I8, &[2, 7, 6])?;
    let blocks = vec![Block::same(0, 0), Block::window(1, [1, 3], 2, 1, -1), Block::window(2, [2, 4], 2, 1, 0)];
    let w = p.view(x, &[2, 4, 3, 3, 2], blocks, 9)?;
    p.output("w", w, DType::I8)
}

#[test]
fn rejects_a_wrong_entry_fill_or_pad_of_a_window() {
    let ready = ready(build(windows));
    let given = inputs(&ready.program, 3);
    let view = bound(&ready);
    // Padded shape [2, 4, 4, 4, 2]: an entry; row -1, which shows the fill; a third position of four, a pad.
    let at = |i: [usize; 5]| i.iter().zip([2, 4, 4, 4, 2]).fold(0, |acc, (i, n)| acc * n + i);
    for index in [[1, 1, 2, 0, 1], [0, 0, 1, 0, 0], [0, 1, 3, 1, 0], [1, 2, 1, 3, 1]] {
        Forgery::default().tensor(view, &add(at(index), 1)).fails(&ready, &given, &[RELATION]);
    }
}

#[test]
fn rejects_wrong_entries_of_slices_flips_joins_and_reshapes() {
    type Program = fn(&mut Builder) -> Result<(), Error>;
    let programs: [(&str, Program); 4] = [
        ("unaligned slice", |p| {
            let x = p.input("x", DType::I8, &[7])?;
            let y = p.slice(x, 0, 1, 1, 5)?;
            p.output("y", y, DType::I8)
        }),
        ("flip", |p| {
            let x = p.input("x", DType::I8, &[7, 3])?;
            let y = p.slice(x, 0, 6, -1, 7)?;
            p.output("y", y, DType::I8)
        }),
        ("join", |p| {
            let (x, y) = (p.input("x", DType::I8, &[3])?, p.input("y", DType::I8, &[4])?);
            let z = p.concat(&[x, y], 0)?;
            p.output("z", z, DType::I8)
        }),
        ("reshape", |p| {
            let x = p.input("x", DType::I8, &[3, 5])?;
            let y = p.reshape(x, &[5, 3])?;
            p.output("y", y, DType::I8)
        }),
    ];
    for (name, program) in programs {
        let ready = ready(build(program));
        let given = inputs(&ready.program, 3);
        println!("{name}");
        Forgery::default().tensor(bound(&ready), &add(2, 1)).fails(&ready, &given, &[RELATION]);
    }
}

#[test]
fn rejects_a_wrong_mask() {
    let ready = ready(build(|p| {
        let x = p.input("x", DType::I8, &[5])?;
        let y = p.linear(&[(x, 1)], 3)?;
        p.output("y", y, DType::I16)
    }));
    let given = inputs(&ready.program, 3);
    let mask = tensor(&ready, 0, |op| matches!(op, Op::View { .. }));
    Forgery::default().tensor(mask, &add(1, 1)).fails(&ready, &given, &[RELATION]);
    // A pad that is not zero is not what the statement says.
    Forgery::default().tensor(mask, &add(6, 1)).fails(&ready, &given, &["output 0"]);
}
