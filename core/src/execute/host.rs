//! The reference machine: the processor, in main memory.

use super::contract::{self, Operand};
use super::machine::Machine;
use super::{elementwise, view};
use crate::infer;
use crate::program::{Rounding, Table};
use crate::tensor::{DType, Ints, Shape};
use crate::view::View;
use std::borrow::Cow;

/// The processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Machine for Host {
    type Tensor = Ints;

    fn place(&self, values: &Ints, dtype: DType) -> Ints {
        convert(values, dtype)
    }

    fn fetch<'a>(&self, values: &'a Ints) -> Cow<'a, Ints> {
        Cow::Borrowed(values)
    }

    fn convert(&self, values: &Ints, dtype: DType) -> Ints {
        convert(values, dtype)
    }

    fn min_max(&self, values: &Ints) -> (i64, i64) {
        values.min_max()
    }

    fn view(&self, src: &Ints, from: &Shape, view: &View, dtype: DType) -> Ints {
        view::execute(src, from, view, dtype)
    }

    fn linear(&self, terms: &[(&Ints, i64)], constant: i64, dtype: DType) -> Ints {
        elementwise::linear(terms, constant, dtype)
    }

    fn contract(&self, x: Operand<'_, Ints>, y: Operand<'_, Ints>, out_axes: &[u8], shape: &Shape, dtype: DType) -> Ints {
        contract::execute(&x, &y, out_axes, shape, dtype)
    }

    fn mul(&self, a: &Ints, b: &Ints, dtype: DType) -> Ints {
        elementwise::zip(a, b, dtype, |a, b| a * b)
    }

    fn div(&self, x: &Ints, d: &Ints, dtype: DType) -> Ints {
        elementwise::zip(x, d, dtype, i64::div_euclid)
    }

    fn lookup(&self, x: &Ints, table: &Table, _: Option<&Ints>, dtype: DType) -> Ints {
        elementwise::map(x, dtype, |x| table.values[(x - table.lo).clamp(0, table.values.len() as i64 - 1) as usize].into())
    }

    fn round_shift(&self, x: &Ints, shift: u32, rounding: Rounding, dtype: DType) -> Ints {
        elementwise::map(x, dtype, |x| infer::round_shift(x, shift, rounding))
    }

    fn zeros(&self, dtype: DType, len: usize) -> Ints {
        Ints::zeros(dtype, len)
    }

    fn write_at(&self, target: &mut Ints, start: usize, values: &Ints) {
        match (target, values) {
            (Ints::I8(t), Ints::I8(v)) => t[start..start + v.len()].copy_from_slice(v),
            (Ints::U8(t), Ints::U8(v)) => t[start..start + v.len()].copy_from_slice(v),
            (Ints::I16(t), Ints::I16(v)) => t[start..start + v.len()].copy_from_slice(v),
            (Ints::U16(t), Ints::U16(v)) => t[start..start + v.len()].copy_from_slice(v),
            (Ints::I32(t), Ints::I32(v)) => t[start..start + v.len()].copy_from_slice(v),
            (Ints::I64(t), Ints::I64(v)) => t[start..start + v.len()].copy_from_slice(v),
            _ => unreachable!("a scan's step converts its results to the trajectory's type"),
        }
    }
}

/// The same values in another type that holds them.
pub(super) fn convert(values: &Ints, dtype: DType) -> Ints {
    if values.dtype() == dtype { values.clone() } else { elementwise::map(values, dtype, |x| x) }
}
