//! The plan: every evaluation a proof sends and every relation that reduces it, laid out symbolically.
//!
//! ```text
//! 1  lookups    LogUp-GKR ends at one random point; its leaves become evaluations of wires at suffixes of it
//! 2  anchors    equalities and public outputs are evaluated at suffixes of the same point, extended if need be
//! 3  waves      one batched sumcheck a wave: every wire whose evaluations are all known by now is reduced to
//!               evaluations of its operands; several evaluations of one wire are merged first
//! 4  openings   what is left are evaluations of committed columns
//! ```
//! An evaluation of a linear or relabelled wire is never sent: it is computed from those of its operands. Equal
//! evaluations (same wire, same symbolic point) are sent once.

use super::wires::{System, WireId, WireKind};
use crate::tensor::{Shape, log2_ceil};
use crate::view::{Bit, View};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};
use std::collections::{BTreeMap, HashMap};

/// A coordinate of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Coord {
    /// A challenge, by its number in the order of [`Plan`]: the anchor first, then the waves' points.
    Challenge(u32),
    /// A constant bit.
    Bit(bool),
}

/// A point; coordinate 0 binds the most significant bit of the outermost axis.
pub type Point = Vec<Coord>;

/// An evaluation that is not a combination of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AtomId(pub u32);

impl AtomId {
    /// As an index into [`Plan::atoms`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A wire at a point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Atom {
    /// The wire: an input, an inline constant, a column, a contraction, a product or a bound view.
    pub wire: WireId,
    /// The point.
    pub point: Point,
}

/// A linear combination of atoms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// Atoms and coefficients.
    pub terms: Vec<(AtomId, Fr)>,
    /// The constant.
    pub constant: Fr,
}

/// What a leaf of the fractional-sum tree stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// Fractions 1 / (alpha - fingerprint).
    Lookup {
        /// The lookup's table.
        table: usize,
        /// The argument.
        x: Expr,
        /// The value.
        y: Option<Expr>,
    },
    /// Fractions -multiplicity / (alpha - fingerprint).
    Table {
        /// The table.
        table: usize,
        /// Its multiplicities.
        multiplicity: Expr,
    },
}

/// A leaf block and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafSlot {
    /// What it stands for.
    pub leaf: Leaf,
    /// Index of the lookup (for [`Leaf::Lookup`]) or of the table.
    pub index: usize,
    /// Its first leaf.
    pub offset: usize,
    /// Binary logarithm of its length.
    pub log_size: usize,
}

/// How an instance reduces its claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Several evaluations of one wire to one.
    Merge,
    /// A contraction to its operands.
    Contract,
    /// A product to its factors.
    Mul,
    /// A bound view to its source.
    View,
}

/// What an instance's final evaluations are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Evaluations of wires, in the order of the prover's factor tables.
    pub exprs: Vec<Expr>,
}

/// One relation of a wave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// How it reduces.
    pub reduction: Reduction,
    /// The wire whose evaluations it reduces.
    pub wire: WireId,
    /// Those evaluations; more than one only for [`Reduction::Merge`].
    pub claims: Vec<AtomId>,
    /// The variables summed over.
    pub num_vars: usize,
    /// The challenges that bind them: a suffix of the wave's.
    pub point: Point,
    /// Its degree in each variable.
    pub degree: usize,
    /// What it reduces to.
    pub factors: Factors,
}

/// One batched sumcheck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// The relations in it.
    pub instances: Vec<Instance>,
    /// The most variables of any instance.
    pub num_vars: usize,
    /// The highest degree of any instance.
    pub degree: usize,
    /// Number of the first challenge.
    pub first_challenge: u32,
    /// The evaluations that the prover sends after it.
    pub sent: Vec<AtomId>,
}

/// An evaluation of a committed column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The column.
    pub column: usize,
    /// The evaluation.
    pub atom: AtomId,
}

