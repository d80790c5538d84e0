//! The lightweight verifier of Assay receipts.
//!
//! No threads, no floats in what is checked, no unsafe code, and no panic on any bytes: every failure is a typed
//! [`Error`], and every length is checked before anything is allocated for it.
//!
//! ```no_run
//! # fn main() -> Result<(), assay_verifier::Error> {
//! # let (receipt, key): (Vec<u8>, Vec<u8>) = (vec![], vec![]);
//! use assay_verifier::{Receipt, VerifyingKey, verify};
//! let statement = verify(&Receipt::decode(&receipt)?, &VerifyingKey::decode(&key)?)?.clone();
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable, clippy::indexing_slicing)]

pub mod elements;
pub mod error;
pub mod key;
pub mod kzg;
pub mod publics;
pub mod receipt;
pub mod statement;
pub mod verify;
pub mod wrap;

pub use error::Error;
pub use key::{Reference, VerifyingKey, program_id};
pub use publics::PublicValues;
pub use receipt::{InnerProof, Receipt};
pub use statement::{InputValue, Statement};
pub use verify::{PreparedKey, Verified, verify};
pub use wrap::{WrapKey, WrapVerified, WrappedReceipt};
