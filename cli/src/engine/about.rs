//! What is said about the GPU of a machine: which one it is, and why it is not used.

use std::fmt::{self, Display};

use anyhow::Result;
use serde_json::{Value, json};

use crate::output::bytes;

/// What a command finds in place of a GPU, or the GPU.
pub struct AboutGpu {
    found: Result<Gpu, String>,
    /// Whether this command computes on it.
    used: bool,
}

/// A GPU that could be used.
struct Gpu {
    name: String,
    driver: String,
    memory_bytes: usize,
}

impl AboutGpu {
    /// For scripts; with what is known of its failures.
    pub fn report(&self, retries: u64, fallbacks: u64) -> Value {
        let gpu = self.found.as_ref().ok();
        json!({
            "used": self.used,
            "name": gpu.map(|gpu| &gpu.name),
            "driver": gpu.map(|gpu| &gpu.driver),
            "memory_bytes": gpu.map(|gpu| gpu.memory_bytes),
            "about": self.to_string(),
            "retries": retries,
            "fallbacks": fallbacks,
        })
    }
}

impl Display for AboutGpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Ok(Gpu { name, driver, memory_bytes }) if self.used => write!(f, "GPU {name}, {driver}, {} of memory", bytes(*memory_bytes)),
            Ok(Gpu { name, driver, memory_bytes }) => {
                let memory = bytes(*memory_bytes);
                write!(f, "the GPU {name} ({driver}, {memory} of memory) is not used unless ASSAY_BACKEND=cuda asks for it")
            }
            Err(reason) => write!(f, "no GPU: {reason}"),
        }
    }
}

/// Which GPU computes here, or why none does.
#[cfg(feature = "cuda")]
pub fn about_gpu() -> Result<AboutGpu> {
    let used = matches!(assay_gpu::select()?, assay_gpu::Choice::Cuda(_));
    let gpu = |cuda: assay_gpu::Cuda| Gpu { name: cuda.device_name(), driver: driver(cuda), memory_bytes: cuda.memory().total };
    Ok(AboutGpu { found: assay_gpu::Cuda::detect().map(gpu).map_err(|reason| reason.to_string()), used })
}

/// The driver, with the version of its module where the system tells (Linux).
#[cfg(feature = "cuda")]
fn driver(cuda: assay_gpu::Cuda) -> String {
    let (major, minor) = cuda.driver_version();
    match std::fs::read_to_string("/sys/module/nvidia/version") {
        Ok(version) => format!("driver {} for CUDA {major}.{minor}", version.trim()),
        Err(_) => format!("driver for CUDA {major}.{minor}"),
    }
}

/// Why no GPU computes here.
#[cfg(not(feature = "cuda"))]
pub fn about_gpu() -> Result<AboutGpu> {
    Ok(AboutGpu { found: Err("cuda is not part of this build".to_owned()), used: false })
}
