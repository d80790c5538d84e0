//! A sparse matrix where it lies in a key's bytes.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::r1cs::Matrix;
use rayon::prelude::*;

use super::{layout::MatrixLayout, raw};

/// Rows that a task evaluates at least.
const ROWS: usize = 1 << 8;

/// A borrowed matrix; its bytes have been validated.
#[derive(Clone, Copy)]
pub struct MatrixView<'a> {
    starts: &'a [u8],
    columns: &'a [u8],
    values: &'a [u8],
}

impl<'a> MatrixView<'a> {
    /// The matrix of a key's bytes.
    pub fn new(bytes: &'a [u8], layout: &MatrixLayout) -> Self {
        Self { starts: &bytes[layout.starts.clone()], columns: &bytes[layout.columns.clone()], values: &bytes[layout.values.clone()] }
    }

    /// `<row, z>` for the first rows, one a place of `out`.
    pub fn multiply(&self, z: &[Fr], out: &mut [Fr]) {
        out.par_iter_mut().with_min_len(ROWS).enumerate().for_each(|(row, out)| *out = self.dot(row, z));
    }

    fn dot(&self, row: usize, z: &[Fr]) -> Fr {
        let mut sum = Fr::ZERO;
        for entry in raw::number(self.starts, row) as usize..raw::number(self.starts, row + 1) as usize {
            let variable = z[raw::number(self.columns, entry) as usize];
            let value = raw::scalar(&self.values[entry * raw::FIELD..]);
            sum += if value == Fr::ONE { variable } else { value * variable };
        }
        sum
    }

    /// The matrix, copied.
    pub fn to_matrix(self) -> Matrix {
        Matrix {
            starts: raw::numbers(self.starts),
            columns: raw::numbers(self.columns),
            values: self.values.chunks_exact(raw::FIELD).map(raw::scalar).collect(),
        }
    }
}

/// Appends a matrix.
pub fn put(out: &mut Vec<u8>, matrix: &Matrix) {
    raw::put_numbers(out, &matrix.starts);
    raw::put_numbers(out, &matrix.columns);
    matrix.values.iter().for_each(|value| raw::put_scalar(out, value));
}

/// The matrix in the form that arkworks' own provers take.
pub fn ark_matrix(matrix: &Matrix) -> Vec<Vec<(Fr, usize)>> {
    (0..matrix.num_rows()).map(|row| matrix.row(row).map(|(column, value)| (value, column)).collect()).collect()
}
