//! Buffers on the device.

#![allow(unsafe_code)]

use std::{mem, sync::Arc};

use ark_bn254::Fr;
use assay_core::DType;
use cudarc::driver::{CudaSlice, CudaStream, DevicePtr, DeviceRepr, sys::CUdeviceptr};

use super::{
    device::Device,
    failure::{answer, needed},
    ledger::{Counted, Exceeded},
    slots, transfer,
    wait::{self, Kept},
};
use crate::IntSlice;

/// A field element as the kernels read it: four limbs from the lowest, Montgomery form.
pub type Limbs = [u64; 4];

const _: () = assert!(size_of::<Fr>() == size_of::<Limbs>() && align_of::<Fr>() == align_of::<Limbs>());

/// The limbs of a field element.
pub fn limbs(value: &Fr) -> Limbs {
    value.0.0
}

/// The field element of these limbs, which a kernel has reduced.
pub fn element(limbs: Limbs) -> Fr {
    Fr::new_unchecked(ark_ff::BigInt(limbs))
}

/// An address on the device.
pub type Address = CUdeviceptr;

/// Memory of the device: `len` values, freed in the order of the stream.
pub struct Buffer<T> {
    memory: Option<Memory<T>>,
    address: Address,
    len: usize,
}

/// Memory of the device, and what counts it.
pub struct Memory<T> {
    pub slice: Kept<CudaSlice<T>>,
    /// Dropped after the memory.
    pub counted: Counted,
}

impl<T> Memory<T> {
    /// From here on, the memory is freed in the order of this stream.
    ///
    /// # Safety
    /// What the stream does from here on is behind all that others have been asked to do with the memory.
    pub unsafe fn hand_to(&mut self, stream: &Arc<CudaStream>) {
        let (address, len) = (self.slice.device_ptr(stream).0, self.slice.len());
        // SAFETY: the same memory, which is not freed by its owner so far.
        let slice = Kept::new(unsafe { stream.upgrade_device_ptr(address, len) });
        let _ = mem::replace(&mut self.slice, slice).into_inner().leak();
    }
}

impl<T> Drop for Memory<T> {
    /// The stream on which the memory is freed is the one of the thread's device.
    fn drop(&mut self) {
        if wait::is_stuck() {
            return;
        }
        let context = self.slice.context();
        context.record_err(context.bind_to_thread());
        // Where memory is not freed in the order of the stream, the driver waits for that.
        if !context.has_async_alloc() {
            let _ = wait::for_stream(self.slice.stream());
        }
    }
}

impl<T: DeviceRepr + Copy> Buffer<T> {
    /// Memory that holds anything.
    pub fn uninitialised(device: &Device, len: usize) -> Self {
        needed(Self::try_uninitialised(device, len))
    }

    /// [`Buffer::uninitialised`], or why there is no place.
    pub fn try_uninitialised(device: &Device, len: usize) -> Result<Self, Exceeded> {
        if len == 0 {
            return Ok(Self { memory: None, address: 0, len });
        }
        Ok(Self::of(device, device.allocate::<T>(device.stream(), len)?))
    }

    fn of(device: &Device, memory: Memory<T>) -> Self {
        let (address, len) = (memory.slice.device_ptr(device.stream()).0, memory.slice.len());
        Self { memory: Some(memory), address, len }
    }

    pub fn zeroed(device: &Device, len: usize) -> Self
    where
        T: cudarc::driver::ValidAsZeroBits,
    {
        let mut buffer = Self::uninitialised(device, len);
        if let Some(memory) = &mut buffer.memory {
            answer(device.stream().memset_zeros(&mut *memory.slice));
        }
        buffer
    }

    pub fn upload(device: &Device, values: &[T]) -> Self {
        needed(Self::try_upload(device, values))
    }

    /// [`Buffer::upload`], or why there is no place for the values.
    pub fn try_upload(device: &Device, values: &[T]) -> Result<Self, Exceeded> {
        if values.is_empty() {
            return Ok(Self::uninitialised(device, 0));
        }
        Ok(Self::of(device, transfer::upload(device, values)?))
    }

    /// The values from `start` on.
    pub fn download(&self, device: &Device, start: usize, len: usize) -> Vec<T> {
        assert!(start + len <= self.len, "{len} values from {start} on, of {}", self.len);
        if len == 0 {
            return Vec::new();
        }
        // SAFETY: so many values are there, which only the first stream writes.
        unsafe { slots::receive(device, self.at(start, len), len) }
    }

    /// A copy of the values from `start` on.
    pub fn copy(&self, device: &Device, start: usize, len: usize) -> Self {
        assert!(start + len <= self.len, "{len} values from {start} on, of {}", self.len);
        let mut copy = Self::uninitialised(device, len);
        if let (Some(from), Some(to)) = (&self.memory, &mut copy.memory) {
            answer(device.stream().memcpy_dtod(&from.slice.slice(start..start + len), &mut *to.slice));
        }
        copy
    }

