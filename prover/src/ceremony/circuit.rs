//! A constraint system as a ceremony sees it: checked, digested, and by columns.

use ark_ff::{BigInteger, PrimeField};
use assay_circuits::r1cs::{Matrix, R1cs};
use sha3::{Digest, Keccak256};

use ark_bn254::Fr;

use super::CeremonyError;

/// The largest domain that the field has.
const MAX_LOG_DOMAIN: u32 = 28;

/// Checks that a system is well-formed, and gives log2 of its domain, which holds one point for each constraint and
/// each public variable, the constant 1 included.
///
/// # Errors
/// [`CeremonyError::Circuit`].
pub fn log_domain(r1cs: &R1cs) -> Result<u32, CeremonyError> {
    let malformed = |what, expected: String, found: String| Err(CeremonyError::Circuit { what, expected, found });
    if r1cs.num_instance == 0 {
        return malformed("the number of public variables", "at least 1 (the constant 1)".into(), "0".into());
    }
    let (rows, variables) = (r1cs.num_constraints(), r1cs.num_variables());
    if rows == 0 {
        return malformed("the number of constraints", "at least 1".into(), "0".into());
    }
    for (matrix, what) in [(&r1cs.a, "matrix A"), (&r1cs.b, "matrix B"), (&r1cs.c, "matrix C")] {
        check(matrix, rows, variables, what)?;
    }
    let points = (rows + r1cs.num_instance).next_power_of_two();
    let log = points.trailing_zeros();
    if log > MAX_LOG_DOMAIN || u32::try_from(variables).is_err() {
        return malformed("the size", format!("at most 2^{MAX_LOG_DOMAIN} constraints"), format!("{rows} constraints"));
    }
    Ok(log)
}

fn check(matrix: &Matrix, rows: usize, variables: usize, what: &'static str) -> Result<(), CeremonyError> {
    let entries = matrix.num_entries();
    let ends = (matrix.starts.first(), matrix.starts.last().map(|end| *end as usize));
    let ascending = matrix.starts.windows(2).all(|pair| pair[0] <= pair[1]);
    if matrix.num_rows() != rows || ends != (Some(&0), Some(entries)) || !ascending || matrix.values.len() != entries {
        return Err(CeremonyError::Circuit { what, expected: format!("{rows} well-formed rows"), found: "something else".into() });
    }
    if let Some(column) = matrix.columns.iter().find(|column| **column as usize >= variables) {
        return Err(CeremonyError::Circuit { what, expected: format!("{variables} columns"), found: format!("a column {column}") });
    }
    Ok(())
}

/// Identifies a system: keccak256 of `"assay r1cs 1"`, the numbers of public and private variables and of constraints
/// (8 bytes each), and of each matrix its rows: their lengths, columns (4 bytes each) and values (32). Little-endian.
///
/// # Panics
/// If the system is malformed, see [`log_domain`].
pub fn digest(r1cs: &R1cs) -> [u8; 32] {
    let mut hasher = Keccak256::new_with_prefix(b"assay r1cs 1");
    for number in [r1cs.num_instance, r1cs.num_witness, r1cs.num_constraints()] {
        hasher.update((number as u64).to_le_bytes());
    }
    for matrix in [&r1cs.a, &r1cs.b, &r1cs.c] {
        for row in 0..matrix.num_rows() {
            hasher.update((matrix.row(row).count() as u32).to_le_bytes());
            for (column, value) in matrix.row(row) {
                hasher.update((column as u32).to_le_bytes());
                hasher.update(value.into_bigint().to_bytes_le());
            }
        }
    }
    hasher.finalize().into()
}

/// A matrix by columns: column j is the entries `starts[j] .. starts[j + 1]`.
pub(super) struct Columns {
    starts: Vec<usize>,
    entries: Vec<(u32, Fr)>,
}

impl Columns {
    pub(super) fn new(matrix: &Matrix, num_variables: usize) -> Self {
        let mut starts = vec![0usize; num_variables + 1];
        for column in &matrix.columns {
            starts[*column as usize + 1] += 1;
        }
        for column in 0..num_variables {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, Fr::default()); matrix.num_entries()];
        for row in 0..matrix.num_rows() {
            for (column, value) in matrix.row(row) {
                entries[next[column]] = (row as u32, value);
                next[column] += 1;
            }
        }
        Columns { starts, entries }
    }

    /// Rows and values of a column.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = (usize, Fr)> + '_ {
        self.entries[self.starts[column]..self.starts[column + 1]].iter().map(|(row, value)| (*row as usize, *value))
    }
}
