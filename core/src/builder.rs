//! Building programs: a new job is a dozen lines.
//!
//! Every method checks shapes, bounds the result's values, and returns the new tensor.

use crate::error::Error;
use crate::infer;
use crate::interval::Interval;
use crate::program::{Constant, Node, Op, Port, Program, Quantization, Rounding, Scan, Table, TensorId, Visibility};
use crate::tensor::{DType, Shape, Tensor};
use crate::view::{Block, View};

/// The most entries of a lookup table.
pub const MAX_TABLE: u64 = 1 << 22;

/// Builds a [`Program`].
#[derive(Default)]
pub struct Builder {
    program: Program,
    scope: String,
}

impl Builder {
    /// An empty program.
    pub fn new(name: &str) -> Builder {
        Builder { program: Program { name: name.to_owned(), ..Program::default() }, scope: String::new() }
    }

    /// Names the nodes that follow, in errors and reports.
    pub fn scope(&mut self, name: &str) -> &mut Builder {
        name.clone_into(&mut self.scope);
        self
    }

    /// The program so far.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The shape of a tensor.
    pub fn shape(&self, tensor: TensorId) -> &Shape {
        self.program.shape(tensor)
    }

    /// The bounds of a tensor's valid entries.
    pub fn range(&self, tensor: TensorId) -> Interval {
        self.program.node(tensor).range
    }

    fn push(&mut self, op: Op) -> Result<TensorId, Error> {
        let name = if self.scope.is_empty() { format!("t{}", self.program.nodes.len()) } else { self.scope.clone() };
        let node = infer::node(&self.program, op, name.clone()).map_err(|e| e.at(&name))?;
        Ok(self.push_node(node))
    }

    fn push_node(&mut self, node: Node) -> TensorId {
        self.program.nodes.push(node);
        TensorId(self.program.nodes.len() as u32 - 1)
    }

    /// An input of the program.
    ///
    /// # Errors
    /// A bad shape.
    pub fn input(&mut self, name: &str, dtype: DType, shape: &[usize]) -> Result<TensorId, Error> {
        self.input_quantized(name, dtype, shape, None)
    }

    /// [`Builder::input`] that stands for a float tensor at the boundary.
    ///
    /// # Errors
    /// A bad shape.
    pub fn input_quantized(
        &mut self,
        name: &str,
        dtype: DType,
        shape: &[usize],
        quantization: Option<Quantization>,
    ) -> Result<TensorId, Error> {
        self.input_port(name, dtype, shape, quantization, Visibility::Public)
    }

    fn input_port(
        &mut self,
        name: &str,
        dtype: DType,
        shape: &[usize],
        quantization: Option<Quantization>,
        visibility: Visibility,
    ) -> Result<TensorId, Error> {
        let node = infer::input(self.program.inputs.len(), name, dtype, Shape::new(shape)?, visibility);
        let tensor = self.push_node(node);
        self.program.inputs.push(Port { name: name.to_owned(), tensor, dtype, quantization, visibility });
        Ok(tensor)
    }

    /// A constant that the program's description shows.
    ///
    /// # Errors
    /// As [`Tensor::from_valid`].
    pub fn constant(&mut self, name: &str, shape: &[usize], values: &[i64]) -> Result<TensorId, Error> {
        self.push_constant(name, shape, values, Visibility::Public, false)
    }

    /// A model parameter: it can be made private when keys are made.
    ///
    /// # Errors
    /// As [`Tensor::from_valid`].
    pub fn constant_of(&mut self, name: &str, shape: &[usize], values: &[i64], visibility: Visibility) -> Result<TensorId, Error> {
        self.push_constant(name, shape, values, visibility, true)
    }

    fn push_constant(
        &mut self,
        name: &str,
        shape: &[usize],
        values: &[i64],
        visibility: Visibility,
        parameter: bool,
    ) -> Result<TensorId, Error> {
        let range = Interval { lo: values.iter().copied().min().unwrap_or(0), hi: values.iter().copied().max().unwrap_or(0) };
        let tensor =
            Tensor::from_valid(Shape::new(shape)?, DType::narrowest(range.lo.min(0), range.hi.max(0)), values).map_err(|e| e.at(name))?;
        let (shape, values) = (tensor.shape, Some(tensor.data));
        self.program.constants.push(Constant { name: name.to_owned(), shape, range, values, visibility, parameter });
        self.push(Op::Const(self.program.constants.len() - 1))
    }

    /// The same value everywhere.
    ///
    /// # Errors
    /// A bad shape.
    pub fn splat(&mut self, shape: &[usize], value: i64) -> Result<TensorId, Error> {
        let one = self.constant("splat", &[], &[value])?;
        self.view(one, shape, (0..shape.len()).map(Block::broadcast).collect(), 0)
    }

