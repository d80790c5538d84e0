//! The memory of a device that proves.
//!
//! ```text
//! always      the variables, as they are and told apart
//! rows        the matrices, unless they are sent, some entries at a time and before the rest: less than what the sums take
//! quotient    A, B and C over the domain, powers of a root of twice its order, and what becomes of them
//! sums        the points of all five, unless they are sent for each piece; the buffers of one at a time, G2's the largest
//! ```
//! All of it at the same time, since the sums do not wait for the quotient.

use super::{PreparedKey, Shape};
use assay_core::limits::DeviceBytes;

/// Bytes of a field element.
const FIELD: u64 = 32;
/// Bytes of a point of the second group, twice those of the first.
const POINT: u64 = 128;
/// Bytes of a number: a row's start, a column.
const NUMBER: u64 = 4;

impl PreparedKey {
    /// Estimates what a proof holds on a device, where `keeps_points` says whether matrices and the points of sums stay there.
    pub fn device_bytes(&self, keeps_points: bool) -> DeviceBytes {
        let counts = &self.layout.counts;
        device_bytes(self.shape(), counts.entries, counts.points, keeps_points)
    }
}

fn device_bytes(shape: Shape, entries: [usize; 3], [a, b, l]: [usize; 3], keeps_points: bool) -> DeviceBytes {
    let (domain, variables) = (shape.domain() as u64, shape.num_variables() as u64);
    let all = [a, b, l].map(|count| count as u64).into_iter().sum::<u64>().saturating_add(domain).saturating_mul(POINT / 2);
    let points = all.saturating_add((b as u64).saturating_mul(POINT));
    let kept = if keeps_points { points.saturating_add(matrices(shape, entries)) } else { 0 };
    // A bucket of the second group is twice as large as one of the first.
    let sum = DeviceBytes::of_sum(domain.max(variables).saturating_mul(2), if keeps_points { 0 } else { POINT / 2 });
    sum.plus(domain.saturating_mul(4 * FIELD)).plus(variables.saturating_mul(2 * FIELD)).plus(kept)
}

/// Bytes of the matrices.
fn matrices(shape: Shape, entries: [usize; 3]) -> u64 {
    let bytes =
        |entries: usize| (entries as u64).saturating_mul(NUMBER + FIELD).saturating_add((shape.num_constraints as u64 + 1) * NUMBER);
    entries.map(bytes).into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_takes_memory() {
        let shape = Shape { num_instance: 10, num_witness: 1 << 20, num_constraints: 1 << 20 };
        let bytes = |entries, keeps| device_bytes(shape, [entries, 1 << 20, 0], [1 << 20, 1 << 19, 1 << 20], keeps);
        let [kept, sent] = [true, false].map(|keeps| bytes(1 << 21, keeps));
        assert!(sent.least < kept.least && sent.usual < kept.usual && sent.least < sent.usual);
        // The quotient alone, over a domain of twice as many.
        assert!(sent.least > (4 * 32) << 21);
        assert_eq!(kept, bytes(0, true).plus(36 << 21));
        assert_eq!(sent, bytes(0, false));
    }
}
