//! Limits: what a program may ask of a verifier or a prover, decided before either allocates anything.
//!
//! [`check_structure`] bounds the size of a program's description, so that mapping it to relations takes bounded time
//! and stack whatever its bytes say; decoding applies it. [`check`] estimates memory and names the node that needs most.

mod cost;
mod device;
mod economy;
mod proving;
mod structure;

pub use cost::{Cost, Share, cost};
pub use device::{DeviceBytes, device_bytes};
pub use economy::Economy;
pub use proving::prover_bytes;
pub use structure::check_structure;

use crate::error::Error;
use crate::flatten::flatten;
use crate::program::Program;
use crate::system::System;

/// The most nodes of a program, those of scans' bodies included.
pub const MAX_NODES: usize = 1 << 16;
/// The most constants of a program or a body.
pub const MAX_CONSTANTS: usize = 1 << 16;
/// The most lookup tables of a program or a body.
pub const MAX_TABLES: usize = 1 << 10;
/// The most scans of a program.
pub const MAX_SCANS: usize = 1 << 8;
/// The most tensors that a scan carries and captures.
pub const MAX_CARRIED: usize = 1 << 10;
/// The most inputs or outputs of a program.
pub const MAX_PORTS: usize = 1 << 10;
/// The longest chain of operations without commitments (sums, relabelled views, rounding divisions).
pub const MAX_LINEAR_DEPTH: usize = 1 << 10;
/// The most committed tensors that all such chains of a program refer to, counted with their repetitions. Each takes some 100
/// bytes in a verifier: an address space of 32 bits holds fewer.
pub const MAX_LINEAR_TERMS: u64 = if usize::BITS < 64 { 1 << 22 } else { 1 << 24 };
/// The most index-map entries and table entries that a verifier evaluates itself.
pub const MAX_VERIFIER_WORK: u64 = 1 << 27;

/// How much memory a verifier and a prover may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes that verification may need.
    pub verifier_bytes: u64,
    /// Bytes that proving may need.
    pub prover_bytes: u64,
}

impl Budget {
    /// What a verifier accepts: 2 GiB of its own memory, or 1 GiB of an address space of 32 bits, whatever the prover needed.
    pub const VERIFIER: Budget = Budget { verifier_bytes: if usize::BITS < 64 { 1 << 30 } else { 2 << 30 }, prover_bytes: u64::MAX };
}

/// Checks that a program can be verified, and proven, within a budget. Where proving has a limit, its memory is counted on the
/// mapped program ([`prover_bytes`]); [`cost`] alone has a rougher and higher estimate of it.
///
/// # Errors
/// [`Error::Memory`] naming the node that needs most, [`Error::TooLarge`] for a count beyond this module's limits.
pub fn check(program: &Program, budget: &Budget) -> Result<Cost, Error> {
    check_structure(program)?;
    let mut cost = cost(program);
    if cost.verifier_work > MAX_VERIFIER_WORK {
        return Err(too_large("what the verifier evaluates itself (index maps and tables)", cost.verifier_work));
    }
    within("verifying", &cost.verifier, budget.verifier_bytes)?;
    if budget.prover_bytes < u64::MAX {
        // Only a prover pays for the mapping that counts exactly.
        cost.prover.rescale(prover_bytes(&System::new(flatten(program)?)?));
        within("proving", &cost.prover, budget.prover_bytes)?;
    }
    Ok(cost)
}

fn within(task: &str, share: &Share, limit: u64) -> Result<(), Error> {
    if share.bytes <= limit {
        return Ok(());
    }
    let (node, node_bytes) = (share.node.clone(), share.node_bytes);
    Err(Error::Memory { task: task.into(), needed: share.bytes, limit, node, node_bytes })
}

/// Checks a count of a program's description.
///
/// # Errors
/// [`Error::TooLarge`].
pub fn check_count(what: &str, found: usize, most: usize) -> Result<(), Error> {
    if found <= most {
        Ok(())
    } else {
        Err(too_large(&format!("a program with {found} {what} (at most {most} are supported)"), found as u64))
    }
}

fn too_large(what: &str, elements: u64) -> Error {
    Error::TooLarge { what: what.into(), elements }
}
