//! Encodings of elements, statements, keys and receipts; public values; verification of frozen receipts.
//!
//! The vectors are written by the `seeds` program of `fuzz/`, which is run again when a format changes.

mod elements;
mod publics;
mod statements;
mod vectors;
mod verification;
mod wrapped;
