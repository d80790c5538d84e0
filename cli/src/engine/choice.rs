//! Which backend a command computes on.
//!
//! ```text
//! ASSAY_BACKEND, ASSAY_REQUIRE_GPU     what they ask for
//! neither, or ASSAY_BACKEND=auto       a GPU that has passed its self-test, or the best of the processor
//! ```

use std::env;

use anyhow::Result;
use assay_gpu::{BACKEND_VARIABLE, Choice, Wish};

use crate::output::Output;

/// What computes, and how it is with the GPU.
pub struct Chosen {
    /// The backend.
    pub choice: Choice,
    /// The machine's GPU.
    pub gpu: Gpu,
}

/// A machine's GPU.
pub enum Gpu {
    /// It computes.
    #[cfg(feature = "cuda")]
    Used(assay_gpu::Cuda),
    /// There is one, which is not used, for this reason.
    #[cfg(feature = "cuda")]
    Refused(String),
    /// There is none, or none that is wanted, for this reason.
    Absent(String),
}

/// Chooses as the environment asks for. A device that nobody has asked for is tested before its first use, which is remembered.
///
/// # Errors
/// A wish that cannot be met.
pub fn choose(output: &Output) -> Result<Chosen> {
    #[cfg(feature = "cuda")]
    super::gpu_settings::limit_waits()?;
    match assay_gpu::wish()? {
        #[cfg(feature = "cuda")]
        Wish::For(choice @ Choice::Cuda(cuda)) => Ok(Chosen { choice, gpu: Gpu::Used(cuda) }),
        Wish::For(choice) => {
            let name = env::var_os(BACKEND_VARIABLE).unwrap_or_default();
            Ok(Chosen { choice, gpu: Gpu::Absent(format!("{BACKEND_VARIABLE}={} computes on the processor", name.to_string_lossy())) })
        }
        #[cfg(feature = "cuda")]
        Wish::Best => best(output),
        #[cfg(not(feature = "cuda"))]
        Wish::Best => {
            let _ = output;
            Ok(Chosen { choice: assay_gpu::processor(), gpu: Gpu::Absent("cuda is not part of this build".to_owned()) })
        }
    }
}

#[cfg(feature = "cuda")]
fn best(output: &Output) -> Result<Chosen> {
    use super::{backend::name, verdicts};
    use assay_gpu::Cuda;
    use assay_gpu::cuda::{Fault, Identity, Unavailable};

    let choice = assay_gpu::processor();
    // Without opening the device, which takes longer than a small proof.
    let identity = match Identity::of_first() {
        Ok(identity) => identity,
        Err(reason) => return Ok(Chosen { choice, gpu: Gpu::Absent(reason.to_string()) }),
    };
    let device = &identity.name;
    let remembered = verdicts::recall(&identity);
    if let Some(Err(fault)) = remembered {
        let reason = format!("the GPU {device} failed its self-test ({fault})");
        output.line(format_args!("{reason} and is left alone; `assay gpu` tests it again"));
        return Ok(Chosen { choice, gpu: Gpu::Refused(reason) });
    }
    let cuda = match Cuda::detect() {
        Ok(cuda) => cuda,
        Err(reason) => {
            if !matches!(reason, Unavailable::NoDriver | Unavailable::NoDevice(_)) {
                output.line(format_args!("no GPU: {reason}"));
            }
            return Ok(Chosen { choice, gpu: Gpu::Absent(reason.to_string()) });
        }
    };
    let tested = match remembered {
        Some(_) => Ok(()),
        None => verdicts::test(cuda, &identity, output)?.0,
    };
    let reason = match tested {
        Ok(()) => return Ok(Chosen { choice: Choice::Cuda(cuda), gpu: Gpu::Used(cuda) }),
        Err(Fault::NoMemory(reason)) => format!("the GPU {device} has no memory for its self-test ({reason})"),
        Err(fault) => format!("the GPU {device} failed its self-test ({fault})"),
    };
    let backend = name(choice)?;
    output.warn(format_args!("{reason}; the processor computes instead, with the {backend} backend. `assay gpu` tests it again"));
    Ok(Chosen { choice, gpu: Gpu::Refused(reason) })
}
