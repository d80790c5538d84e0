//! Sums of row-major tensors over weighted axes.
//!
//! One pass sums one axis: the tensor is seen as `[outer, weighted, inner]`, and
//! `out[o, i] = sum_k weights[k] tensor[o, k, i]`. Integers go first, over the axis that shrinks the tensor most;
//! the remaining axes run on the few field elements that are left.

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

use super::{
    Ints,
    ints::{Int, to_field, with_values},
    wide::{FieldSum, IntSum},
};

/// Outputs a task handles together, so that columns of a tensor are read by whole cache lines.
const BLOCK: usize = 64;
/// Products a task handles at least.
const TASK: usize = 1 << 13;

/// A tensor entry that a field element multiplies, and the sum of such products.
trait Entry: Copy + Send + Sync {
    type Sum: Copy + Default + Send + Sync;

    fn accumulate(self, sum: &mut Self::Sum, weight: &Fr);
    fn merge(sum: &mut Self::Sum, other: &Self::Sum);
    /// Rows added to a column before moving to the next one: their cache lines may all fall into a few sets.
    const TILE: usize;

    /// The sum, divided by a factor that [`Entry::scale`] compensates.
    fn finish(sum: &Self::Sum) -> Fr;
    /// The factor, to be multiplied into the weights or into the outputs.
    fn scale() -> Option<Fr>;
    /// What every sum starts from, given the (scaled) weights.
    fn start(weights: &[Fr]) -> Self::Sum;
}

impl<T: Int> Entry for T {
    type Sum = IntSum;

    #[inline(always)]
    fn accumulate(self, sum: &mut IntSum, weight: &Fr) {
        Int::accumulate(self, sum, weight);
    }

    fn merge(sum: &mut IntSum, other: &IntSum) {
        sum.merge(other);
    }

    const TILE: usize = 32;

    #[inline(always)]
    fn finish(sum: &IntSum) -> Fr {
        sum.finish_scaled()
    }

    fn scale() -> Option<Fr> {
        Some(IntSum::scale())
    }

    fn start(weights: &[Fr]) -> IntSum {
        let mut sum = IntSum::default();
        if T::BIAS != 0 {
            sum.add_value(&(-Fr::from(T::BIAS) * weights.iter().sum::<Fr>()));
        }
        sum
    }
}

impl Entry for Fr {
    type Sum = FieldSum;

    #[inline(always)]
    fn accumulate(self, sum: &mut FieldSum, weight: &Fr) {
        sum.add(&self, weight);
    }

    fn merge(sum: &mut FieldSum, other: &FieldSum) {
        sum.merge(other);
    }

    fn finish(sum: &FieldSum) -> Fr {
        sum.finish()
    }

    const TILE: usize = 8;

    fn scale() -> Option<Fr> {
        None
    }

    fn start(_: &[Fr]) -> FieldSum {
        FieldSum::default()
    }
}

/// The sum over the weighted axes of an integer tensor.
pub fn ints(ints: &Ints, dims: &[usize], weights: &[Option<&[Fr]>]) -> Vec<Fr> {
    with_values!(ints, values => {
        check(values.len(), dims, weights);
        match largest_weighted(dims, weights) {
            None => to_field(ints),
            Some(axis) => {
                let (values, dims, weights) = sum_axis(values, dims, weights, axis);
                sum_axes(values, dims, weights)
            }
        }
    })
}

/// The sum over the weighted axes of a field tensor.
pub fn field(values: &[Fr], dims: &[usize], weights: &[Option<&[Fr]>]) -> Vec<Fr> {
    check(values.len(), dims, weights);
    match largest_weighted(dims, weights) {
        None => values.to_vec(),
        Some(axis) => {
            let (values, dims, weights) = sum_axis(values, dims, weights, axis);
            sum_axes(values, dims, weights)
        }
    }
}

/// Asserts that lengths agree.
pub fn check(len: usize, dims: &[usize], weights: &[Option<&[Fr]>]) {
    assert_eq!(len, dims.iter().product::<usize>(), "a tensor of shape {dims:?}");
    assert_eq!(dims.len(), weights.len(), "a tensor of shape {dims:?}");
    for (dim, weights) in dims.iter().zip(weights) {
        assert!(weights.is_none_or(|weights| weights.len() == *dim), "weights for an axis of length {dim}");
    }
}

