//! The device of this machine, for benches.

/// The CUDA device, or a sentence on standard error that says why there are no rows for one.
pub fn cuda() -> Option<assay_gpu::Cuda> {
    assay_gpu::Cuda::detect().inspect_err(|reason| eprintln!("no rows for cuda: {reason}")).ok()
}
