//! Sums of products that are reduced modulo the field's order once, at the end.
//!
//! A product of two field elements costs about half without its Montgomery reduction, and a product by a machine
//! integer costs a tenth of a field product; the sum grows by a few bits, which a few spare limbs hold.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, MontConfig, One, PrimeField};

const MODULUS: [u64; 4] = Fr::MODULUS.0;

/// A sum of products of field elements by unsigned 64-bit integers: lane j holds the sum of `limb_j * integer`.
/// It is exact while fewer than 2^31 terms are added.
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

    /// Adds `value`.
    #[inline(always)]
    pub fn add_value(&mut self, value: &Fr) {
        for (lane, limb) in self.low.iter_mut().zip(&value.0.0) {
            *lane += u128::from(*limb);
        }
    }

    /// Adds `part * 2^(64 lane)`, times 2^32 if it belongs to the upper halves of integers. Parts may sum up to 2^127 a lane.
    pub fn add_part(&mut self, upper: bool, lane: usize, part: u128) {
        let lanes = if upper { &mut self.high } else { &mut self.low };
        lanes[lane] += part;
    }

    /// The sum divided by [`IntSum::scale`]: much cheaper than the sum itself.
    #[inline(always)]
    pub fn finish_scaled(&self) -> Fr {
        let mut limbs = [0u64; 6];
        add_lanes(&mut limbs, &self.low);
        if self.high != [0; 4] {
            let low = self.high.map(|lane| lane << 32);
            let top = self.high.map(|lane| lane >> 96);
            add_lanes(&mut limbs, &low);
            add_lanes(&mut limbs[2..], &top);
        }
        let mut upper = montgomery_round([limbs[0], limbs[1], limbs[2], limbs[3], limbs[4]]);
        let mut carry = limbs[5];
        (upper[4], carry) = add_wide(upper[4], carry);
        debug_assert_eq!(carry, 0, "an integer sum beyond six limbs");
        let result = montgomery_round(upper);
        debug_assert_eq!(result[4], 0, "an integer sum beyond six limbs");
        below_modulus([result[0], result[1], result[2], result[3]])
    }

    /// 2^128.
    pub fn scale() -> Fr {
        Fr::from(u128::MAX) + Fr::one()
    }

    /// The sum as a field element.
    pub fn finish(&self) -> Fr {
        self.finish_scaled() * Self::scale()
    }
}

#[inline(always)]
fn add_wide(a: u64, b: u64) -> (u64, u64) {
    let sum = u128::from(a) + u128::from(b);
    (sum as u64, (sum >> 64) as u64)
}

/// Adds `sum_j lanes[j] 2^(64 j)`.
#[inline(always)]
fn add_lanes(limbs: &mut [u64], lanes: &[u128; 4]) {
    let mut carry = 0u128;
    for (j, limb) in limbs.iter_mut().enumerate() {
        let lane = lanes.get(j).copied().unwrap_or(0);
        let low = u128::from(*limb) + u128::from(lane as u64) + u128::from(carry as u64);
        *limb = low as u64;
        carry = (carry >> 64) + (lane >> 64) + (low >> 64);
    }
}

/// `(value + k * modulus) / 2^64` with the k that makes the division exact.
#[inline(always)]
fn montgomery_round(value: [u64; 5]) -> [u64; 5] {
    let k = value[0].wrapping_mul(FrConfig::INV);
    let mut out = [0u64; 5];
    let mut carry = (u128::from(k) * u128::from(MODULUS[0]) + u128::from(value[0])) >> 64;
    for j in 1..4 {
        let sum = u128::from(k) * u128::from(MODULUS[j]) + u128::from(value[j]) + carry;
        out[j - 1] = sum as u64;
        carry = sum >> 64;
    }
    let top = u128::from(value[4]) + carry;
    out[3] = top as u64;
    out[4] = (top >> 64) as u64;
    out
}

/// `constant + sum_j integer_j value_j`, for fixed values and any 64-bit integers.
#[derive(Clone, Copy)]
pub struct IntCombination<const N: usize> {
    constant: [u64; 4],
    values: [[u64; 4]; N],
}

impl<const N: usize> IntCombination<N> {
    /// Fixes the values; N is 1 or 2.
    pub fn new(constant: Fr, values: [Fr; N]) -> Self {
        const { assert!(N <= 2) };
        // One Montgomery round divides by 2^64.
        let scale = Fr::from(u64::MAX) + Fr::one();
        Self { constant: (constant * scale).0.0, values: values.map(|value| (value * scale).0.0) }
    }

    /// The combination with `integers`.
    #[inline(always)]
    pub fn at(&self, integers: [u64; N]) -> Fr {
        let [a, b, c, d] = self.constant;
        let mut sum = [a, b, c, d, 0];
        for (value, integer) in self.values.iter().zip(integers) {
            let mut carry = 0;
            for j in 0..4 {
                let term = u128::from(value[j]) * u128::from(integer) + u128::from(sum[j]) + carry;
                sum[j] = term as u64;
                carry = term >> 64;
            }
            sum[4] += carry as u64;
        }
        // Below 2^64 N p + p before, and below (N + 1) p + 1 < 2^256 after.
        let [a, b, c, d, _] = montgomery_round(sum);
        below_modulus([a, b, c, d])
    }
}

