//! Finding devices, and what each of them has.

#![allow(unsafe_code)]

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use cudarc::driver::{CudaContext, CudaFunction, CudaStream, DriverError, sys};

use super::{
    failure::{answer, describe},
    kernels::{Kernels, Modules},
    ledger::Ledger,
    ntt::RootTable,
    transfer::Staging,
    turn::Turn,
};

/// The oldest compute capability whose instructions the kernels use: Ampere.
const REQUIRED: (i32, i32) = (8, 0);

/// Why there is no CUDA backend here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
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
    staging: OnceLock<Option<Staging>>,
    multiprocessors: u32,
    modules: Modules,
    roots: RootTable,
    ledger: Arc<Ledger>,
    turn: Turn,
    shared_from: AtomicUsize,
}

/// Points that are worth being shared between devices, unless something else has been said.
const SHARED_FROM: usize = 1 << 18;

/// The devices besides the first one.
static OTHERS: OnceLock<Vec<Device>> = OnceLock::new();

impl Device {
    /// The first device, opened once for the process.
    pub fn first() -> Result<&'static Self, Unavailable> {
        static DEVICE: OnceLock<Result<Device, Unavailable>> = OnceLock::new();
        DEVICE.get_or_init(|| Self::open(0)).as_ref().map_err(Clone::clone)
    }

    /// All devices that can be used, the first one first. The others are opened when they are first asked for, and have the
    /// first one's limit of memory.
    pub fn all() -> Vec<&'static Self> {
        let Ok(first) = Self::first() else { return Vec::new() };
        let others = OTHERS.get_or_init(|| {
            let count = CudaContext::device_count().unwrap_or(1).max(1) as usize;
            let others: Vec<_> = (1..count).filter_map(|ordinal| Self::open(ordinal).ok()).collect();
            let limit = first.ledger.state().limit;
            others.iter().for_each(|device| device.ledger.limit(limit));
            others
        });
        std::iter::once(first).chain(others).collect()
    }

    /// Those that are open.
    pub fn opened() -> Vec<&'static Self> {
        Self::first().into_iter().chain(OTHERS.get().into_iter().flatten()).collect()
    }

    fn open(ordinal: usize) -> Result<Self, Unavailable> {
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
            staging: OnceLock::new(),
            context,
            multiprocessors: multiprocessors.max(1) as u32,
            modules: Modules::none(),
            roots: RootTable::default(),
            ledger: Ledger::new(total),
            turn: Turn::default(),
            shared_from: AtomicUsize::new(SHARED_FROM),
        };
        device.keep_freed_memory();
        device.modules.load(&device.context, Kernels::Vectors).map_err(|error| Unavailable::Kernels(describe(&error)))?;
        Ok(device)
    }

    /// The kernel of this name.
    pub fn kernel(&self, kernels: Kernels, name: &'static str) -> CudaFunction {
        self.modules.kernel(&self.context, kernels, name)
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

    /// Pinned memory for uploads, if the system gives it.
    pub fn staging(&self) -> Option<&Staging> {
        self.staging.get_or_init(|| Staging::new(self)).as_ref()
    }

    /// Waits for all work on both streams.
    pub fn wait(&self) {
        answer(self.uploads.synchronize());
        answer(self.stream.synchronize());
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

    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    pub fn multiprocessors(&self) -> u32 {
        self.multiprocessors
    }
}
