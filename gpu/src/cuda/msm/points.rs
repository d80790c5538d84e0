//! The points that a device sums up: kept on it, perhaps with multiples, or where they do not fit, in the computer's memory.

use std::marker::PhantomData;

use ark_ec::{AffineRepr, short_weierstrass::Affine};
use ark_ff::Zero;
use rayon::prelude::*;

use super::{
    group::{Coordinate, Group},
    multiples::Multiples,
};
use crate::cuda::{
    device::Device,
    ledger::Counted,
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
    /// The lists that the coordinates are of; more than one on the device only.
    pub multiples: Multiples,
    _counted: Option<Counted>,
    group: PhantomData<P>,
}

enum Place {
    Device(Buffer<Limbs>),
    Host(HostLimbs),
}

impl<P: Group> Part<P> {
    /// Points stay on the device if that leaves half of it to the work with them.
    pub fn new(device: &'static Device, points: &[Affine<P>]) -> Self {
        let len = points.len() * P::POINT;
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
        Self::plain(device, coordinates)
    }

    fn plain(device: &'static Device, coordinates: Place) -> Self {
        Self { device, coordinates, multiples: Multiples::NONE, _counted: None, group: PhantomData }
    }

    /// The same points with as many lists of multiples as there may be.
    pub fn with_multiples(self) -> Self {
        let (device, len) = (self.device, self.len());
        let Place::Device(points) = &self.coordinates else { return self };
        let bytes = device.multiples().left().min(device.room_to_keep());
        let multiples = Multiples::planned::<P>(len, bytes);
        if multiples == Multiples::NONE || len == 0 {
            return self;
        }
        // Without room, which others may have taken meanwhile, there are none.
        let Ok(counted) = device.multiples().count(multiples.bytes::<P>(len)) else { return self };
        let Ok(mut all) = Buffer::try_uninitialised(device, multiples.lists as usize * points.len()) else { return self };
        all.write(device, 0, points);
        multiples.make::<P>(device, &all, len);
        Self { multiples, _counted: Some(counted), ..Self::plain(device, Place::Device(all)) }
    }

    fn write(points: &[Affine<P>], to: &mut [Limbs]) {
        let slots = to.par_chunks_mut(WRITTEN * P::POINT);
        slots.zip(points.par_chunks(WRITTEN)).for_each(|(slots, points)| {
            for (slot, point) in slots.chunks_exact_mut(P::POINT).zip(points) {
                let (x, y) = point.xy().unwrap_or((Zero::zero(), Zero::zero()));
                let (to_x, to_y) = slot.split_at_mut(P::POINT / 2);
                x.write(to_x);
                y.write(to_y);
            }
        });
    }

    /// The same points on another device, if they may stay there.
    pub fn copied(&self, device: &'static Device) -> Option<Self> {
        let len = self.len() * P::POINT;
        if !device.has_room_to_keep(len * size_of::<Limbs>()) {
            return None;
        }
        let coordinates = match &self.coordinates {
            Place::Device(coordinates) => Buffer::try_upload(device, &coordinates.download(self.device, 0, len)),
            Place::Host(coordinates) => Buffer::try_upload(device, coordinates.as_slice()),
        };
        // Others may have taken the room meanwhile.
        let copy = Self::plain(device, Place::Device(coordinates.ok()?));
        Some(if self.multiples == Multiples::NONE { copy } else { copy.with_multiples() })
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        let coordinates = match &self.coordinates {
            Place::Device(coordinates) => coordinates.len(),
            Place::Host(coordinates) => coordinates.as_slice().len(),
        };
        coordinates / P::POINT / self.multiples.lists as usize
    }

    /// Bytes on the device that [`Part::pieces`] needs for each point of a piece.
    pub fn bytes_each(&self) -> usize {
        match &self.coordinates {
            Place::Device(_) => 0,
            Place::Host(_) => LANES * P::POINT * size_of::<Limbs>(),
        }
    }

    /// Points `start..start + len`, so many at a time.
    pub fn pieces(&self, start: usize, len: usize, each: usize) -> Pieces<'_> {
        let (start, len, each) = (start * P::POINT, len * P::POINT, each * P::POINT);
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
