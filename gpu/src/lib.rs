//! The data-parallel engine: field vectors, curve sums and sumcheck kernels behind one small trait.
//!
//! Provers are written over [`Backend`]; which implementation runs is decided once, at start-up.

#![forbid(unsafe_code)]

mod backend;
mod portable;

pub use backend::{Backend, IntSlice};
pub use portable::Portable;
