//! Rank-one constraint systems as sparse matrices.
//!
//! ```text
//! z = (1, instance.., witness..)        row i:  <A_i, z> <B_i, z> = <C_i, z>
//! ```

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

/// A sparse matrix in compressed rows: row i is the entries `starts[i] .. starts[i + 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Where each row begins; one more than there are rows.
    pub starts: Vec<u32>,
    /// The column of each entry, an index into z; ascending within a row.
    pub columns: Vec<u32>,
    /// The entries; none is zero.
    pub values: Vec<Fr>,
}

impl Default for Matrix {
    fn default() -> Self {
        Matrix { starts: vec![0], columns: vec![], values: vec![] }
    }
}

impl Matrix {
    /// The number of rows.
    pub fn num_rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The number of entries.
    pub fn num_entries(&self) -> usize {
        self.columns.len()
    }

    /// The entries of a row: columns and values.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, Fr)> + '_ {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        self.columns[range.clone()].iter().zip(&self.values[range]).map(|(column, value)| (*column as usize, *value))
    }

    /// Appends a row; entries of one column must have been added up.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, Fr)>) {
        for (column, value) in row {
            if value != Fr::ZERO {
                self.columns.push(column);
                self.values.push(value);
            }
        }
        self.starts.push(self.columns.len() as u32);
    }

    /// `<row, z>`.
    ///
    /// # Panics
    /// If there is no such row or z is too short.
    pub fn dot(&self, row: usize, z: &[Fr]) -> Fr {
        self.row(row).fold(Fr::ZERO, |sum, (column, value)| if value == Fr::ONE { sum + z[column] } else { sum + value * z[column] })
    }
}

/// A rank-one constraint system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct R1cs {
    /// Public variables, the constant 1 included: z begins with them.
    pub num_instance: usize,
    /// Private variables.
    pub num_witness: usize,
    /// The left factors.
    pub a: Matrix,
    /// The right factors.
    pub b: Matrix,
    /// The products.
    pub c: Matrix,
}

impl R1cs {
    /// The number of constraints.
    pub fn num_constraints(&self) -> usize {
        self.a.num_rows()
    }

    /// The number of variables, the constant 1 included.
    pub fn num_variables(&self) -> usize {
        self.num_instance + self.num_witness
    }

    /// The first constraint that an assignment `z` violates.
    ///
    /// # Panics
    /// If z is too short.
    pub fn first_violation(&self, z: &[Fr]) -> Option<usize> {
        (0..self.num_constraints()).find(|row| self.a.dot(*row, z) * self.b.dot(*row, z) != self.c.dot(*row, z))
    }
}
