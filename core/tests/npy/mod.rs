//! Reads the `.npy` arrays of the fixtures.

use std::path::Path;

/// The values of one sample.
#[derive(Clone, Debug)]
pub enum Values {
    Float(Vec<f32>),
    Int(Vec<i64>),
}

impl Values {
    /// How many values differ in any bit, and how many there are.
    pub fn differences(&self, other: &Values) -> (usize, usize) {
        match (self, other) {
            (Values::Float(a), Values::Float(b)) if a.len() == b.len() => {
                // Zeros of either sign are one value.
                (a.iter().zip(b).filter(|(a, b)| a != b).count(), a.len())
            }
            (Values::Int(a), Values::Int(b)) if a.len() == b.len() => (a.iter().zip(b).filter(|(a, b)| a != b).count(), a.len()),
            _ => panic!("expected {self:?}, found {other:?}"),
        }
    }
}

/// An array.
pub struct Npy {
    pub shape: Vec<usize>,
    values: Values,
}

impl Npy {
    /// Reads a little-endian, C-ordered file.
    pub fn read(path: &Path) -> Npy {
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(&bytes[..6], b"\x93NUMPY", "{}", path.display());
        let len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let header = std::str::from_utf8(&bytes[10..10 + len]).unwrap();
        assert!(header.contains("'fortran_order': False"));
        let after = |key: &str| header.split_once(key).unwrap().1;
        let descr = after("'descr': '").split('\'').next().unwrap().to_owned();
        let shape = after("'shape': (").split(')').next().unwrap();
        let shape: Vec<usize> = shape.split(',').filter_map(|n| n.trim().parse().ok()).collect();
        let body = &bytes[10 + len..];
        let ints = |size: usize, f: &dyn Fn(&[u8]) -> i64| Values::Int(body.chunks_exact(size).map(f).collect());
        let values = match descr.as_str() {
            "<f4" => Values::Float(body.chunks_exact(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect()),
            "|u1" => ints(1, &|c| c[0].into()),
            "|i1" => ints(1, &|c| (c[0] as i8).into()),
            "<i4" => ints(4, &|c| i32::from_le_bytes(c.try_into().unwrap()).into()),
            "<i8" => ints(8, &|c| i64::from_le_bytes(c.try_into().unwrap())),
            other => panic!("{}: type {other}", path.display()),
        };
        Npy { shape, values }
    }

    /// The values of one index of the leading axis.
    pub fn sample(&self, index: usize) -> Values {
        let size: usize = self.shape[1..].iter().product();
        let range = index * size..(index + 1) * size;
        match &self.values {
            Values::Float(v) => Values::Float(v[range].to_vec()),
            Values::Int(v) => Values::Int(v[range].to_vec()),
        }
    }
}
