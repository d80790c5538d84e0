//! Flattening: composite operations become primitives, scans become one instance of their body with a time axis, and
//! what the composites promise becomes explicit checks.
//!
//! ```text
//! Rem(x, d)    r = x - q d, with q = Div(x, d) chosen by the prover, 0 <= r, r <= d - 1
//! Concat       sum of views that embed each part
//! Scan         S[t] chosen by the prover for all t; prev = (init at t = 0) + (S shifted by one step);
//!              body(prev) = S
//! outputs      pads set to zero
//! ```
//! A flat program holds no `Rem`, `Concat` or nested body: only what the mapping to relations knows.

use crate::error::Error;
use crate::infer;
use crate::interval::Interval;
use crate::program::{Node, Op, Program, TensorId};
use crate::tensor::Shape;
use crate::view::{Block, View};
use std::collections::HashMap;

/// A range that a tensor's entries, pads included, must be proven to lie in: `lo <= x < lo + 2^bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RangeCheck {
    /// The tensor.
    pub tensor: TensorId,
    /// The least value.
    pub lo: i64,
    /// Binary logarithm of the number of values.
    pub bits: u32,
}

/// A scan whose body is flat.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatScan {
    /// How often the body runs.
    pub steps: usize,
    /// Carried tensors before the first step.
    pub init: Vec<TensorId>,
    /// Outer tensors that every step reads.
    pub captures: Vec<TensorId>,
    /// Where the body's constants begin among the flat program's.
    pub first_constant: usize,
    /// Where the body's tables begin among the flat program's.
    pub first_table: usize,
    /// The body.
    pub body: Box<Flat>,
}

/// A flat program and its checks.
#[derive(Clone, Debug, PartialEq)]
pub struct Flat {
    /// Nodes, constants, tables and ports; [`Op::Scan`] nodes are trajectories that the prover chooses.
    pub program: Program,
    /// The scans that [`Op::Scan`] nodes refer to.
    pub scans: Vec<FlatScan>,
    /// Tensors that must be equal, pads included.
    pub equal: Vec<(TensorId, TensorId)>,
    /// Tensors that must lie in a range.
    pub ranges: Vec<RangeCheck>,
}

/// Flattens a program.
///
/// # Errors
/// A program that is not well formed, or whose flat form would be too large.
pub fn flatten(program: &Program) -> Result<Flat, Error> {
    let mut flat = flatten_body(program)?;
    for index in 0..flat.program.outputs.len() {
        let port = flat.program.outputs[index].clone();
        let node = flat.program.node(port.tensor);
        if node.clean.iter().zip(node.shape.extents()).any(|(clean, n)| !clean && !n.is_power_of_two()) {
            let op = infer::mask(&flat.program, port.tensor, 0);
            flat.program.outputs[index].tensor = push(&mut flat.program, op, &format!("output {}", port.name))?;
        }
    }
    Ok(flat)
}

fn push(program: &mut Program, op: Op, name: &str) -> Result<TensorId, Error> {
    let node = infer::node(program, op, name.to_owned()).map_err(|e| e.at(name))?;
    program.nodes.push(node);
    Ok(TensorId(program.nodes.len() as u32 - 1))
}

fn flatten_body(source: &Program) -> Result<Flat, Error> {
    let program = Program {
        name: source.name.clone(),
        nodes: vec![],
        constants: source.constants.clone(),
        tables: source.tables.clone(),
        scans: vec![],
        inputs: source.inputs.clone(),
        outputs: vec![],
    };
    let mut flat = Flat { program, scans: vec![], equal: vec![], ranges: vec![] };
    let mut state = Flattener { source, map: vec![], quotients: HashMap::new(), scans: HashMap::new() };
    for node in &source.nodes {
        let tensor = state.node(&mut flat, node).map_err(|e| e.at(&node.name))?;
        state.map.push(tensor);
    }
    flat.program.inputs.iter_mut().for_each(|p| p.tensor = state.map[p.tensor.index()]);
    flat.program.outputs = source
        .outputs
        .iter()
        .cloned()
        .map(|mut p| {
            p.tensor = state.map[p.tensor.index()];
            p
        })
        .collect();
    Ok(flat)
}

