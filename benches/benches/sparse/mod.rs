//! Sparse matrices: as many entries in short rows, in rows of all lengths, and in one.

use ark_std::rand::Rng;
use assay_gpu::SparseMatrix;
use criterion::Criterion;

use super::{Timed, field, group, rng};

/// More bytes than the caches of a large device hold.
const ENTRIES: usize = 3 << 20;
const LEN: usize = 1 << 20;

pub fn sparse<B: Timed>(criterion: &mut Criterion, backend: &B) {
    let mut rng = rng();
    let vector = field(LEN);
    let columns: Vec<[u8; 4]> = (0..ENTRIES).map(|_| rng.gen_range(0..LEN as u32).to_le_bytes()).collect();
    let values: Vec<[u8; 32]> = field(ENTRIES).iter().map(|value| bytes(value.0.0)).collect();
    let mut random: Vec<usize> = (0..LEN - 1).map(|_| rng.gen_range(0..ENTRIES)).collect();
    random.sort_unstable();
    let [short, random, one]: [Vec<usize>; 3] =
        [(0..=LEN).map(|row| 3 * row).collect(), [vec![0], random, vec![ENTRIES]].concat(), vec![0, ENTRIES]];
    let lent = backend.lend(&vector);
    let mut entries = group(criterion, backend.name(), "sparse", ENTRIES);
    for (name, starts) in [("multiply/3_a_row", short), ("multiply/random_rows", random), ("multiply/one_row", one)] {
        let starts: Vec<[u8; 4]> = starts.into_iter().map(|start| (start as u32).to_le_bytes()).collect();
        let matrix = backend.prepare_matrix(SparseMatrix { starts: &starts, columns: &columns, values: &values });
        entries.bench_function(name, |bencher| bencher.iter(|| backend.done(backend.multiply(&matrix, &lent, LEN))));
    }
    entries.finish();
    let a = backend.upload(&vector);
    let c = backend.upload(&vector.iter().map(|a| a * a).collect::<Vec<_>>());
    let mut rows = group(criterion, backend.name(), "sparse", LEN);
    rows.bench_function("first_false_product", |bencher| {
        bencher.iter(|| backend.done(backend.first_false_product(&a, &a, &c, LEN)));
    });
}

fn bytes(limbs: [u64; 4]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.as_chunks_mut().0.iter_mut().zip(limbs).for_each(|(bytes, limb)| *bytes = limb.to_le_bytes());
    bytes
}
