//! Allocating a device's memory, and how much of it there is.

#![allow(unsafe_code)]

use std::sync::Arc;

use cudarc::driver::{CudaStream, DeviceRepr, DriverError, result, sys};

use super::{
    device::Device,
    failure::{FAILED, answer, answered, describe},
    ledger::{Account, Exceeded, MemoryUse},
    memory::Memory,
    wait::{self, Kept},
};

/// Why an allocation failed.
enum Shortage {
    Memory(Exceeded),
    Other(DriverError),
}

impl Device {
    /// Memory for `len` values, which hold anything, in the order of a stream; or why there is none.
    ///
    /// Where memory would not suffice, what can be made again is given up, and then the end of another thread's sum is waited for.
    ///
    /// # Panics
    /// Like [`answer`], where the device fails in another way.
    #[track_caller]
    pub fn allocate<T: DeviceRepr>(&self, stream: &Arc<CudaStream>, len: usize) -> Result<Memory<T>, Exceeded> {
        let bytes = len.saturating_mul(size_of::<T>());
        loop {
            match self.try_allocate(stream, len, bytes) {
                Ok(allocated) => return Ok(allocated),
                Err(Shortage::Memory(exceeded)) if !self.give_up_caches() && !self.turn().wait_for_other() => return Err(exceeded),
                Err(Shortage::Memory(_)) => {}
                Err(Shortage::Other(error)) => panic!("{FAILED}{}", describe(&error)),
            }
        }
    }

    fn try_allocate<T: DeviceRepr>(&self, stream: &Arc<CudaStream>, len: usize, bytes: usize) -> Result<Memory<T>, Shortage> {
        self.check_in_use();
        let counted = self.ledger().count(bytes).map_err(Shortage::Memory)?;
        // SAFETY: the elements are plain numbers, for which all bits are values; whoever asks fills them before reading.
        match unsafe { stream.alloc::<T>(len) } {
            Ok(slice) => Ok(Memory { slice: Kept::new(slice), counted }),
            Err(DriverError(sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY)) => {
                drop(counted);
                Err(Shortage::Memory(self.ledger().state().exceeded_by(bytes)))
            }
            Err(error) => Err(Shortage::Other(error)),
        }
    }

    /// Frees what can be made again, and says whether there was anything.
    fn give_up_caches(&self) -> bool {
        let given_up = self.roots().clear();
        if given_up {
            // The memory is free once the stream has come that far.
            answered(wait::for_stream(self.stream()));
        }
        given_up
    }

    /// How many bytes buffers may use.
    pub fn limit_memory(&self, bytes: usize) {
        self.ledger().limit(bytes);
    }

    pub fn memory(&self) -> MemoryUse {
        self.check_in_use();
        let (free, total) = answer(self.context().mem_get_info());
        let Account { live, peak, limit } = self.ledger().state();
        MemoryUse { total, free, limit, live, peak }
    }

    /// What buffers may still take: up to the limit, as far as the device has it.
    pub fn available(&self) -> usize {
        self.check_in_use();
        let (free, _) = answer(self.context().mem_get_info());
        // Memory that buffers have left with the process is cut up; some of it is of no use.
        let at_hand = free.saturating_add(self.idle_in_pool() / 8 * 7);
        self.below_limit().min(at_hand)
    }

    /// What buffers may still take, if the device has it.
    pub fn below_limit(&self) -> usize {
        self.ledger().left()
    }

    /// Whether this much can be kept for long, with half of the memory left for work.
    pub fn has_room_to_keep(&self, bytes: usize) -> bool {
        bytes <= self.room_to_keep()
    }

    /// How much can be kept for long.
    pub fn room_to_keep(&self) -> usize {
        if !self.keeps_points() {
            return 0;
        }
        let (live, available) = (self.ledger().state().live, self.available());
        (live.saturating_add(available) / 2).saturating_sub(live)
    }

    /// Keeps freed memory with the process: by default every synchronisation returns it to the system, and the next
    /// allocation waits for it. A device without memory pools does neither.
    pub fn keep_freed_memory(&self) {
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
        self.context().has_async_alloc().then(|| unsafe { result::device::get_default_mem_pool(self.context().cu_device()) }.ok()).flatten()
    }
}
