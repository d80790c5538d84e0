//! The one place where the command line meets the libraries: programs from their sources, keys, proofs, their verification.

mod budget;
mod estimate;
mod keys;
mod load;
mod proving;
mod verifying;

pub use budget::Task;
pub use estimate::{Estimate, estimate};
pub use keys::Ready;
pub use load::{Executable, MAX_PROVING_KEY_BYTES, execute, load};
pub use proving::{OTHER_BACKENDS, backend_name, prove};
pub use verifying::{prepare, receipt_subject, statement, verify};

/// What a receipt must not be taken for.
pub const NOT_ZERO_KNOWLEDGE: &str =
    "not zero-knowledge: commitments to private data are salted, but the proof shows evaluations of that data";
