//! Wires: the multilinear extensions of a program's tensors, and the lookups that bind the non-linear ones.

use super::columns::{Column, Group, Layout, Source};
use crate::error::Error;
use crate::flatten::Flat;
use crate::interval::Interval;
use crate::program::{Op, Rounding, TensorId, Visibility};
use crate::tensor::{Shape, log2_ceil};
use crate::view::{Bit, View};
use ark_bn254::Fr;
use ark_ff::Field;
use std::collections::HashMap;

/// Constants of at most this many padded elements are evaluated by the verifier itself; larger ones are committed.
pub const MAX_INLINE: usize = 256;

/// The widest limb of a decomposition.
const MAX_LIMB_BITS: u32 = 16;

/// A wire of a [`System`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WireId(pub u32);

impl WireId {
    /// As an index into [`System::wires`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a wire's evaluations are reduced to.
#[derive(Clone, Debug)]
pub enum WireKind {
    /// A public input: the verifier evaluates it.
    Input(usize),
    /// A small public constant: the verifier evaluates it.
    Inline(usize),
    /// A committed column.
    Column(usize),
    /// `constant + sum coef * wire`, in the field.
    Linear {
        /// Wires and coefficients.
        terms: Vec<(WireId, Fr)>,
        /// The constant.
        constant: Fr,
    },
    /// A view that only renames bits: for each variable of the source, where it comes from.
    Relabel {
        /// The source.
        src: WireId,
        /// One entry for each variable of the source, outermost first.
        bits: Vec<Bit>,
    },
    /// A sum of products; labels as in [`Op::Contract`].
    Contract {
        /// Left operand.
        x: WireId,
        /// Right operand.
        y: WireId,
        /// Labels of x's axes.
        x_axes: Vec<u8>,
        /// Labels of y's axes.
        y_axes: Vec<u8>,
        /// Labels of the result's axes.
        out_axes: Vec<u8>,
        /// Summed labels whose pads must be masked, because neither operand is known to be zero there.
        masked: Vec<u8>,
    },
    /// An elementwise product.
    Mul {
        /// Left factor.
        a: WireId,
        /// Right factor.
        b: WireId,
    },
    /// A view with at least one block that is not free.
    View {
        /// The source.
        src: WireId,
        /// The map.
        view: View,
    },
}

/// A wire.
#[derive(Clone, Debug)]
pub struct Wire {
    /// Its valid shape; the variables of its extension are those of the axes, outermost first.
    pub shape: Shape,
    /// What it is.
    pub kind: WireKind,
    /// The tensor whose entries are the wire's values on the hypercube, where there is one.
    pub tensor: Option<TensorId>,
}

/// A table of the lookup argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TableSpec {
    /// The single column 0, 1, ..., 2^bits - 1.
    Range {
        /// Binary logarithm of the size.
        bits: u32,
    },
    /// (x, 1 if x > 2^(bits-1) else 0) for x < 2^bits: whether half-even rounding adds one.
    Tie {
        /// Binary logarithm of the size.
        bits: u32,
    },
    /// (x, 1 if x != 0 else 0) for x < 2^bits.
    NonZero {
        /// Binary logarithm of the size.
        bits: u32,
    },
    /// A table of the program: `(lo + i, values[i])`; what is behind the last entry repeats it, argument and value.
    Function {
        /// Index into the flat program's tables.
        table: usize,
    },
    /// (t + 2 k, t AND k > 0), for t a bit and k below the number of limbs: the tie rule over several limbs.
    TieAny {
        /// Binary logarithm of the size.
        bits: u32,
    },
}

/// One lookup: all entries of a wire, or of a pair, stand in a table.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Index into [`System::tables`].
    pub table: usize,
    /// The argument.
    pub x: WireId,
    /// The value; absent for one-column tables.
    pub y: Option<WireId>,
}

/// Everything that a proof of a program is about.
#[derive(Clone, Debug)]
pub struct System {
    /// The flat program.
    pub flat: Flat,
    /// The wires; those of the flat program's tensors come with [`System::wire_of`].
    pub wires: Vec<Wire>,
    /// Wire of each flat tensor.
    pub wire_of: Vec<WireId>,
    /// Tables in use.
    pub tables: Vec<TableSpec>,
    /// Lookups.
    pub lookups: Vec<Lookup>,
    /// Wires that must be equal.
    pub equal: Vec<(WireId, WireId)>,
    /// The committed columns and where they lie.
    pub layout: Layout,
}

