//! Import of 8-bit ONNX networks: operator-oriented (QLinearConv, QGemm, ...) and QDQ graphs.
//!
//! Users quantise with `onnxruntime.quantization`; [`import`] turns the result into a [`Program`] of exact integers that
//! gives ONNX Runtime's outputs bit for bit. A leading QuantizeLinear and a trailing DequantizeLinear become conversions
//! at the boundary: the program's ports are integers that carry scale and zero point, see [`quantize`] and
//! [`dequantize`].
//!
//! Everything that can be computed at import is: constants, shapes, tables of activation functions. Symbolic axes are
//! fixed by [`ImportOptions::input_shapes`].

mod array;
mod boundary;
mod budget;
mod call;
mod context;
mod error;
mod graph;
mod moves;
mod ops;
mod pair;
mod product;
mod proto;
mod qdq;
mod quant;
mod requantize;
mod staircase;
mod value;
mod wire;

pub use boundary::{dequantize, quantize};
pub use error::Error;
pub use proto::{MAX_MODEL_BYTES, MAX_NODES};

use crate::program::Program;
use std::collections::BTreeMap;

/// What an import may be told beyond the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The program's name; the graph's own if absent.
    pub name: Option<String>,
    /// Shapes of inputs by name, to fix symbolic axes. A leading symbolic axis that is not given is 1.
    pub input_shapes: BTreeMap<String, Vec<usize>>,
}

/// Imports a model.
///
/// # Errors
/// The bytes are not an ONNX model, or a node, type or shape is not supported; the error names the node and the nearest
/// supported form.
pub fn import(bytes: &[u8], options: &ImportOptions) -> Result<Program, Error> {
    graph::lower(&proto::decode(bytes)?, options)
}
