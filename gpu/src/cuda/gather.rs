//! Index maps.

#![allow(unsafe_code)]

use assay_core::{DType, execute::Gather};
use cudarc::driver::DeviceRepr;

use super::{
    device::Device,
    launch::{count, elements, launch},
    memory::Ints,
    typed::Entries,
};

/// The most axes of a tensor: of digits, of places, and of parts.
const MOST: usize = assay_core::tensor::MAX_AXES;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Part {
    offset: i64,
    total: u32,
    digits: u32,
    places: u32,
    padding: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Digit {
    coef: i64,
    stride: u32,
    extent: u32,
    valid: u32,
    padding: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Place {
    divisor: u32,
    extent: u32,
    stride: u32,
}

/// [`Gather`] as the kernel takes it: the digits of the first part, then those of the second; the places likewise.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Map {
    fill: i64,
    parts: [Part; MOST],
    digits: [Digit; MOST],
    places: [Place; MOST],
    base: u32,
    count: u32,
}

// SAFETY: numbers, laid out as in C.
unsafe impl DeviceRepr for Map {}

impl From<&Gather> for Map {
    fn from(gather: &Gather) -> Self {
        let mut map = Self { fill: gather.fill, base: count(gather.base), count: gather.parts.len() as u32, ..Self::default() };
        let (mut digits, mut places) = (map.digits.iter_mut(), map.places.iter_mut());
        for (to, part) in map.parts.iter_mut().zip(&gather.parts) {
            let (num_digits, num_places) = (part.digits.len() as u32, part.places.len() as u32);
            *to = Part { offset: part.offset, total: count(part.total), digits: num_digits, places: num_places, padding: 0 };
            for (d, to) in part.digits.iter().zip(&mut digits) {
                *to = Digit { coef: d.coef, stride: count(d.stride), extent: count(d.extent), valid: count(d.valid), padding: 0 };
            }
            for (p, to) in part.places.iter().zip(&mut places) {
                *to = Place { divisor: count(p.divisor), extent: count(p.extent), stride: count(p.stride) };
            }
        }
        map
    }
}

pub fn gather(device: &Device, src: &Ints, gather: &Gather, dtype: DType) -> Ints {
    let out = Ints::uninitialised(device, dtype, gather.len);
    if gather.len > 0 {
        let shape = elements(device, gather.len);
        launch!(device, Tensors, "gather", shape, Entries::from(&out), Entries::from(src), Map::from(gather), count(gather.len));
    }
    out
}
