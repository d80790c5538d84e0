//! Products of sparse matrices and vectors; where products of vectors are not what they should be.
//!
//! A matrix stays on the device if that leaves half of it to the work, as points do; otherwise its entries are sent for each
//! product, so many tiles at a time. What tiles are is said with the kernels.

#![allow(unsafe_code)]

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use cudarc::driver::{DeviceRepr, LaunchConfig};
use rayon::prelude::*;

use super::{
    device::Device,
    failure::needed,
    launch::{count, elements, grid, launch},
    ledger::Exceeded,
    memory::{Address, Buffer, Limbs, Vector},
    vectors,
};
use crate::SparseMatrix;

/// Items of a tile, as in the kernels: entries, and ends of rows.
const TILE: usize = 1024;

/// Tiles that one thread of the processor looks for at least.
const SEARCHES: usize = 1 << 8;

/// Tiles whose entries are sent at a time, at most: 36 MiB, much more than what a copy costs to start.
const MOST_TILES: usize = 1 << 10;

/// Bytes of an entry: its column and its value.
const ENTRY: usize = 4 + size_of::<Limbs>();

/// A sparse matrix, on the device or where the caller has it.
pub struct Matrix<'a>(Place<'a>);

enum Place<'a> {
    Device(Box<(Rows, Entries)>),
    Host(SparseMatrix<'a>, Tiling),
}

impl<'a> Matrix<'a> {
    pub(super) fn new(device: &Device, matrix: SparseMatrix<'a>) -> Self {
        assert!(!matrix.starts.is_empty(), "a matrix without the end of its rows");
        let tiling = Tiling::new(&matrix);
        let bytes = matrix.num_entries() * ENTRY + (matrix.starts.len() + tiling.ended.len()) * size_of::<u32>();
        let kept = || {
            let rows = Rows::upload(device, &matrix, &tiling)?;
            let entries = Entries::upload(device, &matrix, 0..matrix.num_entries())?;
            Ok::<_, Exceeded>(Place::Device(Box::new((rows, entries))))
        };
        // Others may take the room meanwhile.
        let kept = if device.has_room_to_keep(bytes) { kept().ok() } else { None };
        Self(kept.unwrap_or_else(|| Place::Host(matrix, tiling)))
    }
}

/// Where tiles begin.
struct Tiling {
    /// How many rows end before each tile, and how many there are.
    ended: Vec<u32>,
    /// Of all tiles.
    items: usize,
}

impl Tiling {
    fn new(matrix: &SparseMatrix<'_>) -> Self {
        let items = matrix.num_rows() + matrix.num_entries();
        let borders = (0..items.div_ceil(TILE) + 1).into_par_iter().with_min_len(SEARCHES);
        Self { ended: borders.map(|tile| rows_ended(matrix, items.min(tile * TILE)) as u32).collect(), items }
    }

    fn len(&self) -> usize {
        self.ended.len() - 1
    }

    fn first_entry(&self, tile: usize) -> usize {
        self.items.min(tile * TILE).saturating_sub(self.ended[tile] as usize)
    }
}

/// How many rows end among the first items. The end of row i comes behind its entries and the ends of the rows before it.
fn rows_ended(matrix: &SparseMatrix<'_>, items: usize) -> usize {
    let (mut low, mut high) = (0, matrix.num_rows());
    while low < high {
        let row = low + (high - low) / 2;
        if row + matrix.row(row).end < items { low = row + 1 } else { high = row }
    }
    low
}

/// Where rows and tiles begin. A device reads numbers as the processor that it belongs to writes them: little-endian.
struct Rows {
    starts: Buffer<[u8; 4]>,
    ended: Buffer<u32>,
    items: usize,
}

/// [`Rows`] as the kernels take them.
#[repr(C)]
#[derive(Clone, Copy)]
struct Tiles {
    ended: Address,
    starts: Address,
    items: u64,
}

// SAFETY: addresses and numbers, laid out as in C.
unsafe impl DeviceRepr for Tiles {}

impl Rows {
    fn upload(device: &Device, matrix: &SparseMatrix<'_>, tiling: &Tiling) -> Result<Self, Exceeded> {
        let starts = Buffer::try_upload(device, matrix.starts)?;
        Ok(Self { starts, ended: Buffer::try_upload(device, &tiling.ended)?, items: tiling.items })
    }

    fn num_rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn num_tiles(&self) -> usize {
        self.ended.len() - 1
    }

    fn tiles(&self) -> Tiles {
        Tiles { ended: self.ended.all(), starts: self.starts.all(), items: self.items as u64 }
    }
}

/// Entries, from `first` on.
struct Entries {
    columns: Buffer<[u8; 4]>,
    values: Buffer<[u8; 32]>,
    first: usize,
}

/// [`Entries`] as the kernels take them.
#[repr(C)]
#[derive(Clone, Copy)]
struct AtHand {
    columns: Address,
    values: Address,
    first: u32,
    count: u32,
}

