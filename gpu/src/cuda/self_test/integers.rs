//! The module `tensors`.

use assay_core::{
    DType, Interval, Ints, Shape,
    execute::{Machine, Operand},
    program::{Node, Op, Rounding, Table},
    view::{Block, View},
};

use super::answers::{Answers, integers};
use crate::{Cuda, Executor};

const LEN: usize = 300;

/// Integers that a type holds, of at most so many bits.
fn ints(dtype: DType, bits: u32, len: usize) -> Ints {
    Ints::from_i64(dtype, integers(len, bits.min(8 * dtype.num_bytes() as u32)))
}

fn shape(extents: &[usize]) -> Shape {
    Shape::new(extents).expect("a small shape")
}

pub fn contractions<M: Machine>(machine: &M) -> Answers {
    let mut answers = Answers::default();
    let (left, right, out) = (shape(&[70, 37]), shape(&[37, 9]), shape(&[70, 9]));
    // Bytes, words, and integers whose products take 64 bits.
    let bytes = [DType::I8, DType::U8];
    let pairs = bytes.iter().flat_map(|x| bytes.map(|y| [*x, y])).chain([[DType::I16, DType::I32], [DType::I64, DType::I32]]);
    for types in pairs {
        let node = |shape: &Shape, dtype: DType| {
            let (lo, hi) = dtype.bounds();
            let range = Interval { lo: lo.max(-(1 << 26)), hi: hi.min((1 << 26) - 1) };
            let range = if dtype == DType::I64 { Interval { lo: -(1 << 32), ..range } } else { range };
            Node { op: Op::Const(0), name: String::new(), clean: vec![true; 2], shape: shape.clone(), range, padded_range: range }
        };
        let nodes = [node(&left, types[0]), node(&right, types[1])];
        let data = nodes.each_ref().map(|node| {
            let values = integers(node.shape.num_padded(), 27.min(8 * node.storage().num_bytes() as u32));
            let low = if node.storage() == DType::U8 { 128 } else { 0 };
            let values = Ints::from_i64(node.storage(), values.map(|x| x + low));
            machine.place(&values, node.storage())
        });
        let operand = |i: usize, axes: &'static [u8]| Operand { data: &data[i], node: &nodes[i], axes };
        answers.ints(&machine.fetch(&machine.contract(operand(0, b"ab"), operand(1, b"bc"), b"ac", &out, DType::I64)));
    }
    answers
}

pub fn entries<M: Machine>(machine: &M) -> Answers {
    let mut answers = Answers::default();
    let mut keep = |values: M::Tensor| answers.ints(&machine.fetch(&values));
    let place = |values: Ints| machine.place(&values, values.dtype());
    let (x, y) = (place(ints(DType::I32, 30, LEN)), place(ints(DType::I16, 15, LEN)));
    keep(machine.mul(&x, &y, DType::I64));
    let divisors = Ints::from_i64(DType::I16, integers(LEN, 15).map(|d| d.abs().max(1)));
    keep(machine.div(&x, &place(divisors), DType::I64));
    keep(machine.linear(&[(&x, 1 << 20), (&y, -3)], -7, DType::I64));
    let table = Table { name: String::new(), lo: -5, values: integers(100, 20).map(|v| v as i32).collect() };
    keep(machine.lookup(&place(ints(DType::I8, 8, LEN)), &table, None, DType::I32));
    for rounding in [Rounding::Floor, Rounding::HalfUp, Rounding::HalfEven] {
        keep(machine.round_shift(&y, 3, rounding, DType::I32));
    }
    // Transposed, and windows whose ends lie outside.
    let from = shape(&[9, 8]);
    let views = [
        View { shape: shape(&[8, 9]), blocks: vec![Block::same(1, 0), Block::same(0, 1)], fill: 0 },
        View { shape: shape(&[5, 3, 4, 2]), blocks: vec![Block::window(0, [0, 1], 2, 1, -1), Block::window(1, [2, 3], 2, 3, 0)], fill: -7 },
    ];
    let src = place(ints(DType::I8, 8, from.num_padded()));
    for view in &views {
        keep(machine.view(&src, &from, view, DType::I32));
    }
    let (lo, hi) = machine.min_max(&x);
    answers.numbers([lo, hi]);
    answers
}

/// A limb, a comparison, and how often sums occur: add, low, width, most, constant, bins.
const LIMBS: (i64, u32, u32, u64) = (1 << 30, 5, 12, 1000);
const COUNTED: (i64, usize) = (100, 256);

pub fn limbs(cuda: &Cuda) -> Answers {
    let mut answers = Answers::default();
    let (x, bytes) = (ints(DType::I32, 30, LEN), ints(DType::I8, 8, LEN));
    let (x, bytes) = (cuda.place(&x, DType::I32), cuda.place(&bytes, DType::I8));
    let (add, low, width, most) = LIMBS;
    answers.ints(&cuda.fetch(&cuda.limb(&x, add, low, width)));
    answers.ints(&cuda.fetch(&cuda.limb_exceeds(&x, add, low, width, most)));
    let (constant, bins) = COUNTED;
    let (counts, outside) = cuda.count(&[(&bytes, 2)], constant, bins);
    answers.numbers(counts.into_iter().map(i64::from).chain([outside as i64]));
    answers
}

/// [`limbs`] in plain words.
pub fn limbs_here() -> Answers {
    let mut answers = Answers::default();
    let (add, low, width, most) = LIMBS;
    let limbs = ints(DType::I32, 30, LEN).to_i64().into_iter().map(|x| ((x + add) >> low) & ((1 << width) - 1));
    answers.numbers(limbs.clone());
    answers.numbers(limbs.map(|limb| i64::from(limb as u64 > most)));
    let (constant, bins) = COUNTED;
    let mut counts = vec![0; bins + 1];
    for x in ints(DType::I8, 8, LEN).to_i64() {
        let bin = usize::try_from(2 * x + constant).map_or(bins, |bin| bin.min(bins));
        counts[bin] += 1;
    }
    answers.numbers(counts);
    answers
}
