//! Sums of products that are reduced modulo the field's order once, at the end.
//!
//! A product of two field elements costs about half without its Montgomery reduction, and a product by a machine
//! integer costs a tenth of a field product; the sum grows by a few bits, which a few spare limbs hold.

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

const MODULUS: [u64; 4] = Fr::MODULUS.0;

/// A sum of products of field elements by unsigned 64-bit integers: lane j holds the sum of `limb_j * integer`.
///
/// # Panics
/// Never, but the sum is only exact while fewer than 2^32 terms are added.
#[derive(Clone, Copy, Default)]
pub struct IntSum {
    low: [u128; 4],
    high: [u128; 4],
}

impl IntSum {
    /// Adds `value * integer`, where `integer < 2^32`.
    #[inline(always)]
    pub fn add_short(&mut self, value: &Fr, integer: u64) {
        let limbs = &value.0.0;
        for (lane, limb) in self.low.iter_mut().zip(limbs) {
            *lane += u128::from(*limb) * u128::from(integer);
        }
    }

    /// Adds `value * integer`.
    #[inline(always)]
    pub fn add_long(&mut self, value: &Fr, integer: u64) {
        self.add_short(value, integer & 0xffff_ffff);
        for (lane, limb) in self.high.iter_mut().zip(&value.0.0) {
            *lane += u128::from(*limb) * u128::from(integer >> 32);
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        for j in 0..4 {
            self.low[j] += other.low[j];
            self.high[j] += other.high[j];
        }
    }

    /// The sum as a field element.
    pub fn finish(&self) -> Fr {
        let mut limbs = [0u64; 6];
        add_lanes(&mut limbs, &self.low, 0);
        if self.high != [0; 4] {
            add_lanes(&mut limbs, &self.high, 32);
        }
        let low = below_modulus([limbs[0], limbs[1], limbs[2], limbs[3]]);
        let high = u128::from(limbs[4]) | u128::from(limbs[5]) << 64;
        low + Fr::from(high)
    }
}

/// Adds `sum_j lanes[j] 2^(64 j + shift)`, shift < 64.
fn add_lanes(limbs: &mut [u64; 6], lanes: &[u128; 4], shift: u32) {
    for (j, lane) in lanes.iter().enumerate() {
        let low = lane << shift;
        let top = if shift == 0 { 0 } else { (lane >> (128 - shift)) as u64 };
        let mut carry = 0u128;
        let parts = [low as u64, (low >> 64) as u64, top];
        for (k, limb) in limbs[j..].iter_mut().enumerate() {
            let sum = u128::from(*limb) + u128::from(*parts.get(k).unwrap_or(&0)) + carry;
            *limb = sum as u64;
            carry = sum >> 64;
        }
    }
}

/// A sum of products of two field elements, in nine limbs.
#[derive(Clone, Copy, Default)]
pub struct FieldSum([u64; 9]);

impl FieldSum {
    /// Adds `a * b`; exact for up to 2^64 terms.
    #[inline(always)]
    pub fn add(&mut self, a: &Fr, b: &Fr) {
        let (a, b) = (&a.0.0, &b.0.0);
        let mut product = [0u64; 8];
        for i in 0..4 {
            let mut carry = 0u64;
            for j in 0..4 {
                let t = u128::from(a[i]) * u128::from(b[j]) + u128::from(product[i + j]) + u128::from(carry);
                product[i + j] = t as u64;
                carry = (t >> 64) as u64;
            }
            product[i + 4] = carry;
        }
        let mut carry = false;
        for (limb, add) in self.0.iter_mut().zip(product) {
            (*limb, carry) = add_with_carry(*limb, add, carry);
        }
        self.0[8] += u64::from(carry);
    }

    /// Adds `a`.
    #[inline(always)]
    pub fn add_one(&mut self, a: &Fr) {
        // In the scale of the products, a is a * 2^256.
        let mut carry = false;
        for (limb, add) in self.0[4..8].iter_mut().zip(a.0.0) {
            (*limb, carry) = add_with_carry(*limb, add, carry);
        }
        self.0[8] += u64::from(carry);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        let mut carry = false;
        for (limb, add) in self.0.iter_mut().zip(other.0) {
            (*limb, carry) = add_with_carry(*limb, add, carry);
        }
    }

    /// The sum as a field element.
    pub fn finish(&self) -> Fr {
        let limbs = &self.0;
        // The factors carry 2^256 each (Montgomery form): the result is sum / 2^256.
        let low = below_modulus([limbs[0], limbs[1], limbs[2], limbs[3]]);
        let middle = below_modulus([limbs[4], limbs[5], limbs[6], limbs[7]]);
        low * Fr::new_unchecked(BigInt([1, 0, 0, 0])) + middle + Fr::from(limbs[8])
    }
}

#[inline(always)]
fn add_with_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

/// A 256-bit integer modulo the order, taken as the limbs of a Montgomery form.
fn below_modulus(mut limbs: [u64; 4]) -> Fr {
    // 2^256 is below 6 times the order.
    while BigInt(limbs) >= Fr::MODULUS {
        let mut borrow = false;
        for (limb, modulus) in limbs.iter_mut().zip(MODULUS) {
            let (difference, first) = limb.overflowing_sub(modulus);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (difference, first | second);
        }
    }
    Fr::new_unchecked(BigInt(limbs))
}
