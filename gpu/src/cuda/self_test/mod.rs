//! Known answers: a few small tasks for the kernels of every module, whose results must be those of [`Portable`] and [`Host`].
//!
//! A device that translates a kernel wrongly, or cannot compute at all, shows it here in milliseconds. It is no proof that the device
//! is right, which nobody needs: each receipt is verified before it is given away.

mod answers;
mod fields;
mod integers;
mod matrices;
mod points;

use std::panic::{self, AssertUnwindSafe};

use assay_core::execute::Host;

use super::{Cuda, device_failure, failure::FAILED};
use crate::Portable;
use answers::Answers;

/// What is wrong with a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It computes something else than the processor.
    #[error("its results differ from the processor's for {0}")]
    Differs(&'static str),
    /// It does not compute.
    #[error("{1} (at {0})")]
    Fails(&'static str, String),
    /// Its memory is in use. This says nothing of how it computes.
    #[error("{0}")]
    NoMemory(String),
}

/// A task, as the device and as the processor do it.
struct Task {
    name: &'static str,
    device: fn(&Cuda) -> Answers,
    processor: fn() -> Answers,
}

/// A task that is written once for all backends.
macro_rules! of_backends {
    ($name:literal, $task:path) => {
        Task { name: $name, device: |cuda| $task(cuda), processor: || $task(&Portable) }
    };
}

/// A task that is written once for all machines.
macro_rules! of_machines {
    ($name:literal, $task:path) => {
        Task { name: $name, device: |cuda| $task(cuda), processor: || $task(&Host) }
    };
}

const TASKS: [Task; 13] = [
    of_backends!("products of field elements", fields::products),
    of_backends!("vectors of field elements", fields::vectors),
    of_backends!("rounds of a sumcheck", fields::rounds),
    of_backends!("a layer of fractions", fields::fractions),
    of_backends!("weighted sums", fields::weighted),
    of_backends!("polynomials", fields::polynomials),
    of_backends!("transforms", fields::transforms),
    of_backends!("sums of points of the first group", points::first),
    of_backends!("sums of points of the second group", points::second),
    of_backends!("rows of constraints", matrices::rows),
    of_machines!("products of matrices", integers::contractions),
    of_machines!("operations on tensors", integers::entries),
    Task { name: "limbs and counts", device: integers::limbs, processor: integers::limbs_here },
];

/// Tests a device.
///
/// # Errors
/// What is wrong with it.
pub fn run(cuda: &Cuda) -> Result<(), Fault> {
    TASKS.iter().try_for_each(|task| {
        // A wrong number may also break what the host expects of it.
        let found = panic::catch_unwind(AssertUnwindSafe(|| (task.device)(cuda)));
        match found {
            Ok(answers) if answers == (task.processor)() => Ok(()),
            Ok(_) => Err(Fault::Differs(task.name)),
            Err(panic) => Err(match device_failure(&*panic) {
                Some(reason) if reason[FAILED.len()..].starts_with("out of memory") => Fault::NoMemory(reason.to_owned()),
                Some(reason) => Fault::Fails(task.name, reason.to_owned()),
                None => Fault::Differs(task.name),
            }),
        }
    })
}
