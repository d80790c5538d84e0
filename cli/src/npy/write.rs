//! Arrays to bytes, as `numpy.save` writes them: version 1.0, row-major, the elements aligned to 64 bytes.

use std::fmt::Write;

use super::{Array, Elements};

/// The bytes of a `.npy` file.
pub fn write(array: &Array) -> Vec<u8> {
    let mut shape = String::new();
    for extent in &array.shape {
        // Writing to a String cannot fail.
        let _ = write!(shape, "{extent}, ");
    }
    let shape = if array.shape.len() == 1 { shape.trim_end() } else { shape.trim_end_matches(", ") };
    let (descr, data) = encode(&array.elements);
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
    let unpadded = 10 + header.len() + 1;
    header.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    header.push('\n');
    let mut bytes = Vec::with_capacity(10 + header.len() + data.len());
    bytes.extend_from_slice(b"\x93NUMPY\x01\x00");
    bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(&data);
    bytes
}

fn encode(elements: &Elements) -> (&'static str, Vec<u8>) {
    match elements {
        Elements::Bool(v) => ("|b1", v.iter().map(|&x| u8::from(x)).collect()),
        Elements::I8(v) => ("|i1", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::U8(v) => ("|u1", v.clone()),
        Elements::I16(v) => ("<i2", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::U16(v) => ("<u2", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::I32(v) => ("<i4", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::U32(v) => ("<u4", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::I64(v) => ("<i8", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::U64(v) => ("<u8", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::F32(v) => ("<f4", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Elements::F64(v) => ("<f8", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
    }
}
