//! Finding a device, and the modules of kernels on it.

#![allow(unsafe_code)]

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use cudarc::{
    driver::{CudaContext, CudaFunction, CudaModule, CudaSlice, CudaStream, DeviceRepr, DriverError, result, sys},
    nvrtc::Ptx,
};

use super::{
    ledger::{Account, Counted, Exceeded, Ledger, MemoryUse},
    ntt::RootTable,
    transfer::Staging,
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

/// A set of kernels that is loaded on first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    Vectors,
    Transforms,
    Digits,
    FirstGroup,
    SecondGroup,
    Tensors,
}

/// How many sets there are.
const SETS: usize = 6;

impl Kernels {
    fn source(self) -> &'static str {
        match self {
            Self::Vectors => include_str!("../../cuda/ptx/vectors.ptx"),
            Self::Transforms => include_str!("../../cuda/ptx/ntt.ptx"),
            Self::Digits => include_str!("../../cuda/ptx/digits.ptx"),
            Self::FirstGroup => include_str!("../../cuda/ptx/g1.ptx"),
            Self::SecondGroup => include_str!("../../cuda/ptx/g2.ptx"),
            Self::Tensors => include_str!("../../cuda/ptx/tensors.ptx"),
        }
    }
}

/// A device with its streams: all work on the first one happens in the order of the calls; [`super::transfer`] says what is on
/// the second one.
pub struct Device {
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    uploads: Arc<CudaStream>,
    staging: OnceLock<Option<Staging>>,
    multiprocessors: u32,
    modules: [OnceLock<Arc<CudaModule>>; SETS],
    functions: Mutex<HashMap<&'static str, CudaFunction>>,
    roots: RootTable,
    ledger: Arc<Ledger>,
    turn: Mutex<()>,
    keeps_points: AtomicBool,
    /// Whether it was opened anew, so that what this holds is gone.
    retired: AtomicBool,
}

/// The device of the process, or why there is none.
type Opened = Result<&'static Device, Unavailable>;

static OPENED: Mutex<Option<Opened>> = Mutex::new(None);

impl Device {
    /// The first device, opened once for the process.
    pub fn first() -> Opened {
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        opened.get_or_insert_with(Self::open_for_good).clone()
    }

    /// Opens the device anew, in a new context: an error can leave one in which every call fails. What was set for its
    /// memory stays.
    ///
    /// # Panics
    /// If buffers of this one are left, or if it was opened anew before.
    pub fn reopen(&self) -> Opened {
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        self.roots.clear();
        let before = self.ledger.state();
        assert_eq!(before.live, 0, "bytes of the device are still in use");
        assert!(!self.retired.swap(true, Ordering::SeqCst), "this device was opened anew before");
        // SAFETY: the call ends what the context holds: memory, of which none is in use or given out from here on, and
        // modules, whose kernels `kernel` gives out no more. This value is never dropped, so that nothing is ended twice.
        let ended = unsafe { sys::cuDevicePrimaryCtxReset_v2(self.context.cu_device()) }.result();
        let again = ended.map_err(|error| Unavailable::NoDevice(describe(&error))).and_then(|()| Self::open_for_good());
        if let Ok(device) = again {
            device.limit_memory(before.limit);
            device.keep_points(self.keeps_points.load(Ordering::SeqCst));
        }
        opened.insert(again).clone()
    }

    /// A device stays until the process ends.
    fn open_for_good() -> Opened {
        Self::open().map(|device| &*Box::leak(Box::new(device)))
    }

