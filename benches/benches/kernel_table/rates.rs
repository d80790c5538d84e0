//! What this machine does at most: multiplications and bytes.

#![allow(unsafe_code)]

use std::hint::black_box;

use crate::clock;

/// The least of several runs.
fn least(mut run: impl FnMut() -> f64) -> f64 {
    (0..9).map(|_| run()).fold(f64::INFINITY, f64::min)
}

const LOOPS: usize = 1 << 18;

/// Nanoseconds of a multiplication of 64 bits, eight independent chains.
pub fn multiplication_ns() -> f64 {
    least(|| {
        let (mut x, factor) = (black_box([3u64; 8]), black_box(0x9e37_79b9_7f4a_7c15u64));
        let start = clock::of_thread();
        for _ in 0..LOOPS {
            for x in &mut x {
                let product = u128::from(*x) * u128::from(factor);
                *x = product as u64 ^ (product >> 64) as u64;
            }
        }
        black_box(x);
        (clock::of_thread() - start) / (8 * LOOPS) as f64
    })
}

/// Nanoseconds of a multiply-add of 52 bits in one of eight lanes; the processor must have AVX-512 IFMA.
#[cfg(target_arch = "x86_64")]
pub fn multiply_add_ns(_proof: &assay_gpu::Ifma) -> f64 {
    // SAFETY: an `Ifma` exists only where the processor has the instructions.
    least(|| unsafe { multiply_adds() })
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply_adds() -> f64 {
    use std::arch::x86_64::{_mm512_madd52lo_epu64, _mm512_set1_epi64};
    let (a, b) = (_mm512_set1_epi64(black_box(12345)), _mm512_set1_epi64(black_box(67891)));
    let mut chains = [a; 16];
    let start = clock::of_thread();
    for _ in 0..LOOPS {
        for chain in &mut chains {
            *chain = _mm512_madd52lo_epu64(*chain, a, b);
        }
    }
    let time = clock::of_thread() - start;
    black_box(chains);
    time / (16 * 8 * LOOPS) as f64
}

/// Nanoseconds a byte, read or written, of copies that touch so many bytes.
pub fn byte_ns(bytes: usize) -> f64 {
    let source = vec![1u8; bytes / 2];
    let mut target = vec![0u8; bytes / 2];
    let repeats = ((1 << 24) / bytes).max(1);
    least(|| {
        let start = clock::of_thread();
        for _ in 0..repeats {
            target.copy_from_slice(black_box(&source));
            black_box(&mut target);
        }
        (clock::of_thread() - start) / (repeats * bytes) as f64
    })
}
