//! What the environment says of a GPU's memory and patience.

use std::env;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use assay_core::Program;
use assay_core::flatten::flatten;
use assay_core::system::System;
use assay_gpu::{Cuda, cuda};
use assay_prover::keys::num_powers;

use super::gpu_memory::GpuMemory;
use crate::memory::parse_size;

/// The environment variable that says how much memory of a GPU may be held, where no argument does.
const MEMORY_VARIABLE: &str = "ASSAY_GPU_MEMORY";

/// The environment variable that says how many seconds a GPU may take to answer.
const TIMEOUT_VARIABLE: &str = "ASSAY_GPU_TIMEOUT";

/// The environment variable that, unless it is empty or `0`, has multiples of points precomputed where memory is left.
const PRECOMPUTE_VARIABLE: &str = "ASSAY_GPU_PRECOMPUTE";

/// Where nobody says how much memory may be held, this share of what is free is left: memory comes in pages, and kernels
/// take some themselves.
const SPARED: usize = 16;

/// Limits what is held to what is given, or to what is free, and counts what a proof of a program holds.
pub fn memory(cuda: Cuda, program: &Program, given: Option<u64>) -> Result<GpuMemory> {
    let given = match given {
        None => variable(MEMORY_VARIABLE, |text| parse_size(text).map_err(|sentence| anyhow!(sentence)))?,
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
    if env::var_os(PRECOMPUTE_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0") {
        memory.precompute(num_powers(&system));
    }
    Ok(memory)
}

/// Limits how long a device may take to answer, for the whole process.
///
/// # Errors
/// The environment asks for a limit that is none.
pub fn limit_waits() -> Result<()> {
    cuda::limit_waits(wait_limit()?);
    Ok(())
}

/// How long a device may take to answer.
pub fn wait_limit() -> Result<Duration> {
    Ok(variable(TIMEOUT_VARIABLE, parse_seconds)?.unwrap_or(cuda::USUAL_LIMIT))
}

fn parse_seconds(text: &str) -> Result<Duration> {
    let seconds = text.trim().parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(limit) => Ok(limit),
        None => bail!("`{text}` is not a number of seconds such as 300"),
    }
}

fn variable<T>(name: &'static str, parse: impl FnOnce(&str) -> Result<T>) -> Result<Option<T>> {
    let Some(text) = env::var_os(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    parse(&text.to_string_lossy()).map(Some).context(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_positive_numbers() {
        for (text, millis) in [("300", 300_000), ("0.5", 500), (" 7 ", 7000)] {
            assert_eq!(parse_seconds(text).expect(text), Duration::from_millis(millis));
        }
        for text in ["0", "-1", "five", "1e400", "NaN", "5s", "1e300"] {
            let said = parse_seconds(text).expect_err(text).to_string();
            assert_eq!(said, format!("`{text}` is not a number of seconds such as 300"));
        }
    }
}