/// The weighted axis that shrinks the tensor most.
pub fn largest_weighted(dims: &[usize], weights: &[Option<&[Fr]>]) -> Option<usize> {
    (0..dims.len()).filter(|axis| weights[*axis].is_some()).max_by_key(|axis| dims[*axis])
}

type Remaining<'a> = (Vec<Fr>, Vec<usize>, Vec<Option<&'a [Fr]>>);

fn sum_axis<'a, T: Entry>(values: &[T], dims: &[usize], weights: &[Option<&'a [Fr]>], axis: usize) -> Remaining<'a> {
    let inner = dims[axis + 1..].iter().product();
    let mut dims = dims.to_vec();
    let mut weights = weights.to_vec();
    dims.remove(axis);
    let sums = match weights.remove(axis) {
        Some(weights) => contract(values, weights, dims.iter().product(), inner),
        None => Vec::new(),
    };
    (sums, dims, weights)
}

fn sum_axes(mut values: Vec<Fr>, mut dims: Vec<usize>, mut weights: Vec<Option<&[Fr]>>) -> Vec<Fr> {
    while let Some(axis) = largest_weighted(&dims, &weights) {
        (values, dims, weights) = sum_axis(&values, &dims, &weights, axis);
    }
    values
}

/// `out[o, i] = sum_k weights[k] values[o, k, i]`, with `outputs` pairs (o, i).
fn contract<T: Entry>(values: &[T], weights: &[Fr], outputs: usize, inner: usize) -> Vec<Fr> {
    let Some(scale) = T::scale() else { return contract_scaled(values, weights, outputs, inner) };
    if outputs > weights.len() {
        let weights: Vec<Fr> = weights.iter().map(|weight| scale * weight).collect();
        contract_scaled(values, &weights, outputs, inner)
    } else {
        let mut out = contract_scaled(values, weights, outputs, inner);
        out.iter_mut().for_each(|out| *out *= scale);
        out
    }
}

/// [`contract`], divided by the scale of the sums.
fn contract_scaled<T: Entry>(values: &[T], weights: &[Fr], outputs: usize, inner: usize) -> Vec<Fr> {
    let origin = T::start(weights);
    if outputs < 4 * BLOCK && weights.len() > TASK {
        // Few long sums: split the sums.
        let sums = (0..weights.len().div_ceil(TASK)).into_par_iter().map(|task| {
            let start = task * TASK;
            let mut sums = vec![if task == 0 { origin } else { T::Sum::default() }; outputs];
            accumulate(&mut sums, values, weights, start..weights.len().min(start + TASK), 0, inner);
            sums
        });
        let sums = sums.reduce_with(|mut a, b| {
            a.iter_mut().zip(&b).for_each(|(a, b)| T::merge(a, b));
            a
        });
        return sums.iter().flatten().map(T::finish).collect();
    }
    let mut out = vec![Fr::zero(); outputs];
    let min_blocks = TASK / (BLOCK * weights.len().max(1)) + 1;
    out.par_chunks_mut(BLOCK).enumerate().with_min_len(min_blocks).for_each(|(block, out)| {
        let mut sums = [origin; BLOCK];
        let sums = &mut sums[..out.len()];
        accumulate(sums, values, weights, 0..weights.len(), block * BLOCK, inner);
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = T::finish(sum);
        }
    });
    out
}

/// Adds the terms `range` of the outputs from `first` on.
fn accumulate<T: Entry>(sums: &mut [T::Sum], values: &[T], weights: &[Fr], range: std::ops::Range<usize>, first: usize, inner: usize) {
    let mut start = range.start;
    while start < range.end {
        let end = if inner == 1 { range.end } else { range.end.min(start + T::TILE) };
        for (output, sum) in (first..).zip(sums.iter_mut()) {
            let origin = output / inner * weights.len() * inner + output % inner;
            let mut total = *sum;
            if inner == 1 {
                for (value, weight) in values[origin + start..origin + end].iter().zip(&weights[start..end]) {
                    value.accumulate(&mut total, weight);
                }
            } else {
                let column = values[origin + start * inner..].iter().step_by(inner);
                for (value, weight) in column.zip(&weights[start..end]) {
                    value.accumulate(&mut total, weight);
                }
            }
            *sum = total;
        }
        start = end;
    }
}
