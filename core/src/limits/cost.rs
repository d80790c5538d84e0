//! An estimate of the memory that verifying and proving a program take.
//!
//! ```text
//! verifier   public tensors + tables + the largest index map or table in field elements
//! prover     tensors and committed columns as integers + 128 bytes a lookup + 96 bytes a committed entry (opening,
//!            row commitments) + the largest relation's factors in field elements
//! ```
//! Counts are those of padded entries; a scan's body counts once for each padded step.

use crate::program::{Node, Op, Program, Visibility};
use crate::tensor::Shape;
use crate::view::View;

/// Bytes of a field element.
const FIELD: u64 = 32;
/// Bytes of the fractional-sum tree for each lookup: numerator and denominator, and all layers above.
const LOOKUP_BYTES: u64 = 128;
/// Bytes of the opening for each committed entry.
const OPENING_BYTES: u64 = 96;
/// The width of the limbs that range checks are estimated with.
const LIMB_BITS: u64 = 12;

/// Memory of one task and its largest consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// All of it.
    pub bytes: u64,
    /// The node that needs most.
    pub node: String,
    /// What that node needs.
    pub node_bytes: u64,
}

/// What a program asks of its verifier and its prover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Memory of verification.
    pub verifier: Share,
    /// Memory of proving.
    pub prover: Share,
    /// Entries of index maps and tables that the verifier evaluates itself.
    pub verifier_work: u64,
    /// Lookups in all.
    pub lookups: u64,
    /// Committed entries in all.
    pub committed: u64,
}

impl Share {
    /// Takes over a better count of the whole; the largest node keeps its part of it.
    pub(super) fn rescale(&mut self, bytes: u64) {
        let part = self.node_bytes as f64 / self.bytes.max(1) as f64;
        self.node_bytes = (bytes as f64 * part.min(1.0)) as u64;
        self.bytes = bytes;
    }

    fn add(&mut self, node: &str, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        if bytes > self.node_bytes {
            self.node_bytes = bytes;
            node.clone_into(&mut self.node);
        }
    }
}

/// Estimates a program's cost. Takes time and memory linear in its description.
pub fn cost(program: &Program) -> Cost {
    let mut cost = Cost::default();
    let (mut map, mut factors) = (0u64, 0u64);
    for (body, steps) in program.scans.iter().map(|s| (&s.body, s.steps)).chain([(program, 1)]) {
        let steps = steps.checked_next_power_of_two().unwrap_or(usize::MAX) as u64;
        for table in &body.tables {
            let entries = table.values.len().next_power_of_two() as u64;
            cost.verifier_work = cost.verifier_work.saturating_add(entries);
            cost.verifier.add(&table.name, entries.saturating_mul(4));
            map = map.max(entries.saturating_mul(16));
            cost.committed = cost.committed.saturating_add(entries);
            cost.lookups = cost.lookups.saturating_add(entries);
        }
        for node in &body.nodes {
            let share = node_cost(body, node, steps);
            let entries = (node.shape.num_padded() as u64).saturating_mul(steps);
            cost.verifier_work = cost.verifier_work.saturating_add(share.map_work);
            map = map.max(share.map_bytes);
            cost.verifier.add(&node.name, share.public_bytes.saturating_add(1 << 10));
            factors = factors.max(share.factors.saturating_mul(FIELD));
            cost.lookups = cost.lookups.saturating_add(share.lookups);
            cost.committed = cost.committed.saturating_add(share.committed);
            let stored = entries.saturating_mul(node.storage().num_bytes() as u64).saturating_add(share.committed.saturating_mul(2));
            let proof = share.lookups.saturating_mul(LOOKUP_BYTES).saturating_add(share.committed.saturating_mul(OPENING_BYTES));
            cost.prover.add(&node.name, stored.saturating_add(proof));
        }
    }
    cost.verifier.bytes = cost.verifier.bytes.saturating_add(map);
    cost.prover.bytes = cost.prover.bytes.saturating_add(factors);
    cost
}

