//! Canonical binary encodings: one value, one byte string.
//!
//! ```text
//! program    magic "ASYPROGR", version, body
//! body       name, constants, tables, scans, inputs, nodes, outputs
//! constant   name, shape, range, visibility, parameter?, values present?, values
//! table      name, lo, type, count, values                    type: the narrowest that holds the values
//! scan       steps, initial tensors, captures, body           a body has no scans of its own
//! port       name, type, quantization?, then visibility (inputs) or the tensor (outputs)
//! node       name, tag, operands and parameters; bounds only where they cannot be inferred
//! shape      axes (u8), extents (u64 each)
//! tensor     shape, valid values in row-major order; the type is known from the context
//! ```
//! Numbers are little-endian, lists and strings carry a `u32` length, flags are 0 or 1. Values are as wide as the
//! narrowest type that holds their declared range; pads are not encoded, they are zero.
//!
//! # Bounds
//! Decoding infers every node again ([`crate::infer`]), so an encoding cannot claim bounds that do not hold. One thing
//! cannot be inferred: the bounds of a contraction with a public constant whose values are absent from a verifying key.
//! They are written there, must lie within what follows without the values, and are covered by the program id, which
//! whoever compiles the program from its source obtains alike.

mod node;
mod program;
mod reader;
mod values;
mod writer;

pub use program::{read_port, write_port};
pub use reader::Reader;
pub use values::{read_shape, read_values, write_shape, write_values};
pub use writer::Writer;

/// The longest name of a node, a port, a constant or a table, in bytes.
pub const MAX_NAME: usize = 1 << 12;
