//! What a name of the graph stands for while the graph is being lowered.
//!
//! Floats never reach the program. A float tensor is a constant, or a function of small integers ([`Coded`]), or a
//! scaled exact sum ([`Affine`]); it becomes integers again when a QuantizeLinear consumes it.

use super::array::Array;
use super::error::Fault;
use super::pair::Pair;
use crate::program::TensorId;
use crate::tensor::DType;
use std::cell::Cell;
use std::rc::Rc;

/// A value of the graph.
#[derive(Clone)]
pub(super) enum Value {
    /// Known at import.
    Const(Rc<Constant>),
    /// Integers.
    Int(Int),
    /// Floats, each a function of a small integer.
    Coded(Coded),
    /// Floats, scaled sums of integers.
    Affine(Affine),
    /// A float input of the model before its QuantizeLinear; holds the quantised integers.
    Input(Dequantized),
}

/// A constant; `origin` tells how it was dequantised.
pub(super) struct Constant {
    pub array: Array,
    pub origin: Option<Origin>,
}

/// A dequantised constant, element by element: `(ints - zero) * scale`, all of the constant's shape.
pub(super) struct Origin {
    pub ints: Array,
    pub scale: Array,
    pub zero: Array,
}

/// Integers `table[base]`, or `base` itself. The lookup is emitted only when the integers are needed as such, so that
/// chains of functions of one value become one lookup.
#[derive(Clone)]
pub(super) struct Int {
    pub dtype: DType,
    pub base: TensorId,
    pub table: Option<Rc<IntTable>>,
    /// The lookup's result, once emitted.
    pub forced: Rc<Cell<Option<TensorId>>>,
}

/// A function of the integers from `lo`; it continues with its first and last values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IntTable {
    pub lo: i64,
    pub values: Vec<i32>,
}

impl IntTable {
    pub fn at(&self, x: i64) -> i64 {
        self.values[clamp_index(x - self.lo, self.values.len())].into()
    }
}

/// Floats `table[codes - lo]`; the table continues with its first and last values.
#[derive(Clone)]
pub(super) struct Coded {
    pub codes: Codes,
    pub lo: i64,
    pub table: Rc<Vec<f32>>,
    /// Present if it is nothing but dequantised integers.
    pub origin: Option<Dequantized>,
    /// The integers of which it is a function; the codes may be those, or what those are a function of.
    pub source: Option<Int>,
}

/// The arguments of a [`Coded`]'s table.
#[derive(Clone)]
pub(super) enum Codes {
    /// A tensor.
    Tensor(TensorId),
    /// Two tensors: the code counts their values, row-major.
    Pair(Rc<Pair>),
}

impl Coded {
    /// A function of a tensor.
    pub fn new(codes: TensorId, lo: i64, table: Rc<Vec<f32>>) -> Coded {
        Coded { codes: Codes::Tensor(codes), lo, table, origin: None, source: None }
    }

    pub fn at(&self, code: i64) -> f32 {
        self.table[clamp_index(code - self.lo, self.table.len())]
    }
}

/// `(int - zero) * scale`.
#[derive(Clone)]
pub(super) struct Dequantized {
    pub int: Int,
    pub params: Params,
}

/// Scale and zero point of a whole tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Params {
    pub scale: f32,
    pub zero: i64,
    pub dtype: DType,
}

/// `clamp(sum_i scale_i term_i + bias)`.
#[derive(Clone)]
pub(super) struct Affine {
    pub shape: Vec<usize>,
    pub terms: Vec<Term>,
    /// Floats that broadcast to the shape.
    pub bias: Option<Array>,
    /// For means: the number of summands, as floats that broadcast to the shape.
    pub divisor: Option<Array>,
    /// How the quantised values are rounded.
    pub rule: Rule,
    pub lo: f32,
    pub hi: f32,
    /// Whether ONNX Runtime computes these floats from the exact integer sum, too.
    pub exact: bool,
}

/// What ONNX Runtime computes when it quantises a sum S; `rhe` rounds half to even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// `rhe(S * f32(scale / sy)) + zy` in f32.
    Scale,
    /// `rhe(S * scale) + zy` in f32: the scale is divided already.
    Ratio,
    /// `rhe(S * scale / divisor / sy) + zy` in f32. ONNX Runtime adds up floats instead of integers; the two differ only
    /// where the quotient is a tie, or one to f32 precision.
    Mean,
    /// `rhe(S * scale / divisor / sy + zy)` in f32, likewise.
    MeanInside,
}

/// A scaled integer tensor; `scale` has as many axes as the tensor, each whole or 1.
#[derive(Clone)]
pub(super) struct Term {
    pub source: Source,
    pub scale: Array,
}

/// Where a term's integers come from.
#[derive(Clone)]
pub(super) enum Source {
    /// A tensor of the program.
    Tensor(TensorId),
    /// A product with constant weights, not emitted before its multipliers are known.
    Product(Rc<Product>),
}

/// `sum x w + bias` for constant weights w, which may take up one multiplier for each cell (output channel).
pub(super) struct Product {
    /// The runtime operand, viewed as the contraction wants it.
    pub x: TensorId,
    pub x_axes: Vec<u8>,
    /// Weights, zero point removed.
    pub weights: Array,
    pub w_axes: Vec<u8>,
    pub out_axes: Vec<u8>,
    /// The shape after the contraction, merged axes.
    pub shape: Vec<usize>,
    /// The cell of each weight.
    pub cell_of: Vec<usize>,
    /// The cells' shape among the output's axes: extents of 1 but for the channel.
    pub grid: Vec<usize>,
    /// What is added to the sum: integers that broadcast to the shape. Includes what the zero point of x takes away.
    pub bias: Array,
    /// Bounds of `sum + bias`, cell by cell.
    pub bounds: Vec<(i64, i64)>,
}

impl Value {
    /// The constant.
    pub fn constant(&self, what: &str) -> Result<&Rc<Constant>, Fault> {
        match self {
            Value::Const(c) => Ok(c),
            _ => Err(Fault::unsupported(format!("{what} that is not constant"), "make it an initializer or a constant expression")),
        }
    }

    /// A constant without a history.
    pub fn of(array: Array) -> Value {
        Value::Const(Rc::new(Constant { array, origin: None }))
    }
}

impl Int {
    /// A tensor as it is.
    pub fn plain(dtype: DType, base: TensorId) -> Int {
        Int { dtype, base, table: None, forced: Rc::default() }
    }

    /// A function of a tensor.
    pub fn mapped(dtype: DType, base: TensorId, table: IntTable) -> Int {
        Int { dtype, base, table: Some(Rc::new(table)), forced: Rc::default() }
    }

    /// The integer for a value of the base.
    pub fn at(&self, code: i64) -> i64 {
        self.table.as_ref().map_or(code, |t| t.at(code))
    }
}

fn clamp_index(index: i64, len: usize) -> usize {
    usize::try_from(index).unwrap_or(0).min(len - 1)
}
