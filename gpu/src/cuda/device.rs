//! Opening a device, and what it has.

#![allow(unsafe_code)]

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use cudarc::driver::{CudaContext, CudaFunction, CudaStream, DriverError, sys};

use super::{
    failure::{answer, answered, describe},
    identity::driver_version,
    kernels::{Kernels, Modules},
    ledger::Ledger,
    ntt::RootTable,
    slots::Slots,
    transfer::Staging,
    turn::Turn,
    wait,
};

/// The oldest compute capability whose instructions the kernels use: Ampere.
const REQUIRED: (i32, i32) = (8, 0);

/// Why there is no CUDA backend here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// A device did not answer in time, so that this process uses none any more.
    #[error("no GPU is used any more in this process")]
    Stuck,
    /// The driver's library is not installed.
    #[error("the CUDA driver (libcuda) is not installed")]
    NoDriver,
    /// The driver has no device, or does not answer.
    #[error("the CUDA driver offers no device: {0}")]
    NoDevice(String),
    /// The device is older than the kernels.
    #[error("the device {name} has compute capability {}.{}, but the kernels need {}.{} or newer", found.0, found.1, REQUIRED.0, REQUIRED.1)]
    TooOld {
        /// What the device calls itself.
        name: String,
        /// Its compute capability.
        found: (i32, i32),
    },
    /// The driver does not accept the kernels.
    #[error("the driver does not load the kernels, which need driver version 520 or newer: {0}")]
    Kernels(String),
}

/// A device with its streams: all work on the first one happens in the order of the calls; [`super::transfer`] says what is on
/// the second one.
pub struct Device {
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    uploads: Arc<CudaStream>,
    slots: OnceLock<Slots>,
    staging: OnceLock<Option<Staging>>,
    multiprocessors: u32,
    modules: Modules,
    roots: RootTable,
    ledger: Arc<Ledger>,
    /// Of what buffers use, how much multiples of points do: none, unless it has been said how much they may.
    multiples: Arc<Ledger>,
    turn: Turn,
    shared_from: AtomicUsize,
    keeps_points: AtomicBool,
    /// How many kernels were started.
    launches: AtomicUsize,
    /// Whether its context was ended, so that what this holds is gone.
    retired: AtomicBool,
}

/// Launches between two waits. Where a thousand kernels are still to run, the driver waits by itself before it takes another one.
const PENDING: usize = 512;

/// Points that are worth being shared between devices, unless something else has been said.
const SHARED_FROM: usize = 1 << 18;

impl Device {
    /// Opens a device for the process.
    pub fn open(ordinal: usize) -> Result<Self, Unavailable> {
        if wait::is_stuck() {
            return Err(Unavailable::Stuck);
        }
        // SAFETY: loads the system's CUDA driver if there is one; its initialisers are those of any program that uses it.
        if !unsafe { sys::is_culib_present() } {
            return Err(Unavailable::NoDriver);
        }
        let no_device = |error: DriverError| Unavailable::NoDevice(describe(&error));
        let context = CudaContext::new(ordinal).map_err(no_device)?;
        let found = context.compute_capability().map_err(no_device)?;
        if found < REQUIRED {
            let name = context.name().map_err(no_device)?;
            return Err(Unavailable::TooOld { name, found });
        }
        let multiprocessors = context.attribute(sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT).map_err(no_device)?;
        let (_, total) = context.mem_get_info().map_err(no_device)?;
        // SAFETY: `transfer` orders the two streams itself; the events of each slice, which this switches off, would not see the
        // kernels, which take addresses.
        unsafe { context.disable_event_tracking() };
        let device = Self {
            stream: context.default_stream(),
            uploads: context.new_stream().map_err(no_device)?,
            slots: OnceLock::new(),
            staging: OnceLock::new(),
            context,
            multiprocessors: multiprocessors.max(1) as u32,
            modules: Modules::none(),
            roots: RootTable::default(),
            ledger: Ledger::new(total),
            multiples: Ledger::new(0),
            turn: Turn::default(),
            shared_from: AtomicUsize::new(SHARED_FROM),
            keeps_points: AtomicBool::new(true),
            launches: AtomicUsize::new(0),
            retired: AtomicBool::new(false),
        };
        device.keep_freed_memory();
        device.modules.load(&device.context, Kernels::Vectors).map_err(|error| Unavailable::Kernels(describe(&error)))?;
        Ok(device)
    }

    /// The kernel of this name, which is started once.
    pub fn kernel(&self, kernels: Kernels, name: &'static str) -> CudaFunction {
        self.check_in_use();
        if self.launches.fetch_add(1, Ordering::Relaxed) % PENDING == PENDING - 1 {
            self.wait();
        }
        self.modules.kernel(kernels, name, || {
            // The driver may wait for the device before it loads what it has not loaded yet.
            self.wait();
            &self.context
        })
    }

    pub fn stream(&self) -> &Arc<CudaStream> {
        &self.stream
    }

    /// The stream of copies to the device that are beside the work.
    pub fn uploads(&self) -> &Arc<CudaStream> {
        &self.uploads
    }

    pub fn context(&self) -> &Arc<CudaContext> {
        &self.context
    }

    /// Pinned memory for copies.
    pub fn slots(&self) -> &Slots {
        self.slots.get_or_init(|| Slots::new(self))
    }

    /// Pinned memory for large uploads, if the system gives it.
    pub fn staging(&self) -> Option<&Staging> {
        self.staging.get_or_init(|| Staging::new(self)).as_ref()
    }

    /// Waits for all work on both streams.
    pub fn wait(&self) {
        answered(wait::for_stream(&self.uploads));
        answered(wait::for_stream(&self.stream));
    }

    /// What the device calls itself.
    pub fn name(&self) -> String {
        answer(self.context.name())
    }

    /// The roots of unity of the transforms so far.
    pub fn roots(&self) -> &RootTable {
        &self.roots
    }

    /// The turns of work that plans with what memory is available.
    pub fn turn(&self) -> &Turn {
        &self.turn
    }

    /// The number under which the driver lists the device.
    pub fn ordinal(&self) -> usize {
        self.context.ordinal()
    }

    /// From how many points on sums are shared between devices.
    pub fn shared_from(&self) -> usize {
        self.shared_from.load(Ordering::Relaxed)
    }

    pub fn share_from(&self, points: usize) {
        self.shared_from.store(points, Ordering::Relaxed);
    }

    /// Whether points may stay on the device, where there is room for them.
    pub fn keeps_points(&self) -> bool {
        self.keeps_points.load(Ordering::Relaxed)
    }

    pub fn keep_points(&self, keep: bool) {
        self.keeps_points.store(keep, Ordering::Relaxed);
    }

    /// Takes over what was set for another device.
    pub fn take_settings(&self, other: &Device) {
        self.ledger.limit(other.ledger.state().limit);
        self.multiples.limit(other.multiples.state().limit);
        self.keep_points(other.keeps_points());
        self.share_from(other.shared_from());
    }

    /// From here on, the device gives out neither memory nor kernels.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
    }

    /// # Panics
    /// If a device is stuck, like [`answered`]; if this one was retired.
    pub fn check_in_use(&self) {
        answered(wait::check());
        assert!(!self.retired.load(Ordering::SeqCst), "this device was opened anew");
    }

    /// The newest version of CUDA that the driver serves.
    pub fn driver_version(&self) -> (u32, u32) {
        answer(driver_version())
    }

    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Bytes of multiples of points.
    pub fn multiples(&self) -> &Arc<Ledger> {
        &self.multiples
    }

    pub fn multiprocessors(&self) -> u32 {
        self.multiprocessors
    }
}