struct Flattener<'a> {
    source: &'a Program,
    /// Flat tensor of each source tensor so far.
    map: Vec<TensorId>,
    /// (x, d) -> (quotient, remainder).
    quotients: HashMap<(TensorId, TensorId), (TensorId, TensorId)>,
    /// Source scan -> its trajectories.
    scans: HashMap<usize, Vec<TensorId>>,
}

impl Flattener<'_> {
    fn node(&mut self, flat: &mut Flat, node: &Node) -> Result<TensorId, Error> {
        let at = |t: TensorId| self.map[t.index()];
        match &node.op {
            Op::Div { x, d } => Ok(self.divide(flat, at(*x), at(*d), &node.name)?.0),
            Op::Rem { x, d } => Ok(self.divide(flat, at(*x), at(*d), &node.name)?.1),
            Op::Concat { parts, axis } => {
                let (mut start, mut terms) = (0i64, vec![]);
                for &part in parts {
                    let extent = self.source.shape(part).extents()[*axis] as i64;
                    let blocks = (0..node.shape.num_axes())
                        .map(|a| if a == *axis { Block { masked: true, ..Block::strided(a, a, 1, -start) } } else { Block::same(a, a) })
                        .collect();
                    let view = View { shape: node.shape.clone(), blocks, fill: 0 };
                    terms.push((push(&mut flat.program, Op::View { src: at(part), view }, &node.name)?, 1));
                    start += extent;
                }
                let op = Op::Linear { terms, constant: 0 };
                // Exactly one term is non-zero at each entry, so the bounds are the hull's, as inferred for the source.
                flat.program.nodes.push(Node { op, ..node.clone() });
                Ok(TensorId(flat.program.nodes.len() as u32 - 1))
            }
            Op::Scan { scan, carry } => {
                if !self.scans.contains_key(scan) {
                    let trajectories = self.scan(flat, *scan, &node.name)?;
                    self.scans.insert(*scan, trajectories);
                }
                Ok(self.scans[scan][*carry])
            }
            op => {
                let op = remap(op, &at);
                flat.program.nodes.push(Node { op, ..node.clone() });
                Ok(TensorId(flat.program.nodes.len() as u32 - 1))
            }
        }
    }

    /// Quotient and remainder of x by d, with the checks that make them unique: x = q d + r, 0 <= r <= d - 1, and q
    /// small enough that nothing wraps around the field.
    fn divide(&mut self, flat: &mut Flat, x: TensorId, d: TensorId, name: &str) -> Result<(TensorId, TensorId), Error> {
        if let Some(&known) = self.quotients.get(&(x, d)) {
            return Ok(known);
        }
        let program = &mut flat.program;
        let q = push(program, Op::Div { x, d }, name)?;
        let product = push(program, Op::Mul { a: q, b: d }, name)?;
        let r = push(program, Op::Linear { terms: vec![(x, 1), (product, -1)], constant: 0 }, name)?;
        let slack = push(program, Op::Linear { terms: vec![(d, 1), (r, -1)], constant: -1 }, name)?;
        let most = Interval { lo: 0, hi: program.node(d).padded_range.hi - 1 };
        for tensor in [r, slack] {
            let node = &mut program.nodes[tensor.index()];
            (node.range, node.padded_range) = (most, most);
        }
        let range = program.node(q).padded_range;
        flat.ranges.push(RangeCheck { tensor: q, lo: range.lo, bits: range.bits() });
        flat.ranges.extend([r, slack].map(|tensor| RangeCheck { tensor, lo: 0, bits: most.bits() }));
        self.quotients.insert((x, d), (q, r));
        Ok((q, r))
    }

    fn scan(&mut self, flat: &mut Flat, index: usize, name: &str) -> Result<Vec<TensorId>, Error> {
        let scan = &self.source.scans[index];
        let body = flatten_body(&scan.body)?;
        let at = |t: &TensorId| self.map[t.index()];
        let (init, captures): (Vec<_>, Vec<_>) = (scan.init.iter().map(at).collect(), scan.captures.iter().map(at).collect());
        flat.scans.push(FlatScan {
            steps: scan.steps,
            init: init.clone(),
            captures: captures.clone(),
            first_constant: flat.program.constants.len(),
            first_table: flat.program.tables.len(),
            body: Box::new(body),
        });
        let flat_index = flat.scans.len() - 1;
        let body = flat.scans[flat_index].body.clone();
        let mut lift = Lift { steps: scan.steps, map: vec![], constants: flat.program.constants.len(), tables: flat.program.tables.len() };
        flat.program.constants.extend(body.program.constants.iter().cloned());
        flat.program.tables.extend(body.program.tables.iter().cloned());
        let mut trajectories = vec![];
        let mut ports = vec![];
        for (carry, &start) in init.iter().enumerate() {
            let port = &body.program.inputs[carry];
            let (lo, hi) = port.dtype.bounds();
            let range = Interval { lo, hi };
            let shape = lift.shape(body.program.shape(port.tensor))?;
            let clean = shape.extents().iter().map(|n| n.is_power_of_two()).collect();
            flat.program.nodes.push(Node {
                op: Op::Scan { scan: flat_index, carry },
                name: name.to_owned(),
                shape,
                range,
                padded_range: range,
                clean,
            });
            let trajectory = TensorId(flat.program.nodes.len() as u32 - 1);
            flat.ranges.push(RangeCheck { tensor: trajectory, lo, bits: range.bits() });
            trajectories.push(trajectory);
            ports.push(lift.previous(flat, start, trajectory, range, name)?);
        }
        ports.extend(captures.iter().map(|&t| Lifted { tensor: t, over_time: false }));
        for node in &body.program.nodes {
            let lifted = match node.op {
                Op::Input(i) => ports[i],
                _ => lift.node(flat, node)?,
            };
            lift.map.push(lifted);
        }
        for check in &body.ranges {
            flat.ranges.push(RangeCheck { tensor: lift.map[check.tensor.index()].tensor, ..*check });
        }
        for (&trajectory, port) in trajectories.iter().zip(&body.program.outputs) {
            let next = lift.over_time(flat, port.tensor, name)?;
            flat.equal.push((next, trajectory));
        }
        Ok(trajectories)
    }
}

