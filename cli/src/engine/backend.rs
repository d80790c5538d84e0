//! The backends that a command can compute on.

use anyhow::Result;
use assay_gpu::{Backend, Choice};

/// Evaluates an expression with a backend; the compiler makes one copy of it for each.
macro_rules! with_backend {
    ($choice:expr, $backend:ident => $task:expr) => {
        match $choice {
            assay_gpu::Choice::Portable => {
                let $backend = assay_gpu::Portable;
                $task
            }
            #[cfg(target_arch = "x86_64")]
            assay_gpu::Choice::Ifma($backend) => $task,
            #[cfg(feature = "cuda")]
            assay_gpu::Choice::Cuda($backend) => $task,
            other => anyhow::bail!("the {other:?} backend is not part of this command line; set ASSAY_BACKEND=portable"),
        }
    };
}
pub(super) use with_backend;

/// A backend's name.
pub fn name(choice: Choice) -> Result<&'static str> {
    Ok(with_backend!(choice, backend => backend.name()))
}
