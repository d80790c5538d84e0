//! The backend for NVIDIA devices from Ampere on.
//!
//! Vectors, integers and prepared points live on the device; results are equal to [`crate::Portable`]'s, bit for bit.
//! The driver's library is looked for when the program runs: one build serves machines with and without a device. The
//! kernels are the sources in `gpu/cuda`, built in as PTX, which the driver compiles for its device and caches.

mod device;
mod fractions;
mod launch;
mod memory;
mod sums;
mod univariate;
mod vectors;
mod weigh;

pub use device::Unavailable;
pub use memory::{Ints, Vector};

use device::Device;

/// An open device.
#[derive(Clone, Copy)]
pub struct Cuda(&'static Device);

impl Cuda {
    /// The first CUDA device of this machine.
    ///
    /// # Errors
    /// Why there is none that this backend can use.
    pub fn detect() -> Result<Self, Unavailable> {
        Device::first().map(Self)
    }

    /// What the device calls itself.
    pub fn device_name(&self) -> String {
        self.0.name()
    }
}

impl std::fmt::Debug for Cuda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cuda").field(&self.device_name()).finish()
    }
}

impl PartialEq for Cuda {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Cuda {}
