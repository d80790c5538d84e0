//! Execution where a backend's integers live.

use assay_core::execute::Machine;

/// A machine that also makes what a proof derives from a run's tensors, without bringing them to the host.
pub trait Executor: Machine {
    /// Bits `low .. low + width` of `x + add`, in the narrowest type; at most 16 of them.
    fn limb(&self, x: &Self::Tensor, add: i64, low: u32, width: u32) -> Self::Tensor;

    /// Whether that limb is more than `most`: 1 or 0. It may have up to 63 bits here.
    fn limb_exceeds(&self, x: &Self::Tensor, add: i64, low: u32, width: u32, most: u64) -> Self::Tensor;

    /// How often each of the integers `0..size` occurs among `constant + sum_i coef_i x_i`, and how many other ones there are.
    ///
    /// # Panics
    /// If there are no terms, or `size` is 2^31 or more.
    fn count(&self, terms: &[(&Self::Tensor, i64)], constant: i64, size: usize) -> (Vec<u32>, usize);
}