/// A body's tensor outside of its body.
#[derive(Clone, Copy)]
struct Lifted {
    tensor: TensorId,
    /// Whether axis 0 is time; otherwise the tensor is the same at every step.
    over_time: bool,
}

/// The rewriting of a body's nodes with a leading time axis.
struct Lift {
    steps: usize,
    map: Vec<Lifted>,
    constants: usize,
    tables: usize,
}

impl Lift {
    fn shape(&self, body: &Shape) -> Result<Shape, Error> {
        Shape::new([&[self.steps], body.extents()].concat())
    }

    /// The carried tensor before each step.
    fn previous(&self, flat: &mut Flat, init: TensorId, trajectory: TensorId, range: Interval, name: &str) -> Result<Lifted, Error> {
        let shape = flat.program.shape(trajectory).clone();
        let axes = shape.num_axes();
        let start = Block { src_axes: vec![], out_axes: vec![0], coefs: vec![1], offset: 0, masked: false };
        let at_start = [start].into_iter().chain((1..axes).map(|a| Block::same(a - 1, a))).collect();
        let shifted = [Block::strided(0, 0, 1, -1)].into_iter().chain((1..axes).map(|a| Block::same(a, a))).collect();
        let first = push(&mut flat.program, Op::View { src: init, view: View { shape: shape.clone(), blocks: at_start, fill: 0 } }, name)?;
        let later = push(&mut flat.program, Op::View { src: trajectory, view: View { shape, blocks: shifted, fill: 0 } }, name)?;
        let tensor = push(&mut flat.program, Op::Linear { terms: vec![(first, 1), (later, 1)], constant: 0 }, name)?;
        let node = &mut flat.program.nodes[tensor.index()];
        (node.range, node.padded_range) = (range, range);
        Ok(Lifted { tensor, over_time: true })
    }