    /// A copy of the values from `start` on, on another device.
    pub fn moved(&self, here: &Device, there: &Device, start: usize, len: usize) -> Self {
        Self::upload(there, &self.download(here, start, len))
    }

    /// Copies values here, from `start` on.
    pub fn write(&mut self, device: &Device, start: usize, values: &Self) {
        assert!(start + values.len <= self.len, "{} values from {start} on, of {}", values.len, self.len);
        if let (Some(from), Some(to)) = (&values.memory, &mut self.memory) {
            let mut to = to.slice.slice_mut(start..start + values.len);
            answer(device.stream().memcpy_dtod(&from.slice.slice(0..values.len), &mut to));
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Drops the values beyond `len`, whose memory stays with the buffer.
    pub fn truncate(&mut self, len: usize) {
        assert!(len <= self.len);
        self.len = len;
    }

    /// Where the `len` values from `start` on begin.
    pub fn at(&self, start: usize, len: usize) -> Address {
        assert!(start + len <= self.len, "{len} values from {start} on, of {}", self.len);
        self.address + (start * size_of::<T>()) as u64
    }

    /// Where the values begin.
    pub fn all(&self) -> Address {
        self.address
    }
}

/// Field elements on the device.
pub struct Vector(pub(super) Buffer<Limbs>);

/// The slice as limbs.
fn as_limbs(values: &[Fr]) -> &[Limbs] {
    // SAFETY: a field element is its four limbs (sizes and alignments are compared above), and any limbs can be read.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), values.len()) }
}

impl Vector {
    pub(super) fn uninitialised(device: &Device, len: usize) -> Self {
        Self(Buffer::uninitialised(device, len))
    }

    pub(super) fn upload(device: &Device, values: &[Fr]) -> Self {
        Self(Buffer::upload(device, as_limbs(values)))
    }

    pub(super) fn download(&self, device: &Device, start: usize, len: usize) -> Vec<Fr> {
        self.0.download(device, start, len).into_iter().map(element).collect()
    }
}

/// Machine integers on the device.
#[allow(missing_docs)]
pub enum Ints {
    I8(Buffer<i8>),
    U8(Buffer<u8>),
    I16(Buffer<i16>),
    U16(Buffer<u16>),
    I32(Buffer<i32>),
    U32(Buffer<u32>),
    I64(Buffer<i64>),
}

/// Runs `$body` with `$values` bound to the typed buffer or slice inside `$ints`.
macro_rules! each_width {
    ($kind:ident, $ints:expr, $values:ident => $body:expr) => {
        match $ints {
            $kind::I8($values) => $body,
            $kind::U8($values) => $body,
            $kind::I16($values) => $body,
            $kind::U16($values) => $body,
            $kind::I32($values) => $body,
            $kind::U32($values) => $body,
            $kind::I64($values) => $body,
        }
    };
}

impl Ints {
    pub(super) fn upload(device: &Device, values: IntSlice<'_>) -> Self {
        match values {
            IntSlice::I8(values) => Self::I8(Buffer::upload(device, values)),
            IntSlice::U8(values) => Self::U8(Buffer::upload(device, values)),
            IntSlice::I16(values) => Self::I16(Buffer::upload(device, values)),
            IntSlice::U16(values) => Self::U16(Buffer::upload(device, values)),
            IntSlice::I32(values) => Self::I32(Buffer::upload(device, values)),
            IntSlice::U32(values) => Self::U32(Buffer::upload(device, values)),
            IntSlice::I64(values) => Self::I64(Buffer::upload(device, values)),
        }
    }

    pub(super) fn uninitialised(device: &Device, dtype: DType, len: usize) -> Self {
        match dtype {
            DType::I8 => Self::I8(Buffer::uninitialised(device, len)),
            DType::U8 => Self::U8(Buffer::uninitialised(device, len)),
            DType::I16 => Self::I16(Buffer::uninitialised(device, len)),
            DType::U16 => Self::U16(Buffer::uninitialised(device, len)),
            DType::I32 => Self::I32(Buffer::uninitialised(device, len)),
            DType::I64 => Self::I64(Buffer::uninitialised(device, len)),
        }
    }

    pub(super) fn zeroed(device: &Device, dtype: DType, len: usize) -> Self {
        match dtype {
            DType::I8 => Self::I8(Buffer::zeroed(device, len)),
            DType::U8 => Self::U8(Buffer::zeroed(device, len)),
            DType::I16 => Self::I16(Buffer::zeroed(device, len)),
            DType::U16 => Self::U16(Buffer::zeroed(device, len)),
            DType::I32 => Self::I32(Buffer::zeroed(device, len)),
            DType::I64 => Self::I64(Buffer::zeroed(device, len)),
        }
    }

    /// The type, if tensors have it.
    pub(super) fn dtype(&self) -> Option<DType> {
        match self {
            Self::I8(_) => Some(DType::I8),
            Self::U8(_) => Some(DType::U8),
            Self::I16(_) => Some(DType::I16),
            Self::U16(_) => Some(DType::U16),
            Self::I32(_) => Some(DType::I32),
            Self::U32(_) => None,
            Self::I64(_) => Some(DType::I64),
        }
    }

    /// A copy on the host.
    pub(super) fn fetch(&self, device: &Device) -> assay_core::Ints {
        match self {
            Self::I8(values) => assay_core::Ints::I8(values.download(device, 0, values.len())),
            Self::U8(values) => assay_core::Ints::U8(values.download(device, 0, values.len())),
            Self::I16(values) => assay_core::Ints::I16(values.download(device, 0, values.len())),
            Self::U16(values) => assay_core::Ints::U16(values.download(device, 0, values.len())),
            Self::I32(values) => assay_core::Ints::I32(values.download(device, 0, values.len())),
            Self::U32(values) => assay_core::Ints::I64(widened(values.download(device, 0, values.len()))),
            Self::I64(values) => assay_core::Ints::I64(values.download(device, 0, values.len())),
        }
    }

    /// A copy of the integers from `start` on.
    pub(super) fn copy(&self, device: &Device, start: usize, len: usize) -> Self {
        match self {
            Self::I8(values) => Self::I8(values.copy(device, start, len)),
            Self::U8(values) => Self::U8(values.copy(device, start, len)),
            Self::I16(values) => Self::I16(values.copy(device, start, len)),
            Self::U16(values) => Self::U16(values.copy(device, start, len)),
            Self::I32(values) => Self::I32(values.copy(device, start, len)),
            Self::U32(values) => Self::U32(values.copy(device, start, len)),
            Self::I64(values) => Self::I64(values.copy(device, start, len)),
        }
    }

    /// Copies integers of the same type here, from `start` on.
    pub(super) fn write_at(&mut self, device: &Device, start: usize, values: &Self) {
        match (self, values) {
            (Self::I8(to), Self::I8(from)) => to.write(device, start, from),
            (Self::U8(to), Self::U8(from)) => to.write(device, start, from),
            (Self::I16(to), Self::I16(from)) => to.write(device, start, from),
            (Self::U16(to), Self::U16(from)) => to.write(device, start, from),
            (Self::I32(to), Self::I32(from)) => to.write(device, start, from),
            (Self::U32(to), Self::U32(from)) => to.write(device, start, from),
            (Self::I64(to), Self::I64(from)) => to.write(device, start, from),
            _ => panic!("integers of another type"),
        }
    }

    pub(super) fn len(&self) -> usize {
        each_width!(Ints, self, values => values.len())
    }

    /// Bytes of one of the integers.
    pub(super) fn bytes_each(&self) -> usize {
        fn of<T>(_: &Buffer<T>) -> usize {
            size_of::<T>()
        }
        each_width!(Ints, self, values => of(values))
    }

    /// Where the `len` integers from `start` on begin.
    pub(super) fn at(&self, start: usize, len: usize) -> Address {
        each_width!(Ints, self, values => values.at(start, len))
    }

    /// A copy of the `len` integers from `start` on, on another device.
    pub(super) fn moved(&self, here: &Device, there: &Device, start: usize, len: usize) -> Self {
        match self {
            Self::I8(values) => Self::I8(values.moved(here, there, start, len)),
            Self::U8(values) => Self::U8(values.moved(here, there, start, len)),
            Self::I16(values) => Self::I16(values.moved(here, there, start, len)),
            Self::U16(values) => Self::U16(values.moved(here, there, start, len)),
            Self::I32(values) => Self::I32(values.moved(here, there, start, len)),
            Self::U32(values) => Self::U32(values.moved(here, there, start, len)),
            Self::I64(values) => Self::I64(values.moved(here, there, start, len)),
        }
    }

    pub(super) fn download(&self, device: &Device) -> Vec<i64> {
        each_width!(Ints, self, values => widened(values.download(device, 0, values.len())))
    }

    /// The index of the type in lists of kernels, one for each type.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::I8(_) => 0,
            Self::U8(_) => 1,
            Self::I16(_) => 2,
            Self::U16(_) => 3,
            Self::I32(_) => 4,
            Self::U32(_) => 5,
            Self::I64(_) => 6,
        }
    }
}

fn widened<T: Into<i64>>(values: Vec<T>) -> Vec<i64> {
    values.into_iter().map(Into::into).collect()
}

/// The names of a kernel for each type of integers, in the order of [`Ints::width`].
macro_rules! for_widths {
    ($name:literal) => {
        [
            concat!($name, "_i8"),
            concat!($name, "_u8"),
            concat!($name, "_i16"),
            concat!($name, "_u16"),
            concat!($name, "_i32"),
            concat!($name, "_u32"),
            concat!($name, "_i64"),
        ]
    };
}
pub(super) use for_widths;