#[derive(Default)]
struct NodeCost {
    /// Field elements of the relation's factors.
    factors: u64,
    lookups: u64,
    committed: u64,
    /// Entries and bytes of the index maps that the verifier evaluates.
    map_work: u64,
    map_bytes: u64,
    /// Bytes of a public tensor.
    public_bytes: u64,
}

fn node_cost(program: &Program, node: &Node, steps: u64) -> NodeCost {
    let entries = (node.shape.num_padded() as u64).saturating_mul(steps);
    let limbs = |bits: u32| u64::from(bits).div_ceil(LIMB_BITS).max(1);
    let shape = |t: crate::TensorId| program.nodes.get(t.index()).map(|n| &n.shape);
    let mut cost = NodeCost { factors: entries.saturating_mul(2), ..NodeCost::default() };
    let checked = |cost: &mut NodeCost, limbs: u64, columns: u64| {
        cost.lookups = entries.saturating_mul(limbs);
        cost.committed = entries.saturating_mul(columns);
    };
    match &node.op {
        Op::Input(i) => match program.inputs.get(*i).map(|p| p.visibility) {
            Some(Visibility::Private) => checked(&mut cost, limbs(node.range.bits()), limbs(node.range.bits())),
            _ => cost.public_bytes = entries.saturating_mul(node.storage().num_bytes() as u64),
        },
        Op::Const(i) => match program.constants.get(*i).map(|c| c.visibility) {
            Some(Visibility::Private) => checked(&mut cost, limbs(node.range.bits()), limbs(node.range.bits())),
            _ => cost.committed = entries,
        },
        Op::View { src, view } => {
            if let Some(src) = shape(*src) {
                index_maps(&mut cost, src, view);
                cost.factors = cost.factors.max((src.num_padded() as u64).saturating_mul(steps).saturating_mul(2));
            }
        }
        Op::Contract { x, y, .. } => {
            let operand = |t| shape(t).map_or(0, |s: &Shape| s.num_padded() as u64).saturating_mul(steps);
            cost.factors = cost.factors.max(operand(*x).saturating_add(operand(*y)));
        }
        Op::Mul { .. } => cost.factors = entries.saturating_mul(3),
        Op::Lookup { .. } => checked(&mut cost, 1, 1),
        Op::RoundShift { shift, .. } => checked(&mut cost, limbs(*shift) * 2 + limbs(node.padded_range.bits()), limbs(*shift) * 2 + 1),
        Op::Div { .. } | Op::Rem { .. } => checked(&mut cost, 3 * limbs(node.padded_range.bits()), 3 * limbs(node.padded_range.bits())),
        Op::Concat { parts, axis } => {
            let extent = |s: &Shape| s.extents().get(*axis).map_or(1, |n| n.next_power_of_two() as u64);
            for part in parts.iter().filter_map(|p| shape(*p)) {
                add_map(&mut cost, extent(&node.shape), extent(part));
            }
        }
        Op::Scan { .. } => {
            checked(&mut cost, limbs(node.range.bits()), limbs(node.range.bits()));
            let time = node.shape.extents().first().map_or(1, |n| n.next_power_of_two() as u64);
            add_map(&mut cost, time, time);
            add_map(&mut cost, time, 1);
        }
        Op::Linear { .. } => {}
    }
    cost
}

fn index_maps(cost: &mut NodeCost, src: &Shape, view: &View) {
    let padded = |shape: &Shape, axes: &[usize]| {
        let extent = |a: &usize| shape.extents().get(*a).map_or(1, |n| n.next_power_of_two() as u64);
        axes.iter().map(extent).fold(1u64, u64::saturating_mul)
    };
    for block in view.blocks.iter().filter(|b| view.relabel(b, src).is_none()) {
        add_map(cost, padded(&view.shape, &block.out_axes), padded(src, &block.src_axes));
    }
}

/// An index map from `out` entries into `src`: the map, and a table of weights with its predecessor on each side.
fn add_map(cost: &mut NodeCost, out: u64, src: u64) {
    let weights = FIELD + FIELD / 2;
    cost.map_work = cost.map_work.saturating_add(out).saturating_add(src);
    let bytes = out.saturating_mul(16 + weights).saturating_add(src.saturating_mul(weights));
    cost.map_bytes = cost.map_bytes.max(bytes);
}
