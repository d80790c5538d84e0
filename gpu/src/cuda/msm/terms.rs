//! What multiplies the points of a sum, piece by piece.

use std::{ops::Range, sync::Arc};

use super::digits::{Digits, Scalars, bits_of_largest};
use crate::cuda::{
    device::Device,
    memory::{Ints, Limbs, Vector},
};

/// Bits of the size of a full scalar.
const SCALAR_BITS: u32 = 253;

/// The scalars of a sum, in the order of its points.
#[derive(Clone, Copy)]
pub enum Terms<'a> {
    /// Field elements.
    Field(&'a Vector),
    /// Scalars that have been told apart, through an index each.
    Indexed(&'a Scalars, &'a [u32]),
    /// `len` integers from `start` on.
    Ints { ints: &'a Ints, start: usize, len: usize },
}

impl<'a> Terms<'a> {
    pub fn len(&self) -> usize {
        match self {
            Self::Field(scalars) => scalars.0.len(),
            Self::Indexed(_, indices) => indices.len(),
            Self::Ints { len, .. } => *len,
        }
    }

    /// Bits that the largest size of some terms has, at most.
    pub fn bits(&self, device: &Device, range: &Range<usize>) -> u32 {
        match *self {
            Self::Field(_) | Self::Indexed(..) => SCALAR_BITS,
            Self::Ints { ints, start, .. } => bits_of_largest(device, ints, start + range.start, range.len()),
        }
    }

    /// Bytes that another device gets, for all terms.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Field(scalars) => scalars.0.len() * size_of::<Limbs>(),
            Self::Indexed(scalars, _) => scalars.len() * size_of::<Limbs>(),
            Self::Ints { ints, len, .. } => len * ints.bytes_each(),
        }
    }

    /// Bytes on the device that [`Terms::digits`] needs for each term.
    pub fn bytes_each(&self) -> usize {
        match self {
            Self::Field(_) => size_of::<Limbs>(),
            Self::Indexed(..) => size_of::<u32>(),
            Self::Ints { .. } => 0,
        }
    }

    /// Some of the terms on another device.
    pub fn moved(&self, here: &Device, there: &Device, range: Range<usize>) -> Moved<'a> {
        let (from, len) = (range.start, range.len());
        match *self {
            Self::Field(scalars) => Moved::Field(Vector(scalars.0.moved(here, there, from, len))),
            Self::Indexed(scalars, indices) => Moved::Indexed(scalars.on(here, there), &indices[range]),
            Self::Ints { ints, start, .. } => Moved::Ints(ints.moved(here, there, start + from, len)),
        }
    }

    /// Terms `from..from + count`, as the kernels take them.
    pub fn digits(&self, device: &Device, from: usize, count: usize) -> Digits<'a> {
        match *self {
            Self::Field(scalars) => Digits::of_field(device, scalars, from, count),
            Self::Indexed(scalars, indices) => Digits::indexed(device, scalars, &indices[from..from + count]),
            Self::Ints { ints, start, .. } => Digits::ints(ints, start + from, count),
        }
    }
}

/// Terms that another device has got of its own.
pub enum Moved<'a> {
    Field(Vector),
    Indexed(Arc<Scalars>, &'a [u32]),
    Ints(Ints),
}

impl Moved<'_> {
    pub fn terms(&self) -> Terms<'_> {
        match self {
            Self::Field(scalars) => Terms::Field(scalars),
            Self::Indexed(scalars, indices) => Terms::Indexed(scalars, indices),
            Self::Ints(ints) => Terms::Ints { ints, start: 0, len: ints.len() },
        }
    }
}
