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
/// Bytes that each term of a sum takes: its scalar, and its entries in the lists of up to 24 windows.
const TERM: u64 = FIELD + 4 * 24;
/// Bytes of buckets and partial sums: for each term of short sums, and altogether for long ones.
const BUCKETS: [u64; 2] = [1200, 160 << 20];
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
        let usual = terms.saturating_mul(TERM + point).saturating_add(terms.saturating_mul(each).min(most));
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
