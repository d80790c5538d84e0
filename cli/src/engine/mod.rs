//! The one place where the command line meets the libraries: programs from their sources, keys, proofs, their verification.

mod about;
mod backend;
mod budget;
mod choice;
mod computer;
mod estimate;
#[cfg(feature = "cuda")]
mod gpu_memory;
#[cfg(feature = "cuda")]
mod gpu_settings;
#[cfg(feature = "cuda")]
mod gpu_test;
#[cfg(feature = "cuda")]
mod guard;
mod keys;
mod load;
mod proving;
#[cfg(feature = "cuda")]
mod verdicts;
mod verifying;
mod wrapping;

pub use about::AboutGpu;
pub use backend::name as backend_name;
pub use budget::Task;
pub use choice::choose;
pub use computer::Computer;
pub use estimate::{Estimate, estimate};
#[cfg(feature = "cuda")]
pub use gpu_test::test_gpu;
pub use keys::Ready;
pub use load::{Executable, MAX_PROVING_KEY_BYTES, execute, load};
pub use proving::prove;
pub use verifying::{Checked, prepare, receipt_subject, statement, verify};
pub use wrapping::{
    WRAP_PK, WRAP_VK, key_of, prove_wrapped, public_input_digest, store, verify_wrapped, wrap_key, wrap_keys, wrapped_statement,
};

/// What a receipt must not be taken for.
pub const NOT_ZERO_KNOWLEDGE: &str =
    "not zero-knowledge: commitments to private data are salted, but the proof shows evaluations of that data";

/// What a wrapped receipt under a development key must not be taken for.
pub const ONE_PARTY_SETUP: &str =
    "development key: whoever made it could forge wrapped receipts; not for production (see `assay ceremony`)";
