//! The GPU of a command.

use anyhow::{Context, Result, anyhow};
use assay_core::Program;
use assay_core::flatten::flatten;
use assay_core::system::System;
use assay_gpu::Cuda;
use assay_prover::keys::num_powers;

use super::gpu_memory::GpuMemory;
use crate::memory::parse_size;

/// The environment variable that says how much memory of a GPU may be held, where no argument does.
const MEMORY_VARIABLE: &str = "ASSAY_GPU_MEMORY";

/// The environment variable that, unless it is empty or `0`, has multiples of points precomputed where memory is left.
const PRECOMPUTE_VARIABLE: &str = "ASSAY_GPU_PRECOMPUTE";

/// Where nobody says how much memory may be held, this share of what is free is left: memory comes in pages, and kernels
/// take some themselves.
const SPARED: usize = 16;

/// Limits what is held to what is given, or to what is free, and counts what a proof of a program holds.
pub fn memory(cuda: Cuda, program: &Program, given: Option<u64>) -> Result<GpuMemory> {
    let given = match given {
        None => variable()?,
        given => given,
    };
    let free = cuda.memory().free;
    if let Some(bytes) = given {
        cuda.limit_memory(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    // More than is free cannot be held, whatever is allowed.
    let budget = given.unwrap_or(u64::MAX).min((free - free / SPARED) as u64);
    let by_wish = given.is_some_and(|bytes| bytes == budget);
    let system = System::new(flatten(program)?)?;
    let mut memory = GpuMemory::new(&system, budget, by_wish);
    if std::env::var_os(PRECOMPUTE_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0") {
        memory.precompute(num_powers(&system));
    }
    Ok(memory)
}

fn variable() -> Result<Option<u64>> {
    let Some(text) = std::env::var_os(MEMORY_VARIABLE).filter(|text| !text.is_empty()) else { return Ok(None) };
    let size = parse_size(&text.to_string_lossy()).map_err(|sentence| anyhow!(sentence));
    size.map(Some).context(MEMORY_VARIABLE)
}
