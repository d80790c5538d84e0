//! What eight-lane arithmetic needs to know of a prime: its multiples in limbs of 52 bits.

use ark_bn254::{Fq, Fr};
use ark_ff::PrimeField;

/// The low 52 bits.
pub const MASK: u64 = (1 << 52) - 1;

/// A BN254 prime field in arkworks' layout: four 64-bit limbs, Montgomery form with R = 2^256.
///
/// Both primes lie just below 2^254, between 0.755 * 2^254 and 0.757 * 2^254; bounds below rest on that.
pub trait Modulus: PrimeField + Copy + Send + Sync {
    /// The prime p.
    const P: [u64; 5];
    /// `-p^-1 mod 2^52`.
    const NEGATED_INVERSE: u64;
    /// `(NEGATED_INVERSE p + 1) / 2^52`, about 0.1 p: what a reduction round adds for each unit of the lowest limb.
    const FOLDED: [u64; 5];
    /// `floor(x / p) p` for x at the lower end of the interval `[i 2^253, (i + 1) 2^253)`, limb by limb.
    const MULTIPLES: [[u64; 8]; 5];
    /// What is added to a top limb so that `[-4.7 p, 5.8 p)` becomes eight intervals of length 2^254.
    const BIAS: i64;
    /// The smallest multiple of p that makes each of these intervals non-negative; limbs carry its sign, in two's complement.
    const LIFTS: [[u64; 8]; 5];

    /// The limbs of the Montgomery form.
    fn limbs(&self) -> [u64; 4];
}

macro_rules! modulus {
    ($($field:ident),*) => {$(
        impl Modulus for $field {
            const P: [u64; 5] = narrow(<$field as PrimeField>::MODULUS.0);
            const NEGATED_INVERSE: u64 = negated_inverse(Self::P[0]);
            const FOLDED: [u64; 5] = folded(&Self::P, Self::NEGATED_INVERSE);
            const MULTIPLES: [[u64; 8]; 5] = multiples(&Self::P, 45);
            const BIAS: i64 = Self::P[4] as i64 * 47 / 10;
            const LIFTS: [[u64; 8]; 5] = lifts(&Self::P, Self::BIAS);

            fn limbs(&self) -> [u64; 4] {
                self.0.0
            }
        }
    )*};
}
modulus!(Fr, Fq);

/// Four limbs of 64 bits as five of 52.
pub const fn narrow(x: [u64; 4]) -> [u64; 5] {
    [
        x[0] & MASK,
        ((x[0] >> 52) | (x[1] << 12)) & MASK,
        ((x[1] >> 40) | (x[2] << 24)) & MASK,
        ((x[2] >> 28) | (x[3] << 36)) & MASK,
        x[3] >> 16,
    ]
}

/// `k p`, below 2^260.
pub const fn multiple(p: &[u64; 5], k: u64) -> [u64; 5] {
    let mut out = [0; 5];
    let mut carry = 0u128;
    let mut j = 0;
    while j < 5 {
        let t = p[j] as u128 * k as u128 + carry;
        out[j] = t as u64 & MASK;
        carry = t >> 52;
        j += 1;
    }
    assert!(carry == 0);
    out
}

const fn negated_inverse(low: u64) -> u64 {
    let mut inverse = 1u64;
    let mut i = 0;
    while i < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(low.wrapping_mul(inverse)));
        i += 1;
    }
    inverse.wrapping_neg() & MASK
}

const fn folded(p: &[u64; 5], negated_inverse: u64) -> [u64; 5] {
    let mut out = [0; 5];
    let mut carry = 1u128;
    let mut j = 0;
    while j < 5 {
        let t = p[j] as u128 * negated_inverse as u128 + carry;
        if j > 0 {
            out[j - 1] = t as u64 & MASK;
        }
        carry = t >> 52;
        j += 1;
    }
    out[4] = carry as u64;
    out
}

/// `floor(x / p) p` for x at the lower end of the interval `[i, i + 1) 2^(208 + bits)`, limb by limb, for i below 8.
pub const fn multiples(p: &[u64; 5], bits: u32) -> [[u64; 8]; 5] {
    let mut table = [[0; 8]; 5];
    let mut i = 0;
    while i < 8 {
        // Ends of intervals against k p, by top limbs: p is no multiple of 2^208, so that equal tops mean k p is larger.
        let mut k = 0;
        while multiple(p, k + 1)[4] < (i as u64) << bits {
            k += 1;
        }
        let row = multiple(p, k);
        let mut j = 0;
        while j < 5 {
            table[j][i] = row[j];
            j += 1;
        }
        i += 1;
    }
    table
}

const fn lifts(p: &[u64; 5], bias: i64) -> [[u64; 8]; 5] {
    let mut table = [[0; 8]; 5];
    let mut i = 0;
    while i < 8 {
        // The interval's lower end in units of 2^208, with room for what lower limbs may still borrow.
        let low = ((i as i64) << 46) - bias - 8;
        let mut k = -8i64;
        while k * (p[4] as i64) + low < 0 {
            k += 1;
        }
        let row = multiple(p, k.unsigned_abs());
        let mut j = 0;
        while j < 5 {
            table[j][i] = if k < 0 { row[j].wrapping_neg() } else { row[j] };
            j += 1;
        }
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_lie_where_bounds_say() {
        for top in [Fr::P[4], Fq::P[4]] {
            let quarter = (1u64 << 46) as f64;
            assert!((0.755..0.757).contains(&(top as f64 / quarter)));
        }
    }
}
