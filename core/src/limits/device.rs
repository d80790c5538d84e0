//! The memory of a device that proves, phase by phase, as [`super::prover_bytes`] counts that of the computer.
//!
//! ```text
//! always      tensors and derived columns as integers; tables; eq tables of the evaluations' points, each in two halves;
//!             powers of tau of one row, unless they are sent for each sum
//! execute     one operation's operands and result again, packed and wide
//! commit      the buffers of a sum of points
//! lookups     as on the computer; the leaves' integers once more while they are made
//! relations   the factors of one batched sumcheck
//! opening     the space and its weights, and eq tables of the points; then three vectors of a row, and the buffers of a
//!             sum of points
//! ```
//! The largest of the last five counts. Sums of points are cut into pieces where memory is short: the least that a proof
//! needs has small buffers for them, and what it takes usually has them whole.

use super::Economy;
use super::proving::{FIELD, bytes, cuts_space, integers, lookups, power, relations, rounds};
use crate::flatten::{Flat, FlatScan};
use crate::program::{Node, TensorId};
use crate::system::{Coord, Plan, System};
use std::collections::HashSet;

/// Bytes of a point.
const POINT: u64 = 64;
/// Bytes that each term of a sum takes: its scalar, and its entries in the lists of 16 windows.
const TERM: u64 = FIELD + 4 * 16;
/// Bytes of buckets and partial sums for each term of a short sum, which has many windows.
const SHORT: u64 = 1600;
/// Partial sums of all threads that a large device runs.
const PARTIALS: u64 = 20 << 20;
/// Bytes of buckets for each term, and at most.
const BUCKETS: [u64; 2] = [96, 140 << 20];
/// Buffers with which sums of any length can be computed, in small pieces.
const FEW: u64 = 16 << 20;
/// Vectors of a piece of the leaves: two halves of four arrays, and what they are made from.
const LEAF_PIECES: u64 = 16;
/// Vectors of a piece of the space: two halves of the space and of its weights, and the integers.
const SPACE_PIECES: u64 = 5;
/// Partial sums, powers of roots of unity.
const SMALL: u64 = 1 << 20;

/// What a proof holds on a device, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceBytes {
    /// With sums of points in small pieces.
    pub least: u64,
    /// With sums of points in one piece each.
    pub usual: u64,
}

impl DeviceBytes {
    /// The larger of each.
    pub fn max(self, other: DeviceBytes) -> DeviceBytes {
        DeviceBytes { least: self.least.max(other.least), usual: self.usual.max(other.usual) }
    }

    /// More of both.
    pub fn plus(self, bytes: u64) -> DeviceBytes {
        DeviceBytes { least: self.least.saturating_add(bytes), usual: self.usual.saturating_add(bytes) }
    }

    /// The buffers of a sum of so many points, whose size, if they are not on the device, counts too.
    pub fn of_sum(terms: u64, point: u64) -> DeviceBytes {
        let [each, most] = BUCKETS;
        let long = terms.saturating_mul(each).min(most) + PARTIALS;
        let usual = terms.saturating_mul(TERM + point).saturating_add(terms.saturating_mul(SHORT).min(long));
        DeviceBytes { least: usual.min(FEW), usual }
    }
}

