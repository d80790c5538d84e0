//! The public values of a statement, evaluated as multilinear extensions.
//!
//! ```text
//! f~(h, l) = sum_b eq(h, b) sum_i eq(l, i) f[b, i]
//! ```
//! The inner sum runs over at most 2^10 entries: integers times the limbs of eq(l, i), added up without any reduction in
//! four 128-bit words, so that an element costs four word multiplications. Integers are made non-negative by a
//! constant whose share, the sum of all weights, is known.

use crate::statement::InputValue;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use assay_circuits::{Error, Publics, eq};
use assay_core::{Ints, Tensor};

/// Binary logarithm of the block that is added up without reduction: its weights fit the first-level cache.
const BLOCK_VARS: usize = 10;

/// The public tensors of a statement.
#[derive(Clone, Copy, Debug)]
pub struct PublicValues<'a> {
    /// One for each input port.
    pub inputs: &'a [InputValue],
    /// One for each output port.
    pub outputs: &'a [Tensor],
}

impl Publics<Fr> for PublicValues<'_> {
    fn input(&self, index: usize, point: &[Fr]) -> Result<Fr, Error> {
        match self.inputs.get(index) {
            Some(InputValue::Public(tensor)) => evaluate(&tensor.data, point),
            _ => Err(Error::Length { what: format!("the public values of input {index}"), expected: 1, found: 0 }),
        }
    }

    fn output(&self, index: usize, point: &[Fr]) -> Result<Fr, Error> {
        match self.outputs.get(index) {
            Some(tensor) => evaluate(&tensor.data, point),
            None => Err(Error::Length { what: format!("the values of output {index}"), expected: 1, found: 0 }),
        }
    }

    fn constants(&self, values: &mut dyn ExactSizeIterator<Item = i64>, point: &[Fr]) -> Result<Fr, Error> {
        let count = values.len();
        if u32::try_from(point.len()).ok().and_then(|n| 1usize.checked_shl(n)).is_some_and(|room| count > room) {
            return Err(Error::Length { what: "the constants of an MLE".into(), expected: 1 << point.len(), found: count });
        }
        let weights = Weights::new(point);
        let mut sum = Fr::ZERO;
        let mut block = Vec::with_capacity(weights.block_len());
        for high in &weights.high {
            block.clear();
            block.extend(values.take(weights.block_len()));
            if block.is_empty() {
                break;
            }
            sum += *high * weights.signed(&block);
        }
        Ok(sum)
    }
}

/// The multilinear extension of 2^n integers at a point of n coordinates.
///
/// # Errors
/// Another number of integers.
pub fn evaluate(values: &Ints, point: &[Fr]) -> Result<Fr, Error> {
    let expected = u32::try_from(point.len()).ok().and_then(|n| 1usize.checked_shl(n)).unwrap_or(usize::MAX);
    Error::check_length("the entries of a public tensor", expected, values.len())?;
    let weights = Weights::new(point);
    let least = values.dtype().bounds().0;
    let sum = match values {
        Ints::U8(v) => weights.sum(v, |w, b| w.narrow(b.iter().map(|x| (*x).into()))),
        Ints::U16(v) => weights.sum(v, |w, b| w.narrow(b.iter().map(|x| (*x).into()))),
        Ints::I8(v) => weights.sum(v, |w, b| w.narrow(b.iter().map(|x| (x.cast_unsigned() ^ 1 << 7).into()))),
        Ints::I16(v) => weights.sum(v, |w, b| w.narrow(b.iter().map(|x| (x.cast_unsigned() ^ 1 << 15).into()))),
        Ints::I32(v) => weights.sum(v, |w, b| w.narrow(b.iter().map(|x| x.cast_unsigned() ^ 1 << 31))),
        Ints::I64(v) => weights.sum(v, |w, b| w.wide(b.iter().map(|x| x.wrapping_sub(least).cast_unsigned()))),
    };
    // The weights of the hypercube add up to one.
    Ok(sum + Fr::from(least))
}

/// eq(point, .), split in two.
struct Weights {
    high: Vec<Fr>,
    /// Canonical limbs.
    low: Vec<[u64; 4]>,
}

impl Weights {
    fn new(point: &[Fr]) -> Weights {
        let (high, low) = point.split_at(point.len().saturating_sub(BLOCK_VARS));
        Weights { high: eq::eq_table(high), low: eq::eq_table(low).iter().map(|w| w.into_bigint().0).collect() }
    }

    fn block_len(&self) -> usize {
        self.low.len()
    }

    /// The sum over all blocks of `block`'s sums, with their high weights.
    fn sum<T>(&self, values: &[T], block: impl Fn(&Weights, &[T]) -> Fr) -> Fr {
        self.high.iter().zip(values.chunks(self.block_len())).map(|(high, values)| *high * block(self, values)).sum()
    }

    /// `sum_i low_i values_i`.
    fn narrow(&self, values: impl Iterator<Item = u32>) -> Fr {
        // Each term is below 2^96: 2^32 of them fit.
        let mut sums = [0u128; 4];
        for (weight, value) in self.low.iter().zip(values) {
            for (sum, limb) in sums.iter_mut().zip(weight) {
                *sum += u128::from(*limb) * u128::from(value);
            }
        }
        combine(sums)
    }

    /// `sum_i low_i values_i` over a block or the beginning of one.
    fn signed(&self, values: &[i64]) -> Fr {
        let all = if values.len() == self.low.len() { Fr::ONE } else { self.narrow(values.iter().map(|_| 1)) };
        if values.iter().all(|v| i32::try_from(*v).is_ok()) {
            // The low half of a 32-bit integer in two's complement, its sign flipped: 2^31 more than its value.
            return self.narrow(values.iter().map(|v| (*v as u32) ^ 1 << 31)) - all * Fr::from(1u64 << 31);
        }
        self.wide(values.iter().map(|v| v.cast_unsigned() ^ 1 << 63)) - all * Fr::from(1u64 << 63)
    }

    /// `sum_i low_i values_i`, in two halves.
    fn wide(&self, values: impl Iterator<Item = u64>) -> Fr {
        let (mut lows, mut highs) = ([0u128; 4], [0u128; 4]);
        for (weight, value) in self.low.iter().zip(values) {
            let (low, high) = (u128::from(value & 0xffff_ffff), u128::from(value >> 32));
            for ((l, h), limb) in lows.iter_mut().zip(&mut highs).zip(weight) {
                *l += u128::from(*limb) * low;
                *h += u128::from(*limb) * high;
            }
        }
        combine(lows) + combine(highs) * Fr::from(1u64 << 32)
    }
}

/// `sum_j 2^(64 j) sums_j`.
fn combine(sums: [u128; 4]) -> Fr {
    let radix = Fr::from(1u128 << 64);
    sums.iter().rev().fold(Fr::ZERO, |acc, sum| acc * radix + Fr::from(*sum))
}
