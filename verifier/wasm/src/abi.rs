//! The C ABI: five functions and a handle.
//!
//! ```text
//! assay_alloc(len) -> ptr                              0 if there is no room
//! assay_free(ptr, len)
//! assay_verify(receipt, len, key, len) -> answer       assay_describe(bytes, len) -> answer
//! assay_text(answer) -> ptr, assay_text_len(answer)    UTF-8, until assay_release(answer)
//! ```
//! All `unsafe` of the verifier is here. The caller is the page's own script, which can break the module's memory with or
//! without these functions; the bytes behind the pointers are nobody's word.

use std::ptr;
use std::slice;

/// An answer that the caller reads and releases.
pub struct Answer(Box<str>);

/// Room for `len` bytes, zeroed; null if `len` is 0, beyond [`MAX_BYTES`](crate::MAX_BYTES), or more than there is.
#[unsafe(no_mangle)]
pub extern "C" fn assay_alloc(len: usize) -> *mut u8 {
    let mut room = Vec::new();
    if len == 0 || len > crate::MAX_BYTES || room.try_reserve_exact(len).is_err() {
        return ptr::null_mut();
    }
    room.resize(len, 0u8);
    Box::into_raw(room.into_boxed_slice()).cast()
}

/// Gives back what [`assay_alloc`] gave.
///
/// # Safety
/// `ptr` is null, or [`assay_alloc`] returned it for this `len` and it was not given back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn assay_free(ptr: *mut u8, len: usize) {
    if !ptr.is_null() {
        // SAFETY: by the contract this is the boxed slice of `len` bytes that `assay_alloc` leaked, and nobody else's.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(ptr, len)) });
    }
}

/// Verifies a receipt with its key: [`verify`](crate::verify).
///
/// # Safety
/// Each pointer is null with length 0, or points to that many readable bytes that do not change during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn assay_verify(receipt: *const u8, receipt_len: usize, key: *const u8, key_len: usize) -> *mut Answer {
    // SAFETY: the caller's contract is that of `bytes`, for both.
    let (receipt, key) = unsafe { (bytes(receipt, receipt_len), bytes(key, key_len)) };
    answer(crate::verify(receipt, key))
}

/// Says what a file is: [`describe`](crate::describe).
///
/// # Safety
/// As [`assay_verify`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn assay_describe(file: *const u8, len: usize) -> *mut Answer {
    // SAFETY: the caller's contract is that of `bytes`.
    answer(crate::describe(unsafe { bytes(file, len) }))
}

/// The bytes of an answer.
///
/// # Safety
/// The answer is one that was not released yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn assay_text(answer: *const Answer) -> *const u8 {
    // SAFETY: an unreleased answer is a live box.
    unsafe { &*answer }.0.as_ptr()
}

/// The number of bytes of an answer.
///
/// # Safety
/// As [`assay_text`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn assay_text_len(answer: *const Answer) -> usize {
    // SAFETY: an unreleased answer is a live box.
    unsafe { &*answer }.0.len()
}

/// Gives an answer back.
///
/// # Safety
/// The answer was not released before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn assay_release(answer: *mut Answer) {
    // SAFETY: `answer` leaked this box, and by the contract nobody freed it.
    drop(unsafe { Box::from_raw(answer) });
}

fn answer(text: String) -> *mut Answer {
    Box::into_raw(Box::new(Answer(text.into_boxed_str())))
}

/// # Safety
/// `ptr` is null with `len` 0, or points to `len` readable bytes that do not change while the slice lives.
unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> &'a [u8] {
    if ptr.is_null() {
        return &[];
    }
    // SAFETY: by the contract; bytes have no alignment, and no allocation is larger than `isize::MAX`.
    unsafe { slice::from_raw_parts(ptr, len) }
}
