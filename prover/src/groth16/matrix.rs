//! Sparse matrices as they lie in a key's bytes, and in other forms.

use ark_bn254::Fr;
use assay_circuits::r1cs::Matrix;
use assay_gpu::SparseMatrix;

use super::{layout::MatrixLayout, raw};

/// The matrix of a key's bytes, which have been validated.
pub fn view<'a>(bytes: &'a [u8], layout: &MatrixLayout) -> SparseMatrix<'a> {
    SparseMatrix {
        starts: bytes[layout.starts.clone()].as_chunks().0,
        columns: bytes[layout.columns.clone()].as_chunks().0,
        values: bytes[layout.values.clone()].as_chunks().0,
    }
}

/// The matrix, copied.
pub fn copied(matrix: SparseMatrix<'_>) -> Matrix {
    Matrix {
        starts: raw::numbers(matrix.starts.as_flattened()),
        columns: raw::numbers(matrix.columns.as_flattened()),
        values: matrix.values.iter().map(|value| raw::scalar(value)).collect(),
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
