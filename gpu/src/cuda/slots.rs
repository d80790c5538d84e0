//! Pinned memory through which all but the largest copies go.
//!
//! A copy from or to other memory makes the driver wait for the stream's work, without an end. From pinned memory it is only asked
//! for, behind that work, and the process waits by itself ([`super::wait`]) where it needs what was copied.

#![allow(unsafe_code)]

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use cudarc::driver::{CudaEvent, CudaStream, DeviceRepr, DriverError, PinnedHostSlice, result, sys};

use super::{
    device::Device,
    failure::{answer, answered},
    memory::Address,
    wait::{self, Kept},
};

/// Bytes of a slot: what a round or a sum brings back fits many times over.
const SLOT: usize = 128 << 10;

/// Slots of a device: so many copies to it may be on their way.
const SLOTS: usize = 32;

/// A piece of pinned memory.
pub struct Slot {
    memory: Kept<PinnedHostSlice<u8>>,
    /// After the last copy from or to the memory.
    copied: Kept<CudaEvent>,
}

impl Slot {
    /// None where the system gives no pinned memory.
    pub fn new(device: &Device, bytes: usize) -> Option<Self> {
        let copied = device.context().new_event(None).ok()?;
        Some(Self { memory: pinned(device, bytes)?, copied: Kept::new(copied) })
    }

    /// Asks a stream for a copy of bytes to the device, no more than the slot has.
    ///
    /// # Safety
    /// As many bytes are there as are copied, and nothing else touches them until the stream has done so.
    pub unsafe fn send(&mut self, stream: &CudaStream, bytes: &[u8], to: Address) {
        // The copy before may still be to read the slot.
        answered(wait::for_event(&self.copied));
        let memory = answer(self.memory.as_mut_slice());
        memory[..bytes.len()].copy_from_slice(bytes);
        // SAFETY: the target is the caller's to name, and the source is not touched before `copied`.
        answer(unsafe { result::memcpy_htod_async(to, &memory[..bytes.len()], stream.cu_stream()) });
        answer(self.copied.record(stream));
    }

    /// Bytes of the device, no more than the slot has, once the stream has done what it was asked for before.
    ///
    /// # Safety
    /// As many bytes are there.
    unsafe fn receive(&mut self, stream: &CudaStream, from: Address, len: usize) -> &[u8] {
        answered(wait::for_event(&self.copied));
        let memory = &mut answer(self.memory.as_mut_slice())[..len];
        // SAFETY: the source is the caller's to name, and the target is not touched before `copied`.
        answer(unsafe { result::memcpy_dtoh_async(memory, from, stream.cu_stream()) });
        answer(self.copied.record(stream));
        answered(wait::for_event(&self.copied));
        memory
    }
}

impl Drop for Slot {
    /// Memory is freed behind the copies.
    fn drop(&mut self) {
        let _ = wait::for_event(&self.copied);
    }
}

/// The slots of a device that nobody holds, the one that was used longest ago first. There are none where the system gives no
/// pinned memory.
pub struct Slots(Mutex<VecDeque<Slot>>);

impl Slots {
    /// All of them at once, before there is work that the system might wait for.
    pub fn new(device: &Device) -> Self {
        let slots: Option<VecDeque<Slot>> = (0..SLOTS).map(|_| Slot::new(device, SLOT)).collect();
        Self(Mutex::new(slots.unwrap_or_default()))
    }

    /// Runs a task with a slot, if one is left. One whose copy failed is not used again.
    fn with<T>(&self, task: impl FnOnce(Option<&mut Slot>) -> T) -> T {
        let slots = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut slot = slots().pop_front();
        let done = task(slot.as_mut());
        slots().extend(slot);
        done
    }
}

/// Copies values to the device, in the order of its first stream.
///
/// # Safety
/// The device has as much memory at `to`, and nothing on another stream touches it.
pub unsafe fn send<T: DeviceRepr + Copy>(device: &Device, values: &[T], to: Address) {
    let stream = device.stream();
    // SAFETY: the elements are plain numbers without gaps, and every byte of them can be read.
    let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
    for (piece, at) in bytes.chunks(SLOT).zip((to..).step_by(SLOT)) {
        device.slots().with(|slot| match slot {
            // SAFETY: by the caller's word, for each piece.
            Some(slot) => unsafe { slot.send(stream, piece, at) },
            None => {
                answered(wait::for_stream(stream));
                // SAFETY: as above; from memory that is not pinned, the driver has read it when the call returns.
                answer(unsafe { result::memcpy_htod_async(at, piece, stream.cu_stream()) });
            }
        });
    }
}

/// Copies values from the device, behind what its first stream was asked for.
///
/// # Safety
/// The device has `len` values at `from`, and nothing on another stream writes them.
pub unsafe fn receive<T: DeviceRepr + Copy>(device: &Device, from: Address, len: usize) -> Vec<T> {
    let (stream, bytes) = (device.stream(), len * size_of::<T>());
    let mut values = Vec::<T>::with_capacity(len);
    let to = values.as_mut_ptr().cast::<u8>();
    for start in (0..bytes).step_by(SLOT) {
        let piece = SLOT.min(bytes - start);
        let at = from + start as u64;
        device.slots().with(|slot| match slot {
            Some(slot) => {
                // SAFETY: by the caller's word, for each piece.
                let found = unsafe { slot.receive(stream, at, piece) };
                // SAFETY: the vector has room for all pieces, and the slot is another piece of memory.
                unsafe { to.add(start).copy_from_nonoverlapping(found.as_ptr(), piece) };
            }
            None => {
                // The driver waits for its own copy only.
                answered(wait::for_stream(stream));
                // SAFETY: as above.
                let copied = unsafe { sys::cuMemcpyDtoHAsync_v2(to.add(start).cast(), at, piece, stream.cu_stream()) };
                answer(copied.result());
            }
        });
    }
    // SAFETY: all pieces were written, and any bits are values of plain numbers.
    unsafe { values.set_len(len) };
    values
}

/// Pinned memory that any device copies from, if the system gives it.
pub fn pinned<T: DeviceRepr>(device: &Device, len: usize) -> Option<Kept<PinnedHostSlice<T>>> {
    // SAFETY: plain numbers, for which all bits are values.
    let memory: Result<_, DriverError> = unsafe { device.context().alloc_pinned_with_flags(len, sys::CU_MEMHOSTALLOC_PORTABLE) };
    memory.ok().map(Kept::new)
}
