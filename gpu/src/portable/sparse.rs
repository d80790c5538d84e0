//! Products of sparse matrices and vectors.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

use super::parallel::CHUNK;
use crate::SparseMatrix;

/// Rows that a task computes at least.
const ROWS: usize = 1 << 8;

/// `matrix z`, with zeros behind it up to `len`.
pub fn multiply(matrix: &SparseMatrix<'_>, z: &[Fr], len: usize) -> Vec<Fr> {
    let mut out = vec![Fr::ZERO; len];
    out[..matrix.num_rows()].par_iter_mut().with_min_len(ROWS).enumerate().for_each(|(row, out)| *out = matrix.dot(row, z));
    out
}

/// The first index where `a[i] b[i] != c[i]`.
pub fn first_false_product(a: &[Fr], b: &[Fr], c: &[Fr]) -> Option<usize> {
    (0..a.len()).into_par_iter().with_min_len(CHUNK).find_first(|i| a[*i] * b[*i] != c[*i])
}
