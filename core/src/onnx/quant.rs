//! The arithmetic of QuantizeLinear and DequantizeLinear, in f32 as ONNX Runtime does it.

use super::value::Params;

/// `(q - zero) * scale` as DequantizeLinear computes it.
pub(super) fn dequantize(q: i64, zero: i64, scale: f32) -> f32 {
    // Exact for what programs compute; a zero point from a stranger's key can be anything.
    q.saturating_sub(zero) as f32 * scale
}

/// QuantizeLinear of one value; NaN becomes the least integer, as x86's minimum and maximum have it.
pub(super) fn quantize(x: f32, params: Params) -> i64 {
    let (lo, hi) = params.dtype.bounds();
    let (lo, hi) = ((lo - params.zero) as f32, (hi - params.zero) as f32);
    let scaled = x / params.scale;
    let scaled = if scaled > lo { scaled.min(hi) } else { lo };
    scaled.round_ties_even() as i64 + params.zero
}
