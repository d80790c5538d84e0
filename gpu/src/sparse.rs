//! Sparse matrices where they lie.

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field};

/// A borrowed sparse matrix in compressed rows: row i is the entries `starts[i] .. starts[i + 1]`.
///
/// Numbers are little-endian bytes, and so need no alignment: a matrix is read from a mapped file without a copy.
/// Starts ascend from 0 to the number of entries, columns are below the length of what the matrix is multiplied with, and
/// values are below the modulus. That is the caller's contract; where it is broken, a backend panics or gives values without
/// meaning, and touches no memory but its own.
#[derive(Clone, Copy, Debug)]
pub struct SparseMatrix<'a> {
    /// Where each row begins; one more than there are rows.
    pub starts: &'a [[u8; 4]],
    /// The column of each entry.
    pub columns: &'a [[u8; 4]],
    /// The entries, in Montgomery form.
    pub values: &'a [[u8; 32]],
}

impl SparseMatrix<'_> {
    /// The number of rows.
    pub fn num_rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The number of entries.
    pub fn num_entries(&self) -> usize {
        self.columns.len()
    }

    /// `<row, z>`.
    ///
    /// # Panics
    /// If there is no such row, or z is too short.
    #[inline(always)]
    pub fn dot(&self, row: usize, z: &[Fr]) -> Fr {
        let mut sum = Fr::ZERO;
        for entry in self.row(row) {
            let (column, value) = self.entry(entry);
            let variable = z[column];
            sum += if value == Fr::ONE { variable } else { value * variable };
        }
        sum
    }

    /// The entries of a row, as indices.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline(always)]
    pub fn row(&self, row: usize) -> Range<usize> {
        number(&self.starts[row])..number(&self.starts[row + 1])
    }

    /// Column and value of an entry.
    ///
    /// # Panics
    /// If there is no such entry.
    #[inline(always)]
    pub fn entry(&self, entry: usize) -> (usize, Fr) {
        (number(&self.columns[entry]), scalar(&self.values[entry]))
    }
}

#[inline(always)]
fn number(bytes: &[u8; 4]) -> usize {
    u32::from_le_bytes(*bytes) as usize
}

#[inline(always)]
fn scalar(bytes: &[u8; 32]) -> Fr {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*bytes);
    }
    Fr::new_unchecked(BigInt(limbs))
}
