//! The memory of a GPU: what a proof is estimated to hold of it, and the way to prove that fits.

use assay_core::limits::{DeviceBytes, Economy, device_bytes};
use assay_core::system::System;
use assay_gpu::Cuda;
use assay_prover::groth16::PreparedKey;

use crate::output::bytes;

/// Bytes of a power of tau.
const POINT: u64 = 64;

/// The ways to prove, from the fastest: how much is held at a time, and whether the points of sums stay on the device.
const WAYS: [(Economy, bool); 5] = [
    (Economy::WHOLE, true),
    (Economy::PIECES, true),
    (Economy::LEAST, true),
    (Economy::PIECES, false),
    // What takes least comes last.
    (Economy::LEAST, false),
];

/// What the ways hold, and which of them was chosen.
#[derive(Clone, Debug)]
pub struct GpuMemory {
    ways: [DeviceBytes; WAYS.len()],
    chosen: usize,
    /// Bytes that may be held.
    pub budget: u64,
    /// Whether the budget was given, and is not just what is free.
    pub given: bool,
    multiples: Multiples,
}

/// Whether multiples of points are precomputed in what is left of the budget, and what they take of it at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Multiples {
    None,
    /// Of so many powers of tau.
    Powers(usize),
    /// Of a wrap's key too.
    All,
}

impl GpuMemory {
    /// The ways to prove a program.
    pub fn new(system: &System, budget: u64, given: bool) -> GpuMemory {
        let ways = WAYS.map(|(economy, keeps_points)| device_bytes(system, &economy, keeps_points));
        GpuMemory { ways, chosen: WAYS.len() - 1, budget, given, multiples: Multiples::None }
    }

    /// Lets multiples of so many powers of tau be precomputed.
    pub fn precompute(&mut self, powers: usize) {
        self.multiples = Multiples::Powers(powers);
    }

    /// Counts the wrap of a proof, which begins when the proof has left the device, but for so many powers of tau.
    pub fn include_wrap(&mut self, key: &PreparedKey, powers: usize) {
        if self.multiples != Multiples::None {
            self.multiples = Multiples::All;
        }
        self.include(|keeps_points| key.device_bytes(keeps_points).plus(if keeps_points { powers as u64 * POINT } else { 0 }));
    }

    /// Counts what is held at another time, by whether points stay.
    fn include(&mut self, others: impl Fn(bool) -> DeviceBytes) {
        for (bytes, (_, keeps_points)) in self.ways.iter_mut().zip(WAYS) {
            *bytes = bytes.max(others(keeps_points));
        }
    }

    /// Chooses the fastest way that fits.
    ///
    /// # Errors
    /// The least that any way holds, where that is too much.
    pub fn choose(&mut self) -> Result<(), u64> {
        let last = WAYS.len() - 1;
        let roomy = self.ways.iter().position(|way| way.usual <= self.budget);
        self.chosen = roomy.unwrap_or(last);
        if self.ways[self.chosen].least <= self.budget { Ok(()) } else { Err(self.ways[last].least) }
    }

    /// Gives up speed for memory: what is tried where the chosen way has failed.
    pub fn choose_least(&mut self) {
        self.chosen = WAYS.len() - 1;
    }

    /// How much of a proof is held at a time.
    pub fn economy(&self) -> Economy {
        WAYS[self.chosen].0
    }

    /// Whether the points of sums may stay on the device.
    pub fn keeps_points(&self) -> bool {
        WAYS[self.chosen].1
    }

    /// Bytes that multiples of points may take: what the chosen way leaves, if points stay at all.
    pub fn for_multiples(&self) -> u64 {
        let left = if self.keeps_points() { self.budget.saturating_sub(self.ways[self.chosen].usual) } else { 0 };
        match self.multiples {
            Multiples::None => 0,
            Multiples::Powers(powers) => Cuda::multiples_bytes(powers, usize::try_from(left).unwrap_or(usize::MAX)) as u64,
            // All points come first: half of the memory may be kept.
            Multiples::All => left.min((self.budget / 2).saturating_sub(self.points())),
        }
    }

