//! Elements as they lie in memory: Montgomery limbs, little-endian.
//!
//! A point is its two coordinates; the origin, which is on neither curve, is the point at infinity.

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use rayon::prelude::*;

/// Bytes of a field element.
pub const FIELD: usize = 32;
/// Bytes of a point of the first group.
pub const G1: usize = 2 * FIELD;
/// Bytes of a point of the second group.
pub const G2: usize = 4 * FIELD;

/// Elements that a task decodes at least.
const CHUNK: usize = 1 << 12;

/// The element of 32 bytes, which must be below the modulus.
///
/// # Panics
/// On fewer bytes.
#[inline(always)]
pub fn scalar(bytes: &[u8]) -> Fr {
    Fr::new_unchecked(BigInt(limbs(bytes)))
}

#[inline(always)]
fn coordinate(bytes: &[u8]) -> Fq {
    Fq::new_unchecked(BigInt(limbs(bytes)))
}

#[inline(always)]
fn limbs(bytes: &[u8]) -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(bytes[..FIELD].as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*bytes);
    }
    limbs
}

/// The 32-bit number at `index` of a list.
///
/// # Panics
/// If there is none.
#[inline(always)]
pub fn number(bytes: &[u8], index: usize) -> u32 {
    u32::from_le_bytes(bytes.as_chunks::<4>().0[index])
}

/// A list of 32-bit numbers.
pub fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
}

/// The point of 64 bytes.
pub fn g1(bytes: &[u8]) -> G1Affine {
    let (x, y) = (coordinate(bytes), coordinate(&bytes[FIELD..]));
    if x == Fq::ZERO && y == Fq::ZERO { G1Affine::identity() } else { G1Affine::new_unchecked(x, y) }
}

/// The point of 128 bytes.
pub fn g2(bytes: &[u8]) -> G2Affine {
    let pair = |bytes: &[u8]| Fq2::new(coordinate(bytes), coordinate(&bytes[FIELD..]));
    let (x, y) = (pair(bytes), pair(&bytes[2 * FIELD..]));
    if x == Fq2::ZERO && y == Fq2::ZERO { G2Affine::identity() } else { G2Affine::new_unchecked(x, y) }
}

/// A list of points of the first group.
pub fn g1_list(bytes: &[u8]) -> Vec<G1Affine> {
    bytes.par_chunks_exact(G1).with_min_len(CHUNK).map(g1).collect()
}

/// A list of points of the second group.
pub fn g2_list(bytes: &[u8]) -> Vec<G2Affine> {
    bytes.par_chunks_exact(G2).with_min_len(CHUNK).map(g2).collect()
}

/// Whether every 32 bytes are below the modulus of `F`.
pub fn all_below_modulus<F: PrimeField<BigInt = BigInt<4>>>(bytes: &[u8]) -> bool {
    bytes.par_chunks_exact(FIELD).with_min_len(CHUNK).all(|bytes| BigInt(limbs(bytes)) < F::MODULUS)
}

/// Appends a field element.
pub fn put_scalar(out: &mut Vec<u8>, value: &Fr) {
    put_limbs(out, &value.0.0);
}

/// Appends a point of the first group.
pub fn put_g1(out: &mut Vec<u8>, point: &G1Affine) {
    let (x, y) = point.xy().unwrap_or_default();
    put_limbs(out, &x.0.0);
    put_limbs(out, &y.0.0);
}

/// Appends a point of the second group.
pub fn put_g2(out: &mut Vec<u8>, point: &G2Affine) {
    let (x, y) = point.xy().unwrap_or_default();
    for coordinate in [x.c0, x.c1, y.c0, y.c1] {
        put_limbs(out, &coordinate.0.0);
    }
}

/// Appends a list of 32-bit numbers.
pub fn put_numbers(out: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}

fn put_limbs(out: &mut Vec<u8>, limbs: &[u64; 4]) {
    limbs.iter().for_each(|limb| out.extend_from_slice(&limb.to_le_bytes()));
}