    /// An index map; see [`View`].
    ///
    /// # Errors
    /// Blocks that do not fit the shapes.
    pub fn view(&mut self, src: TensorId, shape: &[usize], blocks: Vec<Block>, fill: i64) -> Result<TensorId, Error> {
        self.push(Op::View { src, view: View { shape: Shape::new(shape)?, blocks, fill } })
    }

    /// Axis `i` of the result is axis `order[i]` of the source.
    ///
    /// # Errors
    /// `order` is not a permutation.
    pub fn transpose(&mut self, src: TensorId, order: &[usize]) -> Result<TensorId, Error> {
        let extents = self.shape(src).extents().to_vec();
        let shape: Vec<usize> = order.iter().map(|&a| extents.get(a).copied().unwrap_or(0)).collect();
        self.view(src, &shape, order.iter().enumerate().map(|(out, &a)| Block::same(a, out)).collect(), 0)
    }

    /// The same elements in row-major order under another shape.
    ///
    /// # Errors
    /// The shapes have different numbers of elements.
    pub fn reshape(&mut self, src: TensorId, shape: &[usize]) -> Result<TensorId, Error> {
        let from = self.shape(src).extents().to_vec();
        if from.iter().product::<usize>() != shape.iter().product::<usize>() {
            return Err(Error::mismatch("the elements of a reshape", format!("{from:?}"), format!("{shape:?}")));
        }
        if from == shape {
            return Ok(src);
        }
        let blocks = reshape_blocks(&from, shape);
        self.view(src, shape, blocks, 0)
    }

    /// Repeats `src` to `shape` by numpy's rules: axes align at the end, an axis of extent 1 repeats.
    ///
    /// # Errors
    /// The shapes do not broadcast.
    pub fn broadcast(&mut self, src: TensorId, shape: &[usize]) -> Result<TensorId, Error> {
        let from = self.shape(src).extents().to_vec();
        if from == shape {
            return Ok(src);
        }
        let missing =
            shape.len().checked_sub(from.len()).ok_or_else(|| Error::mismatch("a broadcast", format!("{shape:?}"), format!("{from:?}")))?;
        let mut blocks: Vec<Block> = (0..missing).map(Block::broadcast).collect();
        for (axis, &n) in from.iter().enumerate() {
            let out = axis + missing;
            if n == shape[out] {
                blocks.push(Block::same(axis, out));
            } else if n == 1 {
                blocks.push(Block::broadcast(out));
                blocks.push(Block { src_axes: vec![axis], out_axes: vec![], coefs: vec![], offset: 0, masked: false });
            } else {
                return Err(Error::mismatch("a broadcast", format!("{shape:?}"), format!("{from:?}")));
            }
        }
        self.view(src, shape, blocks, 0)
    }

    /// `len` entries of an axis from `start`, `step` apart (negative: backwards).
    ///
    /// # Errors
    /// The slice leaves the axis.
    pub fn slice(&mut self, src: TensorId, axis: usize, start: i64, step: i64, len: usize) -> Result<TensorId, Error> {
        let mut shape = self.shape(src).extents().to_vec();
        let extent = *shape.get(axis).ok_or_else(|| Error::Invalid(format!("there is no axis {axis} to slice")))? as i64;
        let last = start + step * (len as i64 - 1);
        if len == 0 || !(0..extent).contains(&start) || !(0..extent).contains(&last) {
            return Err(Error::Invalid(format!("a slice {start}..={last} leaves an axis of extent {extent}")));
        }
        shape[axis] = len;
        let blocks = (0..shape.len()).map(|a| if a == axis { Block::strided(a, a, step, start) } else { Block::same(a, a) }).collect();
        self.view(src, &shape, blocks, 0)
    }

    /// Adds `before` and `after` entries of `fill` around every axis (negative: crops).
    ///
    /// # Errors
    /// The padding lists do not match the axes.
    pub fn pad(&mut self, src: TensorId, before: &[i64], after: &[i64], fill: i64) -> Result<TensorId, Error> {
        let extents = self.shape(src).extents().to_vec();
        if before.len() != extents.len() || after.len() != extents.len() {
            return Err(Error::mismatch("the pads", extents.len(), before.len().max(after.len())));
        }
        let shape: Vec<usize> =
            extents.iter().zip(before.iter().zip(after)).map(|(&n, (b, a))| usize::try_from(n as i64 + b + a).unwrap_or(0)).collect();
        let blocks = (0..extents.len())
            .map(|a| if before[a] == 0 && after[a] == 0 { Block::same(a, a) } else { Block::strided(a, a, 1, -before[a]) })
            .collect();
        self.view(src, &shape, blocks, fill)
    }

