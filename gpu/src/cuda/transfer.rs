//! Copies to the device that happen beside its work.
//!
//! A device has two streams. Kernels, copies within the device, downloads and frees are on the first one, in the order of the
//! calls. Large copies to the device are on the second one, and come from pinned memory, so that neither the process nor the
//! first stream waits while they run. The second stream is a non-blocking one: nothing but the events below orders the two.
//!
//! ```text
//! an upload    second: allocate, copy, ..., copy, record(done)      first: wait(done), kernels, free
//! a lane       first: allocate, record(read)                        second: wait(read), copy, record(filled)
//!              first: wait(filled), kernels, record(read)           second: wait(read), copy of a later piece, ...
//! ```
//! Pinned memory is written again, or freed, once the process has waited for the copies from it.

#![allow(unsafe_code)]

use std::sync::{Mutex, PoisonError};

use cudarc::driver::{CudaEvent, CudaSlice, DevicePtr, DeviceRepr, DriverError, PinnedHostSlice, result, sys};

use super::{
    device::Device,
    failure::answer,
    ledger::{Counted, Exceeded},
    memory::{Address, Buffer, Limbs},
};

/// Uploads from this many bytes on go through pinned memory.
const STAGED: usize = 1 << 20;

/// Bytes of a slot of pinned memory: much more than what a copy costs to start.
const SLOT: usize = 4 << 20;

/// Values on the device that are those given, before anything that the first stream is asked for from here on; or why there is no
/// place for them.
pub fn upload<T: DeviceRepr + Copy>(device: &Device, values: &[T]) -> Result<(CudaSlice<T>, Counted), Exceeded> {
    if size_of_val(values) >= STAGED
        && let Some(staging) = device.staging()
    {
        return staging.upload(device, values);
    }
    let (mut memory, counted) = device.allocate(device.stream(), values.len())?;
    // From memory that is not pinned: the driver has read it when the call returns.
    answer(device.stream().memcpy_htod(values, &mut memory));
    Ok((memory, counted))
}

/// Pinned memory through which uploads go, one half being written while the other one is copied.
pub struct Staging(Mutex<Slots>);

struct Slots {
    slots: [Slot; 2],
    next: usize,
}

struct Slot {
    memory: PinnedHostSlice<u8>,
    /// After the last copy from the memory, on the second stream.
    copied: CudaEvent,
}

impl Staging {
    /// None where the system gives no pinned memory.
    pub fn new(device: &Device) -> Option<Self> {
        let slot = || Some(Slot { memory: pinned(device, SLOT)?, copied: device.context().new_event(None).ok()? });
        Some(Self(Mutex::new(Slots { slots: [slot()?, slot()?], next: 0 })))
    }

    fn upload<T: DeviceRepr + Copy>(&self, device: &Device, values: &[T]) -> Result<(CudaSlice<T>, Counted), Exceeded> {
        let second = device.uploads();
        // Until it is handed over, the memory is the second stream's: a failure frees it behind the copies.
        let (memory, counted) = device.allocate::<T>(second, values.len())?;
        // SAFETY: the elements are plain numbers without gaps, and every byte of them can be read.
        let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
        let start = memory.device_ptr(second).0;
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (piece, at) in bytes.chunks(SLOT).zip((start..).step_by(SLOT)) {
            slots.send(device, piece, at);
        }
        drop(slots);
        // Here the first stream waits for the event `done`.
        answer(device.stream().join(second));
        let len = memory.len();
        // SAFETY: the same memory, whose owner changes. What the first stream does with it is behind the event, so that the
        // allocation and the copies are before any use, and before the free.
        Ok((unsafe { device.stream().upgrade_device_ptr(memory.leak(), len) }, counted))
    }
}

