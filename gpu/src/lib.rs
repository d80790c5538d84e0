//! The data-parallel engine: field vectors, curve sums and sumcheck kernels behind one small trait.
//!
//! Provers are written over [`Backend`]; which implementation runs is decided once, at start-up.

#![forbid(unsafe_code)]

mod backend;
pub mod portable;
mod select;

pub use backend::{Backend, IntSlice};
pub use portable::Portable;
pub use select::{BACKEND_VARIABLE, Choice, SelectError, select};
