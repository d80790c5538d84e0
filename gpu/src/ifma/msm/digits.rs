//! Signed digits of many scalars at once.
//!
//! ```text
//! H = sum_w 2^(bits w + bits - 1)    digit_w = ((s + H) >> bits w) mod 2^bits - 2^(bits - 1)
//! ```
//! For |s| < r / 2 and `bits windows >= 254`, `s + H` is neither negative nor beyond the last window: negative scalars
//! need nothing else.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, mem, ops::Range};

use rayon::prelude::*;

use super::{
    super::{
        field::{avx512, words as load_words},
        fresh,
        spare::Spare,
    },
    windows::Cut,
};
use crate::portable::Signed;

/// Scalars a task cuts at least.
const BLOCK: usize = 1 << 12;

static SPARE: Spare<i16> = Spare::new();

/// Digits, window by window.
pub struct Digits {
    digits: Vec<i16>,
    stride: usize,
}

impl Digits {
    /// The digits of `scalar(0..len)`.
    pub fn of_scalars<'a>(len: usize, scalar: impl Fn(usize) -> &'a Signed + Sync, cut: Cut) -> Self {
        let bias = bias(cut);
        Self::fill(len, cut.windows, |start, rows| {
            let mut first = 0;
            while first < rows[0].len() {
                let count = (rows[0].len() - first).min(8);
                let mut words = [[0u64; 8]; 5];
                for lane in 0..count {
                    let sum = shifted(&bias, scalar(start + first + lane));
                    for (words, word) in words.iter_mut().zip(sum) {
                        words[lane] = word;
                    }
                }
                // SAFETY: digits are cut only by a backend whose processor was checked.
                unsafe { cut_eight(&words, cut, rows, first, count) };
                first += count;
            }
        })
    }

    /// The digits of integers, for cuts of at most 80 bits in all.
    pub fn of_ints(len: usize, value: impl Fn(usize) -> i64 + Sync, cut: Cut) -> Self {
        let half = 1i128 << (cut.bits - 1);
        let bias: i128 = (0..cut.windows).map(|window| half << (window as u32 * cut.bits)).sum();
        Self::fill(len, cut.windows, |start, rows| {
            for i in 0..rows[0].len() {
                let mut rest = i128::from(value(start + i)) + bias;
                for row in rows.iter_mut() {
                    row[i] = ((rest & (2 * half - 1)) - half) as i16;
                    rest >>= cut.bits;
                }
            }
        })
    }

    fn fill(len: usize, windows: usize, fill: impl Fn(usize, &mut [&mut [i16]]) + Sync) -> Self {
        // Rows of no power of two: they are written side by side, and would share their places in the cache.
        let stride = len.next_multiple_of(32) + 96;
        let mut digits = SPARE.take();
        fresh::reserve(&mut digits, stride * windows);
        digits.resize(stride * windows, 0);
        let mut blocks: Vec<Vec<&mut [i16]>> = (0..len.div_ceil(BLOCK)).map(|_| Vec::with_capacity(windows)).collect();
        for row in digits.chunks_mut(stride) {
            blocks.iter_mut().zip(row[..len].chunks_mut(BLOCK)).for_each(|(block, row)| block.push(row));
        }
        match blocks.as_mut_slice() {
            [] => {}
            [rows] => fill(0, rows),
            blocks => blocks.par_iter_mut().enumerate().for_each(|(block, rows)| fill(block * BLOCK, rows)),
        }
        Self { digits, stride }
    }

    /// The digits of a range of scalars in a window.
    pub fn row(&self, window: usize, range: Range<usize>) -> impl Iterator<Item = i32> {
        self.digits[window * self.stride..(window + 1) * self.stride][range].iter().map(|digit| i32::from(*digit))
    }
}

impl Drop for Digits {
    fn drop(&mut self) {
        SPARE.give(mem::take(&mut self.digits));
    }
}

fn bias(cut: Cut) -> [u64; 5] {
    let mut bias = [0; 5];
    for window in 0..cut.windows as u32 {
        let bit = window * cut.bits + cut.bits - 1;
        bias[(bit / 64) as usize] |= 1 << (bit % 64);
    }
    bias
}

/// `bias + scalar`.
#[inline(always)]
fn shifted(bias: &[u64; 5], scalar: &Signed) -> [u64; 5] {
    // A negative size is added as its complement, plus one.
    let (size, negative) = scalar.size();
    let flip = if negative { u64::MAX } else { 0 };
    let mut carry = negative;
    let mut sum = [0; 5];
    for (j, sum) in sum.iter_mut().enumerate() {
        let word = size.get(j).copied().unwrap_or(0) ^ flip;
        let (partial, first) = bias[j].overflowing_add(word);
        let (whole, second) = partial.overflowing_add(u64::from(carry));
        *sum = whole;
        carry = first | second;
    }
    sum
}

avx512! {
    fn cut_eight(words: &[[u64; 8]; 5], cut: Cut, rows: &mut [&mut [i16]], first: usize, count: usize) {
        let [a, b, c, d, e] = words;
        let words = [load_words(a), load_words(b), load_words(c), load_words(d), load_words(e), _mm512_setzero_si512()];
        let mask = _mm512_set1_epi64((1 << cut.bits) - 1);
        let half = _mm512_set1_epi64(1 << (cut.bits - 1));
        for (window, row) in rows.iter_mut().enumerate() {
            let bit = window as u32 * cut.bits;
            let (word, shift) = ((bit / 64) as usize, i64::from(bit % 64));
            let field = _mm512_shrdv_epi64(words[word], words[word + 1], _mm512_set1_epi64(shift));
            let digits = _mm512_cvtepi64_epi16(_mm512_sub_epi64(_mm512_and_si512(field, mask), half));
            let mut out = [0i16; 8];
            // SAFETY: eight digits.
            unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), digits) };
            row[first..first + count].copy_from_slice(&out[..count]);
        }
    }
}
