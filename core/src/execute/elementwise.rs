//! Elementwise operations, in parallel chunks.

use crate::tensor::{DType, Ints};
use crate::with_ints;
use rayon::prelude::*;

/// Elements a task works on: a few kilobytes of temporaries, which stay in the first-level cache.
const CHUNK: usize = 1 << 12;

/// Fills a vector of `len` elements of `dtype` chunk by chunk: `f(start, chunk)` writes the chunk's values.
pub(super) fn fill(dtype: DType, len: usize, f: impl Fn(usize, &mut [i64]) + Sync) -> Ints {
    let mut out = Ints::zeros(dtype, len);
    #[allow(clippy::unnecessary_cast)]
    {
        with_ints!(&mut out, v => v.par_chunks_mut(CHUNK).enumerate().for_each(|(i, chunk)| {
            let mut values = [0i64; CHUNK];
            let values = &mut values[..chunk.len()];
            f(i * CHUNK, values);
            chunk.iter_mut().zip(values).for_each(|(o, x)| *o = *x as _);
        }));
    }
    out
}

/// Reads `ints[start..]` widened into `out`.
pub(super) fn widen(ints: &Ints, start: usize, out: &mut [i64]) {
    #[allow(clippy::unnecessary_cast)]
    {
        with_ints!(ints, v => out.iter_mut().zip(&v[start..]).for_each(|(o, x)| *o = *x as i64));
    }
}

pub(super) fn map(x: &Ints, dtype: DType, f: impl Fn(i64) -> i64 + Sync) -> Ints {
    fill(dtype, x.len(), |start, out| {
        widen(x, start, out);
        out.iter_mut().for_each(|v| *v = f(*v));
    })
}

pub(super) fn zip(a: &Ints, b: &Ints, dtype: DType, f: impl Fn(i64, i64) -> i64 + Sync) -> Ints {
    fill(dtype, a.len(), |start, out| {
        let mut other = [0i64; CHUNK];
        widen(a, start, out);
        let other = &mut other[..out.len()];
        widen(b, start, other);
        out.iter_mut().zip(other).for_each(|(o, b)| *o = f(*o, *b));
    })
}

pub(super) fn linear(terms: &[(&Ints, i64)], constant: i64, dtype: DType) -> Ints {
    let len = terms.first().map_or(0, |t| t.0.len());
    fill(dtype, len, |start, out| {
        out.fill(constant);
        for (ints, coef) in terms {
            #[allow(clippy::unnecessary_cast)]
            {
                with_ints!(*ints, v => out.iter_mut().zip(&v[start..]).for_each(|(o, x)| *o += coef * *x as i64));
            }
        }
    })
}