    /// Joins tensors along an axis.
    ///
    /// # Errors
    /// No tensor, or shapes that differ elsewhere.
    pub fn concat(&mut self, parts: &[TensorId], axis: usize) -> Result<TensorId, Error> {
        if let [one] = parts {
            return Ok(*one);
        }
        self.push(Op::Concat { parts: parts.to_vec(), axis })
    }

    /// `constant + sum coef * tensor`.
    ///
    /// # Errors
    /// Shapes differ, or values could exceed 61 bits.
    pub fn linear(&mut self, terms: &[(TensorId, i64)], constant: i64) -> Result<TensorId, Error> {
        self.push(Op::Linear { terms: terms.to_vec(), constant })
    }

    /// `a + b`.
    ///
    /// # Errors
    /// As [`Builder::linear`].
    pub fn add(&mut self, a: TensorId, b: TensorId) -> Result<TensorId, Error> {
        self.linear(&[(a, 1), (b, 1)], 0)
    }

    /// `a - b`.
    ///
    /// # Errors
    /// As [`Builder::linear`].
    pub fn sub(&mut self, a: TensorId, b: TensorId) -> Result<TensorId, Error> {
        self.linear(&[(a, 1), (b, -1)], 0)
    }

    /// A contraction written like `"bmk,kn->bmn"`.
    ///
    /// # Errors
    /// A bad specification, extents that differ under one label, or values that could exceed 61 bits.
    pub fn contract(&mut self, spec: &str, x: TensorId, y: TensorId) -> Result<TensorId, Error> {
        let parse = || {
            let (operands, out) = spec.split_once("->")?;
            let (xs, ys) = operands.split_once(',')?;
            Some((xs.trim().bytes().collect(), ys.trim().bytes().collect(), out.trim().bytes().collect()))
        };
        let (x_axes, y_axes, out_axes) = parse().ok_or_else(|| Error::Invalid(format!("`{spec}` is not of the form `ab,bc->ac`")))?;
        self.push(Op::Contract { x, y, x_axes, y_axes, out_axes })
    }

    /// `a * b`, elementwise.
    ///
    /// # Errors
    /// Shapes differ, or values could exceed 61 bits.
    pub fn mul(&mut self, a: TensorId, b: TensorId) -> Result<TensorId, Error> {
        self.push(Op::Mul { a, b })
    }

    /// `f(x)` for every possible x, as a lookup table over exactly the values that can occur.
    ///
    /// # Errors
    /// The table would exceed [`MAX_TABLE`] entries.
    pub fn map(&mut self, x: TensorId, name: &str, f: impl Fn(i64) -> i32) -> Result<TensorId, Error> {
        let domain = self.program.node(x).padded_range;
        if domain.width() > MAX_TABLE {
            return Err(Error::TableTooLarge { lo: domain.lo, hi: domain.hi, entries: domain.width(), most: MAX_TABLE }
                .at(if self.scope.is_empty() { name } else { &self.scope }));
        }
        self.lookup(x, Table { name: name.to_owned(), lo: domain.lo, values: (domain.lo..=domain.hi).map(f).collect() })
    }

    /// `table.values[x - table.lo]`. Equal tables are shared.
    ///
    /// # Errors
    /// x can leave the table's domain.
    pub fn lookup(&mut self, x: TensorId, table: Table) -> Result<TensorId, Error> {
        let known = self.program.tables.iter().position(|t| t.lo == table.lo && t.values == table.values);
        let table = known.unwrap_or_else(|| {
            self.program.tables.push(table);
            self.program.tables.len() - 1
        });
        self.push(Op::Lookup { x, table })
    }

    /// `x / 2^shift`, rounded.
    ///
    /// # Errors
    /// A shift outside 1..=60.
    pub fn round_shift(&mut self, x: TensorId, shift: u32, rounding: Rounding) -> Result<TensorId, Error> {
        self.push(Op::RoundShift { x, shift, rounding })
    }

    /// `floor(x / d)`.
    ///
    /// # Errors
    /// d may be less than 1.
    pub fn div(&mut self, x: TensorId, d: TensorId) -> Result<TensorId, Error> {
        let d = self.positive(d)?;
        self.push(Op::Div { x, d })
    }

    /// `x - d floor(x / d)`.
    ///
    /// # Errors
    /// As [`Builder::div`].
    pub fn rem(&mut self, x: TensorId, d: TensorId) -> Result<TensorId, Error> {
        let d = self.positive(d)?;
        self.push(Op::Rem { x, d })
    }

    /// `d` with pads that can divide.
    fn positive(&mut self, d: TensorId) -> Result<TensorId, Error> {
        let node = self.program.node(d);
        if node.padded_range.lo < 1 && node.range.lo >= 1 { self.mask(d, 1) } else { Ok(d) }
    }

