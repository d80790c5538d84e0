//! Devices that fail in the middle of their work.

use std::any::Any;

use cudarc::driver::DriverError;

use super::{
    ledger::Exceeded,
    wait::{self, Unanswered},
};

/// What the driver says about an error.
pub fn describe(error: &DriverError) -> String {
    match error.error_string() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("{error:?}"),
    }
}

/// How a panic of [`answer`] begins.
pub const FAILED: &str = "the CUDA device failed: ";

/// The driver's answer. A device that fails in the middle of a proof (out of memory, a hardware error) leaves nothing to
/// continue with, and the [`crate::Backend`] promises results, so the prover ends here, saying why.
///
/// # Panics
/// On every error.
#[track_caller]
pub fn answer<T>(result: Result<T, DriverError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{FAILED}{}", describe(&error)),
    }
}

/// What a wait brought.
///
/// # Panics
/// Like [`answer`], where that is no answer.
#[track_caller]
pub fn answered(result: Result<(), Unanswered>) {
    match result {
        Ok(()) => {}
        Err(Unanswered::Failed(error)) => answer(Err(error)),
        Err(Unanswered::Stuck) => panic!("{FAILED}{}", wait::silence()),
    }
}

/// Memory that must be there.
///
/// # Panics
/// Like [`answer`], where it is not.
#[track_caller]
pub fn needed<T>(result: Result<T, Exceeded>) -> T {
    match result {
        Ok(value) => value,
        Err(exceeded) => panic!("{FAILED}out of memory: {exceeded}"),
    }
}

/// What a panic says, if it is that of a device that failed (out of memory, a hardware error, a kernel that hangs): a sentence for people.
pub fn device_failure(panic: &(dyn Any + Send)) -> Option<&str> {
    panic.downcast_ref::<String>().map(String::as_str).filter(|text| text.starts_with(FAILED))
}