impl System {
    /// Maps a flat program.
    ///
    /// # Errors
    /// A program without any committed or public tensor large enough to matter never fails; one that exceeds the
    /// supported sizes does, naming the node.
    pub fn new(flat: Flat) -> Result<System, Error> {
        let limb_bits = choose_limb_bits(&flat);
        let mut mapper = Mapper {
            flat: &flat,
            limb_bits,
            wires: vec![],
            wire_of: vec![],
            tables: vec![],
            table_index: HashMap::new(),
            lookups: vec![],
            columns: vec![],
        };
        for (index, node) in flat.program.nodes.iter().enumerate() {
            let wire = mapper.node(TensorId(index as u32)).map_err(|e| e.at(&node.name))?;
            mapper.wire_of.push(wire);
        }
        mapper.checks()?;
        let equal = flat.equal.iter().map(|(a, b)| (mapper.wire_of[a.index()], mapper.wire_of[b.index()])).collect();
        for table in 0..mapper.tables.len() {
            let log_size = mapper.table_vars(table);
            let shape = Shape::new([1 << log_size])?;
            mapper.column(format!("multiplicities of table {table}"), &shape, Group::Witness, Source::Multiplicity(table), None);
        }
        mapper.check_lookups()?;
        let Mapper { wires, wire_of, tables, lookups, columns, .. } = mapper;
        let layout = Layout::new(columns)?;
        Ok(System { wires, wire_of, tables, lookups, equal, layout, flat })
    }

    /// A wire.
    ///
    /// # Panics
    /// If it is not of this system.
    pub fn wire(&self, wire: WireId) -> &Wire {
        &self.wires[wire.index()]
    }

    /// The number of variables of a table.
    pub fn table_vars(&self, table: usize) -> usize {
        table_vars(&self.flat, &self.tables[table])
    }
}

fn table_vars(flat: &Flat, spec: &TableSpec) -> usize {
    match spec {
        TableSpec::Range { bits } | TableSpec::Tie { bits } | TableSpec::NonZero { bits } | TableSpec::TieAny { bits } => *bits as usize,
        TableSpec::Function { table } => log2_ceil(flat.program.tables[*table].values.len()),
    }
}

/// The widths of the limbs of a `bits`-bit number: as few as possible, as even as possible.
pub(super) fn limb_widths(bits: u32, most: u32) -> Vec<u32> {
    let count = bits.div_ceil(most).max(1);
    (0..count).map(|i| bits / count + u32::from(i < bits % count)).collect()
}

/// The limb width that makes lookups and tables together smallest.
fn choose_limb_bits(flat: &Flat) -> u32 {
    // All sums in 64 bits: prover and verifier must choose alike, whatever the width of their addresses.
    let padded = |shape: &Shape| shape.num_padded() as u64;
    let mut numbers: Vec<(u32, u64)> = flat.ranges.iter().map(|r| (r.bits, padded(flat.program.shape(r.tensor)))).collect();
    for node in &flat.program.nodes {
        let elements = padded(&node.shape);
        match node.op {
            Op::RoundShift { x, shift, rounding } => {
                numbers.push((shift, elements));
                if rounding == Rounding::HalfEven {
                    numbers.push((high_part(flat.program.node(x).padded_range, shift).bits(), elements));
                }
            }
            Op::Input(i) if flat.program.inputs[i].visibility == Visibility::Private => {
                numbers.push((flat.program.inputs[i].dtype.num_bytes() as u32 * 8, elements))
            }
            _ => {}
        }
    }
    let cost = |most: u32| {
        // The tables of all widths w together have as many entries as the number with these bits w.
        let (mut tables, mut lookups) = (0u64, 0u64);
        for &(bits, elements) in &numbers {
            let widths = limb_widths(bits, most);
            lookups += elements * widths.len() as u64;
            tables |= widths.iter().fold(0, |bits, w| bits | 1 << w);
        }
        lookups + tables
    };
    (4..=MAX_LIMB_BITS).min_by_key(|&most| cost(most)).unwrap_or(MAX_LIMB_BITS)
}

/// Bounds of `floor((x + 2^(shift-1)) / 2^(shift+1))`.
pub(super) fn high_part(x: Interval, shift: u32) -> Interval {
    let half = 1i64 << (shift - 1);
    Interval { lo: (x.lo + half) >> (shift + 1), hi: (x.hi + half) >> (shift + 1) }
}

