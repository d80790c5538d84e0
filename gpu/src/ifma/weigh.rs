//! Sums of row-major tensors over weighted axes, one axis a pass, in the order of [`crate::portable`].
//!
//! A pass is `out[o, i] = sum_k weights[k] tensor[o, k, i]`. Lanes take eight outputs; where outputs next to each other lie
//! far apart in the tensor and the axis is long, they take eight terms of one output.

mod columns;
mod field;
mod ints;
mod limbs;

use std::ops::Range;

use ark_bn254::Fr;
use rayon::prelude::*;

use crate::portable::{
    Ints,
    weigh::{check, largest_weighted},
    with_values,
};

/// Terms that may be split between tasks.
const TASK: usize = 1 << 13;

/// One pass over a tensor.
#[derive(Clone, Copy)]
struct Pass {
    /// Pairs (o, i).
    outputs: usize,
    /// Terms of each.
    terms: usize,
    /// The stride from one term to the next.
    inner: usize,
}

impl Pass {
    fn new(dims: &[usize], axis: usize) -> Self {
        let inner: usize = dims[axis + 1..].iter().product();
        Self { outputs: dims[..axis].iter().product::<usize>() * inner, terms: dims[axis], inner }
    }

    /// Where an output's first term lies.
    fn origin(&self, output: usize) -> usize {
        output / self.inner * self.terms * self.inner + output % self.inner
    }

    /// Where the first terms of outputs from `first` on lie; behind the last output, the last is repeated.
    fn origins<const N: usize>(&self, first: usize) -> [usize; N] {
        let mut origins = [self.origin(first); N];
        let mut place = first % self.inner;
        for i in 1..N {
            origins[i] = origins[i - 1];
            if first + i >= self.outputs {
                continue;
            }
            origins[i] += 1;
            place += 1;
            if place == self.inner {
                // Behind the last column of a row comes the first of the next.
                place = 0;
                origins[i] += (self.terms - 1) * self.inner;
            }
        }
        origins
    }

    /// Whether lanes take terms.
    fn along_terms(&self) -> bool {
        self.inner < 8 && self.terms >= 64
    }

    /// The sum of `part` over ranges of terms: one range, unless the outputs are too few to keep all cores busy.
    fn split(&self, part: impl Fn(Range<usize>) -> Vec<Fr> + Sync) -> Vec<Fr> {
        if self.outputs >= 256 || self.terms <= TASK {
            return part(0..self.terms);
        }
        let parts = (0..self.terms.div_ceil(TASK)).into_par_iter();
        let parts = parts.map(|task| part(task * TASK..self.terms.min((task + 1) * TASK)));
        let sum = parts.reduce_with(|mut a, b| {
            a.iter_mut().zip(&b).for_each(|(a, b)| *a += b);
            a
        });
        sum.unwrap_or_default()
    }
}

/// The sum over the weighted axes of an integer tensor.
pub fn ints(values: &Ints, dims: &[usize], weights: &[Option<&[Fr]>]) -> Vec<Fr> {
    check(values.len(), dims, weights);
    match largest_weighted(dims, weights).and_then(|axis| Some((axis, weights[axis]?))) {
        None => super::ints::to_field(values),
        Some((axis, chosen)) => {
            let sums = with_values!(values, values => ints::contract(values, chosen, Pass::new(dims, axis)));
            remaining(sums, dims.to_vec(), weights.to_vec(), axis)
        }
    }
}

/// The sum over the weighted axes of a field tensor.
pub fn field(values: &[Fr], dims: &[usize], weights: &[Option<&[Fr]>]) -> Vec<Fr> {
    check(values.len(), dims, weights);
    match largest_weighted(dims, weights).and_then(|axis| Some((axis, weights[axis]?))) {
        None => values.to_vec(),
        Some((axis, chosen)) => {
            let sums = field::contract(values, chosen, Pass::new(dims, axis));
            remaining(sums, dims.to_vec(), weights.to_vec(), axis)
        }
    }
}

/// The other axes, once one is gone.
fn remaining(mut values: Vec<Fr>, mut dims: Vec<usize>, mut weights: Vec<Option<&[Fr]>>, mut done: usize) -> Vec<Fr> {
    loop {
        dims.remove(done);
        weights.remove(done);
        let Some((axis, chosen)) = largest_weighted(&dims, &weights).and_then(|axis| Some((axis, weights[axis]?))) else {
            return values;
        };
        values = field::contract(&values, chosen, Pass::new(&dims, axis));
        done = axis;
    }
}
