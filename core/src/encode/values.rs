//! Shapes and integers.

use super::{Reader, Writer};
use crate::error::Error;
use crate::tensor::{DType, Ints, MAX_AXES, Shape};
use crate::with_ints;

/// The most bytes that the padded form of one tensor may take. Padding doubles an axis at most, so only tensors of
/// many short axes are much larger than their encoding.
pub const MAX_PADDED_BYTES: u64 = if usize::BITS < 64 { 1 << 28 } else { 1 << 32 };

/// The most bytes that the padded tensors of one encoding may take together. An address space of 32 bits fills up with a few
/// tensors; elsewhere it is the machine's memory that decides.
const MAX_PADDED_BYTES_IN_ALL: u64 = if usize::BITS < 64 { 1 << 29 } else { 1 << 62 };

/// Writes a shape.
pub fn write_shape(out: &mut Writer, shape: &Shape) {
    out.small(shape.num_axes());
    shape.extents().iter().for_each(|n| out.u64(*n as u64));
}

/// Reads a shape.
///
/// # Errors
/// As [`Shape::new`].
pub fn read_shape(reader: &mut Reader<'_>) -> Result<Shape, Error> {
    let axes = usize::from(reader.u8()?);
    if axes > MAX_AXES {
        return Err(Error::TooManyAxes { found: axes, most: MAX_AXES });
    }
    let mut extents = Vec::with_capacity(axes);
    for _ in 0..axes {
        let extent = reader.u64()?;
        extents.push(usize::try_from(extent).map_err(|_| reader.error("an axis is too long for this machine"))?);
    }
    Shape::new(extents)
}

/// Writes the valid entries of a padded tensor as integers of its own type.
///
/// Nothing is written for entries beyond the data's end: such a tensor has no encoding that a reader accepts.
pub fn write_values(out: &mut Writer, shape: &Shape, values: &Ints) {
    with_ints!(values, v => shape.for_each_row(|_, pad, len| {
        out.words(v.get(pad..pad + len).unwrap_or_default().iter().map(|x| x.to_le_bytes()));
    }));
}

/// Reads the valid entries of a tensor of a known shape and type; pads are zero.
///
/// # Errors
/// Fewer bytes than entries, or an entry outside the bounds of the type.
pub fn read_values(reader: &mut Reader<'_>, shape: &Shape, dtype: DType) -> Result<Ints, Error> {
    let width = dtype.num_bytes();
    let bytes = shape.num_elements().checked_mul(width).ok_or_else(|| reader.error("a tensor is too large for this machine"))?;
    let raw = reader.bytes(bytes)?;
    let padded = shape.num_padded() as u64 * width as u64;
    if padded > MAX_PADDED_BYTES || reader.claim(padded) > MAX_PADDED_BYTES_IN_ALL {
        return Err(Error::TooLarge { what: format!("the padded form of a tensor of shape {shape}"), elements: shape.num_padded() as u64 });
    }
    let mut values = Ints::zeros(dtype, shape.num_padded());
    with_ints!(&mut values, v => fill(v, shape, raw));
    let ((lo, hi), (least, most)) = (dtype.bounds(), values.min_max());
    if least < lo || most > hi {
        let value = if least < lo { least } else { most };
        return Err(Error::ValueOutOfRange { what: "an encoded value".into(), value, lo, hi });
    }
    Ok(values)
}

/// A machine integer with a little-endian form.
trait Word: Copy {
    const BYTES: usize;
    fn from_le(bytes: &[u8]) -> Self;
}

macro_rules! words {
    ($($t:ty),*) => {$(
        impl Word for $t {
            const BYTES: usize = size_of::<$t>();
            fn from_le(bytes: &[u8]) -> Self {
                let mut array = [0; size_of::<$t>()];
                array.iter_mut().zip(bytes).for_each(|(a, b)| *a = *b);
                <$t>::from_le_bytes(array)
            }
        }
    )*};
}
words!(i8, u8, i16, u16, i32, i64);

fn fill<T: Word>(target: &mut [T], shape: &Shape, raw: &[u8]) {
    shape.for_each_row(|valid, pad, len| {
        let source = raw.get(valid * T::BYTES..(valid + len) * T::BYTES).unwrap_or_default();
        let row = target.get_mut(pad..pad + len).unwrap_or_default();
        row.iter_mut().zip(source.chunks_exact(T::BYTES)).for_each(|(t, bytes)| *t = T::from_le(bytes));
    });
}
