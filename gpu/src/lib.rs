//! The data-parallel engine: field vectors, curve sums and sumcheck kernels behind one small trait.
//!
//! Provers are written over [`Backend`]; which implementation runs is decided once, at start-up.

mod backend;

pub use backend::{Backend, IntSlice};
