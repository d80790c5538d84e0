//! Which device, driver and kernels these are, found out without opening the device.

#![allow(unsafe_code)]

use std::hash::{DefaultHasher, Hash, Hasher};

use cudarc::driver::{DriverError, result, sys};

use super::{device::Unavailable, failure::describe, kernels::Kernels, wait};

/// What a verdict on a device holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What the device calls itself.
    pub name: String,
    /// The device's own number.
    pub uuid: [u8; 16],
    /// The newest version of CUDA that the driver serves: major and minor.
    pub driver: (u32, u32),
    /// A digest of the kernels. Builds by different compilers may give the same kernels different ones.
    pub kernels: u64,
}

impl Identity {
    /// Of the first device.
    ///
    /// # Errors
    /// There is none.
    pub fn of_first() -> Result<Self, Unavailable> {
        if wait::is_stuck() {
            return Err(Unavailable::Stuck);
        }
        // SAFETY: loads the system's CUDA driver if there is one; its initialisers are those of any program that uses it.
        if !unsafe { sys::is_culib_present() } {
            return Err(Unavailable::NoDriver);
        }
        let found = || {
            result::init()?;
            let device = result::device::get(0)?;
            let uuid = result::device::get_uuid(device)?.bytes.map(|byte| byte as u8);
            let driver = driver_version()?;
            Ok(Self { name: result::device::get_name(device)?, uuid, driver, kernels: digest() })
        };
        found().map_err(|error: DriverError| Unavailable::NoDevice(describe(&error)))
    }
}

/// The newest version of CUDA that the driver serves: major and minor.
pub fn driver_version() -> Result<(u32, u32), DriverError> {
    let mut version = 0;
    // SAFETY: the call writes one number.
    unsafe { sys::cuDriverGetVersion(&mut version) }.result()?;
    // In the form 1000 major + 10 minor.
    let version = version.unsigned_abs();
    Ok((version / 1000, version % 1000 / 10))
}

fn digest() -> u64 {
    let mut hasher = DefaultHasher::new();
    Kernels::ALL.map(Kernels::source).hash(&mut hasher);
    hasher.finish()
}
