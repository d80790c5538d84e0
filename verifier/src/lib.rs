//! The lightweight verifier of Assay receipts.
//!
//! No threads, no floats in what is checked, no unsafe code, and no panic on any bytes.
#![forbid(unsafe_code)]

pub mod key;
pub mod kzg;
pub mod receipt;
pub mod statement;

pub use key::{Reference, VerifyingKey};
pub use receipt::{InnerProof, Receipt};
pub use statement::{InputValue, Statement};
