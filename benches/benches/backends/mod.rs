//! The backends of this machine, for benches.

use assay_gpu::{Backend, Cuda, Portable};

/// A backend that says when it is done: a device goes on working after a call has returned.
pub trait Timed: Backend {
    /// Waits for all that it was asked for.
    fn finish(&self) {}

    /// A result, once it is there.
    fn done<R>(&self, result: R) -> R {
        self.finish();
        result
    }
}

impl Timed for Portable {}

#[cfg(target_arch = "x86_64")]
impl Timed for assay_gpu::Ifma {}

impl Timed for Cuda {
    fn finish(&self) {
        self.wait();
    }
}

/// The CUDA device, or a sentence on standard error that says why there are no rows for one.
pub fn cuda() -> Option<Cuda> {
    Cuda::detect().inspect_err(|reason| eprintln!("no rows for cuda: {reason}")).ok()
}
