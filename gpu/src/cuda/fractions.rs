//! Fractional sums (LogUp-GKR). Arrays have a virtual length 2^log_len; entries beyond the physical length are 0/1.

#![allow(unsafe_code)]

use ark_bn254::Fr;

use super::{
    device::Device,
    launch::{count, elements, launch},
    memory::{Address, Vector, limbs},
    sums::Partials,
};

/// One layer up: `p' = p_low q_high + p_high q_low`, `q' = q_low q_high`.
pub fn layer(device: &Device, p: &Vector, q: &Vector, log_len: usize) -> (Vector, Vector) {
    let half = 1 << (log_len - 1);
    let len = q.0.len();
    assert_eq!(p.0.len(), len);
    assert!(len <= 2 * half, "{len} fractions in a layer of {}", 2 * half);
    let (pairs, kept) = (len.saturating_sub(half), len.min(half));
    let upper = (Vector::uninitialised(device, kept), Vector::uninitialised(device, kept));
    if kept > 0 {
        let shape = elements(device, kept);
        let out = (upper.0.0.all(), upper.1.0.all());
        launch!(device, Vectors, "fraction_layer", shape, out.0, out.1, p.0.all(), q.0.all(), count(half), count(pairs), count(kept));
    }
    upper
}

/// p0, p1, q0, q1 as the kernel takes them.
#[repr(C)]
#[derive(Clone, Copy)]
struct Layer {
    values: [Address; 4],
    lengths: [u32; 4],
}

// SAFETY: addresses and numbers, laid out as in C.
unsafe impl cudarc::driver::DeviceRepr for Layer {}

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (p0 q1 + p1 q0 + lambda q0 q1)(X, x)`, for `[p0, p1, q0, q1]`.
pub fn round(device: &Device, arrays: [&Vector; 4], log_len: usize, eq: &Vector, lambda: Fr) -> [Fr; 2] {
    let half = 1usize << (log_len - 1);
    assert_eq!(eq.0.len(), half);
    let lengths = arrays.map(|array| array.0.len());
    let physical = lengths.into_iter().max().unwrap_or(0);
    assert!(physical <= 2 * half, "{physical} fractions in a layer of {}", 2 * half);
    let layer = Layer { values: arrays.map(|array| array.0.all()), lengths: lengths.map(count) };
    let partials = Partials::new(device, half, 3);
    let end = count(physical.min(half));
    launch!(device, Vectors, "fraction_round", partials.shape(), partials.address(), layer, eq.0.all(), limbs(&lambda), end, count(half));
    let sums = partials.finish(device);
    [sums[0] + lambda * sums[2], sums[1]]
}