impl Slots {
    /// Copies at most [`SLOT`] bytes to the device.
    fn send(&mut self, device: &Device, bytes: &[u8], to: Address) {
        let slot = &mut self.slots[self.next];
        self.next = 1 - self.next;
        // The process waits for the copy from this slot before the last one.
        answer(slot.copied.synchronize());
        let memory = answer(slot.memory.as_mut_slice());
        memory[..bytes.len()].copy_from_slice(bytes);
        // SAFETY: the target is as long, by the pieces of `upload`, and the source is not touched before `copied`.
        answer(unsafe { result::memcpy_htod_async(to, &memory[..bytes.len()], device.uploads().cu_stream()) });
        answer(slot.copied.record(device.uploads()));
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let _ = self.copied.synchronize();
    }
}

/// Pinned memory that any device copies from, if the system gives it.
fn pinned<T: DeviceRepr>(device: &Device, len: usize) -> Option<PinnedHostSlice<T>> {
    // SAFETY: plain numbers, for which all bits are values.
    let memory: Result<_, DriverError> = unsafe { device.context().alloc_pinned_with_flags(len, sys::CU_MEMHOSTALLOC_PORTABLE) };
    memory.ok()
}

/// Limbs in the computer's memory that are copied to a device again and again.
pub enum HostLimbs {
    Pinned(PinnedHostSlice<Limbs>),
    /// Where the system gives no pinned memory: copies work, but the process waits for them.
    Pageable(Vec<Limbs>),
}

impl HostLimbs {
    /// Memory that holds anything.
    pub fn new(device: &Device, len: usize) -> Self {
        let pinned = if len > 0 { pinned(device, len) } else { None };
        pinned.map_or_else(|| Self::Pageable(vec![Limbs::default(); len]), Self::Pinned)
    }

    pub fn as_slice(&self) -> &[Limbs] {
        match self {
            Self::Pinned(limbs) => answer(limbs.as_slice()),
            Self::Pageable(limbs) => limbs,
        }
    }

    pub fn as_mut_slice(&mut self) -> &mut [Limbs] {
        match self {
            Self::Pinned(limbs) => answer(limbs.as_mut_slice()),
            Self::Pageable(limbs) => limbs,
        }
    }
}

/// A place on the device that is filled for one piece of work after another.
pub struct Lane<'a> {
    device: &'a Device,
    buffer: Buffer<Limbs>,
    /// After the copy, on the second stream.
    filled: CudaEvent,
    /// After the last kernel that reads the place, or after its allocation, on the first stream.
    read: CudaEvent,
    _sources: std::marker::PhantomData<&'a [Limbs]>,
}

impl<'a> Lane<'a> {
    /// For pieces of at most `len` limbs.
    pub fn new(device: &'a Device, len: usize) -> Self {
        let buffer = Buffer::uninitialised(device, len);
        let event = || answer(device.context().new_event(None));
        let lane = Self { device, buffer, filled: event(), read: event(), _sources: std::marker::PhantomData };
        lane.release();
        lane
    }

    /// Copies the next piece, behind the kernels that read the last one. The source lives longer than the lane, whose end waits
    /// for the copy.
    pub fn send(&self, values: &'a [Limbs]) {
        let (to, second) = (self.buffer.at(0, values.len()), self.device.uploads());
        answer(second.wait(&self.read));
        // SAFETY: the target is long enough, no kernel reads it before `filled`, and the source lives until the copy's end.
        answer(unsafe { result::memcpy_htod_async(to, values, second.cu_stream()) });
        answer(self.filled.record(second));
    }

    /// Where the piece is, for what the first stream is asked for from here on.
    pub fn receive(&self) -> Address {
        answer(self.device.stream().wait(&self.filled));
        self.buffer.all()
    }

    /// Nothing that the first stream is asked for from here on reads the piece.
    pub fn release(&self) {
        answer(self.read.record(self.device.stream()));
    }
}

impl Drop for Lane<'_> {
    /// The source and the buffer may go once the copies have ended; the kernels are on the stream that frees the buffer.
    fn drop(&mut self) {
        self.device.context().record_err(self.device.uploads().synchronize());
    }
}
