//! Vectors of machine integers: conversion to field elements, and folding.

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

use super::{
    parallel::{self, CHUNK},
    wide::{IntCombination, IntSum},
};
use crate::IntSlice;

/// Machine integers in main memory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Ints {
    I8(Vec<i8>),
    U8(Vec<u8>),
    I16(Vec<i16>),
    U16(Vec<u16>),
    I32(Vec<i32>),
    U32(Vec<u32>),
    I64(Vec<i64>),
}

impl From<IntSlice<'_>> for Ints {
    fn from(values: IntSlice<'_>) -> Self {
        match values {
            IntSlice::I8(values) => Self::I8(values.to_vec()),
            IntSlice::U8(values) => Self::U8(values.to_vec()),
            IntSlice::I16(values) => Self::I16(values.to_vec()),
            IntSlice::U16(values) => Self::U16(values.to_vec()),
            IntSlice::I32(values) => Self::I32(values.to_vec()),
            IntSlice::U32(values) => Self::U32(values.to_vec()),
            IntSlice::I64(values) => Self::I64(values.to_vec()),
        }
    }
}

impl From<assay_core::Ints> for Ints {
    fn from(values: assay_core::Ints) -> Self {
        match values {
            assay_core::Ints::I8(values) => Self::I8(values),
            assay_core::Ints::U8(values) => Self::U8(values),
            assay_core::Ints::I16(values) => Self::I16(values),
            assay_core::Ints::U16(values) => Self::U16(values),
            assay_core::Ints::I32(values) => Self::I32(values),
            assay_core::Ints::I64(values) => Self::I64(values),
        }
    }
}

/// Runs `$body` with `$values` bound to the typed slice inside `$ints`.
macro_rules! with_values {
    ($ints:expr, $values:ident => $body:expr) => {
        match $ints {
            $crate::portable::Ints::I8($values) => $body,
            $crate::portable::Ints::U8($values) => $body,
            $crate::portable::Ints::I16($values) => $body,
            $crate::portable::Ints::U16($values) => $body,
            $crate::portable::Ints::I32($values) => $body,
            $crate::portable::Ints::U32($values) => $body,
            $crate::portable::Ints::I64($values) => $body,
        }
    };
}
pub(crate) use with_values;

impl Ints {
    /// The number of integers.
    pub(crate) fn len(&self) -> usize {
        with_values!(self, values => values.len())
    }

    /// A copy of the integers `[start, start + len)`.
    pub(crate) fn slice(&self, start: usize, len: usize) -> Self {
        let range = start..start + len;
        Self::from(match self {
            Self::I8(values) => IntSlice::I8(&values[range]),
            Self::U8(values) => IntSlice::U8(&values[range]),
            Self::I16(values) => IntSlice::I16(&values[range]),
            Self::U16(values) => IntSlice::U16(&values[range]),
            Self::I32(values) => IntSlice::I32(&values[range]),
            Self::U32(values) => IntSlice::U32(&values[range]),
            Self::I64(values) => IntSlice::I64(&values[range]),
        })
    }
}

/// A machine integer.
///
/// Products accumulate unsigned: a signed integer x enters as `x + BIAS`, and `BIAS` times the sum of the field
/// elements is subtracted at the end.
pub trait Int: Copy + Send + Sync + 'static {
    /// 2^(bits - 1) for signed types, 0 for unsigned ones.
    const BIAS: u64;
    /// The width.
    const BITS: u32;

    /// `x + BIAS`.
    fn biased(self) -> u64;

    /// The integer itself.
    fn value(self) -> i64;

    /// Adds `(x + BIAS) * value`.
    #[inline(always)]
    fn accumulate(self, sum: &mut IntSum, value: &Fr) {
        if Self::BITS <= 32 {
            sum.add_short(value, self.biased());
        } else {
            sum.add_long(value, self.biased());
        }
    }
}

macro_rules! int {
    ($($type:ty: $bias:expr;)*) => {$(
        impl Int for $type {
            const BIAS: u64 = $bias;
            const BITS: u32 = <$type>::BITS;

            #[inline(always)]
            fn biased(self) -> u64 {
                (self as u64).wrapping_add($bias)
            }

            #[inline(always)]
            fn value(self) -> i64 {
                self as i64
            }
        }
    )*};
}

int! {
    i8: 1 << 7;
    u8: 0;
    i16: 1 << 15;
    u16: 0;
    i32: 1 << 31;
    u32: 0;
    i64: 1 << 63;
}

/// The integers as field elements.
pub fn to_field(ints: &Ints) -> Vec<Fr> {
    with_values!(ints, values => convert(values))
}

fn convert<T: Int>(values: &[T]) -> Vec<Fr> {
    let combination = IntCombination::new(-Fr::from(T::BIAS), [Fr::one()]);
    values.par_iter().with_min_len(CHUNK).map(|x| combination.at([x.biased()])).collect()
}

/// Binds variable 0 of an integer vector to r.
pub fn fold(ints: &Ints, r: Fr) -> Vec<Fr> {
    with_values!(ints, values => fold_values(values, r))
}

fn fold_values<T: Int>(values: &[T], r: Fr) -> Vec<Fr> {
    assert!(values.len().is_multiple_of(2), "folding {} integers", values.len());
    let (low, high) = values.split_at(values.len() / 2);
    let combination = IntCombination::new(-Fr::from(T::BIAS), [Fr::one() - r, r]);
    low.par_iter().zip(high).with_min_len(CHUNK).map(|(low, high)| combination.at([low.biased(), high.biased()])).collect()
}

/// Elements of a combination that are completed together: they stay in the first-level cache.
const BLOCK: usize = 256;

/// `target[i] = constant + sum_j scale_j ints_j[i]`, as far as the integers go; all of one length.
pub fn combine(target: &mut [Fr], constant: Fr, terms: &[(&Ints, Fr)]) {
    let Some((first, _)) = terms.first() else { return };
    let target = &mut target[..first.len()];
    assert!(terms.iter().all(|(ints, _)| ints.len() == target.len()), "a combination of vectors of different lengths");
    parallel::for_each_chunk(target, |start, target| {
        for (block, target) in target.chunks_mut(BLOCK).enumerate() {
            let start = start + block * BLOCK;
            for (index, (ints, scale)) in terms.iter().enumerate() {
                with_values!(*ints, values => combine_block(target, (index == 0).then_some(constant), &values[start..], *scale));
            }
        }
    });
}

/// `target += scale values`, or `target = start + scale values`.
fn combine_block<T: Int>(target: &mut [Fr], start: Option<Fr>, values: &[T], scale: Fr) {
    let bias = -Fr::from(T::BIAS) * scale;
    let combination = IntCombination::new(start.unwrap_or(Fr::zero()) + bias, [scale]);
    for (target, value) in target.iter_mut().zip(values) {
        let term = combination.at([value.biased()]);
        *target = if start.is_some() { term } else { *target + term };
    }
}