pub(super) struct Mapper<'a> {
    pub(super) flat: &'a Flat,
    pub(super) limb_bits: u32,
    wires: Vec<Wire>,
    pub(super) wire_of: Vec<WireId>,
    tables: Vec<TableSpec>,
    table_index: HashMap<TableSpec, usize>,
    lookups: Vec<Lookup>,
    columns: Vec<Column>,
}

impl Mapper<'_> {
    pub(super) fn push(&mut self, shape: Shape, kind: WireKind, tensor: Option<TensorId>) -> WireId {
        self.wires.push(Wire { shape, kind, tensor });
        WireId(self.wires.len() as u32 - 1)
    }

    pub(super) fn column(&mut self, name: String, shape: &Shape, group: Group, source: Source, tensor: Option<TensorId>) -> WireId {
        self.columns.push(Column { name, log_size: shape.num_vars(), group, source, offset: 0 });
        self.push(shape.clone(), WireKind::Column(self.columns.len() - 1), tensor)
    }

    pub(super) fn linear(&mut self, shape: &Shape, terms: Vec<(WireId, Fr)>, constant: Fr) -> WireId {
        self.push(shape.clone(), WireKind::Linear { terms, constant }, None)
    }

    fn table(&mut self, spec: TableSpec) -> usize {
        let next = self.tables.len();
        *self.table_index.entry(spec.clone()).or_insert_with(|| {
            self.tables.push(spec);
            next
        })
    }

    fn table_vars(&self, table: usize) -> usize {
        table_vars(self.flat, &self.tables[table])
    }

    pub(super) fn lookup(&mut self, spec: TableSpec, x: WireId, y: Option<WireId>) {
        let table = self.table(spec);
        self.lookups.push(Lookup { table, x, y });
    }

    /// Whether the leaves of the fractional-sum tree have addresses on this machine.
    fn check_lookups(&self) -> Result<(), Error> {
        let lookups = self.lookups.iter().map(|l| self.wires[l.x.index()].shape.num_vars());
        let entries = lookups.chain((0..self.tables.len()).map(|t| self.table_vars(t))).map(|vars| 1u64 << vars);
        let leaves = entries.fold(0, u64::saturating_add);
        if leaves > 1 << (usize::BITS - 2) {
            return Err(Error::TooLarge { what: "what this program looks up in tables".into(), elements: leaves });
        }
        Ok(())
    }

    fn node(&mut self, tensor: TensorId) -> Result<WireId, Error> {
        let flat = self.flat;
        let node = flat.program.node(tensor);
        let (shape, name) = (node.shape.clone(), node.name.clone());
        let at = |t: &TensorId, map: &[WireId]| map[t.index()];
        Ok(match &node.op {
            Op::Input(i) => match flat.program.inputs[*i].visibility {
                Visibility::Public => self.push(shape, WireKind::Input(*i), Some(tensor)),
                Visibility::Private => self.column(name, &shape, Group::PrivateInput(*i), Source::Tensor(tensor), Some(tensor)),
            },
            Op::Const(i) => match flat.program.constants[*i].visibility {
                Visibility::Private => self.column(name, &shape, Group::PrivateConstants, Source::Constant(*i), Some(tensor)),
                Visibility::Public if shape.num_padded() <= MAX_INLINE => self.push(shape, WireKind::Inline(*i), Some(tensor)),
                Visibility::Public => self.column(name, &shape, Group::Constants, Source::Constant(*i), Some(tensor)),
            },
            Op::View { src, view } => {
                let (src_shape, src) = (flat.program.shape(*src), at(src, &self.wire_of));
                let kind = match relabelling(view, src_shape) {
                    Some(bits) => WireKind::Relabel { src, bits },
                    None => WireKind::View { src, view: view.clone() },
                };
                self.push(shape, kind, Some(tensor))
            }
            Op::Linear { terms, constant } => {
                let terms = terms.iter().map(|(t, c)| (at(t, &self.wire_of), Fr::from(*c))).collect();
                self.push(shape, WireKind::Linear { terms, constant: Fr::from(*constant) }, Some(tensor))
            }
            Op::Contract { x, y, x_axes, y_axes, out_axes } => {
                let zero = |t: TensorId, axes: &[u8], label: u8| {
                    axes.iter().position(|l| *l == label).is_some_and(|a| flat.program.node(t).clean[a])
                };
                let masked =
                    x_axes.iter().copied().filter(|l| !out_axes.contains(l) && !zero(*x, x_axes, *l) && !zero(*y, y_axes, *l)).collect();
                let (x, y) = (at(x, &self.wire_of), at(y, &self.wire_of));
                let kind = WireKind::Contract { x, y, x_axes: x_axes.clone(), y_axes: y_axes.clone(), out_axes: out_axes.clone(), masked };
                self.push(shape, kind, Some(tensor))
            }
            Op::Mul { a, b } => {
                let kind = WireKind::Mul { a: at(a, &self.wire_of), b: at(b, &self.wire_of) };
                self.push(shape, kind, Some(tensor))
            }
            Op::Lookup { x, table } => {
                let x = at(x, &self.wire_of);
                let y = self.column(name, &shape, Group::Witness, Source::Tensor(tensor), Some(tensor));
                self.lookup(TableSpec::Function { table: *table }, x, Some(y));
                y
            }
            Op::RoundShift { x, shift, rounding } => self.round_shift(*x, tensor, *shift, *rounding),
            Op::Div { .. } | Op::Scan { .. } => self.column(name, &shape, Group::Witness, Source::Tensor(tensor), Some(tensor)),
            Op::Rem { .. } | Op::Concat { .. } => return Err(Error::Invalid("a composite operation in a flat program".into())),
        })
    }

    /// The range checks: those that the flat program asks for, private values, and quotients that no table bounds.
    fn checks(&mut self) -> Result<(), Error> {
        let flat = self.flat;
        let mut bounded = vec![false; flat.program.nodes.len()];
        for node in &flat.program.nodes {
            if let Op::Lookup { x, .. } = node.op {
                bounded[x.index()] = true;
            }
        }
        // What equals a range-checked tensor lies in its range.
        for (a, b) in &flat.equal {
            for (tensor, other) in [(a, b), (b, a)] {
                bounded[tensor.index()] |= flat.ranges.iter().any(|r| r.tensor == *other);
            }
        }
        let mut checks: Vec<(TensorId, i64, u32)> = flat.ranges.iter().map(|r| (r.tensor, r.lo, r.bits)).collect();
        for (index, node) in flat.program.nodes.iter().enumerate() {
            let range = match node.op {
                Op::Input(i) if flat.program.inputs[i].visibility == Visibility::Private => {
                    let (lo, hi) = flat.program.inputs[i].dtype.bounds();
                    Interval { lo, hi }
                }
                Op::Const(i) if flat.program.constants[i].visibility == Visibility::Private => {
                    crate::infer::committed_range(flat.program.constants[i].range)
                }
                // Half-even rounding bounds its own quotient.
                Op::RoundShift { rounding, .. } if rounding != Rounding::HalfEven && !bounded[index] => node.padded_range,
                _ => continue,
            };
            checks.push((TensorId(index as u32), range.lo, range.bits()));
        }
        for (tensor, lo, bits) in checks {
            self.range_check(tensor, lo, bits);
        }
        Ok(())
    }

    /// `lo <= x < lo + 2^bits`: all limbs but the lowest are committed, the lowest is what is left.
    fn range_check(&mut self, tensor: TensorId, lo: i64, bits: u32) {
        let node = self.flat.program.node(tensor);
        let (shape, wire) = (node.shape.clone(), self.wire_of[tensor.index()]);
        let widths = limb_widths(bits.max(1), self.limb_bits.max(4));
        let mut terms = vec![(wire, Fr::ONE)];
        let mut low = widths[0];
        for &width in &widths[1..] {
            let source = Source::Limb { tensor, add: -lo, low, width };
            let limb = self.column(format!("{}: range bits {low}..{}", node.name, low + width), &shape, Group::Witness, source, None);
            self.lookup(TableSpec::Range { bits: width }, limb, None);
            terms.push((limb, -Fr::from(1u64 << low)));
            low += width;
        }
        let rest = self.linear(&shape, terms, -Fr::from(lo));
        self.lookup(TableSpec::Range { bits: widths[0] }, rest, None);
    }
}

/// The bits of the source's variables, if every block of the view is free.
fn relabelling(view: &View, src: &Shape) -> Option<Vec<Bit>> {
    let mut by_axis: Vec<Vec<Bit>> = vec![vec![]; src.num_axes()];
    for block in &view.blocks {
        let mut bits = view.relabel(block, src)?.into_iter();
        for &axis in &block.src_axes {
            by_axis[axis] = bits.by_ref().take(src.axis_vars()[axis]).collect();
        }
    }
    Some(by_axis.concat())
}