    fn open() -> Result<Self, Unavailable> {
        // SAFETY: loads the system's CUDA driver if there is one; its initialisers are those of any program that uses it.
        if !unsafe { sys::is_culib_present() } {
            return Err(Unavailable::NoDriver);
        }
        let no_device = |error: DriverError| Unavailable::NoDevice(describe(&error));
        let context = CudaContext::new(0).map_err(no_device)?;
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
            modules: [const { OnceLock::new() }; SETS],
            functions: Mutex::default(),
            roots: RootTable::default(),
            ledger: Ledger::new(total),
            turn: Mutex::default(),
            keeps_points: AtomicBool::new(true),
            retired: AtomicBool::new(false),
        };
        device.keep_freed_memory();
        device.load(Kernels::Vectors).map_err(|error| Unavailable::Kernels(describe(&error)))?;
        Ok(device)
    }

    /// Keeps freed memory with the process: by default every synchronisation returns it to the system, and the next
    /// allocation waits for it. A device without memory pools does neither.
    fn keep_freed_memory(&self) {
        let mut threshold = u64::MAX;
        // SAFETY: the call reads one value behind the pointer. A failure costs speed only.
        if let Some(pool) = self.pool() {
            let attribute = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
            let _ = unsafe { result::mem_pool::set_attribute(pool, attribute, (&raw mut threshold).cast()) };
        }
    }

    /// Bytes that the process has freed, but not given back to the system.
    fn idle_in_pool(&self) -> usize {
        let Some(pool) = self.pool() else { return 0 };
        let read = |attribute| {
            let mut bytes = 0u64;
            // SAFETY: these attributes are 64-bit numbers, written behind the pointer. Where there are none, nothing is idle.
            let outcome = unsafe { result::mem_pool::get_attribute(pool, attribute, (&raw mut bytes).cast()) };
            outcome.map_or(0, |()| bytes as usize)
        };
        let reserved = read(sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT);
        reserved.saturating_sub(read(sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_CURRENT))
    }

    /// Where freed memory goes, on devices that have such a place.
    fn pool(&self) -> Option<sys::CUmemoryPool> {
        // SAFETY: asks for the pool of an open device.
        self.context.has_async_alloc().then(|| unsafe { result::device::get_default_mem_pool(self.context.cu_device()) }.ok()).flatten()
    }

    fn load(&self, kernels: Kernels) -> Result<&Arc<CudaModule>, DriverError> {
        let module = &self.modules[kernels as usize];
        match module.get() {
            Some(module) => Ok(module),
            None => {
                let loaded = self.context.load_module(Ptx::from_src(kernels.source()))?;
                Ok(module.get_or_init(|| loaded))
            }
        }
    }

    /// The kernel of this name.
    pub fn kernel(&self, kernels: Kernels, name: &'static str) -> CudaFunction {
        assert!(!self.retired.load(Ordering::SeqCst), "this device was opened anew");
        let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(function) = functions.get(name) {
            return function.clone();
        }
        let function = answer(answer(self.load(kernels)).load_function(name));
        functions.insert(name, function.clone());
        function
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

    /// What the device calls itself.
    pub fn name(&self) -> String {
        answer(self.context.name())
    }

    /// The newest version of CUDA that the driver serves.
    pub fn driver_version(&self) -> (u32, u32) {
        let mut version = 0;
        // SAFETY: the call writes one number.
        answer(unsafe { sys::cuDriverGetVersion(&mut version) }.result());
        // In the form 1000 major + 10 minor.
        let version = version.unsigned_abs();
        (version / 1000, version % 1000 / 10)
    }

    /// The roots of unity of the transforms so far.
    pub fn roots(&self) -> &RootTable {
        &self.roots
    }

    /// Memory for `len` values, which hold anything, in the order of a stream, and what counts it.
    ///
    /// What can be made again is given up where memory would not suffice.
    ///
    /// # Panics
    /// Like [`answer`], where memory does not suffice.
    #[track_caller]
    pub fn allocate<T: DeviceRepr>(&self, stream: &Arc<CudaStream>, len: usize) -> (CudaSlice<T>, Counted) {
        let bytes = len.saturating_mul(size_of::<T>());
        let outcome = self.try_allocate(stream, len, bytes).or_else(|shortage| match shortage {
            Shortage::Memory(_) if self.roots.clear() => self.try_allocate(stream, len, bytes),
            _ => Err(shortage),
        });
        match outcome {
            Ok(allocated) => allocated,
            Err(Shortage::Memory(exceeded)) => panic!("{FAILED}out of memory: {exceeded}"),
            Err(Shortage::Other(error)) => panic!("{FAILED}{}", describe(&error)),
        }
    }

    fn try_allocate<T: DeviceRepr>(&self, stream: &Arc<CudaStream>, len: usize, bytes: usize) -> Result<(CudaSlice<T>, Counted), Shortage> {
        assert!(!self.retired.load(Ordering::SeqCst), "this device was opened anew");
        let counted = self.ledger.count(bytes).map_err(Shortage::Memory)?;
        // SAFETY: the elements are plain numbers, for which all bits are values; whoever asks fills them before reading.
        match unsafe { stream.alloc::<T>(len) } {
            Ok(memory) => Ok((memory, counted)),
            Err(DriverError(sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY)) => {
                drop(counted);
                Err(Shortage::Memory(self.ledger.state().exceeded_by(bytes)))
            }
            Err(error) => Err(Shortage::Other(error)),
        }
    }

    /// How many bytes buffers may use.
    pub fn limit_memory(&self, bytes: usize) {
        self.ledger.limit(bytes);
    }

    pub fn memory(&self) -> MemoryUse {
        let (free, total) = answer(self.context.mem_get_info());
        let Account { live, peak, limit } = self.ledger.state();
        MemoryUse { total, free, limit, live, peak }
    }

    /// What buffers may still take: up to the limit, as far as the device has it.
    pub fn available(&self) -> usize {
        let (free, _) = answer(self.context.mem_get_info());
        let Account { live, limit, .. } = self.ledger.state();
        // Memory that buffers have left with the process is cut up; some of it is of no use.
        let at_hand = free.saturating_add(self.idle_in_pool() / 8 * 7);
        limit.saturating_sub(live).min(at_hand)
    }

    /// Whether points may stay on the device, where there is room for them.
    pub fn keep_points(&self, keep: bool) {
        self.keeps_points.store(keep, Ordering::SeqCst);
    }

    /// Whether this much can be kept for long, with half of the memory left for work.
    pub fn has_room_to_keep(&self, bytes: usize) -> bool {
        if !self.keeps_points.load(Ordering::SeqCst) {
            return false;
        }
        let (live, available) = (self.ledger.state().live, self.available());
        live.saturating_add(bytes) <= live.saturating_add(available) / 2
    }

    /// Lets one thread at a time go on, until what this returns is dropped: work that plans with what is available.
    /// Whoever holds it leaves rayon alone, which might start other such work on this thread.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn multiprocessors(&self) -> u32 {
        self.multiprocessors
    }
}

/// Why an allocation failed.
enum Shortage {
    Memory(Exceeded),
    Other(DriverError),
}

/// What the driver says about an error.
fn describe(error: &DriverError) -> String {
    match error.error_string() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("{error:?}"),
    }
}

/// How a panic of [`answer`] begins.
const FAILED: &str = "the CUDA device failed: ";

/// The driver's answer. A device that fails in the middle of a proof (out of memory, a hardware error) leaves nothing to
/// continue with, and the [`crate::Backend`] promises results, so the prover ends here, saying why.
///
/// # Panics
/// On every error.
#[track_caller]
pub fn answer<T>(result: Result<T, DriverError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{FAILED}{}", describe(&error)),
    }
}

/// What a panic says, if it is that of a device that failed (out of memory, a hardware error): a sentence for people.
pub fn device_failure(panic: &(dyn Any + Send)) -> Option<&str> {
    panic.downcast_ref::<String>().map(String::as_str).filter(|text| text.starts_with(FAILED))
}
