//! The points of a sum: on the device, or where they do not fit it, in the computer's memory.

use std::marker::PhantomData;

use ark_ec::{AffineRepr, short_weierstrass::Affine};
use ark_ff::Zero;
use rayon::prelude::*;

use super::group::{Coordinate, Group};
use crate::cuda::{
    device::Device,
    memory::{Address, Buffer, Limbs},
};

/// Points that one thread of the processor writes down at a time.
const WRITTEN: usize = 1 << 10;

/// Affine coordinates of points, zeros for infinity.
pub struct Points<P> {
    coordinates: Place,
    group: PhantomData<P>,
}

enum Place {
    Device(Buffer<Limbs>),
    Host(Vec<Limbs>),
}

/// Some of the points, on the device.
pub struct Piece<'a> {
    pub address: Address,
    /// The memory stays as long as it is used.
    _memory: Memory<'a>,
}

enum Memory<'a> {
    Borrowed(PhantomData<&'a ()>),
    Own { _buffer: Buffer<Limbs> },
}

impl<P: Group> Points<P> {
    /// Elements of the prime field that make up a point.
    const POINT: usize = 2 * <P::BaseField as Coordinate>::ELEMENTS;

    /// Points stay on the device if that leaves half of it to the work with them.
    pub fn new(device: &Device, points: &[Affine<P>]) -> Self {
        let mut coordinates = vec![Limbs::default(); points.len() * Self::POINT];
        let slots = coordinates.par_chunks_mut(WRITTEN * Self::POINT);
        slots.zip(points.par_chunks(WRITTEN)).for_each(|(slots, points)| {
            for (slot, point) in slots.chunks_exact_mut(Self::POINT).zip(points) {
                let (x, y) = point.xy().unwrap_or((Zero::zero(), Zero::zero()));
                let (to_x, to_y) = slot.split_at_mut(Self::POINT / 2);
                x.write(to_x);
                y.write(to_y);
            }
        });
        let coordinates = if device.has_room_to_keep(size_of_val(coordinates.as_slice())) {
            Place::Device(Buffer::upload(device, &coordinates))
        } else {
            Place::Host(coordinates)
        };
        Self { coordinates, group: PhantomData }
    }

    pub fn len(&self) -> usize {
        let coordinates = match &self.coordinates {
            Place::Device(coordinates) => coordinates.len(),
            Place::Host(coordinates) => coordinates.len(),
        };
        coordinates / Self::POINT
    }

    /// Bytes on the device that [`Points::piece`] needs for each point.
    pub fn bytes_each(&self) -> usize {
        match &self.coordinates {
            Place::Device(_) => 0,
            Place::Host(_) => Self::POINT * size_of::<Limbs>(),
        }
    }

    /// Points `start..start + len`.
    pub fn piece(&self, device: &Device, start: usize, len: usize) -> Piece<'_> {
        let (start, len) = (start * Self::POINT, len * Self::POINT);
        match &self.coordinates {
            Place::Device(coordinates) => Piece { address: coordinates.at(start, len), _memory: Memory::Borrowed(PhantomData) },
            Place::Host(coordinates) => {
                let buffer = Buffer::upload(device, &coordinates[start..start + len]);
                Piece { address: buffer.all(), _memory: Memory::Own { _buffer: buffer } }
            }
        }
    }
}