/// The whole proof, symbolically.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Evaluations.
    pub atoms: Vec<Atom>,
    /// Leaf blocks in order of their offsets; none: the program looks nothing up.
    pub leaves: Vec<LeafSlot>,
    /// Variables of the fractional-sum tree.
    pub leaf_vars: usize,
    /// Fresh challenges that extend the tree's point at the front. Challenges 0.. are the extension, then the point.
    pub extension: usize,
    /// Wires that must agree at the anchor.
    pub equal: Vec<(Expr, Expr)>,
    /// Public outputs: the wire's evaluation, and the point at which the statement's values must give the same.
    pub outputs: Vec<(Expr, Point)>,
    /// What the prover sends for the leaves and anchors.
    pub sent: Vec<AtomId>,
    /// The batched sumchecks.
    pub waves: Vec<Wave>,
    /// What the commitments are opened to.
    pub openings: Vec<Opening>,
    /// Challenges in all points together.
    pub num_challenges: usize,
}

impl Plan {
    /// Lays out the proof of a system.
    pub fn new(system: &System) -> Plan {
        let mut planner = Planner { system, atoms: vec![], known: HashMap::new(), sent: vec![], pending: BTreeMap::new() };
        let order = leaf_order(system);
        // A system has no more leaves than a quarter of all addresses.
        let total: usize = order.iter().map(|l| 1usize << l.2).sum();
        let leaf_vars = if order.is_empty() { 0 } else { log2_ceil(total) };
        let anchored = system.equal.iter().map(|e| e.0).chain(system.flat.program.outputs.iter().map(|p| system.wire_of[p.tensor.index()]));
        let widest = anchored.map(|w| system.wire(w).shape.num_vars()).max().unwrap_or(0);
        let extension = widest.saturating_sub(leaf_vars);
        let anchor: Point = (0..(extension + leaf_vars) as u32).map(Coord::Challenge).collect();
        let suffix = |vars: usize| anchor[anchor.len() - vars..].to_vec();

        let (mut leaves, mut offset) = (vec![], 0);
        for (is_table, index, log_size) in order {
            let leaf = if is_table {
                let column = system.layout.multiplicities(index).unwrap_or(usize::MAX);
                Leaf::Table { table: index, multiplicity: planner.column(column, suffix(log_size)) }
            } else {
                let lookup = &system.lookups[index];
                let x = planner.evaluate(lookup.x, &suffix(log_size));
                Leaf::Lookup { table: lookup.table, x, y: lookup.y.map(|y| planner.evaluate(y, &suffix(log_size))) }
            };
            leaves.push(LeafSlot { leaf, index, offset, log_size });
            offset += 1 << log_size;
        }
        let mut at_anchor = |wire: WireId| {
            let point = suffix(system.wire(wire).shape.num_vars());
            (planner.evaluate(wire, &point), point)
        };
        let equal = system.equal.iter().map(|&(a, b)| (at_anchor(a).0, at_anchor(b).0)).collect();
        let outputs = system.flat.program.outputs.iter().map(|p| at_anchor(system.wire_of[p.tensor.index()])).collect();
        let sent = std::mem::take(&mut planner.sent);

        let mut next_challenge = anchor.len() as u32;
        let mut waves = vec![];
        while let Some(wave) = planner.wave(next_challenge) {
            next_challenge += wave.num_vars as u32;
            waves.push(wave);
        }
        let openings = planner.openings();
        Plan {
            atoms: planner.atoms,
            leaves,
            leaf_vars,
            extension,
            equal,
            outputs,
            sent,
            waves,
            openings,
            num_challenges: next_challenge as usize,
        }
    }

    /// An atom.
    ///
    /// # Panics
    /// If it is not of this plan.
    pub fn atom(&self, atom: AtomId) -> &Atom {
        &self.atoms[atom.index()]
    }
}

