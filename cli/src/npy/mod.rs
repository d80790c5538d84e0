//! NumPy's `.npy` files, versions 1 to 3: the arrays that jobs take and give.
//!
//! ```text
//! 0x93 "NUMPY", major, minor, header length (2 bytes; 4 from version 2), header, elements      (little-endian)
//! header: a Python dictionary, {'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }, padded with spaces
//! ```
//!
//! Elements are integers of 8 to 64 bits, `float32`, `float64` or `bool`; a file in column-major order is turned around.
//! Files come from strangers: everything is checked against the number of bytes at hand before it is allocated.

mod header;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::read;
pub use write::write;

/// The most axes that are read; NumPy's own limit until version 2.
const MAX_AXES: usize = 32;

/// An array, its elements in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The extents, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// As many elements as the product of the extents.
    pub elements: Elements,
}

/// The elements of an [`Array`].
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Elements {
    Bool(Vec<bool>),
    I8(Vec<i8>),
    U8(Vec<u8>),
    I16(Vec<i16>),
    U16(Vec<u16>),
    I32(Vec<i32>),
    U32(Vec<u32>),
    I64(Vec<i64>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

impl Array {
    /// Keeps the first entry of the outermost axis, without that axis; an array that has none or is empty stays as it is.
    pub fn keep_first(&mut self) {
        if self.shape.first().is_none_or(|extent| *extent == 0) {
            return;
        }
        self.shape.remove(0);
        let len = self.shape.iter().product();
        match &mut self.elements {
            Elements::Bool(v) => v.truncate(len),
            Elements::I8(v) => v.truncate(len),
            Elements::U8(v) => v.truncate(len),
            Elements::I16(v) => v.truncate(len),
            Elements::U16(v) => v.truncate(len),
            Elements::I32(v) => v.truncate(len),
            Elements::U32(v) => v.truncate(len),
            Elements::I64(v) => v.truncate(len),
            Elements::U64(v) => v.truncate(len),
            Elements::F32(v) => v.truncate(len),
            Elements::F64(v) => v.truncate(len),
        }
    }
}

impl Elements {
    /// NumPy's name of the type, for people.
    pub fn type_name(&self) -> &'static str {
        match self {
            Elements::Bool(_) => "bool",
            Elements::I8(_) => "int8",
            Elements::U8(_) => "uint8",
            Elements::I16(_) => "int16",
            Elements::U16(_) => "uint16",
            Elements::I32(_) => "int32",
            Elements::U32(_) => "uint32",
            Elements::I64(_) => "int64",
            Elements::U64(_) => "uint64",
            Elements::F32(_) => "float32",
            Elements::F64(_) => "float64",
        }
    }
}

/// Why bytes are not a readable `.npy` file.
#[derive(Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The first bytes are not NumPy's.
    #[error("this is not a .npy file; write one with numpy.save(path, array)")]
    WrongMagic,
    /// A version that does not exist, or not yet.
    #[error(".npy format version {major}.{minor} is not supported (1.0, 2.0 and 3.0 are)")]
    UnsupportedVersion {
        /// Major version.
        major: u8,
        /// Minor version.
        minor: u8,
    },
    /// The file ends inside its header.
    #[error("the .npy file ends after {found} bytes, inside its header")]
    TruncatedHeader {
        /// Bytes found.
        found: usize,
    },
    /// The header is not the dictionary that NumPy writes.
    #[error("the .npy header is malformed at byte {offset}: expected {expected}")]
    MalformedHeader {
        /// Offset in the header.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// An element type that is not read.
    #[error("element type `{descr}` is not supported; convert to one of {SUPPORTED} with array.astype(...)")]
    UnsupportedType {
        /// NumPy's description.
        descr: String,
    },
    /// Too many axes, or extents whose product no file can hold.
    #[error("the .npy header declares a shape that is too large: {shape}")]
    ShapeTooLarge {
        /// The shape, shortened.
        shape: String,
    },
    /// The number of bytes is not that of the declared elements.
    #[error(
        "the .npy file holds {found} bytes of elements where its shape {shape} of {type_name} takes {expected}: it is truncated or damaged"
    )]
    WrongLength {
        /// The shape.
        shape: String,
        /// The element type.
        type_name: &'static str,
        /// Bytes that the header declares.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// A `bool` that is neither 0 nor 1.
    #[error("element {index} of the .npy file is the byte {value}, not a bool")]
    NotABool {
        /// Its position.
        index: usize,
        /// Its byte.
        value: u8,
    },
}

const SUPPORTED: &str = "bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64";
