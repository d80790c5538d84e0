//! The lightweight verifier of Assay receipts.
//!
//! No threads, no unsafe code, and no panic on any bytes: every failure is a typed error.

#![forbid(unsafe_code)]

pub mod kzg;