/// (is a table, index, log size) of every leaf block, largest first, so that each is aligned.
fn leaf_order(system: &System) -> Vec<(bool, usize, usize)> {
    let lookups = system.lookups.iter().enumerate().map(|(i, l)| (false, i, system.wire(l.x).shape.num_vars()));
    let tables = (0..system.tables.len()).map(|t| (true, t, system.table_vars(t)));
    let mut order: Vec<_> = lookups.chain(tables).collect();
    order.sort_unstable_by_key(|&(is_table, index, log_size)| (std::cmp::Reverse(log_size), is_table, index));
    order
}

struct Planner<'a> {
    system: &'a System,
    atoms: Vec<Atom>,
    known: HashMap<Atom, AtomId>,
    /// Atoms that the prover must send in the current step.
    sent: Vec<AtomId>,
    /// Evaluations still to be reduced, by wire.
    pending: BTreeMap<WireId, Vec<AtomId>>,
}

impl Planner<'_> {
    fn atom(&mut self, wire: WireId, point: Point, public: bool) -> AtomId {
        let atom = Atom { wire, point };
        if let Some(&id) = self.known.get(&atom) {
            return id;
        }
        let id = AtomId(self.atoms.len() as u32);
        self.atoms.push(atom.clone());
        self.known.insert(atom, id);
        if !public {
            self.sent.push(id);
            self.pending.entry(wire).or_default().push(id);
        }
        id
    }

    /// An evaluation of a column that no wire stands for.
    fn column(&mut self, column: usize, point: Point) -> Expr {
        // Multiplicities have no wire of their own; the column's wire is found by its index.
        let wire = self.system.wires.iter().position(|w| matches!(w.kind, WireKind::Column(c) if c == column));
        let wire = WireId(wire.unwrap_or(usize::MAX) as u32);
        Expr { terms: vec![(self.atom(wire, point, false), Fr::ONE)], constant: Fr::ZERO }
    }

    /// The evaluation of a wire at a point, in atoms.
    fn evaluate(&mut self, wire: WireId, point: &[Coord]) -> Expr {
        let mut terms = BTreeMap::new();
        let mut constant = Fr::ZERO;
        self.accumulate(wire, point, Fr::ONE, &mut terms, &mut constant);
        Expr { terms: terms.into_iter().filter(|t| !t.1.is_zero()).collect(), constant }
    }

    fn accumulate(&mut self, wire: WireId, point: &[Coord], scale: Fr, terms: &mut BTreeMap<AtomId, Fr>, constant: &mut Fr) {
        match &self.system.wire(wire).kind {
            WireKind::Linear { terms: operands, constant: c } => {
                *constant += scale * c;
                for &(operand, coef) in operands {
                    self.accumulate(operand, point, scale * coef, terms, constant);
                }
            }
            WireKind::Relabel { src, bits } => {
                let out = self.system.wire(wire).shape.axis_vars();
                let start = |axis: usize| out[..axis].iter().sum::<usize>();
                let at = |b: &Bit| match *b {
                    Bit::Fixed(value) => Coord::Bit(value),
                    Bit::Out { axis, bit } => point[start(axis) + bit],
                };
                let point: Point = bits.iter().map(at).collect();
                self.accumulate(*src, &point, scale, terms, constant);
            }
            kind => {
                let public = matches!(kind, WireKind::Input(_) | WireKind::Inline(_));
                let atom = self.atom(wire, point.to_vec(), public);
                *terms.entry(atom).or_insert(Fr::ZERO) += scale;
            }
        }
    }

    fn is_column(&self, wire: WireId) -> bool {
        matches!(self.system.wire(wire).kind, WireKind::Column(_))
    }

    /// Of the wires that wait, those that no other one leads to. Operands come before what reads them, so one pass from
    /// the last wire down to the first sees all that is reached.
    fn ready(&self, waiting: &[WireId]) -> Vec<WireId> {
        let (Some(first), Some(last)) = (waiting.first(), waiting.last()) else { return vec![] };
        let (first, mut reached) = (first.index(), vec![false; last.index() + 1 - first.index()]);
        let mut ready = vec![];
        let mut rest = waiting;
        for index in (first..=last.index()).rev() {
            let waits = rest.last().is_some_and(|w| w.index() == index);
            if waits {
                rest = &rest[..rest.len() - 1];
                if !reached[index - first] {
                    ready.push(WireId(index as u32));
                }
            }
            if waits || reached[index - first] {
                for operand in operands(&self.system.wires[index].kind) {
                    if let Some(flag) = operand.index().checked_sub(first).and_then(|i| reached.get_mut(i)) {
                        *flag = true;
                    }
                }
            }
        }
        ready.reverse();
        ready
    }

    /// The next batched sumcheck, or none if only columns are left.
    fn wave(&mut self, first_challenge: u32) -> Option<Wave> {
        let waiting: Vec<WireId> = self.pending.keys().copied().filter(|w| !self.is_column(*w)).collect();
        let ready = self.ready(&waiting);
        if ready.is_empty() {
            return None;
        }
        let sizes: Vec<usize> = ready.iter().map(|w| self.num_vars(*w)).collect();
        let num_vars = sizes.iter().copied().max().unwrap_or(0);
        let point: Point = (first_challenge..first_challenge + num_vars as u32).map(Coord::Challenge).collect();
        let mut instances = vec![];
        for (wire, vars) in ready.into_iter().zip(sizes) {
            let claims = self.pending.remove(&wire).unwrap_or_default();
            instances.push(self.instance(wire, claims, point[num_vars - vars..].to_vec()));
        }
        let degree = instances.iter().map(|i| i.degree).max().unwrap_or(1);
        Some(Wave { instances, num_vars, degree, first_challenge, sent: std::mem::take(&mut self.sent) })
    }

    fn num_vars(&self, wire: WireId) -> usize {
        let w = self.system.wire(wire);
        if self.pending.get(&wire).is_some_and(|c| c.len() > 1) {
            return w.shape.num_vars();
        }
        match &w.kind {
            WireKind::Contract { x, x_axes, y_axes, out_axes, .. } => {
                let vars = self.system.wire(*x).shape.axis_vars();
                summed(x_axes, y_axes, out_axes).iter().filter_map(|l| x_axes.iter().position(|a| a == l)).map(|a| vars[a]).sum()
            }
            WireKind::View { src, view } => {
                let shape = &self.system.wire(*src).shape;
                bound_axes(view, shape).iter().map(|&a| shape.axis_vars()[a]).sum()
            }
            _ => w.shape.num_vars(),
        }
    }

    fn instance(&mut self, wire: WireId, claims: Vec<AtomId>, rho: Point) -> Instance {
        let make = |reduction, degree, exprs| Instance {
            reduction,
            wire,
            claims: claims.clone(),
            num_vars: rho.len(),
            point: rho.clone(),
            degree,
            factors: Factors { exprs },
        };
        if claims.len() > 1 {
            let merged = self.evaluate(wire, &rho);
            return make(Reduction::Merge, 2, vec![merged]);
        }
        let system = self.system;
        let claim = self.atoms[claims[0].index()].point.clone();
        match &system.wire(wire).kind {
            WireKind::Contract { x, y, x_axes, y_axes, out_axes, masked } => {
                let order = summed(x_axes, y_axes, out_axes);
                let operand = |operand: WireId, axes: &[u8]| -> Point {
                    let vars = system.wire(operand).shape.axis_vars();
                    let out_vars = system.wire(wire).shape.axis_vars();
                    let mut point = vec![];
                    for (&label, &n) in axes.iter().zip(&vars) {
                        let from = |labels: &[u8], sizes: &[usize], values: &[Coord]| {
                            let at = labels.iter().position(|l| *l == label)?;
                            let start: usize = sizes[..at].iter().sum();
                            Some(values[start..start + n].to_vec())
                        };
                        let x_vars = system.wire(*x).shape.axis_vars();
                        let sizes: Vec<usize> = order.iter().map(|l| x_axes.iter().position(|a| a == l).map_or(0, |a| x_vars[a])).collect();
                        point.extend(from(&order, &sizes, &rho).or_else(|| from(out_axes, &out_vars, &claim)).unwrap_or_default());
                    }
                    point
                };
                let exprs = vec![self.evaluate(*x, &operand(*x, x_axes)), self.evaluate(*y, &operand(*y, y_axes))];
                let batch = out_axes.iter().any(|l| order.contains(l));
                make(Reduction::Contract, 2 + usize::from(batch) + usize::from(!masked.is_empty()), exprs)
            }
            WireKind::Mul { a, b } => make(Reduction::Mul, 3, vec![self.evaluate(*a, &rho), self.evaluate(*b, &rho)]),
            WireKind::View { src, view } => {
                let point = view_point(&system.wire(*src).shape, view, &claim, &rho);
                make(Reduction::View, 2, vec![self.evaluate(*src, &point)])
            }
            _ => make(Reduction::Merge, 2, vec![]),
        }
    }

    fn openings(&self) -> Vec<Opening> {
        let column = |wire: WireId| match self.system.wire(wire).kind {
            WireKind::Column(c) => c,
            _ => usize::MAX,
        };
        self.pending.iter().flat_map(|(&wire, atoms)| atoms.iter().map(move |&atom| Opening { column: column(wire), atom })).collect()
    }
}

