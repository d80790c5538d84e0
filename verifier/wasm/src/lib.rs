//! The verifier of Assay receipts for browsers: [`verify`] and [`describe`] take bytes and give JSON, and a small C ABI
//! ([`abi`]) makes them callable from JavaScript without generated bindings.
//!
//! Both kinds of receipts are verified, inner ones with a verifying key and wrapped ones with a wrap key; every file says by its
//! first bytes what it is. No bytes make the module trap: what cannot be read, or is too large for a page, is an answer
//! like any other. Memory is the exception that no program of 4 GiB can rule out; there a caller sees a trap and no verdict.
//!
//! ```text
//! verify    { kind, valid, fault, reason, development, zero_knowledge, program, statement }
//! describe  { kind, reason, development, zero_knowledge, program, statement } or { kind, reason, development, program, program_id }
//! kind      "inner" | "wrapped" | "verifying key" | "wrap key" | null
//! fault     null | "receipt" | "key" (unreadable or unusable) | "match" (of different programs or setups) | "proof"
//! ```
//! Integers beyond 2^53, which JavaScript's numbers do not hold, are strings.

pub mod abi;
mod files;
mod json;
mod statement;
mod verdict;

pub use files::MAX_BYTES;
pub use verdict::{describe, verify};
