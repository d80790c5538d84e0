//! The dimensions of a constraint system, and the limits on them.

use ark_bn254::Fr;
use ark_ff::FftField;
use assay_circuits::r1cs::{Matrix, R1cs};

use super::Error;

/// The largest domain: the quotient needs one of twice its size.
const MOST_ROWS: u64 = 1 << (Fr::TWO_ADICITY - 1);
/// Variables, so that an index and a sign fit 32 bits.
const MOST_VARIABLES: u64 = 1 << 30;

/// How many variables and constraints there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Public variables, the constant 1 included.
    pub num_instance: usize,
    /// Private variables.
    pub num_witness: usize,
    /// Constraints.
    pub num_constraints: usize,
}

impl Shape {
    /// Checks the limits.
    pub(super) fn new(num_instance: u64, num_witness: u64, num_constraints: u64) -> Result<Self, Error> {
        if num_instance == 0 {
            return Err(Error::Shape { what: "public variables, the constant 1 included", expected: 1, found: 0 });
        }
        let rows = num_constraints.saturating_add(num_instance);
        if rows > MOST_ROWS {
            return Err(Error::TooLarge { rows, most: MOST_ROWS });
        }
        let variables = num_instance.saturating_add(num_witness);
        if variables > MOST_VARIABLES {
            return Err(Error::TooLarge { rows: variables, most: MOST_VARIABLES });
        }
        Ok(Self { num_instance: num_instance as usize, num_witness: num_witness as usize, num_constraints: num_constraints as usize })
    }

    /// The shape of a system whose matrices fit together.
    pub(super) fn of(r1cs: &R1cs) -> Result<Self, Error> {
        let shape = Self::new(r1cs.num_instance as u64, r1cs.num_witness as u64, r1cs.num_constraints() as u64)?;
        for matrix in [&r1cs.a, &r1cs.b, &r1cs.c] {
            check_matrix(matrix, &shape)?;
        }
        Ok(shape)
    }

    /// All variables, the constant 1 included.
    pub fn num_variables(&self) -> usize {
        self.num_instance + self.num_witness
    }

    /// The size of the domain: a power of two with room for every constraint and public variable.
    pub fn domain(&self) -> usize {
        (self.num_constraints + self.num_instance).next_power_of_two()
    }
}

fn check_matrix(matrix: &Matrix, shape: &Shape) -> Result<(), Error> {
    let expect = |what, expected: usize, found: usize| match expected == found {
        true => Ok(()),
        false => Err(Error::Shape { what, expected: expected as u64, found: found as u64 }),
    };
    expect("rows of a matrix", shape.num_constraints, matrix.num_rows())?;
    expect("values of a matrix", matrix.columns.len(), matrix.values.len())?;
    expect("entries of a matrix", matrix.columns.len(), matrix.starts.last().map_or(0, |end| *end as usize))?;
    if matrix.starts.first() != Some(&0) || !matrix.starts.is_sorted() {
        return Err(Error::Malformed("rows of a matrix that do not follow each other".into()));
    }
    match matrix.columns.iter().max() {
        Some(column) if *column as usize >= shape.num_variables() => {
            Err(Error::Shape { what: "variables of a matrix", expected: shape.num_variables() as u64, found: u64::from(*column) + 1 })
        }
        _ => Ok(()),
    }
}