// SAFETY: addresses and numbers, laid out as in C.
unsafe impl DeviceRepr for AtHand {}

impl Entries {
    fn upload(device: &Device, matrix: &SparseMatrix<'_>, range: Range<usize>) -> Result<Self, Exceeded> {
        let columns = Buffer::try_upload(device, &matrix.columns[range.clone()])?;
        let values = Buffer::try_upload(device, &matrix.values[range.clone()])?;
        Ok(Self { columns, values, first: range.start })
    }

    fn at_hand(&self) -> AtHand {
        let count = self.columns.len();
        AtHand { columns: self.columns.all(), values: self.values.at(0, count), first: self.first as u32, count: count as u32 }
    }
}

/// `matrix vector`, with zeros behind it up to `len`.
pub fn multiply(device: &Device, matrix: &Matrix<'_>, vector: &Vector, len: usize) -> Vector {
    match &matrix.0 {
        Place::Device(kept) => {
            let (rows, entries) = &**kept;
            let product = Product::new(device, rows, vector, len);
            product.add(entries, 0..rows.num_tiles());
            product.finish()
        }
        Place::Host(matrix, tiling) => {
            // What this takes for itself, a sum of points does not plan with.
            let _turn = device.turn().take();
            let rows = needed(Rows::upload(device, matrix, tiling));
            let product = Product::new(device, &rows, vector, len);
            let each = (device.available() / 4 / (TILE * ENTRY)).clamp(1, MOST_TILES);
            for first in (0..tiling.len()).step_by(each) {
                let end = tiling.len().min(first + each);
                let entries = needed(Entries::upload(device, matrix, tiling.first_entry(first)..tiling.first_entry(end)));
                product.add(&entries, first..end);
            }
            product.finish()
        }
    }
}

/// A product that is being computed.
struct Product<'a> {
    device: &'a Device,
    rows: &'a Rows,
    vector: &'a Vector,
    out: Vector,
    /// What each tile has of a row that goes on.
    tails: Buffer<Limbs>,
}

impl<'a> Product<'a> {
    fn new(device: &'a Device, rows: &'a Rows, vector: &'a Vector, len: usize) -> Self {
        let num_rows = rows.num_rows();
        assert!(num_rows <= len, "{num_rows} rows in a vector of {len}");
        let mut out = Vector::uninitialised(device, len);
        vectors::fill(device, &mut out, num_rows, len - num_rows, Fr::ZERO);
        Self { device, rows, vector, out, tails: Buffer::uninitialised(device, rows.num_tiles()) }
    }

    /// Computes tiles whose entries are at hand.
    fn add(&self, entries: &Entries, tiles: Range<usize>) {
        if tiles.is_empty() {
            return;
        }
        let shape = LaunchConfig { shared_mem_bytes: (TILE * size_of::<Limbs>()) as u32, ..grid(count(tiles.len())) };
        let (to, tails, from) = (self.out.0.all(), self.tails.all(), self.vector.0.all());
        let len = count(self.vector.0.len());
        let first = count(tiles.start);
        launch!(self.device, Sparse, "multiply_rows", shape, to, tails, self.rows.tiles(), entries.at_hand(), from, len, first);
    }

    /// Puts rows together that more than one tile has a part of.
    fn finish(self) -> Vector {
        let tiles = self.rows.num_tiles();
        if tiles > 1 {
            let shape = elements(self.device, tiles);
            launch!(self.device, Sparse, "join_rows", shape, self.out.0.all(), self.tails.all(), self.rows.tiles(), count(tiles));
        }
        self.out
    }
}

/// The first index below `len` where `a[i] b[i] != c[i]`; it alone comes from the device.
pub fn first_false_product(device: &Device, [a, b, c]: [&Vector; 3], len: usize) -> Option<usize> {
    if len == 0 {
        return None;
    }
    let [a, b, c] = [a, b, c].map(|vector| vector.0.at(0, len));
    let first = Buffer::upload(device, &[u32::MAX]);
    launch!(device, Sparse, "first_false_product", elements(device, len), first.all(), a, b, c, count(len));
    let found = first.download(device, 0, 1)[0] as usize;
    (found < len).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_have_equally_many_items() {
        // A long row between empty ones; the end of a row is an item as well.
        let starts: Vec<[u8; 4]> =
            [[0; 1500].as_slice(), &[5000, 5001, 5001, 5003]].concat().iter().map(|n: &u32| n.to_le_bytes()).collect();
        let matrix = SparseMatrix { starts: &starts, columns: &[[0; 4]; 5003], values: &[[0; 32]; 5003] };
        let tiling = Tiling::new(&matrix);
        assert_eq!(tiling.ended, [0, 1024, 1499, 1499, 1499, 1499, 1499, 1503]);
        let entries: Vec<_> = (0..=tiling.len()).map(|tile| tiling.first_entry(tile)).collect();
        assert_eq!(entries, [0, 0, 549, 1573, 2597, 3621, 4645, 5003]);
    }
}
