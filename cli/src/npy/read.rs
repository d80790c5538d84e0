//! Bytes to arrays.

use super::header::{self, Header};
use super::{Array, Elements, NpyError};

/// Reads a whole file. Allocates in proportion to `bytes`, whatever they declare.
///
/// # Errors
/// [`NpyError`]: not such a file, malformed, truncated, extended, or of elements that are not supported.
pub fn read(bytes: &[u8]) -> Result<Array, NpyError> {
    let (header, data) = header::split(bytes)?;
    let Header { descr, fortran_order, shape } = header;
    let num_elements = shape.iter().try_fold(1usize, |n, &extent| n.checked_mul(extent));
    let num_elements = num_elements.filter(|n| n.checked_mul(8).is_some());
    let num_elements = num_elements.ok_or_else(|| NpyError::ShapeTooLarge { shape: shorten(&shape) })?;
    let source = Source { data, shape: &shape, num_elements, fortran_order };
    let elements = match descr.as_str() {
        "|b1" | "?" | "b1" => Elements::Bool(booleans(source.read("bool", u8::from_le_bytes)?)?),
        "|i1" | "i1" | "<i1" => Elements::I8(source.read("int8", i8::from_le_bytes)?),
        "|u1" | "u1" | "<u1" => Elements::U8(source.read("uint8", u8::from_le_bytes)?),
        "<i2" => Elements::I16(source.read("int16", i16::from_le_bytes)?),
        "<u2" => Elements::U16(source.read("uint16", u16::from_le_bytes)?),
        "<i4" => Elements::I32(source.read("int32", i32::from_le_bytes)?),
        "<u4" => Elements::U32(source.read("uint32", u32::from_le_bytes)?),
        "<i8" => Elements::I64(source.read("int64", i64::from_le_bytes)?),
        "<u8" => Elements::U64(source.read("uint64", u64::from_le_bytes)?),
        "<f4" => Elements::F32(source.read("float32", f32::from_le_bytes)?),
        "<f8" => Elements::F64(source.read("float64", f64::from_le_bytes)?),
        _ => return Err(NpyError::UnsupportedType { descr: descr.chars().take(40).collect() }),
    };
    Ok(Array { shape, elements })
}

struct Source<'a> {
    data: &'a [u8],
    shape: &'a [usize],
    num_elements: usize,
    fortran_order: bool,
}

impl Source<'_> {
    fn read<T: Copy, const N: usize>(&self, type_name: &'static str, decode: impl Fn([u8; N]) -> T) -> Result<Vec<T>, NpyError> {
        let expected = self.num_elements * N;
        if self.data.len() != expected {
            let (shape, found) = (shorten(self.shape), self.data.len());
            return Err(NpyError::WrongLength { shape, type_name, expected, found });
        }
        let values: Vec<T> = self.data.as_chunks::<N>().0.iter().map(|chunk| decode(*chunk)).collect();
        Ok(if self.fortran_order { to_row_major(&values, self.shape) } else { values })
    }
}

/// Column-major (first axis fastest) to row-major (last axis fastest).
fn to_row_major<T: Copy>(values: &[T], shape: &[usize]) -> Vec<T> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = 1;
    for extent in shape {
        strides.push(stride);
        stride *= extent;
    }
    let mut index = vec![0usize; shape.len()];
    let mut out = Vec::with_capacity(values.len());
    let mut at = 0;
    for _ in 0..values.len() {
        out.push(values[at]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= index[axis] * strides[axis];
            index[axis] = 0;
        }
    }
    out
}

fn booleans(bytes: Vec<u8>) -> Result<Vec<bool>, NpyError> {
    let convert = |(index, value)| match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(NpyError::NotABool { index, value }),
    };
    bytes.into_iter().enumerate().map(convert).collect()
}

/// A shape for people, whatever a hostile header declares.
fn shorten(shape: &[usize]) -> String {
    let mut text = format!("{:?}", &shape[..shape.len().min(8)]);
    if shape.len() > 8 {
        text.push_str("...");
    }
    text
}
