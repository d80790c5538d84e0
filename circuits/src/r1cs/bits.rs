//! Integers of a fixed width from their bits.

use super::{Builder, Wire};
use crate::Num;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_core::DType;

/// An element of a tensor: its value, and its bytes in two's complement, the most significant first.
#[derive(Clone, Debug)]
pub struct Element {
    /// The signed value.
    pub value: Wire,
    /// The bytes.
    pub bytes: Vec<Wire>,
}

/// Allocates an element of a type. Every bit is constrained to be one, so the bytes determine the value; what does not lie
/// within the type's bounds has no bits that fit (the 62-bit `int64` repeats its sign in the upper bits).
pub fn element(builder: &Builder, dtype: DType, value: i64) -> Element {
    let width = 8 * dtype.num_bytes();
    let own = if dtype == DType::I64 { 62 } else { width };
    let mut bits: Vec<Wire> = (0..own).map(|i| bit(builder, value >> i & 1 == 1)).collect();
    let sign = bits.last().filter(|_| dtype.bounds().0 < 0).cloned();
    let size = weighted(&bits);
    let wrapped = match &sign {
        Some(sign) => size.sub(&sign.mul_constant(Fr::from(2u64).pow([own as u64]))),
        None => size,
    };
    if let Some(sign) = sign {
        bits.resize(width, sign);
    }
    let bytes = bits.chunks(8).rev().map(weighted).collect();
    Element { value: wrapped, bytes }
}

fn bit(builder: &Builder, value: bool) -> Wire {
    let bit = builder.witness(Fr::from(value));
    builder.constrain(bit.clone(), bit.add_constant(-Fr::ONE), Wire::constant(Fr::ZERO), Some("a bit of a public tensor"));
    bit
}

/// `sum_i 2^i bits_i`.
fn weighted(bits: &[Wire]) -> Wire {
    Wire::linear_combination((0..bits.len()).map(|i| Fr::from(2u64).pow([i as u64])).zip(bits))
}
