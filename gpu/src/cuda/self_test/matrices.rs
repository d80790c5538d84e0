//! The module `sparse`.

use super::answers::{Answers, elements, integers};
use crate::{Backend, SparseMatrix};

/// Columns.
const LEN: usize = 50;

pub fn rows<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    // Empty rows, short ones, and one that is longer than a tile.
    let lengths = (0..600u32).map(|row| if row == 300 { 1500 } else { row % 4 });
    let ends = lengths.scan(0, |end, len| {
        *end += len;
        Some(*end)
    });
    let starts: Vec<[u8; 4]> = [0].into_iter().chain(ends).map(u32::to_le_bytes).collect();
    let entries = u32::from_le_bytes(starts[starts.len() - 1]) as usize;
    let columns: Vec<[u8; 4]> = integers(entries, 31).map(|x| (x.unsigned_abs() as u32 % LEN as u32).to_le_bytes()).collect();
    let values: Vec<[u8; 32]> = elements(entries).iter().map(|x| std::array::from_fn(|i| (x.0.0[i / 8] >> (8 * (i % 8))) as u8)).collect();
    let matrix = backend.prepare_matrix(SparseMatrix { starts: &starts, columns: &columns, values: &values });
    let vector = elements(LEN);
    let product = backend.multiply(&matrix, &backend.lend(&vector), 1024);
    answers.field(&backend.download(&product));

    let a = elements(LEN);
    let right: Vec<_> = a.iter().map(|x| *x * *x).collect();
    let mut wrong = right.clone();
    wrong.swap(7, LEN - 1);
    let found = |c: &[_]| backend.first_false_product(&backend.upload(&a), &backend.upload(&a), &backend.upload(c), LEN);
    let indices = [found(&wrong), found(&right)];
    answers.numbers(indices.into_iter().map(|index| index.map_or(-1, |index| index as i64)));
    answers
}
