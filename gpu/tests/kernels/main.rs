//! Every kernel against a naive one, on random and extreme data.
//!
//! The checks are generic over the backend: a new backend is one more line in [`every_backend`].

#[cfg(feature = "cuda")]
mod cuda_execution;
#[cfg(feature = "cuda")]
mod cuda_tensors;
mod fractions;
mod msm;
mod msm_classified;
mod samples;
mod sparse;
mod sumcheck;
mod univariate;
mod vectors;
mod weigh;

/// Declares a test that runs the check of the same name on each backend built in.
macro_rules! every_backend {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            check::$name(&assay_gpu::Portable);
            #[cfg(target_arch = "x86_64")]
            match assay_gpu::Ifma::detect() {
                Some(ifma) => check::$name(&ifma),
                None => eprintln!("skipped for ifma: this processor has no AVX-512 IFMA"),
            }
            #[cfg(feature = "cuda")]
            match assay_gpu::Cuda::detect() {
                Ok(cuda) => check::$name(&cuda),
                Err(reason) => crate::no_device(&reason),
            }
        }
    )*};
}
pub(crate) use every_backend;

/// Declares a test that runs the check of the same name on a device, where there is one.
#[cfg(feature = "cuda")]
macro_rules! on_cuda {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            match assay_gpu::Cuda::detect() {
                Ok(cuda) => check::$name(&cuda),
                Err(reason) => crate::no_device(&reason),
            }
        }
    )*};
}
#[cfg(feature = "cuda")]
pub(crate) use on_cuda;

/// Where a device must be there, its absence is a failure.
#[cfg(feature = "cuda")]
fn no_device(reason: &assay_gpu::cuda::Unavailable) {
    assert!(!assay_gpu::gpu_required(), "ASSAY_REQUIRE_GPU is set, but {reason}");
    eprintln!("skipped for cuda: {reason}");
}
