//! Cutting a sum into windows, which may share buckets where there are multiples of the points, and into pieces whose buffers fit
//! the device.

use super::{digits, group::Group, multiples::Multiples, sorted, windows::Windows};
use crate::cuda::{device::Device, memory::Limbs};

/// Entries of a piece: an index in 32 bits, and one thread's arithmetic stays below 2^31.
const MOST_ENTRIES: usize = (1 << 31) - 1;

/// A small sum takes one of so many parts of what is left.
const SMALL: usize = 16;

/// Terms of a piece that are not worth being cut further.
const FEWEST_TERMS: usize = 16;

/// How a sum is computed: so many terms at a time, cut into these windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub terms: usize,
    pub windows: Windows,
}

/// What a sum asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Number of terms, not zero.
    pub len: usize,
    /// Bits of the largest scalar's size.
    pub bits: u32,
    /// Bytes that each term of a piece needs on the device besides the sorted entries: its scalar, and its point.
    pub bytes_each: usize,
    /// What there is of the points: with lists of multiples, the cheapest plan may have windows that share buckets.
    pub multiples: Multiples,
}

impl Plan {
    /// The cheapest plan for what is left on the device. A part of that is left to others, if the sum can be computed with
    /// the rest. Where nothing suffices, the smallest plan, whose allocations fail.
    pub fn new<P: Group>(device: &Device, wanted: Wanted) -> Self {
        let most_threads = sorted::most_threads(device);
        let fitting = |bytes: usize| Self::within::<P>(bytes, wanted, most_threads);
        let whole = |plan: &Self| plan.terms == wanted.len;
        // The driver, whose answer takes longer than a small sum, is asked only about large ones.
        let small = |plan: &Self| plan.bytes::<P>(wanted.bytes_each, most_threads) <= device.below_limit() / SMALL;
        if let Some(plan) = fitting(usize::MAX).filter(whole).filter(small) {
            return plan;
        }
        fitting(device.available() / 2)
            .filter(whole)
            .or_else(|| {
                // Before a sum is cut, what can be made again gives way.
                device.roots().clear();
                let available = device.available();
                fitting(available / 2).or_else(|| fitting(available))
            })
            .unwrap_or(Self { terms: wanted.len.min(FEWEST_TERMS), windows: Windows::of(wanted.bits, 1) })
    }

    /// The cheapest plan that needs at most so many bytes.
    fn within<P: Group>(bytes: usize, wanted: Wanted, most_threads: usize) -> Option<Self> {
        let halvings = (0..usize::BITS).map_while(|halving| {
            let terms = wanted.len.div_ceil(1 << halving);
            (halving == 0 || terms >= FEWEST_TERMS).then_some(terms)
        });
        let cuts = || Windows::up_to(wanted.bits, P::MOST_WINDOW_BITS).chain(wanted.multiples.windows::<P>(wanted.bits));
        let plans = halvings.flat_map(|terms| cuts().map(move |windows| Self { terms, windows }));
        plans
            .filter(|plan| plan.entries() <= MOST_ENTRIES && plan.bytes::<P>(wanted.bytes_each, most_threads) <= bytes)
            .min_by_key(|plan| wanted.len.div_ceil(plan.terms) * plan.windows.cost(plan.terms))
    }

    /// Sorted entries of a piece, at most.
    fn entries(&self) -> usize {
        self.terms.saturating_mul(self.windows.count as usize)
    }

    /// What a piece needs on the device, at most.
    fn bytes<P: Group>(&self, each: usize, most_threads: usize) -> usize {
        let entries = self.entries();
        let bucket = P::BUCKET * size_of::<Limbs>();
        each * self.terms + digits::bytes(entries, self.windows) + sorted::bytes(entries, self.windows, bucket, most_threads)
    }
}

#[cfg(test)]
mod tests {
    use ark_bn254::{g1, g2};

    use super::*;

    const THREADS: usize = 132 * 512;

    #[test]
    fn a_plan_is_the_best_there_is_where_memory_suffices() {
        for (len, bits) in [(1, 253), (1000, 31), (1 << 20, 253), (1 << 24, 7)] {
            let wanted = Wanted { len, bits, bytes_each: 96, multiples: Multiples::NONE };
            let plan = Plan::within::<g1::Config>(usize::MAX, wanted, THREADS).expect("memory suffices");
            let best = Windows::up_to(bits, g1::Config::MOST_WINDOW_BITS).min_by_key(|windows| windows.cost(len));
            assert_eq!(Some(plan.windows), best);
            assert_eq!(plan.terms, len);
        }
    }

    #[test]
    fn lists_of_multiples_are_used_where_windows_sharing_buckets_cost_less() {
        let multiples = Multiples::planned::<g1::Config>(1 << 20, usize::MAX);
        let plan = |bits| {
            let wanted = Wanted { len: 1 << 20, bits, bytes_each: 0, multiples };
            Plan::within::<g1::Config>(usize::MAX, wanted, THREADS).expect("memory suffices").windows
        };
        assert_eq!(plan(253), Windows { count: 13, bits: 20, sets: 1 });
        assert_eq!(plan(8), Windows::of(8, 9));
    }

    #[test]
    fn more_entries_than_an_index_counts_are_cut() {
        let wanted = Wanted { len: 1 << 28, bits: 253, bytes_each: 32, multiples: Multiples::NONE };
        let plan = Plan::within::<g1::Config>(usize::MAX, wanted, THREADS).expect("memory suffices");
        assert!(plan.terms < wanted.len && plan.terms * plan.windows.count as usize <= MOST_ENTRIES);
    }

    #[test]
    fn plans_stay_within_bytes() {
        let cases =
            [100, 4097, 1 << 22].map(|len| [Multiples::NONE, Multiples::planned::<g2::Config>(len, usize::MAX)].map(|lists| (len, lists)));
        for (len, multiples) in cases.into_iter().flatten() {
            let wanted = Wanted { len, bits: 253, bytes_each: 288, multiples };
            let mut last = usize::MAX;
            for log_bytes in (16..36).rev() {
                let Some(plan) = Plan::within::<g2::Config>(1 << log_bytes, wanted, THREADS) else { continue };
                assert!(plan.bytes::<g2::Config>(288, THREADS) <= 1 << log_bytes);
                assert!(plan.terms >= FEWEST_TERMS.min(len) && plan.windows.count * plan.windows.bits > 253);
                assert!(plan.terms <= last, "less memory, larger pieces");
                last = plan.terms;
            }
            assert!(last < usize::MAX);
            assert_eq!(Plan::within::<g2::Config>(1000, wanted, THREADS), None);
        }
    }
}
