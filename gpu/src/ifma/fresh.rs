//! Room for long results, in huge pages where the system grants them: with small pages, the first touch of memory takes
//! several times as long as what is written there.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

use crate::portable::parallel;

/// Bytes that make a difference: two huge pages.
#[cfg(target_os = "linux")]
const WORTH_ADVISING: usize = 1 << 22;

/// An empty vector with room for so many elements.
pub fn fresh<T>(len: usize) -> Vec<T> {
    let vector = Vec::with_capacity(len);
    #[cfg(target_os = "linux")]
    if len * size_of::<T>() >= WORTH_ADVISING {
        advise(&vector);
    }
    vector
}

/// Gives a vector room for so many elements, in a new allocation where it has less: what it held is lost.
pub fn reserve<T>(vector: &mut Vec<T>, len: usize) {
    if vector.capacity() < len {
        *vector = fresh(len);
    }
}

/// So many zeros.
pub fn zeros(len: usize) -> Vec<Fr> {
    let mut vector = fresh(len);
    vector.resize(len, Fr::zero());
    vector
}

/// [`crate::Backend::assemble`]: nothing is written twice.
pub fn assemble<const N: usize>(lens: [usize; N], piece: usize, make: impl Fn(usize) -> [Vec<Fr>; N] + Sync) -> [Vec<Fr>; N] {
    let mut whole = lens.map(fresh);
    let mut places = whole.each_mut().map(|vector| vector.spare_capacity_mut());
    for (places, len) in places.iter_mut().zip(lens) {
        *places = &mut std::mem::take(places)[..len];
    }
    parallel::cut(places, piece).into_par_iter().enumerate().for_each(|(k, places)| {
        for (places, part) in places.into_iter().zip(make(k)) {
            assert_eq!(part.len(), places.len(), "piece {k} of vectors of {lens:?}");
            places.iter_mut().zip(part).for_each(|(place, value)| _ = place.write(value));
        }
    });
    for (vector, len) in whole.iter_mut().zip(lens) {
        // SAFETY: every place belongs to a piece, and every piece was written as a whole.
        unsafe { vector.set_len(len) };
    }
    whole
}

/// Asks for huge pages, which is a wish: without them everything works as well.
#[cfg(target_os = "linux")]
fn advise<T>(vector: &Vec<T>) {
    const HUGE: usize = 1 << 21;
    const ADVICE_HUGE_PAGE: i32 = 14;
    unsafe extern "C" {
        fn madvise(start: *mut std::ffi::c_void, len: usize, advice: i32) -> i32;
    }
    let start = (vector.as_ptr() as usize).next_multiple_of(HUGE);
    let end = (vector.as_ptr() as usize + size_of::<T>() * vector.capacity()) / HUGE * HUGE;
    if start < end {
        // SAFETY: the range lies within the vector's allocation, and the advice changes no contents.
        let _ = unsafe { madvise(start as *mut _, end - start, ADVICE_HUGE_PAGE) };
    }
}
