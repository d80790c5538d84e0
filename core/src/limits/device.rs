//! The memory of a device that proves, phase by phase, as [`super::prover_bytes`] counts that of the computer.
//!
//! ```text
//! always      tensors and derived columns as integers; powers of tau of one row, unless they are sent for each sum
//! commit      the buffers of a sum of points
//! lookups     as on the computer; the leaves' integers once more while they are made
//! relations   the factors of one batched sumcheck
//! opening     the space and its weights; then three vectors of a row, and the buffers of a sum of points
//! ```
//! The largest of the last four counts. Sums of points are cut into pieces where memory is short: the least that a proof
//! needs has small buffers for them, and what it takes usually has them whole.

use super::Economy;
use super::proving::{FIELD, integers, lookups, power, relations, rounds};
use crate::system::{Plan, System};

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
/// Vectors of a piece of the leaves or of the space: two halves of four arrays, what they are made from, and what they become.
const PIECE_VECTORS: u64 = 24;
/// Tables of small vectors, partial sums, powers of roots of unity.
const SMALL: u64 = 2 << 20;

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
    let piece = power(economy.log_piece).min(leaves.max(row)).saturating_mul(PIECE_VECTORS * FIELD);
    let made = if economy.cuts_leaves(leaves) { 0 } else { leaves.saturating_mul(8) };
    let tree = lookups(&plan, economy, piece).saturating_add(made);
    let opened = !system.layout.columns.is_empty();
    let space = if opened { rounds(system, economy).saturating_add(piece) } else { 0 };
    let mercury = if opened { sum.plus(row.saturating_mul(3 * FIELD)) } else { fixed(0) };

    let most = sum.max(fixed(tree)).max(fixed(relations(&plan))).max(fixed(space)).max(mercury);
    most.plus(integers(system).saturating_add(points).saturating_add(SMALL))
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
        let ways = [(Economy::WHOLE, true), (Economy::USUAL, true), (Economy::LEAST, true), (Economy::LEAST, false)];
        let bytes = ways.map(|(economy, keeps_points)| device_bytes(&system, &economy, keeps_points));
        for pair in bytes.windows(2) {
            assert!(pair[1].least <= pair[0].least, "{bytes:?}");
        }
        assert!(bytes[3].least < bytes[0].least / 2, "{bytes:?}");
        assert!(bytes.iter().all(|bytes| bytes.least <= bytes.usual));
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