/// A sum of products of two field elements, in nine limbs.
#[derive(Clone, Copy, Default)]
pub struct FieldSum([u64; 9]);

impl FieldSum {
    /// Adds `a * b`; exact for up to 2^64 terms.
    #[inline(always)]
    pub fn add(&mut self, a: &Fr, b: &Fr) {
        self.add_limbs(&a.0.0, &b.0.0);
    }

    /// Adds `a * b` for any four-limb a and b, reduced or not.
    #[inline(always)]
    pub fn add_limbs(&mut self, a: &[u64; 4], b: &[u64; 4]) {
        let mut carry = false;
        for (limb, add) in self.0.iter_mut().zip(product(a, b)) {
            (*limb, carry) = add_with_carry(*limb, add, carry);
        }
        self.0[8] += u64::from(carry);
    }

    /// The sum of `columns[j] 2^(52 j)`, below 2^576.
    pub fn from_columns<const N: usize>(columns: [u64; N]) -> Self {
        let mut sum = Self::default();
        for (j, column) in columns.into_iter().enumerate() {
            let (limb, shift) = (52 * j / 64, 52 * j % 64);
            let mut add = u128::from(column) << shift;
            for limb in &mut sum.0[limb..] {
                let (next, carry) = limb.overflowing_add(add as u64);
                *limb = next;
                add = (add >> 64) + u128::from(carry);
            }
        }
        sum
    }

    /// The same sum 2^256 times as large: from the scale of elements to that of products.
    pub fn widened(&self) -> Self {
        let mut limbs = [0; 9];
        limbs[4..].copy_from_slice(&self.0[..5]);
        Self(limbs)
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

    /// The sum of both.
    pub fn merged(mut self, other: Self) -> Self {
        self.merge(&other);
        self
    }

    /// The sum as a field element.
    pub fn finish(&self) -> Fr {
        let [a, b, c, d, e, f, g, h, top] = self.0;
        // The factors carry 2^256 each (Montgomery form): the result is sum / 2^256, and `top` stands at 2^512.
        let middle = below_modulus([e, f, g, h]).0.0;
        let sum = divide([a, b, c, d, middle[0], middle[1], middle[2], middle[3]]);
        if top == 0 { sum } else { sum + Fr::from(top) }
    }
}

/// `a b + c d`, reduced once.
#[inline(always)]
pub fn two_products(a: &Fr, b: &Fr, c: &Fr, d: &Fr) -> Fr {
    let mut sum = product(&a.0.0, &b.0.0);
    let mut carry = false;
    for (limb, add) in sum.iter_mut().zip(product(&c.0.0, &d.0.0)) {
        (*limb, carry) = add_with_carry(*limb, add, carry);
    }
    // 2 p^2 < 2^256 p: no carry, and the quotient is below 2 p.
    divide(sum)
}

/// `2 b - a + p`, between 0 and 3 p, as limbs that are not reduced.
#[inline(always)]
pub fn extrapolate(a: &Fr, b: &Fr) -> [u64; 4] {
    let (a, b) = (&a.0.0, &b.0.0);
    let mut out = [0; 4];
    let (mut borrow, mut carry, mut shifted) = (false, false, 0);
    for j in 0..4 {
        let opposite;
        (opposite, borrow) = subtract_with_borrow(MODULUS[j], a[j], borrow);
        (out[j], carry) = add_with_carry(b[j] << 1 | shifted, opposite, carry);
        shifted = b[j] >> 63;
    }
    out
}

/// The eight limbs of a product.
#[inline(always)]
pub(super) fn product(a: &[u64; 4], b: &[u64; 4]) -> [u64; 8] {
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
    product
}

/// Montgomery's reduction: `value / 2^256`, for values below `4 * 2^256` times the order.
#[inline(always)]
fn divide(mut value: [u64; 8]) -> Fr {
    let mut top = 0u64;
    for i in 0..4 {
        let k = value[i].wrapping_mul(FrConfig::INV);
        let mut carry = 0u64;
        for j in 0..4 {
            let t = u128::from(k) * u128::from(MODULUS[j]) + u128::from(value[i + j]) + u128::from(carry);
            value[i + j] = t as u64;
            carry = (t >> 64) as u64;
        }
        let t = u128::from(value[i + 4]) + u128::from(carry) + u128::from(top);
        value[i + 4] = t as u64;
        top = (t >> 64) as u64;
    }
    below_modulus([value[4], value[5], value[6], value[7]])
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

/// A 256-bit integer modulo the order, taken as the limbs of a Montgomery form.
#[inline(always)]
fn below_modulus(mut limbs: [u64; 4]) -> Fr {
    // 2^256 is below 6 times the order.
    while BigInt(limbs) >= Fr::MODULUS {
        let mut borrow = false;
        for (limb, modulus) in limbs.iter_mut().zip(MODULUS) {
            (*limb, borrow) = subtract_with_borrow(*limb, modulus, borrow);
        }
    }
    Fr::new_unchecked(BigInt(limbs))
}
