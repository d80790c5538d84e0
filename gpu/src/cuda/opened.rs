//! The devices of the process: each opened once, and all of them anew after a failure.

#![allow(unsafe_code)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use cudarc::driver::{CudaContext, sys};

use super::{
    device::{Device, Unavailable},
    failure::describe,
    wait::{self, Unanswered},
};

/// The devices that are in use. They stay until the process ends.
struct Opened {
    first: Option<Result<&'static Device, Unavailable>>,
    /// Those besides the first one, once they were asked for.
    others: Option<Vec<&'static Device>>,
}

static OPENED: Mutex<Opened> = Mutex::new(Opened { first: None, others: None });

fn opened() -> MutexGuard<'static, Opened> {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open(ordinal: usize) -> Result<&'static Device, Unavailable> {
    Device::open(ordinal).map(|device| &*Box::leak(Box::new(device)))
}

impl Opened {
    fn first(&mut self) -> Result<&'static Device, Unavailable> {
        self.first.get_or_insert_with(|| open(0)).clone()
    }

    fn devices(&mut self) -> Vec<&'static Device> {
        self.first().into_iter().chain(self.others.iter().flatten().copied()).collect()
    }
}

impl Device {
    /// The first device, opened once for the process.
    pub fn first() -> Result<&'static Self, Unavailable> {
        if wait::is_stuck() {
            return Err(Unavailable::Stuck);
        }
        opened().first()
    }

    /// All devices that can be used, the first one first. The others are opened when they are first asked for, and have what
    /// was set for the first one's memory.
    pub fn all() -> Vec<&'static Self> {
        let mut opened = opened();
        let Ok(first) = opened.first() else { return Vec::new() };
        if opened.others.is_none() {
            let count = CudaContext::device_count().unwrap_or(1).max(1) as usize;
            let others: Vec<_> = (1..count).filter_map(|ordinal| open(ordinal).ok()).collect();
            others.iter().for_each(|device| device.take_settings(first));
            opened.others = Some(others);
        }
        opened.devices()
    }

    /// Those that are open.
    pub fn opened() -> Vec<&'static Self> {
        opened().devices()
    }

    /// Opens the first device anew, in a new context: an error can leave one in which every call fails. What was set for its
    /// memory stays. The other devices are left alone from here on: one of them may be what failed.
    ///
    /// # Errors
    /// The driver does not open it again, or one of them is stuck: ending its context would wait for it.
    ///
    /// # Panics
    /// If buffers are left on a device.
    pub fn reopen() -> Result<&'static Self, Unavailable> {
        let mut opened = opened();
        let devices = opened.devices();
        if wait::is_stuck() {
            return Err(Unavailable::Stuck);
        }
        for device in &devices {
            device.roots().clear();
            assert_eq!(device.ledger().state().live, 0, "bytes of a device are still in use");
        }
        let ended: Result<Vec<()>, _> = devices.iter().map(|device| end(device)).collect();
        opened.others = Some(Vec::new());
        let again = ended.and_then(|_| open(0));
        if let (Ok(again), Some(before)) = (&again, devices.first()) {
            again.take_settings(before);
        }
        opened.first.insert(again).clone()
    }
}

/// Ends the context of a device whose memory nobody uses.
fn end(device: &'static Device) -> Result<(), Unavailable> {
    // The driver waits for the work of a context that it ends. One that is broken ends at once.
    let waits = [device.uploads(), device.stream()].map(|stream| wait::for_stream(stream));
    if waits.contains(&Err(Unanswered::Stuck)) {
        return Err(Unavailable::Stuck);
    }
    device.retire();
    // SAFETY: the call ends what the context holds: memory, of which none is in use, and modules. A device that is retired
    // gives out neither memory nor kernels, and it is never dropped, so that nothing is ended twice.
    let ended = unsafe { sys::cuDevicePrimaryCtxReset_v2(device.context().cu_device()) }.result();
    ended.map_err(|error| Unavailable::NoDevice(describe(&error)))
}
