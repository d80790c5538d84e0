//! The memory of a prover, counted on the mapped program: what is in memory at the same time, phase by phase.
//!
//! ```text
//! always      tensors and derived columns as integers, twice: as execution made them and in the backend's buffers;
//!             public inputs and outputs; powers of tau of one row
//! lookups     L leaves in a tree of 2^n: its layers as far as they are not made in pieces; or, later, the lowest of the
//!             others folded once, and the eq table of that round
//! relations   the factors of one batched sumcheck
//! opening     the space of 2^N entries and its weights, folded once if they are made in pieces; then Mercury's vectors
//!             of a row
//! ```
//! The largest of the last three counts. It is an upper estimate: tensors that execution drops early are counted too.

use super::Economy;
use crate::program::Visibility;
use crate::system::{Plan, Source, System};
use crate::tensor::DType;

/// Bytes of a field element.
pub(super) const FIELD: u64 = 32;
/// Bytes for each power of tau: as it is read, and as sums of points want it.
const POWER: u64 = 200;
/// Buffers of the pieces.
const PIECE_BUFFERS: u64 = 16 << 20;
/// Bytes for each element of a public input or output: as it is given, stated, encoded and verified.
const PUBLIC: u64 = 16;
/// The program itself and its threads.
const PROCESS: u64 = 20 << 20;

/// Estimates the memory that proving takes.
pub fn prover_bytes(system: &System) -> u64 {
    let plan = Plan::new(system);
    let economy = &Economy::USUAL;
    let phases = [lookups(&plan, economy, PIECE_BUFFERS), relations(&plan), opening(system, economy)];
    let most = phases.into_iter().max().unwrap_or(0);
    let program = &system.flat.program;
    let ports = program.inputs.iter().chain(&program.outputs).filter(|port| port.visibility == Visibility::Public);
    let public = ports.map(|port| program.shape(port.tensor).num_elements() as u64).fold(0, u64::saturating_add);
    let row = power(system.layout.row_vars);
    [integers(system).saturating_mul(2), row.saturating_mul(POWER), public.saturating_mul(PUBLIC), PROCESS]
        .into_iter()
        .fold(most, u64::saturating_add)
}

/// Tensors and derived columns.
pub(super) fn integers(system: &System) -> u64 {
    let program = &system.flat.program;
    let tensors = program.nodes.iter().map(|node| bytes(node.shape.num_padded() as u64, node.storage()));
    let columns = system.layout.columns.iter().map(|column| {
        let dtype = match column.source {
            // Counted among the tensors.
            Source::Constant(_) | Source::Tensor(_) => return 0,
            Source::Limb { width, .. } if width > 8 => DType::U16,
            Source::Limb { .. } | Source::LimbNonZero { .. } | Source::Tie { .. } => DType::U8,
            Source::Multiplicity(_) => DType::I64,
        };
        bytes(power(column.log_size), dtype)
    });
    tensors.chain(columns).fold(0, u64::saturating_add)
}

/// The tree of the lookups; `buffers` are those of its pieces.
pub(super) fn lookups(plan: &Plan, economy: &Economy, buffers: u64) -> u64 {
    let leaves: u64 = plan.leaves.iter().map(|slot| power(slot.log_size)).fold(0, u64::saturating_add);
    if leaves == 0 {
        return 0;
    }
    let in_pieces = economy.layers_in_pieces(leaves, plan.leaf_vars);
    let lowest = plan.leaf_vars - in_pieces;
    let layers = (0..=lowest).map(|level| power(level).min(leaves)).fold(0, u64::saturating_add).saturating_mul(2 * FIELD);
    if in_pieces == 0 {
        return layers;
    }
    // When a layer in pieces is folded, no other is there: its four arrays, and eq.
    let quarter = power(plan.leaf_vars - 2);
    let arrays = leaves.min(quarter) + leaves.saturating_sub(2 * quarter).min(quarter);
    let folded = arrays.saturating_mul(2 * FIELD).saturating_add((quarter / 2).saturating_mul(FIELD));
    layers.max(folded).saturating_add(buffers)
}

/// The factors of the largest batch.
pub(super) fn relations(plan: &Plan) -> u64 {
    let instance = |i: &crate::system::Instance| power(i.num_vars).saturating_mul(i.degree as u64).saturating_mul(FIELD);
    plan.waves.iter().map(|wave| wave.instances.iter().map(instance).fold(0, u64::saturating_add)).max().unwrap_or(0)
}

/// The space and its weights, then Mercury's vectors.
fn opening(system: &System, economy: &Economy) -> u64 {
    let row = power(system.layout.row_vars);
    if system.layout.columns.is_empty() {
        return 0;
    }
    rounds(system, economy).max(row.saturating_mul(5 * FIELD))
}

/// The space and its weights, and the row that is kept of them.
pub(super) fn rounds(system: &System, economy: &Economy) -> u64 {
    let space = power(system.layout.num_vars());
    let vectors = if cuts_space(system, economy) { space / 2 } else { space };
    vectors.saturating_mul(2 * FIELD).saturating_add(power(system.layout.row_vars).saturating_mul(FIELD))
}

/// Whether the space is made in pieces: a single row is not.
pub(super) fn cuts_space(system: &System, economy: &Economy) -> bool {
    system.layout.log_rows > 0 && economy.cuts_space(system.layout.num_vars())
}

pub(super) fn power(vars: usize) -> u64 {
    u32::try_from(vars).ok().and_then(|vars| 1u64.checked_shl(vars)).unwrap_or(u64::MAX)
}

pub(super) fn bytes(entries: u64, dtype: DType) -> u64 {
    entries.saturating_mul(dtype.num_bytes() as u64)
}
