//! Programs: directed acyclic graphs of exact integer tensors.

use crate::interval::Interval;
use crate::tensor::{DType, Ints, Shape};
use crate::view::View;

/// A tensor of a program: the index of the node that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(pub u32);

impl TensorId {
    /// As an index into [`Program::nodes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How [`Op::RoundShift`] rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Towards minus infinity: `floor(x / 2^s)`.
    Floor,
    /// To nearest, ties upwards: `floor(x / 2^s + 1/2)`.
    HalfUp,
    /// To nearest, ties to even.
    HalfEven,
}

/// What a node computes. Semantics are exact integers; "elementwise" is over equal shapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The program's input of that index.
    Input(usize),
    /// The program's constant of that index.
    Const(usize),
    /// An index map.
    View {
        /// The source.
        src: TensorId,
        /// The map.
        view: View,
    },
    /// `constant + sum_i coef_i * x_i`, elementwise.
    Linear {
        /// Tensors and coefficients.
        terms: Vec<(TensorId, i64)>,
        /// The constant.
        constant: i64,
    },
    /// A sum of products over shared axes. Every axis has a label; labels in both operands and not in the output are
    /// summed over. `einsum("x_axes, y_axes -> out_axes")`.
    Contract {
        /// Left operand.
        x: TensorId,
        /// Right operand.
        y: TensorId,
        /// Labels of x's axes.
        x_axes: Vec<u8>,
        /// Labels of y's axes.
        y_axes: Vec<u8>,
        /// Labels of the result's axes.
        out_axes: Vec<u8>,
    },
    /// `a * b`, elementwise.
    Mul {
        /// Left factor.
        a: TensorId,
        /// Right factor.
        b: TensorId,
    },
    /// `tables[table].values[x - lo]`, elementwise; x must lie in the table's domain.
    Lookup {
        /// The argument.
        x: TensorId,
        /// The table's index.
        table: usize,
    },
    /// `x / 2^shift`, rounded.
    RoundShift {
        /// The argument.
        x: TensorId,
        /// Binary logarithm of the divisor, 1..=60.
        shift: u32,
        /// The rule for what is left over.
        rounding: Rounding,
    },
    /// `floor(x / d)`, elementwise, for d >= 1 everywhere.
    Div {
        /// The dividend.
        x: TensorId,
        /// The divisor.
        d: TensorId,
    },
    /// `x - d floor(x / d)`, elementwise, for d >= 1 everywhere.
    Rem {
        /// The dividend.
        x: TensorId,
        /// The divisor.
        d: TensorId,
    },
    /// Tensors joined along an axis.
    Concat {
        /// The parts, in order.
        parts: Vec<TensorId>,
        /// The axis.
        axis: usize,
    },
    /// Carry `carry` after each step of a scan: shape `[steps, ...]`.
    Scan {
        /// The scan's index.
        scan: usize,
        /// Which carried tensor.
        carry: usize,
    },
}

impl Op {
    /// The tensors it reads, in order.
    pub fn operands(&self, program: &Program) -> Vec<TensorId> {
        match self {
            Op::Input(_) | Op::Const(_) => vec![],
            Op::View { src, .. } => vec![*src],
            Op::Linear { terms, .. } => terms.iter().map(|t| t.0).collect(),
            Op::Contract { x, y, .. } => vec![*x, *y],
            Op::Mul { a, b } => vec![*a, *b],
            Op::Lookup { x, .. } | Op::RoundShift { x, .. } => vec![*x],
            Op::Div { x, d } | Op::Rem { x, d } => vec![*x, *d],
            Op::Concat { parts, .. } => parts.clone(),
            Op::Scan { scan, .. } => {
                program.scans.get(*scan).map(|s| s.init.iter().chain(&s.captures).copied().collect()).unwrap_or_default()
            }
        }
    }
}

