//! Scalars in the form that sums of points want: sizes with signs, sorted into classes.
//!
//! A scalar s above half the order stands for -(order - s). Zeros cost nothing, ones and minus ones a single addition,
//! small ones few windows.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use rayon::prelude::*;

use super::parallel::CHUNK;

/// Bits of a scalar's size.
pub const SCALAR_BITS: u32 = 253;

/// The top bit of the last limb, which no size reaches.
const SIGN: u64 = 1 << 63;

/// Scalars as sizes with signs.
#[derive(Clone, Debug)]
pub struct Scalars(Vec<Signed>);

/// A size below 2^253, and the sign in the top bit.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Signed([u64; 4]);

impl Signed {
    fn new(scalar: &Fr) -> Self {
        let mut size = scalar.into_bigint();
        if size <= Fr::MODULUS_MINUS_ONE_DIV_TWO {
            return Self(size.0);
        }
        let mut opposite = Fr::MODULUS;
        opposite.sub_with_borrow(&size);
        size = opposite;
        size.0[3] |= SIGN;
        Self(size.0)
    }

    /// The size, and whether the scalar is negative.
    #[inline(always)]
    pub fn size(&self) -> ([u64; 4], bool) {
        let [a, b, c, top] = self.0;
        ([a, b, c, top & !SIGN], self.is_negative())
    }

    fn is_negative(&self) -> bool {
        self.0[3] & SIGN != 0
    }

    /// The value, if its size is below 2^31.
    fn small(&self) -> Option<i32> {
        let [size, 0, 0, top] = self.0 else { return None };
        if size >> 31 != 0 || top & !SIGN != 0 {
            return None;
        }
        Some(if self.is_negative() { -(size as i32) } else { size as i32 })
    }

    /// Booth's signed digit: a window's bits, plus the bit below, less `2^bits` if the window's top bit is set.
    /// Windows are independent, and no digit exceeds 2^(bits - 1) in size.
    #[inline(always)]
    pub fn digit(&self, bits: u32, window: u32) -> i32 {
        // The bit below the window comes along, as the lowest of `bits + 1`.
        let field = match (bits * window).checked_sub(1) {
            None => (self.0[0] << 1) as u32,
            Some(bit) => {
                let (limb, shift) = (bit as usize / 64, bit % 64);
                let low = self.limb(limb) >> shift;
                // Shifted twice, since a shift by 64 is none.
                let high = self.limb(limb + 1) << 1 << (63 - shift);
                (low | high) as u32
            }
        } & ((2 << bits) - 1);
        let digit = (field.div_ceil(2) as i32) - ((field >> bits << bits) as i32);
        if self.is_negative() { -digit } else { digit }
    }

    #[inline(always)]
    fn limb(&self, index: usize) -> u64 {
        match self.0.get(index) {
            Some(limb) if index == 3 => limb & !SIGN,
            Some(limb) => *limb,
            None => 0,
        }
    }
}

/// The terms of one sum by class; a term is named by its base.
#[derive(Default)]
pub struct Classes {
    /// `base << 1 | negative`.
    pub units: Vec<u32>,
    /// Bases with scalars of sizes from 2 to below 2^31.
    pub small: Vec<(u32, i32)>,
    /// Bases of all other scalars.
    pub full: Vec<u32>,
}

impl From<Vec<Signed>> for Scalars {
    fn from(scalars: Vec<Signed>) -> Self {
        Self(scalars)
    }
}

impl From<Scalars> for Vec<Signed> {
    fn from(scalars: Scalars) -> Self {
        scalars.0
    }
}

impl Scalars {
    /// Brings field elements into this form.
    pub fn new(values: &[Fr]) -> Self {
        Self(values.par_iter().with_min_len(CHUNK).map(Signed::new).collect())
    }

    /// The number of scalars.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The scalar of this index.
    #[inline(always)]
    pub fn get(&self, index: usize) -> &Signed {
        &self.0[index]
    }

    /// Whether the terms `scalar(base)` for the bases from 0 to `len` have sizes of 2^31 or more: all are in one class.
    pub fn are_full(&self, len: usize, scalar: impl Fn(usize) -> usize) -> bool {
        (0..len).all(|base| self.0[scalar(base)].small().is_none())
    }

    /// The classes of the terms `scalar(base)` for the bases from 0 to `len`.
    pub fn classes(&self, len: usize, scalar: impl Fn(usize) -> usize) -> Classes {
        assert!(len < 1 << 31, "{len} points in one sum");
        let mut classes = Classes::default();
        for base in 0..len {
            let index = base as u32;
            match self.0[scalar(base)].small() {
                Some(0) => {}
                Some(unit @ (1 | -1)) => classes.units.push(index << 1 | u32::from(unit < 0)),
                Some(value) => classes.small.push((index, value)),
                None => classes.full.push(index),
            }
        }
        classes
    }
}
