//! The fields that points have their coordinates in, with products made for sums of points.
//!
//! Fq2 is Fq[u] / (u^2 + 1). A product there takes three products of limbs, after Karatsuba, and two reductions rather
//! than three:
//! ```text
//! v0 = a0 b0    v1 = a1 b1    c0 = v0 - v1    c1 = (a0 + a1)(b0 + b1) - v0 - v1
//! ```
//! With p < 2^254, sums of two elements fit four limbs and the differences above eight.

use ark_bn254::{Fq, Fq2, FqConfig};
use ark_ff::{BigInt, MontConfig, PrimeField};

use super::wide::product;
use crate::inverse::Invert;

const MODULUS: [u64; 4] = Fq::MODULUS.0;

/// A field with fast products.
pub trait Coordinate: Invert {
    /// The product.
    fn times(&self, other: &Self) -> Self;
}

impl Coordinate for Fq {
    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        *self * other
    }
}

impl Coordinate for Fq2 {
    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        let (a0, a1, b0, b1) = (&self.c0.0.0, &self.c1.0.0, &other.c0.0.0, &other.c1.0.0);
        let v0 = product(a0, b0);
        let v1 = product(a1, b1);
        let cross = subtract(&subtract(&product(&add(a0, a1), &add(b0, b1)), &v0).0, &v1).0;
        let (mut real, borrow) = subtract(&v0, &v1);
        if borrow {
            // Plus 2^256 p: below that again, and the same modulo p.
            let mut carry = false;
            for (limb, modulus) in real[4..].iter_mut().zip(MODULUS) {
                (*limb, carry) = add_with_carry(*limb, modulus, carry);
            }
        }
        Self::new(reduce(real), reduce(cross))
    }
}

#[inline(always)]
fn add(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let mut carry = false;
    let mut sum = [0; 4];
    for j in 0..4 {
        (sum[j], carry) = add_with_carry(a[j], b[j], carry);
    }
    sum
}

#[inline(always)]
fn subtract(a: &[u64; 8], b: &[u64; 8]) -> ([u64; 8], bool) {
    let mut borrow = false;
    let mut difference = [0; 8];
    for j in 0..8 {
        (difference[j], borrow) = subtract_with_borrow(a[j], b[j], borrow);
    }
    (difference, borrow)
}

/// Montgomery's reduction `value / 2^256` of a value below `2^256 p`.
#[inline(always)]
fn reduce(mut value: [u64; 8]) -> Fq {
    let mut top = false;
    for i in 0..4 {
        let k = value[i].wrapping_mul(FqConfig::INV);
        let mut carry = 0u64;
        for j in 0..4 {
            let t = u128::from(k) * u128::from(MODULUS[j]) + u128::from(value[i + j]) + u128::from(carry);
            value[i + j] = t as u64;
            carry = (t >> 64) as u64;
        }
        (value[i + 4], top) = add_with_carry(value[i + 4], carry, top);
    }
    let limbs = [value[4], value[5], value[6], value[7]];
    let mut reduced = [0; 4];
    let mut borrow = false;
    for j in 0..4 {
        (reduced[j], borrow) = subtract_with_borrow(limbs[j], MODULUS[j], borrow);
    }
    Fq::new_unchecked(BigInt(if borrow { limbs } else { reduced }))
}

#[inline(always)]
fn add_with_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

#[inline(always)]
fn subtract_with_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, Field, UniformRand};
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn products_equal_arkworks() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut largest = Fq::MODULUS;
        largest.0[0] -= 1;
        let extremes = [Fq::ZERO, Fq::ONE, -Fq::ONE, Fq::new_unchecked(largest)];
        let mut values: Vec<Fq2> = extremes.iter().flat_map(|a| extremes.iter().map(|b| Fq2::new(*a, *b))).collect();
        values.extend((0..200).map(|_| Fq2::rand(&mut rng)));
        for a in &values {
            for b in &values {
                assert_eq!(a.times(b), *a * b);
            }
        }
    }
}
