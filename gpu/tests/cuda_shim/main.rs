//! The CUDA backend, host code and kernels, on the CPU's stand-in for a device: every check of every kernel, with threads
//! running forward, backward and shuffled.
//!
//! `ASSAY_SHIM_FLAGS` adds compiler flags, such as `-fsanitize=address` (the process then needs the sanitizer's library
//! preloaded).

#![cfg(all(feature = "cuda", target_os = "linux"))]

mod absence;
#[path = "../kernels/cuda_execution.rs"]
mod cuda_execution;
#[path = "../kernels/cuda_tensors.rs"]
mod cuda_tensors;
mod devices;
#[path = "../kernels/fractions.rs"]
mod fractions;
mod hanging;
mod library;
mod matrices;
mod memory;
mod msm;
mod multiples;
mod pieces;
mod reopening;
#[path = "../kernels/samples.rs"]
mod samples;
mod self_test;
#[path = "../kernels/sparse.rs"]
mod sparse;
mod spread;
mod stand_in;
#[path = "../kernels/sumcheck.rs"]
mod sumcheck;
mod transfers;
#[path = "../kernels/univariate.rs"]
mod univariate;
#[path = "../kernels/vectors.rs"]
mod vectors;
#[path = "../kernels/weigh.rs"]
mod weigh;

/// Declares a test that runs the check of the same name on the stand-in, in each order of threads.
macro_rules! every_backend {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            $crate::stand_in::in_every_order(|cuda| check::$name(cuda));
        }
    )*};
}
pub(crate) use every_backend;
pub(crate) use every_backend as on_cuda;
