//! Multi-scalar multiplication with full scalars.
//!
//! A scalar s above half the order stands for -(order - s). The digits are signed: with `2^(bits - 1)` added at
//! every window, each digit is a plain bit field less `2^(bits - 1)`, so that windows are independent.

use ark_bn254::{Fr, G1Projective};
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use rayon::prelude::*;

use super::{
    affine::Point,
    buckets::{self, Windows},
    parallel::CHUNK,
};

/// Bits of a scalar's size; it stays below 7/8 of this power of two, which the top digit needs.
const SCALAR_BITS: u32 = 253;

/// `sum_i scalars[i] points[i]`.
pub fn msm(points: &[Point], scalars: &[Fr]) -> G1Projective {
    assert_eq!(points.len(), scalars.len());
    if points.is_empty() {
        return G1Projective::zero();
    }
    let windows = Windows::plan(points.len(), SCALAR_BITS);
    let recoder = Recoder::new(windows);
    let recoded: Vec<Recoded> = scalars.par_iter().with_min_len(CHUNK).map(|scalar| recoder.recode(scalar)).collect();
    let sums: Vec<G1Projective> = (0..windows.count)
        .into_par_iter()
        .map(|window| buckets::sum(points, 1 << (windows.bits - 1), |index| recoded[index].digit(windows.bits, window)))
        .collect();
    buckets::combine(&sums, windows.bits)
}

struct Recoder {
    /// 2^(bits - 1) in every window.
    bias: [u64; 5],
}

#[derive(Clone, Copy)]
struct Recoded {
    limbs: [u64; 5],
    negative: bool,
}

impl Recoder {
    fn new(windows: Windows) -> Self {
        let mut bias = [0; 5];
        for window in 1..=windows.count {
            let bit = window * windows.bits - 1;
            bias[bit as usize / 64] |= 1 << (bit % 64);
        }
        Self { bias }
    }

    fn recode(&self, scalar: &Fr) -> Recoded {
        let mut size = scalar.into_bigint();
        let negative = size > Fr::MODULUS_MINUS_ONE_DIV_TWO;
        if negative {
            let mut opposite = Fr::MODULUS;
            opposite.sub_with_borrow(&size);
            size = opposite;
        }
        let BigInt([a, b, c, d]) = size;
        let mut limbs = [a, b, c, d, 0];
        let mut carry = 0;
        for (limb, bias) in limbs.iter_mut().zip(self.bias) {
            let sum = u128::from(*limb) + u128::from(bias) + carry;
            *limb = sum as u64;
            carry = sum >> 64;
        }
        Recoded { limbs, negative }
    }
}

impl Recoded {
    #[inline(always)]
    fn digit(&self, bits: u32, window: u32) -> i32 {
        let bit = bits * window;
        let (limb, shift) = (bit as usize / 64, bit % 64);
        let pair = u128::from(self.limbs[limb]) | u128::from(*self.limbs.get(limb + 1).unwrap_or(&0)) << 64;
        let field = (pair >> shift) as u32 & ((1 << bits) - 1);
        let digit = field as i32 - (1 << (bits - 1));
        if self.negative { -digit } else { digit }
    }
}
