//! Points of BN254 as bytes: affine coordinates, 32 little-endian bytes each, no flags, never the point at infinity.
//!
//! Two forms share the layout: the canonical one (files, digests) and snarkjs's, whose coordinates are in Montgomery
//! form with R = 2^256, as they lie in memory.

use std::marker::PhantomData;

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger, PrimeField};

/// Bytes of a point of G1.
pub(crate) const G1_BYTES: usize = 64;
/// Bytes of a point of G2.
pub(crate) const G2_BYTES: usize = 128;

/// How a coordinate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The integer itself.
    Canonical,
    /// The integer times 2^256 modulo the field's order.
    Montgomery,
}

fn encode_fq(value: &Fq, out: &mut [u8]) {
    for (bytes, limb) in out.chunks_exact_mut(8).zip(value.into_bigint().0) {
        bytes.copy_from_slice(&limb.to_le_bytes());
    }
}

/// `None` unless the integer is below the field's order, in either form.
fn decode_fq(bytes: &[u8], form: Form) -> Option<Fq> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(chunk.try_into().ok()?);
    }
    let integer = BigInt::new(limbs);
    match form {
        Form::Canonical => Fq::from_bigint(integer),
        Form::Montgomery => (integer < Fq::MODULUS).then_some(ark_ff::Fp(integer, PhantomData)),
    }
}

/// The canonical bytes of a finite point: x, y.
pub(crate) fn encode_g1(point: &G1Affine) -> [u8; G1_BYTES] {
    let mut out = [0; G1_BYTES];
    encode_fq(&point.x, &mut out[..32]);
    encode_fq(&point.y, &mut out[32..]);
    out
}

/// The canonical bytes of a finite point: x.c0, x.c1, y.c0, y.c1.
pub(crate) fn encode_g2(point: &G2Affine) -> [u8; G2_BYTES] {
    let mut out = [0; G2_BYTES];
    for (bytes, value) in out.chunks_exact_mut(32).zip([point.x.c0, point.x.c1, point.y.c0, point.y.c1]) {
        encode_fq(&value, bytes);
    }
    out
}

/// A finite point on the curve, hence in the group, whose cofactor is 1; `None` for anything else.
pub(crate) fn decode_g1(bytes: &[u8], form: Form) -> Option<G1Affine> {
    let (x, y) = bytes.split_at_checked(32)?;
    let point = G1Affine::new_unchecked(decode_fq(x, form)?, decode_fq(y, form)?);
    // arkworks takes (0, 0) for the identity, and that to be on the curve.
    (!point.is_zero() && point.is_on_curve()).then_some(point)
}

/// A finite point on the curve and in the subgroup of prime order; `None` for anything else.
pub(crate) fn decode_g2(bytes: &[u8], form: Form) -> Option<G2Affine> {
    let mut coordinates = [Fq::default(); 4];
    for (value, chunk) in coordinates.iter_mut().zip(bytes.chunks_exact(32)) {
        *value = decode_fq(chunk, form)?;
    }
    let [x0, x1, y0, y1] = coordinates;
    let point = G2Affine::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1));
    (!point.is_zero() && point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve()).then_some(point)
}

/// The base field's order in little-endian bytes, as `.ptau` headers write it.
pub(crate) fn modulus_bytes() -> Vec<u8> {
    Fq::MODULUS.to_bytes_le()
}
