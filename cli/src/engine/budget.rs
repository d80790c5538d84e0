//! Memory: what a task is estimated to take against what the machine has, before anything is allocated.

use anyhow::{Result, bail};
use assay_core::Program;
use assay_core::limits::{self, Budget};

use crate::memory;
use crate::output::bytes;

/// What a program is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Its outputs.
    Run,
    /// A proof.
    Prove,
    /// A look at it, which takes no memory to speak of.
    Inspect,
}

/// Refuses a program that is too large for a task: for this machine, for `--max-memory`, or for every verifier.
pub fn check(program: &Program, task: Task, max_memory: Option<u64>) -> Result<()> {
    let limit = max_memory.or_else(memory::total_bytes).unwrap_or(u64::MAX);
    match task {
        Task::Inspect => return Ok(()),
        Task::Prove => return Ok(limits::check(program, &Budget { prover_bytes: limit, ..Budget::VERIFIER }).map(|_| ())?),
        Task::Run => {}
    }
    let (total, node, largest) = execution_bytes(program);
    if total > limit {
        bail!(
            "running `{}` would take about {} of memory, more than the {} allowed; `{node}` alone takes {}",
            program.name,
            bytes(total),
            bytes(limit),
            bytes(largest)
        );
    }
    Ok(())
}

/// All tensors of a run, inputs as they are read (8 bytes an element) too; and the largest with its name.
fn execution_bytes(program: &Program) -> (u64, &str, u64) {
    let (mut total, mut name, mut largest) = (0u64, "", 0u64);
    for (body, steps) in program.scans.iter().map(|s| (&s.body, s.steps as u64)).chain([(program, 1)]) {
        for node in &body.nodes {
            let bytes = (node.shape.num_padded() as u64).saturating_mul(node.storage().num_bytes() as u64).saturating_mul(steps);
            total = total.saturating_add(bytes);
            if bytes > largest {
                (name, largest) = (&node.name, bytes);
            }
        }
    }
    for port in &program.inputs {
        total = total.saturating_add((program.shape(port.tensor).num_elements() as u64).saturating_mul(8));
    }
    (total, name, largest)
}
