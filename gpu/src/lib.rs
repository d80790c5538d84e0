//! The data-parallel engine: field vectors, curve sums and sumcheck kernels behind one small trait.
//!
//! Provers are written over [`Backend`]; which implementation runs is decided once, at start-up. A backend whose integers are not
//! in main memory also runs the programs themselves ([`Executor`]).

#![deny(unsafe_code)]

mod backend;
#[cfg(feature = "cuda")]
pub mod cuda;
mod executor;
#[cfg(target_arch = "x86_64")]
pub mod ifma;
mod inverse;
pub mod portable;
mod select;
mod sparse;

pub use backend::{Backend, IntSlice, IntSum};
#[cfg(feature = "cuda")]
pub use cuda::Cuda;
pub use executor::Executor;
#[cfg(target_arch = "x86_64")]
pub use ifma::Ifma;
pub use portable::Portable;
pub use select::{BACKEND_VARIABLE, Choice, GpuWish, REQUIRE_GPU_VARIABLE, SelectError, Wish, gpu_required, processor, select, wish};
pub use sparse::SparseMatrix;
