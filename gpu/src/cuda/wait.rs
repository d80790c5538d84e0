//! Waiting for a device, with an end.
//!
//! The driver's own waits end when the work does. A kernel that hangs never ends, and nothing wakes a thread that waits in the
//! driver. So the process asks instead, again and again, and takes the device for stuck when a wait exceeds its limit. From then
//! on it leaves CUDA alone: what it holds there stays as it is ([`Kept`]), and no device is used again. Copies and launches are
//! made so that the driver has no reason to wait in them ([`super::slots`], [`super::device::Device::kernel`]).

#![allow(unsafe_code)]

use std::{
    hint,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use cudarc::driver::{CudaEvent, CudaStream, DriverError};

/// The longest wait, in milliseconds.
static LIMIT: AtomicU64 = AtomicU64::new(USUAL_LIMIT.as_millis() as u64);

/// The longest wait, unless [`limit_waits`] says otherwise: no work between two waits takes seconds.
pub const USUAL_LIMIT: Duration = Duration::from_secs(300);

/// Whether a device did not answer. Its context may be the only one that is broken, but what a process with one broken context can
/// still do is the driver's to say, and it might say it by never returning.
static STUCK: AtomicBool = AtomicBool::new(false);

/// Limits each wait for a device, for the whole process. A device that takes longer counts as failed, and no device is used again.
pub fn limit_waits(limit: Duration) {
    LIMIT.store(limit.as_millis().clamp(1, u64::MAX.into()) as u64, Ordering::SeqCst);
}

/// The longest wait.
pub fn limit() -> Duration {
    Duration::from_millis(LIMIT.load(Ordering::SeqCst))
}

/// What is said of a device that is stuck.
pub fn silence() -> String {
    format!("it has not answered for {} s", limit().as_secs_f64())
}

/// Whether a device did not answer in time, so that this process uses none any more.
pub fn is_stuck() -> bool {
    STUCK.load(Ordering::SeqCst)
}

/// Why a wait brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The limit passed, here or in another thread.
    Stuck,
    /// What the driver says.
    Failed(DriverError),
}

impl From<DriverError> for Unanswered {
    fn from(error: DriverError) -> Self {
        Self::Failed(error)
    }
}

/// Waits for all that a stream has been asked for.
pub fn for_stream(stream: &CudaStream) -> Result<(), Unanswered> {
    check()?;
    // Not the stream itself: what other threads ask of it meanwhile is not waited for.
    for_event(&Kept::new(stream.record_event(None)?))
}

/// Waits for an event.
pub fn for_event(event: &CudaEvent) -> Result<(), Unanswered> {
    let start = Instant::now();
    loop {
        check()?;
        if event.try_is_complete()? {
            return Ok(());
        }
        let waited = start.elapsed();
        if waited >= limit() {
            STUCK.store(true, Ordering::SeqCst);
        }
        pause(waited);
    }
}

/// Nothing is asked of the driver once a device is stuck.
pub fn check() -> Result<(), Unanswered> {
    if is_stuck() { Err(Unanswered::Stuck) } else { Ok(()) }
}

/// Rounds of a sumcheck take microseconds, which asking at once does not lengthen. Longer waits leave the processor to others, and are
/// lengthened by a sixty-fourth at most.
fn pause(waited: Duration) {
    match waited.as_micros() {
        0..50 => hint::spin_loop(),
        50..2000 => thread::yield_now(),
        _ => thread::sleep((waited / 64).min(Duration::from_millis(1))),
    }
}

/// Ends the process where a device [`is_stuck`], without what libraries have registered for its end: the driver's part in that may
/// wait for the device. Nothing that is buffered is written any more.
pub fn end_process(code: u8) -> ! {
    #[cfg(unix)]
    {
        unsafe extern "C" {
            fn _exit(code: std::ffi::c_int) -> !;
        }
        // SAFETY: the C library's function of this name and type, which does not return.
        unsafe { _exit(code.into()) }
    }
    #[cfg(not(unix))]
    std::process::exit(code.into())
}

/// Something of the driver's, given back when it is dropped, unless a device is stuck: giving back may wait for it, and memory that
/// a copy is still to read or write must stay. Such a process ends soon, and the system takes everything back.
pub struct Kept<T>(ManuallyDrop<T>);

impl<T> Kept<T> {
    pub fn new(value: T) -> Self {
        Self(ManuallyDrop::new(value))
    }

    /// The value, which is dropped as any other from here on.
    pub fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: the value is taken once, as `this` is not dropped.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Kept<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        if !is_stuck() {
            // SAFETY: dropped once, here; `into_inner` takes the value of one that is not.
            unsafe { ManuallyDrop::drop(&mut self.0) }
        }
    }
}
