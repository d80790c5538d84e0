//! Files as NumPy writes them, files as nobody should, and the round trip.

use proptest::prelude::*;

use super::{Array, Elements, NpyError, read, write};

/// A file with any version, header and data.
fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
    if version == 1 {
        bytes.extend((header.len() as u16).to_le_bytes());
    } else {
        bytes.extend((header.len() as u32).to_le_bytes());
    }
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn header(descr: &str, fortran: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}   \n")
}

#[test]
fn reads_every_version() {
    for version in 1..=3 {
        let bytes = file(version, &header("<i2", "False", "(2, 1)"), &[1, 0, 0xff, 0xff]);
        let expected = Array { shape: vec![2, 1], elements: Elements::I16(vec![1, -1]) };
        assert_eq!(read(&bytes), Ok(expected));
    }
}

#[test]
fn writes_the_very_bytes_of_numpy() {
    // numpy.save(f, numpy.array([1, -2, 3], dtype=numpy.int8)), NumPy 2.
    let mut expected = b"\x93NUMPY\x01\x00v\x00{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }".to_vec();
    expected.resize(127, b' ');
    expected.extend(b"\n\x01\xfe\x03");
    assert_eq!(write(&Array { shape: vec![3], elements: Elements::I8(vec![1, -2, 3]) }), expected);
}

#[test]
fn turns_column_major_files_around() {
    // [[0, 1, 2], [10, 11, 12]] stored column by column.
    let bytes = file(1, &header("|u1", "True", "(2, 3)"), &[0, 10, 1, 11, 2, 12]);
    assert_eq!(read(&bytes).map(|a| a.elements), Ok(Elements::U8(vec![0, 1, 2, 10, 11, 12])));
    let data: Vec<u8> = (0..24).collect();
    let bytes = file(1, &header("|u1", "True", "(2, 3, 4)"), &data);
    let Ok(Elements::U8(values)) = read(&bytes).map(|a| a.elements) else { panic!("unreadable") };
    for (at, value) in values.iter().enumerate() {
        let (i, j, k) = (at / 12, at / 4 % 3, at % 4);
        assert_eq!(usize::from(*value), i + 2 * j + 6 * k);
    }
}

#[test]
fn reads_scalars_and_empty_arrays() {
    let scalar = read(&file(1, &header("<f4", "False", "()"), &1.5f32.to_le_bytes()));
    assert_eq!(scalar, Ok(Array { shape: vec![], elements: Elements::F32(vec![1.5]) }));
    let empty = read(&file(1, &header("<f8", "True", "(0, 7)"), &[]));
    assert_eq!(empty, Ok(Array { shape: vec![0, 7], elements: Elements::F64(vec![]) }));
}

#[test]
fn refuses_other_element_types_by_name() {
    for descr in [">i4", "<f2", "<c8", "|O", "<U3", "|S5", "<M8[ns]"] {
        let error = read(&file(1, &header(descr, "False", "(1,)"), &[0; 4]));
        assert_eq!(error, Err(NpyError::UnsupportedType { descr: descr.into() }));
    }
    let record = "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }";
    assert!(matches!(read(&file(1, record, &[0; 4])), Err(NpyError::UnsupportedType { .. })));
}

#[test]
fn refuses_malformed_headers() {
    for text in [
        "",
        "{",
        "{}",
        "{'descr': '<i4'}",
        "{'descr': '<i4', 'fortran_order': 0, 'shape': ()}",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1)}",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<i4, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}",
    ] {
        assert!(matches!(read(&file(1, text, &[0; 4])), Err(NpyError::MalformedHeader { .. })), "{text}");
    }
}

#[test]
fn refuses_shapes_that_overflow_or_exceed_the_file() {
    let huge = read(&file(1, &header("|u1", "False", "(4294967296, 4294967296)"), &[]));
    assert!(matches!(huge, Err(NpyError::ShapeTooLarge { .. })));
    // With a zero extent the product is small, and so must the allocation be.
    let zero = read(&file(1, &header("|u1", "True", "(18446744073709551615, 0)"), &[]));
    assert!(matches!(zero, Ok(Array { elements: Elements::U8(v), .. }) if v.is_empty()));
    let large = read(&file(1, &header("<f8", "False", "(1000000000000,)"), &[0; 16]));
    assert_eq!(
        large,
        Err(NpyError::WrongLength { shape: "[1000000000000]".into(), type_name: "float64", expected: 8_000_000_000_000, found: 16 })
    );
}

#[test]
fn refuses_every_truncation_and_trailing_bytes() {
    let bytes = write(&Array { shape: vec![2, 2], elements: Elements::I64(vec![1, 2, 3, 4]) });
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err(), "{length} bytes");
    }
    assert!(matches!(read(&[&bytes[..], &[0]].concat()), Err(NpyError::WrongLength { .. })));
    assert_eq!(read(b"PK\x03\x04"), Err(NpyError::WrongMagic));
    assert_eq!(read(b"\x93NUMPY\x04\x00\x00\x00"), Err(NpyError::UnsupportedVersion { major: 4, minor: 0 }));
}

#[test]
fn refuses_bools_that_are_not() {
    let bytes = file(1, &header("|b1", "False", "(3,)"), &[0, 1, 2]);
    assert_eq!(read(&bytes), Err(NpyError::NotABool { index: 2, value: 2 }));
}

fn arrays() -> impl Strategy<Value = Array> {
    let shapes = prop::collection::vec(0usize..5, 0..5);
    (shapes, 0u8..11, any::<u64>()).prop_map(|(shape, kind, seed)| {
        let count = shape.iter().product::<usize>() as u64;
        let value = |i: u64| seed.wrapping_add(i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        macro_rules! fill {
            ($variant:ident, $t:ty) => {
                Elements::$variant((0..count).map(|i| value(i) as $t).collect())
            };
        }
        let elements = match kind {
            0 => Elements::Bool((0..count).map(|i| value(i) >> 63 == 1).collect()),
            1 => fill!(I8, i8),
            2 => fill!(U8, u8),
            3 => fill!(I16, i16),
            4 => fill!(U16, u16),
            5 => fill!(I32, i32),
            6 => fill!(U32, u32),
            7 => fill!(I64, i64),
            8 => fill!(U64, u64),
            9 => fill!(F32, f32),
            _ => fill!(F64, f64),
        };
        Array { shape, elements }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(array in arrays()) {
        prop_assert_eq!(read(&write(&array)), Ok(array));
    }

    #[test]
    fn damaged_files_never_panic(array in arrays(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = write(&array);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read(&bytes);
    }

    #[test]
    fn any_header_text_is_answered(text in "[{}()':, a-z0-9<|\\\\]{0,80}") {
        let _ = read(&file(1, &text, &[0; 8]));
    }
}