    /// `src` with its pads set to `fill`.
    ///
    /// # Errors
    /// None in practice.
    pub fn mask(&mut self, src: TensorId, fill: i64) -> Result<TensorId, Error> {
        let op = infer::mask(&self.program, src, fill);
        self.push(op)
    }

    /// Runs `body` for `steps` steps. The closure gets a builder and the carried tensors followed by the captures, and
    /// returns the next carried tensors, each with the type that bounds it. Returns the carried tensors after every
    /// step, shape `[steps, ...]`.
    ///
    /// # Errors
    /// Whatever the body's operations return, or carried shapes that change.
    pub fn scan(
        &mut self,
        steps: usize,
        init: &[(TensorId, DType)],
        captures: &[TensorId],
        body: impl FnOnce(&mut Builder, &[TensorId]) -> Result<Vec<TensorId>, Error>,
    ) -> Result<Vec<TensorId>, Error> {
        let mut inner = Builder::new(&self.scope);
        let mut ports = vec![];
        for (i, &(tensor, dtype)) in init.iter().enumerate() {
            ports.push(inner.input_port(&format!("carry{i}"), dtype, self.shape(tensor).extents(), None, Visibility::Private)?);
        }
        for (i, &tensor) in captures.iter().enumerate() {
            let node = self.program.node(tensor).clone();
            let dtype = DType::narrowest(node.padded_range.lo, node.padded_range.hi);
            ports.push(inner.input_port(&format!("capture{i}"), dtype, node.shape.extents(), None, Visibility::Private)?);
        }
        let next = body(&mut inner, &ports)?;
        if next.len() != init.len() {
            return Err(Error::mismatch("the carried tensors of a scan", init.len(), next.len()));
        }
        for (i, (&tensor, &(_, dtype))) in next.iter().zip(init).enumerate() {
            inner.program.outputs.push(Port {
                name: format!("carry{i}"),
                tensor,
                dtype,
                quantization: None,
                visibility: Visibility::Public,
            });
        }
        let scan = Scan { steps, init: init.iter().map(|i| i.0).collect(), captures: captures.to_vec(), body: inner.program };
        self.program.scans.push(scan);
        let scan = self.program.scans.len() - 1;
        (0..init.len()).map(|carry| self.push(Op::Scan { scan, carry })).collect()
    }

    /// Declares an output.
    ///
    /// # Errors
    /// Values could leave `dtype`.
    pub fn output(&mut self, name: &str, tensor: TensorId, dtype: DType) -> Result<(), Error> {
        self.output_quantized(name, tensor, dtype, None)
    }

    /// [`Builder::output`] that stands for a float tensor at the boundary.
    ///
    /// # Errors
    /// Values could leave `dtype`.
    pub fn output_quantized(
        &mut self,
        name: &str,
        tensor: TensorId,
        dtype: DType,
        quantization: Option<Quantization>,
    ) -> Result<(), Error> {
        let (lo, hi) = dtype.bounds();
        let range = self.range(tensor);
        if !(Interval { lo, hi }).covers(range) {
            return Err(Error::mismatch(
                format!("the values of output `{name}`"),
                format!("{lo}..={hi} ({dtype})"),
                format!("{}..={}", range.lo, range.hi),
            ));
        }
        self.program.outputs.push(Port { name: name.to_owned(), tensor, dtype, quantization, visibility: Visibility::Public });
        Ok(())
    }

    /// The finished program.
    ///
    /// # Errors
    /// There is no output.
    pub fn finish(self) -> Result<Program, Error> {
        if self.program.outputs.is_empty() {
            return Err(Error::Invalid(format!("program `{}` has no output", self.program.name)));
        }
        Ok(self.program)
    }
}

/// Pairs runs of axes with equal products, so that each block is as small as possible.
fn reshape_blocks(from: &[usize], to: &[usize]) -> Vec<Block> {
    let (mut blocks, mut i, mut j) = (vec![], 0, 0);
    while i < from.len() || j < to.len() {
        let (first_i, first_j) = (i, j);
        let (mut a, mut b) = (1, 1);
        loop {
            if a == b && (i > first_i || j > first_j) {
                break;
            }
            if (a <= b || j >= to.len()) && i < from.len() {
                a *= from[i];
                i += 1;
            } else if j < to.len() {
                b *= to[j];
                j += 1;
            } else {
                break;
            }
        }
        let out_axes: Vec<usize> = (first_j..j).collect();
        let mut stride = b as i64;
        let coefs = out_axes
            .iter()
            .map(|&o| {
                stride /= to[o] as i64;
                stride
            })
            .collect();
        blocks.push(Block { src_axes: (first_i..i).collect(), out_axes, coefs, offset: 0, masked: false });
    }
    blocks
}
