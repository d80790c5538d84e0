//! Room for long results, in huge pages where the system grants them: with small pages, the first touch of memory takes
//! several times as long as what is written there.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use ark_ff::Zero;

/// Elements that make a difference: a few huge pages.
#[cfg(target_os = "linux")]
const WORTH_ADVISING: usize = 1 << 18;

/// An empty vector with room for so many elements.
pub fn fresh(len: usize) -> Vec<Fr> {
    let vector = Vec::with_capacity(len);
    #[cfg(target_os = "linux")]
    if len >= WORTH_ADVISING {
        advise(&vector);
    }
    vector
}

/// So many zeros.
pub fn zeros(len: usize) -> Vec<Fr> {
    let mut vector = fresh(len);
    vector.resize(len, Fr::zero());
    vector
}

/// Asks for huge pages, which is a wish: without them everything works as well.
#[cfg(target_os = "linux")]
fn advise(vector: &Vec<Fr>) {
    const HUGE: usize = 1 << 21;
    const ADVICE_HUGE_PAGE: i32 = 14;
    unsafe extern "C" {
        fn madvise(start: *mut std::ffi::c_void, len: usize, advice: i32) -> i32;
    }
    let start = (vector.as_ptr() as usize).next_multiple_of(HUGE);
    let end = (vector.as_ptr() as usize + size_of::<Fr>() * vector.capacity()) / HUGE * HUGE;
    if start < end {
        // SAFETY: the range lies within the vector's allocation, and the advice changes no contents.
        let _ = unsafe { madvise(start as *mut _, end - start, ADVICE_HUGE_PAGE) };
    }
}