/// Estimates what proving holds on a device, where `keeps_points` says whether the powers of tau stay there.
pub fn device_bytes(system: &System, economy: &Economy, keeps_points: bool) -> DeviceBytes {
    let plan = Plan::new(system);
    let row = power(system.layout.row_vars);
    let points = if keeps_points { row.saturating_mul(POINT) } else { 0 };
    let sum = DeviceBytes::of_sum(row, if keeps_points { 0 } else { POINT });
    let fixed = |bytes: u64| DeviceBytes { least: bytes, usual: bytes };

    let leaves: u64 = plan.leaves.iter().map(|slot| power(slot.log_size)).fold(0, u64::saturating_add);
    let pieces = |log: usize, vectors: u64| power(log).saturating_mul(vectors * FIELD);
    let made = if economy.cuts_leaves(leaves) { 0 } else { leaves.saturating_mul(8) };
    let tree = lookups(&plan, economy, pieces(economy.log_piece, LEAF_PIECES)).saturating_add(made);
    let (mut space, mut mercury) = (0, fixed(0));
    if !system.layout.columns.is_empty() {
        let log_piece = economy.log_space_piece();
        let entries = if cuts_space(system, economy) {
            pieces(log_piece, SPACE_PIECES)
        } else {
            system.layout.columns.iter().map(|column| power(column.log_size).saturating_mul(8)).max().unwrap_or(0)
        };
        let openings = plan.openings.iter().map(|opening| &plan.atom(opening.atom).point[..]);
        let tables = eq_tables(openings.map(|point| &point[point.len().saturating_sub(log_piece)..]));
        space = rounds(system, economy).saturating_add(entries).saturating_add(tables);
        mercury = sum.plus(row.saturating_mul(3 * FIELD));
    }
    let sent = plan.sent.iter().chain(plan.waves.iter().flat_map(|wave| &wave.sent));
    let halves = sent.map(|atom| &plan.atom(*atom).point[..]).flat_map(|point| {
        let (high, low) = point.split_at(point.len() / 2);
        [high, low]
    });
    let tables = system.flat.program.tables.iter().map(|table| table.values.len() as u64 * 4).sum();
    let always = [integers(system), tables, eq_tables(halves), points, SMALL].into_iter().fold(0, u64::saturating_add);
    sum.max(fixed(execution(&system.flat))).max(fixed(tree)).max(fixed(relations(&plan))).max(fixed(space)).max(mercury).plus(always)
}

/// Bytes of what the largest operation reads and writes, in the widest type; within a scan, beside all tensors of a step.
fn execution(flat: &Flat) -> u64 {
    let elements = |tensor: &TensorId| flat.program.shape(*tensor).num_padded() as u64;
    let operation = |node: &Node| {
        let operands = node.op.operands(&flat.program);
        operands.iter().map(elements).fold(node.shape.num_padded() as u64, u64::saturating_add).saturating_mul(8)
    };
    let step = |scan: &FlatScan| {
        let tensors = scan.body.program.nodes.iter().map(|node| bytes(node.shape.num_padded() as u64, node.storage()));
        tensors.fold(execution(&scan.body), u64::saturating_add)
    };
    flat.program.nodes.iter().map(operation).chain(flat.scans.iter().map(step)).max().unwrap_or(0)
}

/// Bytes of the eq tables of points, each counted once.
fn eq_tables<'a>(points: impl Iterator<Item = &'a [Coord]>) -> u64 {
    let distinct: HashSet<&[Coord]> = points.collect();
    distinct.into_iter().map(|point| power(point.len()).saturating_mul(FIELD)).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flatten::flatten;
    use crate::jobs;

    fn system(name: &str) -> System {
        let program = jobs::by_name(name).expect("a built-in").expect("a program");
        System::new(flatten(&program).expect("flat")).expect("mapped")
    }

    #[test]
    fn thrift_takes_less() {
        let system = system("heat2d:128x128x64");
        let ways = [(Economy::WHOLE, true), (Economy::PIECES, true), (Economy::LEAST, true), (Economy::LEAST, false)];
        let bytes = ways.map(|(economy, keeps_points)| device_bytes(&system, &economy, keeps_points));
        for pair in bytes.windows(2) {
            assert!(pair[1].least <= pair[0].least, "{bytes:?}");
        }
        assert!(bytes[3].least < bytes[0].least / 2, "{bytes:?}");
        assert!(bytes.iter().all(|bytes| bytes.least <= bytes.usual));
    }

    #[test]
    fn small_programs_take_little() {
        // Bytes that the stand-in for a device, which runs few threads, held at most.
        for (name, held) in [
            ("heat2d:8x8x4", 684_020),
            ("heat2d:16x16x16", 2_095_968),
            ("heat2d:32x32x16", 8_288_096),
            ("heat2d:64x64x32", 58_451_296),
            ("hardswish:32x32x16", 3_478_080),
        ] {
            let estimated = device_bytes(&system(name), &Economy::WHOLE, true).usual;
            assert!((held..held * 5 + (4 << 20)).contains(&estimated), "{name}: {estimated}");
        }
    }

    #[test]
    fn sums_take_what_windows_of_253_bits_take() {
        // Terms, and the bytes of the best windows on a device of 132 multiprocessors.
        for (log_terms, mebibytes) in [(14, 18), (16, 31), (18, 56), (20, 182), (22, 513), (24, 1617)] {
            let estimated = DeviceBytes::of_sum(1 << log_terms, 0).usual >> 20;
            assert!((mebibytes..=mebibytes * 4 / 3).contains(&estimated), "2^{log_terms}: {estimated} MiB");
        }
    }
}
