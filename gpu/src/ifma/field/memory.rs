//! Between lanes and memory in arkworks' layout.
//!
//! Eight elements are a matrix of 8 by 4 words; lanes want its transpose.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, marker::PhantomData, mem::MaybeUninit};

use super::{
    avx512,
    lanes::{Lanes, broadcast, normalise, shift},
    modulus::{MASK, Modulus},
};

/// Pairs of blocks of eight elements, for two products in flight, and the fewer than sixteen left over.
pub fn pairs<F>(values: &[F]) -> (&[[[F; 8]; 2]], &[F]) {
    let (values, rest) = values.split_at(values.len() / 16 * 16);
    (values.as_chunks().0.as_chunks().0, rest)
}

/// [`pairs`] to be written to.
pub fn pairs_mut<F>(values: &mut [F]) -> (&mut [[[F; 8]; 2]], &mut [F]) {
    let (values, rest) = values.split_at_mut(values.len() / 16 * 16);
    (values.as_chunks_mut().0.as_chunks_mut().0, rest)
}

avx512! {
    /// Eight elements.
    #[inline]
    pub fn load<F: Modulus>(values: &[F; 8]) -> Lanes<F> {
        let start = values.as_ptr().cast::<u8>();
        // SAFETY: elements are four 64-bit words each, 32 bytes apart, and all eight lie within `values`.
        unsafe { gather(std::array::from_fn(|i| start.add(32 * i))) }
    }

    /// Sixteen times eight elements, so that `M` of them and others is arkworks' product.
    #[inline]
    pub fn load_sixteenfold<F: Modulus>(values: &[F; 8]) -> Lanes<F> {
        normalise(shift::<F, 4>(load(values)))
    }

    /// Eight canonical, normalised elements.
    #[inline]
    pub fn store<F: Modulus>(lanes: Lanes<F>, values: &mut [F; 8]) {
        let start = values.as_mut_ptr().cast::<u8>();
        // SAFETY: elements are four 64-bit words each, 32 bytes apart, and all eight lie within `values`. Canonical
        // limbs make elements; that they are is the caller's part of correctness, and no memory depends on it.
        unsafe { scatter(lanes, std::array::from_fn(|i| start.add(32 * i))) }
    }

    /// Twice eight elements.
    #[inline]
    pub fn load_two<F: Modulus>(values: &[[F; 8]; 2]) -> [Lanes<F>; 2] {
        [load(&values[0]), load(&values[1])]
    }

    /// Twice eight canonical, normalised elements.
    #[inline]
    pub fn store_two<F: Modulus>(lanes: [Lanes<F>; 2], values: &mut [[F; 8]; 2]) {
        store(lanes[0], &mut values[0]);
        store(lanes[1], &mut values[1]);
    }

    /// Eight words.
    #[inline]
    pub fn words(words: &[u64; 8]) -> __m512i {
        // SAFETY: eight words of 64 bits lie there, and no alignment is needed.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    /// The words of a vector.
    #[inline]
    pub fn words_of(vector: __m512i) -> [u64; 8] {
        let mut words = [0; 8];
        // SAFETY: eight words of 64 bits may be written there, and no alignment is needed.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) };
        words
    }

    /// Eight elements starting at `values[at]`, those behind the last one being `tail`.
    #[inline]
    pub fn load_tailed<F: Modulus>(values: &[F], at: usize, tail: &F) -> Lanes<F> {
        match values.get(at..).and_then(|values| values.first_chunk()) {
            Some(values) => load(values),
            // A vector may be all tail from its half on.
            None if at >= values.len() => broadcast(tail),
            None => load_padded(values, at, tail),
        }
    }

    #[cold]
    #[inline(never)]
    fn load_padded<F: Modulus>(values: &[F], at: usize, tail: &F) -> Lanes<F> {
        let mut padded = [*tail; 8];
        for (padded, value) in padded.iter_mut().zip(values.get(at..).unwrap_or_default()) {
            *padded = *value;
        }
        load(&padded)
    }

    /// As many of eight canonical, normalised elements as there is place for.
    #[inline]
    pub fn store_within<F: Modulus>(lanes: Lanes<F>, values: &mut [F]) {
        if let Some(values) = values.first_chunk_mut() {
            return store(lanes, values);
        }
        let mut all = [F::ZERO; 8];
        store(lanes, &mut all);
        values.copy_from_slice(&all[..values.len()]);
    }

    /// [`store_within`] in memory that holds nothing yet; all of up to eight places are written.
    #[inline]
    pub fn write_within<F: Modulus>(lanes: Lanes<F>, places: &mut [MaybeUninit<F>]) {
        // SAFETY: canonical limbs make elements.
        unsafe { write_words_within(lanes, places) };
    }

    /// [`write_within`] for another type of 32 bytes, whose bits the normalised values below 2^256 are.
    ///
    /// # Safety
    /// These bits must be valid for the type.
    #[inline]
    pub unsafe fn write_words_within<F: Modulus, T: Copy>(lanes: Lanes<F>, places: &mut [MaybeUninit<T>]) {
        const { assert!(size_of::<T>() == 32) };
        let mut rest = [MaybeUninit::<T>::uninit(); 8];
        let whole = places.len() >= 8;
        let start = if whole { places.as_mut_ptr() } else { rest.as_mut_ptr() };
        // SAFETY: there is place for eight at either, 32 bytes apart; the caller vouches for the bits.
        unsafe { scatter(lanes, std::array::from_fn(|i| start.add(i).cast())) };
        if !whole {
            places.copy_from_slice(&rest[..places.len()]);
        }
    }

    /// Limbs of 64 bits to limbs of 52.
    #[inline]
    pub fn split<F: Modulus>(x: [__m512i; 4]) -> Lanes<F> {
        let mask = _mm512_set1_epi64(MASK as i64);
        let limbs = [
            _mm512_and_si512(x[0], mask),
            _mm512_and_si512(_mm512_shrdi_epi64::<52>(x[0], x[1]), mask),
            _mm512_and_si512(_mm512_shrdi_epi64::<40>(x[1], x[2]), mask),
            _mm512_and_si512(_mm512_shrdi_epi64::<28>(x[2], x[3]), mask),
            _mm512_srli_epi64::<16>(x[3]),
        ];
        Lanes(limbs, PhantomData)
    }

    /// Normalised limbs of a value below 2^256 to limbs of 64 bits.
    #[inline]
    pub fn join<F: Modulus>(v: &Lanes<F>) -> [__m512i; 4] {
        let v = &v.0;
        [
            _mm512_or_si512(v[0], _mm512_slli_epi64::<52>(v[1])),
            _mm512_or_si512(_mm512_srli_epi64::<12>(v[1]), _mm512_slli_epi64::<40>(v[2])),
            _mm512_or_si512(_mm512_srli_epi64::<24>(v[2]), _mm512_slli_epi64::<28>(v[3])),
            _mm512_or_si512(_mm512_srli_epi64::<36>(v[3]), _mm512_slli_epi64::<16>(v[4])),
        ]
    }

    /// The 32 bytes at each of eight places.
    ///
    /// # Safety
    /// All of them must be readable; no alignment is needed.
    #[inline]
    pub unsafe fn gather<F: Modulus>(places: [*const u8; 8]) -> Lanes<F> {
        let pair = |a: *const u8, b: *const u8| {
            // SAFETY: the caller vouches for 32 bytes at each place.
            let (a, b) = unsafe { (_mm256_loadu_si256(a.cast()), _mm256_loadu_si256(b.cast())) };
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(a), b)
        };
        let r0 = pair(places[0], places[2]);
        let r1 = pair(places[1], places[3]);
        let r2 = pair(places[4], places[6]);
        let r3 = pair(places[5], places[7]);
        let a = _mm512_unpacklo_epi64(r0, r1);
        let b = _mm512_unpackhi_epi64(r0, r1);
        let c = _mm512_unpacklo_epi64(r2, r3);
        let d = _mm512_unpackhi_epi64(r2, r3);
        split([
            _mm512_shuffle_i64x2::<0b10_00_10_00>(a, c),
            _mm512_shuffle_i64x2::<0b10_00_10_00>(b, d),
            _mm512_shuffle_i64x2::<0b11_01_11_01>(a, c),
            _mm512_shuffle_i64x2::<0b11_01_11_01>(b, d),
        ])
    }

    /// Writes normalised values below 2^256 to the 32 bytes at each of eight places.
    ///
    /// # Safety
    /// All of them must be writable; no alignment is needed.
    #[inline]
    pub unsafe fn scatter<F: Modulus>(lanes: Lanes<F>, places: [*mut u8; 8]) {
        let x = join(&lanes);
        let a = _mm512_unpacklo_epi64(x[0], x[1]);
        let b = _mm512_unpackhi_epi64(x[0], x[1]);
        let c = _mm512_unpacklo_epi64(x[2], x[3]);
        let d = _mm512_unpackhi_epi64(x[2], x[3]);
        let low = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
        let high = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
        let pair = |v: __m512i, a: *mut u8, b: *mut u8| {
            // SAFETY: the caller vouches for 32 bytes at each place.
            unsafe {
                _mm256_storeu_si256(a.cast(), _mm512_castsi512_si256(v));
                _mm256_storeu_si256(b.cast(), _mm512_extracti64x4_epi64::<1>(v));
            }
        };
        pair(_mm512_permutex2var_epi64(a, low, c), places[0], places[2]);
        pair(_mm512_permutex2var_epi64(a, high, c), places[4], places[6]);
        pair(_mm512_permutex2var_epi64(b, low, d), places[1], places[3]);
        pair(_mm512_permutex2var_epi64(b, high, d), places[5], places[7]);
    }
}