    /// Bytes of the points that stay: by what the two ways that hold least differ in.
    fn points(&self) -> u64 {
        let [.., kept, _, sent] = self.ways;
        kept.least.saturating_sub(sent.least)
    }

    /// Bytes that will be held, roughly.
    pub fn needed(&self) -> u64 {
        self.ways[self.chosen].usual.saturating_add(self.for_multiples()).min(self.budget)
    }

    /// Why a program cannot be proven here that holds `least` bytes at least.
    pub fn refusal(&self, name: &str, least: u64) -> String {
        let limit = if self.given { "--gpu-memory or ASSAY_GPU_MEMORY allows" } else { "its free memory is" };
        format!("proving `{name}` takes at least {} of the GPU's memory, and {limit} {}", bytes(least), bytes(self.budget))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(usual: [u64; 5], least: [u64; 5], budget: u64) -> GpuMemory {
        let ways = std::array::from_fn(|i| DeviceBytes { least: least[i], usual: usual[i] });
        GpuMemory { ways, chosen: 0, budget, given: true, multiples: Multiples::None }
    }

    #[test]
    fn the_fastest_way_that_fits_is_chosen() {
        let (usual, least) = ([500, 400, 300, 200, 100], [90, 80, 70, 60, 50]);
        for (budget, way, needed) in [(1000, 0, 500), (499, 1, 400), (300, 2, 300), (299, 3, 200), (150, 4, 100), (60, 4, 60)] {
            let mut memory = memory(usual, least, budget);
            assert_eq!(memory.choose(), Ok(()));
            assert_eq!((memory.economy(), memory.keeps_points()), WAYS[way]);
            assert_eq!(memory.needed(), needed);
        }
        let mut memory = memory(usual, least, 49);
        assert_eq!(memory.choose(), Err(50));
        assert!(memory.refusal("x", 50).contains("at least 50 B") && memory.refusal("x", 50).contains("allows 49 B"));
    }

    #[test]
    fn what_else_is_held_counts() {
        let mut memory = memory([500, 400, 300, 200, 100], [90, 80, 70, 60, 50], 450);
        memory.include(|keeps_points| if keeps_points { DeviceBytes { least: 1, usual: 460 } } else { DeviceBytes { least: 1, usual: 1 } });
        assert_eq!(memory.choose(), Ok(()));
        assert_eq!((memory.economy(), memory.keeps_points(), memory.needed()), (Economy::PIECES, false, 200));
    }

    #[test]
    fn multiples_take_what_is_left() {
        let mut memory = memory([500, 400, 300, 200, 100], [90, 80, 70, 60, 50], 100_000);
        assert_eq!((memory.choose(), memory.for_multiples()), (Ok(()), 0));
        memory.precompute(16);
        let taken = memory.for_multiples();
        assert!(taken >= 1024 && taken.is_multiple_of(1024) && taken <= 99_500, "{taken}");
        assert_eq!(memory.needed(), 500 + taken);
        memory.budget = 1600;
        assert_eq!((memory.choose(), memory.for_multiples(), memory.needed()), (Ok(()), 1024, 1524));
        memory.budget = 1400;
        assert_eq!((memory.choose(), memory.for_multiples(), memory.needed()), (Ok(()), 0, 500));
        // Points that do not stay have none.
        memory.budget = 200;
        assert_eq!((memory.choose(), memory.for_multiples(), memory.needed()), (Ok(()), 0, 200));
        // With a wrap, as much as leaves half to the work: 20 bytes of points are counted.
        (memory.budget, memory.multiples) = (1600, Multiples::All);
        assert_eq!((memory.choose(), memory.for_multiples(), memory.needed()), (Ok(()), 780, 1280));
        memory.budget = 700;
        assert_eq!((memory.choose(), memory.for_multiples(), memory.needed()), (Ok(()), 200, 700));
    }
}
