//! The backend that this command computes on, and what is said about the others.

use anyhow::Result;
use assay_gpu::Backend;

/// Evaluates an expression with the chosen backend; the compiler makes one copy of it for each.
macro_rules! with_backend {
    ($backend:ident => $task:expr) => {
        match assay_gpu::select()? {
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

/// The backend that computes here.
pub fn backend_name() -> Result<&'static str> {
    Ok(with_backend!(backend => backend.name()))
}

/// Which GPU computes here, or why none does.
#[cfg(feature = "cuda")]
pub fn about_gpu() -> Result<String> {
    let computes = matches!(assay_gpu::select()?, assay_gpu::Choice::Cuda(_));
    Ok(match assay_gpu::Cuda::detect() {
        Ok(cuda) if computes => format!("GPU {}", cuda.device_name()),
        Ok(cuda) => format!("the GPU {} is not used unless ASSAY_BACKEND=cuda asks for it", cuda.device_name()),
        Err(reason) => format!("no GPU: {reason}"),
    })
}

/// Why no GPU computes here.
#[cfg(not(feature = "cuda"))]
pub fn about_gpu() -> Result<String> {
    Ok("no GPU: cuda is not part of this build".to_owned())
}