/// The source point of a bound view: bound axes from the sumcheck, free ones from the claim.
fn view_point(src: &Shape, view: &View, claim: &[Coord], rho: &[Coord]) -> Point {
    let out = view.shape.axis_vars();
    let start = |axis: usize| out[..axis].iter().sum::<usize>();
    let vars = src.axis_vars();
    let mut by_axis: Vec<Point> = vec![vec![]; src.num_axes()];
    let mut rho = rho.iter().copied();
    for axis in bound_axes(view, src) {
        by_axis[axis] = rho.by_ref().take(vars[axis]).collect();
    }
    for block in &view.blocks {
        let Some(bits) = view.relabel(block, src) else { continue };
        let mut coords = bits.into_iter().map(|b| match b {
            Bit::Fixed(value) => Coord::Bit(value),
            Bit::Out { axis, bit } => claim[start(axis) + bit],
        });
        for &axis in &block.src_axes {
            by_axis[axis] = coords.by_ref().take(vars[axis]).collect();
        }
    }
    by_axis.concat()
}

/// The labels that a contraction's sumcheck binds, in its order: those of x's axes that are summed over or shared
/// between both operands and the result.
pub fn summed(x_axes: &[u8], y_axes: &[u8], out_axes: &[u8]) -> Vec<u8> {
    x_axes.iter().copied().filter(|l| y_axes.contains(l) || !out_axes.contains(l)).collect()
}

/// The source axes that a bound view's sumcheck binds, in its order: ascending.
pub fn bound_axes(view: &View, src: &Shape) -> Vec<usize> {
    let bound: Vec<_> = view.blocks.iter().filter(|b| view.relabel(b, src).is_none()).collect();
    (0..src.num_axes()).filter(|axis| bound.iter().any(|b| b.src_axes.contains(axis))).collect()
}

fn operands(kind: &WireKind) -> Vec<WireId> {
    match kind {
        WireKind::Input(_) | WireKind::Inline(_) | WireKind::Column(_) => vec![],
        WireKind::Linear { terms, .. } => terms.iter().map(|t| t.0).collect(),
        WireKind::Relabel { src, .. } | WireKind::View { src, .. } => vec![*src],
        WireKind::Contract { x, y, .. } => vec![*x, *y],
        WireKind::Mul { a, b } => vec![*a, *b],
    }
}
