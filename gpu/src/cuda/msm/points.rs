//! The points that a device sums up: kept on it, or where they do not fit, in the computer's memory.

use std::marker::PhantomData;

use ark_ec::{AffineRepr, short_weierstrass::Affine};
use ark_ff::Zero;
use rayon::prelude::*;

use super::group::{Coordinate, Group};
use crate::cuda::{
    device::Device,
    memory::{Address, Buffer, Limbs},
    transfer::{HostLimbs, Lane},
};

/// Points that one thread of the processor writes down at a time.
const WRITTEN: usize = 1 << 10;

/// Pieces that are on the device at a time: one is used while the next one comes.
const LANES: usize = 2;

/// Affine coordinates of points, zeros for infinity.
pub struct Part<P> {
    pub device: &'static Device,
    coordinates: Place,
    group: PhantomData<P>,
}

enum Place {
    Device(Buffer<Limbs>),
    Host(HostLimbs),
}

impl<P: Group> Part<P> {
    /// Elements of the prime field that make up a point.
    const POINT: usize = 2 * <P::BaseField as Coordinate>::ELEMENTS;

    /// Points stay on the device if that leaves half of it to the work with them.
    pub fn new(device: &'static Device, points: &[Affine<P>]) -> Self {
        let len = points.len() * Self::POINT;
        let coordinates = if device.has_room_to_keep(len * size_of::<Limbs>()) {
            let mut coordinates = vec![Limbs::default(); len];
            Self::write(points, &mut coordinates);
            // Others may have taken the room meanwhile.
            Buffer::try_upload(device, &coordinates).map_or_else(|_| Place::Host(HostLimbs::Pageable(coordinates)), Place::Device)
        } else {
            let mut coordinates = HostLimbs::new(device, len);
            Self::write(points, coordinates.as_mut_slice());
            Place::Host(coordinates)
        };
        Self { device, coordinates, group: PhantomData }
    }

    fn write(points: &[Affine<P>], to: &mut [Limbs]) {
        let slots = to.par_chunks_mut(WRITTEN * Self::POINT);
        slots.zip(points.par_chunks(WRITTEN)).for_each(|(slots, points)| {
            for (slot, point) in slots.chunks_exact_mut(Self::POINT).zip(points) {
                let (x, y) = point.xy().unwrap_or((Zero::zero(), Zero::zero()));
                let (to_x, to_y) = slot.split_at_mut(Self::POINT / 2);
                x.write(to_x);
                y.write(to_y);
            }
        });
    }

    /// The same points on another device, if they may stay there.
    pub fn copied(&self, device: &'static Device) -> Option<Self> {
        if !device.has_room_to_keep(self.len() * Self::POINT * size_of::<Limbs>()) {
            return None;
        }
        let coordinates = match &self.coordinates {
            Place::Device(coordinates) => Buffer::try_upload(device, &coordinates.download(self.device, 0, coordinates.len())),
            Place::Host(coordinates) => Buffer::try_upload(device, coordinates.as_slice()),
        };
        // Others may have taken the room meanwhile.
        Some(Self { device, coordinates: Place::Device(coordinates.ok()?), group: PhantomData })
    }

    pub fn len(&self) -> usize {
        let coordinates = match &self.coordinates {
            Place::Device(coordinates) => coordinates.len(),
            Place::Host(coordinates) => coordinates.as_slice().len(),
        };
        coordinates / Self::POINT
    }

    /// Bytes on the device that [`Part::pieces`] needs for each point of a piece.
    pub fn bytes_each(&self) -> usize {
        match &self.coordinates {
            Place::Device(_) => 0,
            Place::Host(_) => LANES * Self::POINT * size_of::<Limbs>(),
        }
    }

    /// Points `start..start + len`, so many at a time.
    pub fn pieces(&self, start: usize, len: usize, each: usize) -> Pieces<'_> {
        let (start, len, each) = (start * Self::POINT, len * Self::POINT, each * Self::POINT);
        let source = match &self.coordinates {
            Place::Device(coordinates) => Source::Kept(coordinates),
            Place::Host(coordinates) => {
                let lanes = (0..len.div_ceil(each).min(LANES)).map(|_| Lane::new(self.device, each)).collect();
                Source::Streamed { coordinates: coordinates.as_slice(), lanes }
            }
        };
        Pieces { source, start, len, each }
    }
}

/// Points piece by piece: [`Pieces::receive`] and [`Pieces::release`] in turn, for each piece in order.
pub struct Pieces<'a> {
    source: Source<'a>,
    /// In limbs, as are the others.
    start: usize,
    len: usize,
    each: usize,
}

enum Source<'a> {
    Kept(&'a Buffer<Limbs>),
    Streamed { coordinates: &'a [Limbs], lanes: Vec<Lane<'a>> },
}

impl Pieces<'_> {
    /// Where a piece's points begin. The next piece is on its way from here on.
    pub fn receive(&self, piece: usize) -> Address {
        match &self.source {
            Source::Kept(coordinates) => {
                let (start, len) = self.range(piece);
                coordinates.at(start, len)
            }
            Source::Streamed { lanes, .. } => {
                if piece == 0 {
                    self.send(0);
                }
                self.send(piece + 1);
                lanes[piece % lanes.len()].receive()
            }
        }
    }

    /// Nothing that is asked of the device from here on reads the piece.
    pub fn release(&self, piece: usize) {
        if let Source::Streamed { lanes, .. } = &self.source {
            lanes[piece % lanes.len()].release();
        }
    }

    fn send(&self, piece: usize) {
        let (start, len) = self.range(piece);
        if let Source::Streamed { coordinates, lanes } = &self.source
            && len > 0
        {
            lanes[piece % lanes.len()].send(&coordinates[start..start + len]);
        }
    }

    /// Start and length of a piece, in limbs.
    fn range(&self, piece: usize) -> (usize, usize) {
        let from = (piece * self.each).min(self.len);
        (self.start + from, self.each.min(self.len - from))
    }
}
