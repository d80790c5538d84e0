//! Fractional sums (LogUp-GKR). Arrays have a virtual length 2^log_len; a tree's entries beyond the physical length are 0/1.

#![allow(unsafe_code)]

use ark_bn254::Fr;

use super::{
    device::Device,
    launch::{count, elements, launch},
    memory::{Address, Limbs, Vector, limbs},
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

/// p0, p1, q0, q1 as the kernels take them.
#[repr(C)]
#[derive(Clone, Copy)]
struct Layer {
    values: [Address; 4],
    lengths: [u32; 4],
    tails: [Limbs; 4],
}

// SAFETY: addresses and numbers, laid out as in C: there is no padding on either side.
unsafe impl cudarc::driver::DeviceRepr for Layer {}

impl Layer {
    /// The arrays, of virtual length 2^log_len, and how long the longest of them is.
    fn new(arrays: [&Vector; 4], tails: [Fr; 4], log_len: usize) -> (Self, usize) {
        let lengths = arrays.map(|array| array.0.len());
        let longest = lengths.into_iter().max().unwrap_or(0);
        assert!(longest <= 1 << log_len, "{longest} fractions in a layer of {}", 1usize << log_len);
        let values = arrays.map(|array| array.0.all());
        (Self { values, lengths: lengths.map(count), tails: tails.map(|tail| limbs(&tail)) }, longest)
    }
}

/// `t(0)` and the coefficient of X^2 of `t(X) = sum_x eq[x] (p0 q1 + p1 q0)(X, x)`, for `[p0, p1, q0, q1]`.
pub fn round(device: &Device, arrays: [&Vector; 4], tails: [Fr; 4], log_len: usize, eq: &Vector) -> [Fr; 2] {
    let half = 1 << (log_len - 1);
    assert_eq!(eq.0.len(), half);
    let (layer, longest) = Layer::new(arrays, tails, log_len);
    let partials = Partials::new(device, half, 3);
    let end = count(longest.min(half));
    launch!(device, Vectors, "fraction_round", partials.shape(), partials.address(), layer, eq.0.all(), end, count(half));
    finish(partials.finish(device), tails)
}

/// Binds variable 0 of the arrays to r, removes it from `eq`, and computes the next round from what the kernel holds in
/// registers.
pub fn fold_round(device: &Device, arrays: &mut [Vector; 4], tails: [Fr; 4], log_len: usize, eq: &mut Vector, r: Fr) -> [Fr; 2] {
    let quarter = 1 << (log_len - 2);
    assert_eq!(eq.0.len(), 2 * quarter);
    let (layer, longest) = Layer::new(arrays.each_ref(), tails, log_len);
    let partials = Partials::new(device, quarter, 3);
    let (shape, end) = (partials.shape(), count(longest.min(quarter)));
    launch!(device, Vectors, "fold_fraction_round", shape, partials.address(), layer, eq.0.all(), limbs(&r), end, count(quarter));
    arrays.iter_mut().for_each(|array| array.0.truncate(array.0.len().min(2 * quarter)));
    eq.0.truncate(quarter);
    finish(partials.finish(device), tails)
}

/// A round from t(0), the coefficient of X^2, and the sum of eq where all arrays are at their tails.
fn finish(sums: Vec<Fr>, [p0, p1, q0, q1]: [Fr; 4]) -> [Fr; 2] {
    [sums[0] + (p0 * q1 + p1 * q0) * sums[2], sums[1]]
}