/// A node: one operation and what is known of its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The operation.
    pub op: Op,
    /// A name for people.
    pub name: String,
    /// Valid extents of the result.
    pub shape: Shape,
    /// Bounds of the valid entries.
    pub range: Interval,
    /// Bounds of all entries, pads included.
    pub padded_range: Interval,
    /// For each axis, whether its pads are known to be zero.
    pub clean: Vec<bool>,
}

impl Node {
    /// The type in which execution stores the tensor.
    pub fn storage(&self) -> DType {
        DType::narrowest(self.padded_range.lo, self.padded_range.hi)
    }
}

/// A lookup table: `y = values[x - lo]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// A name for people.
    pub name: String,
    /// The first argument of the domain.
    pub lo: i64,
    /// The values, at least one.
    pub values: Vec<i32>,
}

impl Table {
    /// The last argument of the domain.
    pub fn hi(&self) -> i64 {
        self.lo + self.values.len() as i64 - 1
    }

    /// Bounds of the values on `x`.
    pub fn image(&self, x: Interval) -> Interval {
        let slice = &self.values[(x.lo - self.lo) as usize..=(x.hi - self.lo) as usize];
        Interval { lo: slice.iter().min().copied().unwrap_or(0).into(), hi: slice.iter().max().copied().unwrap_or(0).into() }
    }
}

/// Who may see a tensor of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Its values stand in the statement.
    Public,
    /// Only a salted commitment to it is known.
    Private,
}

/// A constant tensor: weights, biases, multipliers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// A name for people.
    pub name: String,
    /// The extents.
    pub shape: Shape,
    /// Bounds that the verifier relies on; they cover the values.
    pub range: Interval,
    /// The padded values; absent in a verifying key, where a commitment stands for them.
    pub values: Option<Ints>,
    /// Whether the program's public description may contain the values.
    pub visibility: Visibility,
    /// Whether it is a parameter of a model, which its owner may want private, rather than part of the computation's
    /// structure.
    pub parameter: bool,
}

/// A real-valued reading of integers, `(q - zero_point) * scale`; the statement carries it for the reader.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization {
    /// Step, an f32 as the model has it.
    pub scale: f32,
    /// The integer that means zero.
    pub zero_point: i64,
}

/// An input or an output of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The tensor.
    pub tensor: TensorId,
    /// The type of its elements.
    pub dtype: DType,
    /// Present where a model's float tensor is converted at the boundary.
    pub quantization: Option<Quantization>,
    /// Who may see its values; outputs are public.
    pub visibility: Visibility,
}

/// `steps` applications of a body to carried tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// How often the body runs.
    pub steps: usize,
    /// The carried tensors before the first step.
    pub init: Vec<TensorId>,
    /// Outer tensors that every step reads.
    pub captures: Vec<TensorId>,
    /// The body: its inputs are the carried tensors, then the captures; its outputs the next carried tensors. The
    /// declared type of an output bounds the carried values, and is range-checked at every step.
    pub body: Program,
}

/// A program. Nodes stand in topological order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// A name for people.
    pub name: String,
    /// The nodes; node i makes tensor i.
    pub nodes: Vec<Node>,
    /// Constants.
    pub constants: Vec<Constant>,
    /// Lookup tables.
    pub tables: Vec<Table>,
    /// Scans.
    pub scans: Vec<Scan>,
    /// Inputs, in order.
    pub inputs: Vec<Port>,
    /// Outputs, in order.
    pub outputs: Vec<Port>,
}

impl Program {
    /// The node that makes a tensor.
    ///
    /// # Panics
    /// If the tensor is not of this program.
    pub fn node(&self, tensor: TensorId) -> &Node {
        &self.nodes[tensor.index()]
    }

    /// The shape of a tensor.
    ///
    /// # Panics
    /// If the tensor is not of this program.
    pub fn shape(&self, tensor: TensorId) -> &Shape {
        &self.node(tensor).shape
    }
}