    /// A body tensor with a time axis, repeated if it has none.
    fn over_time(&self, flat: &mut Flat, body: TensorId, name: &str) -> Result<TensorId, Error> {
        let lifted = self.map[body.index()];
        if lifted.over_time {
            return Ok(lifted.tensor);
        }
        let shape = self.shape(flat.program.shape(lifted.tensor))?;
        let blocks = [Block::broadcast(0)].into_iter().chain((1..shape.num_axes()).map(|a| Block::same(a - 1, a))).collect();
        push(&mut flat.program, Op::View { src: lifted.tensor, view: View { shape, blocks, fill: 0 } }, name)
    }

    fn node(&self, flat: &mut Flat, node: &Node) -> Result<Lifted, Error> {
        let operands = node.op.operands(&Program::default());
        let over_time = operands.iter().any(|t| self.map[t.index()].over_time);
        let contraction = matches!(node.op, Op::Contract { .. });
        let mut tensors = HashMap::new();
        for &t in &operands {
            let tensor = if over_time && !contraction { self.over_time(flat, t, &node.name)? } else { self.map[t.index()].tensor };
            tensors.insert(t, tensor);
        }
        let mut op = remap(&node.op, &|t| tensors[&t]);
        match &mut op {
            Op::Const(index) => *index += self.constants,
            Op::Lookup { table, .. } => *table += self.tables,
            Op::View { view, .. } if over_time => {
                view.shape = self.shape(&view.shape)?;
                for axis in view.blocks.iter_mut().flat_map(|b| b.src_axes.iter_mut().chain(&mut b.out_axes)) {
                    *axis += 1;
                }
                view.blocks.insert(0, Block::same(0, 0));
            }
            Op::Contract { x, y, x_axes, y_axes, out_axes } if over_time => {
                let time = (0..=u8::MAX).find(|l| !x_axes.contains(l) && !y_axes.contains(l)).unwrap_or(0);
                for (operand, axes) in [(x, x_axes), (y, y_axes)] {
                    if self.map.iter().any(|l| l.over_time && l.tensor == *operand) {
                        axes.insert(0, time);
                    }
                }
                out_axes.insert(0, time);
            }
            _ => {}
        }
        let shape = if over_time { self.shape(&node.shape)? } else { node.shape.clone() };
        let mut clean = node.clean.clone();
        if over_time {
            clean.insert(0, self.steps.is_power_of_two());
        }
        flat.program.nodes.push(Node { op, shape, clean, ..node.clone() });
        Ok(Lifted { tensor: TensorId(flat.program.nodes.len() as u32 - 1), over_time })
    }
}

/// The operation with its operands renamed.
fn remap(op: &Op, at: &impl Fn(TensorId) -> TensorId) -> Op {
    let mut op = op.clone();
    match &mut op {
        Op::Input(_) | Op::Const(_) | Op::Scan { .. } => {}
        Op::View { src, .. } => *src = at(*src),
        Op::Linear { terms, .. } => terms.iter_mut().for_each(|t| t.0 = at(t.0)),
        Op::Contract { x, y, .. } => (*x, *y) = (at(*x), at(*y)),
        Op::Mul { a, b } => (*a, *b) = (at(*a), at(*b)),
        Op::Lookup { x, .. } | Op::RoundShift { x, .. } => *x = at(*x),
        Op::Div { x, d } | Op::Rem { x, d } => (*x, *d) = (at(*x), at(*d)),
        Op::Concat { parts, .. } => parts.iter_mut().for_each(|p| *p = at(*p)),
    }
    op
}
