//! The seam between a run and what computes it: one method for each primitive, on tensors that stay where the machine has them.

use super::contract::Operand;
use crate::flatten::FlatScan;
use crate::program::{Rounding, Table};
use crate::tensor::{DType, Ints, Shape};
use crate::view::View;
use std::borrow::Cow;

/// What computes the nodes of a flat program.
///
/// Tensors are padded and row-major, and hold integers of the type that each method names. All machines give the same integers:
/// those of [`super::Host`]. Values that the type does not hold cannot come from a program's own bounds; what is left of them is
/// the low bits.
pub trait Machine {
    /// A tensor's entries. Clones are not written to.
    type Tensor: Clone;

    /// Entries of the host's, in another type.
    fn place(&self, values: &Ints, dtype: DType) -> Self::Tensor;

    /// The entries on the host.
    fn fetch<'a>(&self, values: &'a Self::Tensor) -> Cow<'a, Ints>;

    /// The same values in another type.
    fn convert(&self, values: &Self::Tensor, dtype: DType) -> Self::Tensor;

    /// The least and the greatest entry; (0, 0) if there are none.
    fn min_max(&self, values: &Self::Tensor) -> (i64, i64);

    /// A view of a tensor of shape `from`.
    fn view(&self, src: &Self::Tensor, from: &Shape, view: &View, dtype: DType) -> Self::Tensor;

    /// `constant + sum_i coef_i x_i`, of at least one term.
    fn linear(&self, terms: &[(&Self::Tensor, i64)], constant: i64, dtype: DType) -> Self::Tensor;

    /// A contraction to a result of shape `shape`, whose axes have the labels `out_axes`.
    fn contract(
        &self,
        x: Operand<'_, Self::Tensor>,
        y: Operand<'_, Self::Tensor>,
        out_axes: &[u8],
        shape: &Shape,
        dtype: DType,
    ) -> Self::Tensor;

    /// `a * b`.
    fn mul(&self, a: &Self::Tensor, b: &Self::Tensor, dtype: DType) -> Self::Tensor;

    /// The quotient of the division of x by d that leaves a remainder of 0 or more; d is positive.
    fn div(&self, x: &Self::Tensor, d: &Self::Tensor, dtype: DType) -> Self::Tensor;

    /// `table.values[x - lo]`, or the nearest entry; `held` are those values where the machine has them already.
    fn lookup(&self, x: &Self::Tensor, table: &Table, held: Option<&Self::Tensor>, dtype: DType) -> Self::Tensor;

    /// `x / 2^shift`, rounded.
    fn round_shift(&self, x: &Self::Tensor, shift: u32, rounding: Rounding, dtype: DType) -> Self::Tensor;

    /// `len` zeros, to be written to.
    fn zeros(&self, dtype: DType, len: usize) -> Self::Tensor;

    /// Copies `values` into `target`, both of one type, from `start`; `target` comes from [`Machine::zeros`] and has no clones.
    fn write_at(&self, target: &mut Self::Tensor, start: usize, values: &Self::Tensor);
}

/// What a machine has of a program before it runs: constants in the type of their nodes, and tables' values.
pub struct Held<'a, T> {
    constants: &'a [Option<T>],
    tables: &'a [Option<T>],
}

impl<'a, T> Held<'a, T> {
    /// Nothing.
    pub const NOTHING: Self = Held { constants: &[], tables: &[] };

    /// Constants and tables by their index in the flat program, those of scans' bodies included.
    pub fn new(constants: &'a [Option<T>], tables: &'a [Option<T>]) -> Self {
        Held { constants, tables }
    }

    pub(super) fn constant(&self, index: usize) -> Option<&'a T> {
        self.constants.get(index)?.as_ref()
    }

    pub(super) fn table(&self, index: usize) -> Option<&'a T> {
        self.tables.get(index)?.as_ref()
    }

    /// What is had of a scan's body.
    pub(super) fn of(&self, scan: &FlatScan) -> Self {
        Held {
            constants: self.constants.get(scan.first_constant..).unwrap_or_default(),
            tables: self.tables.get(scan.first_table..).unwrap_or_default(),
        }
    }
}
