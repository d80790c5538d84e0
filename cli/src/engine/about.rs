//! What is said about the GPU of a machine: which one it is, and why it is not used.

use std::fmt::{self, Display};

use serde_json::{Value, json};

use super::choice::{Chosen, Gpu};
use crate::output::bytes;

/// The GPU that a command computes on, or why it does not.
pub struct AboutGpu {
    found: Result<Device, String>,
}

/// A GPU.
struct Device {
    name: String,
    driver: String,
    memory_bytes: usize,
}

impl AboutGpu {
    /// About the GPU that was chosen, or why none was.
    pub fn new(chosen: &Chosen) -> Self {
        match &chosen.gpu {
            #[cfg(feature = "cuda")]
            Gpu::Used(cuda) => Self::of(*cuda),
            #[cfg(feature = "cuda")]
            Gpu::Refused(reason) => AboutGpu { found: Err(reason.clone()) },
            Gpu::Absent(reason) => AboutGpu { found: Err(reason.clone()) },
        }
    }

    /// About this GPU.
    #[cfg(feature = "cuda")]
    pub fn of(cuda: assay_gpu::Cuda) -> Self {
        let (name, driver) = (cuda.device_name(), driver(cuda.driver_version()));
        AboutGpu { found: Ok(Device { name, driver, memory_bytes: cuda.memory().total }) }
    }

    /// For scripts.
    pub fn report(&self) -> Value {
        let gpu = self.found.as_ref().ok();
        json!({
            "used": gpu.is_some(),
            "name": gpu.map(|gpu| &gpu.name),
            "driver": gpu.map(|gpu| &gpu.driver),
            "memory_bytes": gpu.map(|gpu| gpu.memory_bytes),
            "about": self.to_string(),
        })
    }
}

impl Display for AboutGpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Ok(Device { name, driver, memory_bytes }) => write!(f, "GPU {name}, {driver}, {} of memory", bytes(*memory_bytes)),
            Err(reason) => write!(f, "no GPU: {reason}"),
        }
    }
}

/// The driver, by the version of CUDA that it serves, with the version of its module where the system tells (Linux).
#[cfg(feature = "cuda")]
pub fn driver((major, minor): (u32, u32)) -> String {
    match std::fs::read_to_string("/sys/module/nvidia/version") {
        Ok(version) => format!("driver {} for CUDA {major}.{minor}", version.trim()),
        Err(_) => format!("driver for CUDA {major}.{minor}"),
    }
}
