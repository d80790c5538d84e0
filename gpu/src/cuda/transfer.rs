//! Copies to the device that happen beside its work.
//!
//! A device has two streams. Kernels, copies within the device, downloads and frees are on the first one, in the order of the
//! calls. Large copies to the device are on the second one, and come from pinned memory, so that neither the process nor the
//! first stream waits while they run. The second stream is a non-blocking one: nothing but the events below orders the two.
//!
//! ```text
//! a large one  second: allocate, copy, ..., copy, record(done)      first: wait(done), kernels, free
//! a lane       first: allocate, record(read)                        second: wait(read), copy, record(filled)
//!              first: wait(filled), kernels, record(read)           second: wait(read), copy of a later piece, ...
//! ```
//! Pinned memory is written again, or freed, once the process has waited for the copies from it. Smaller copies are on the first
//! stream, through [`super::slots`].

#![allow(unsafe_code)]

use std::sync::{Mutex, PoisonError};

use cudarc::driver::{CudaEvent, DevicePtr, DeviceRepr, PinnedHostSlice, result};

use super::{
    device::Device,
    failure::answer,
    ledger::Exceeded,
    memory::{Address, Buffer, Limbs, Memory},
    slots::{self, Slot, pinned},
    wait::{self, Kept},
};

/// Uploads from this many bytes on are beside the device's work.
const STAGED: usize = 1 << 20;

/// Bytes of a slot of pinned memory: much more than what a copy costs to start.
const SLOT: usize = 4 << 20;

/// Values on the device that are those given, before anything that the first stream is asked for from here on; or why there is no
/// place for them.
pub fn upload<T: DeviceRepr + Copy>(device: &Device, values: &[T]) -> Result<Memory<T>, Exceeded> {
    if size_of_val(values) >= STAGED
        && let Some(staging) = device.staging()
    {
        return staging.upload(device, values);
    }
    let memory = device.allocate(device.stream(), values.len())?;
    // SAFETY: the memory is as long, and the first stream's alone.
    unsafe { slots::send(device, values, memory.slice.device_ptr(device.stream()).0) };
    Ok(memory)
}

/// Pinned memory through which large uploads go, one half being written while the other one is copied.
pub struct Staging(Mutex<[Slot; 2]>);

impl Staging {
    /// None where the system gives no pinned memory.
    pub fn new(device: &Device) -> Option<Self> {
        Some(Self(Mutex::new([Slot::new(device, SLOT)?, Slot::new(device, SLOT)?])))
    }

    fn upload<T: DeviceRepr + Copy>(&self, device: &Device, values: &[T]) -> Result<Memory<T>, Exceeded> {
        let second = device.uploads();
        // Until it is handed over, the memory is the second stream's: a failure frees it behind the copies.
        let mut memory = device.allocate::<T>(second, values.len())?;
        // SAFETY: the elements are plain numbers without gaps, and every byte of them can be read.
        let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
        let start = memory.slice.device_ptr(second).0;
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (piece, at) in bytes.chunks(SLOT).zip((start..).step_by(SLOT)) {
            // SAFETY: the pieces are those of the memory, which no other stream knows yet.
            unsafe { slots[0].send(second, piece, at) };
            slots.reverse();
        }
        drop(slots);
        // Here the first stream waits for the event `done`.
        answer(device.stream().join(second));
        // SAFETY: what the first stream does with the memory is behind the event, so that the allocation and the copies are before
        // any use, and before the free.
        unsafe { memory.hand_to(device.stream()) };
        Ok(memory)
    }
}

/// Limbs in the computer's memory that are copied to a device again and again.
pub enum HostLimbs {
    Pinned(Kept<PinnedHostSlice<Limbs>>),
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
    filled: Kept<CudaEvent>,
    /// After the last kernel that reads the place, or after its allocation, on the first stream.
    read: Kept<CudaEvent>,
    _sources: std::marker::PhantomData<&'a [Limbs]>,
}

impl<'a> Lane<'a> {
    /// For pieces of at most `len` limbs.
    pub fn new(device: &'a Device, len: usize) -> Self {
        let buffer = Buffer::uninitialised(device, len);
        let event = || Kept::new(answer(device.context().new_event(None)));
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
        // If they never do, both stay.
        let _ = wait::for_stream(self.device.uploads());
    }
}
