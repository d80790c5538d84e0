//! The fractions at the bottom of a tree.

use std::ops::Range;

use ark_bn254::Fr;
use assay_gpu::Backend;

/// The fractions at the bottom of a tree, made when they are asked for: they are many, and follow from few bytes each.
pub trait Leaves<B: Backend>: Sync {
    /// How many there are. Those behind them, up to a power of two, are 0/1.
    fn num_leaves(&self) -> usize;

    /// The leaves of some ranges, one range after the other: numerators and denominators.
    fn read(&self, backend: &B, ranges: &[Range<usize>]) -> (B::Vector, B::Vector);

    /// Whether all numerators of a range are known to be 1: most are, and cost less.
    fn are_units(&self, range: &Range<usize>) -> bool;

    /// `scale q + shift` for the denominators q of some ranges of units, one range after the other.
    fn denominators(&self, backend: &B, ranges: &[Range<usize>], scale: Fr, shift: Fr) -> B::Vector;
}
