//! Modular inverses by division steps: a third of the time of the binary Euclidean algorithm.
//!
//! Bernstein and Yang, "Fast constant-time gcd computation and modular inversion" (TCHES 2019), in the variant of variable
//! time: 62 division steps are found from the lowest words of f and g alone, as a matrix of words, which is then applied to
//! all of f, g and to the coefficients d, e with `d x = f`, `e x = g` modulo p. Numbers are five signed limbs of 62 bits.
//!
//! The time depends on the value. Here values are products of differences of public points' coordinates.

use ark_bn254::{Fq, Fq2};
use ark_ff::{BigInt, Field, Fp, MontBackend, MontConfig};

/// Fields whose elements are inverted once a batch.
pub trait Invert: Field {
    /// The inverse; nothing for zero.
    fn inverted(&self) -> Option<Self>;
}

impl Invert for Fq {
    fn inverted(&self) -> Option<Self> {
        inverse(self)
    }
}

impl Invert for Fq2 {
    fn inverted(&self) -> Option<Self> {
        // 1 / (a + b u) = (a - b u) / (a^2 + b^2), as u^2 = -1.
        let inverse = inverse(&(self.c0 * self.c0 + self.c1 * self.c1))?;
        Some(Fq2::new(self.c0 * inverse, -(self.c1 * inverse)))
    }
}

/// Bits of a limb.
const BITS: u32 = 62;
const MASK: u64 = u64::MAX >> (64 - BITS);

/// `sum_i limb_i 2^(62 i)`; all limbs but the last are in [0, 2^62).
type Signed = [i64; 5];

/// 2^62 times what 62 division steps do: `f' = (u f + v g) / 2^62, g' = (q f + r g) / 2^62`.
struct Steps {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// The inverse; nothing for zero.
fn inverse<T: MontConfig<4>>(x: &Fp<MontBackend<T, 4>, 4>) -> Option<Fp<MontBackend<T, 4>, 4>> {
    let p = limbs(T::MODULUS);
    // 1 / p modulo 2^62; arkworks has -1 / p modulo 2^64.
    let p_inverse = T::INV.wrapping_neg() & MASK;
    let (mut f, mut g) = (p, limbs(x.0));
    if g == [0; 5] {
        return None;
    }
    let (mut d, mut e): (Signed, Signed) = ([0; 5], [1, 0, 0, 0, 0]);
    let (mut eta, mut len) = (-1, 5);
    loop {
        let steps = division_steps(&mut eta, f[0] as u64, g[0] as u64);
        update_coefficients(&mut d, &mut e, &steps, &p, p_inverse);
        update_values(&mut f[..len], &mut g[..len], &steps);
        if g[..len].iter().all(|limb| *limb == 0) {
            break;
        }
        // Top limbs that only repeat a sign are dropped: f and g shrink by a limb every other time.
        let (f_top, g_top) = (f[len - 1], g[len - 1]);
        if len > 1 && f_top == f_top >> 63 && g_top == g_top >> 63 {
            f[len - 2] |= f_top << BITS;
            g[len - 2] |= g_top << BITS;
            len -= 1;
        }
    }
    // f is 1 or -1, as p is prime, and d x = f.
    let inverse = Fp::new_unchecked(normalised(d, f[len - 1] < 0, &p));
    // x is a R for the element a: what is wanted is R / a = (1 / x) R^2, and a product divides by R.
    let square = Fp::new_unchecked(T::R2);
    Some(inverse * (square * square))
}

fn limbs(x: BigInt<4>) -> Signed {
    let x = x.0;
    let limb = |i: u32| {
        let (word, shift) = ((i * BITS / 64) as usize, i * BITS % 64);
        let low = x[word] >> shift;
        let high = if shift > 2 && word < 3 { x[word + 1] << (64 - shift) } else { 0 };
        ((low | high) & MASK) as i64
    };
    [limb(0), limb(1), limb(2), limb(3), limb(4)]
}

/// 62 division steps on the lowest bits of f and g, f odd; `eta` is the negated delta of the paper.
fn division_steps(eta: &mut i64, mut f: u64, mut g: u64) -> Steps {
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let mut left = BITS;
    loop {
        // Steps of an even g halve it, all at once; f's column of the matrix doubles instead.
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        (u, v) = (u << zeros, v << zeros);
        *eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            break;
        }
        let w;
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
            // The multiple of f that clears up to six bits of g, as many as are left and keep eta's sign: -g / f.
            let bits = ((*eta + 1) as u32).min(left);
            let mask = (u64::MAX >> (64 - bits)) & 63;
            w = f.wrapping_mul(g).wrapping_mul(f.wrapping_mul(f).wrapping_sub(2)) & mask;
        } else {
            // Four bits: what is won by more is lost by the longer inverse.
            let bits = ((*eta + 1) as u32).min(left);
            let mask = (u64::MAX >> (64 - bits.min(64))) & 15;
            let inverse = f.wrapping_add((f.wrapping_add(1) & 4) << 1);
            w = inverse.wrapping_neg().wrapping_mul(g) & mask;
        }
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
    Steps { u: u as i64, v: v as i64, q: q as i64, r: r as i64 }
}

/// `a x + b y`.
fn combine(a: i64, x: i64, b: i64, y: i64) -> i128 {
    i128::from(a) * i128::from(x) + i128::from(b) * i128::from(y)
}

/// `(d, e) <- steps (d, e) / 2^62` modulo p; both stay in (-2 p, p).
fn update_coefficients(d: &mut Signed, e: &mut Signed, steps: &Steps, p: &Signed, p_inverse: u64) {
    let Steps { u, v, q, r } = *steps;
    // Multiples of p: one makes up for each negative operand, and what makes the lowest limb vanish.
    let (d_sign, e_sign) = (d[4] >> 63, e[4] >> 63);
    let mut d_multiple = (u & d_sign) + (v & e_sign);
    let mut e_multiple = (q & d_sign) + (r & e_sign);
    let mut d_sum = combine(u, d[0], v, e[0]);
    let mut e_sum = combine(q, d[0], r, e[0]);
    let vanishing = |sum: i128, multiple: i64| (p_inverse.wrapping_mul(sum as u64).wrapping_add(multiple as u64) & MASK) as i64;
    d_multiple -= vanishing(d_sum, d_multiple);
    e_multiple -= vanishing(e_sum, e_multiple);
    d_sum += i128::from(p[0]) * i128::from(d_multiple);
    e_sum += i128::from(p[0]) * i128::from(e_multiple);
    for i in 1..5 {
        d_sum = (d_sum >> BITS) + combine(u, d[i], v, e[i]) + i128::from(p[i]) * i128::from(d_multiple);
        e_sum = (e_sum >> BITS) + combine(q, d[i], r, e[i]) + i128::from(p[i]) * i128::from(e_multiple);
        d[i - 1] = d_sum as i64 & MASK as i64;
        e[i - 1] = e_sum as i64 & MASK as i64;
    }
    d[4] = (d_sum >> BITS) as i64;
    e[4] = (e_sum >> BITS) as i64;
}

/// `(f, g) <- steps (f, g) / 2^62`, which leaves no remainder.
fn update_values(f: &mut [i64], g: &mut [i64], steps: &Steps) {
    let Steps { u, v, q, r } = *steps;
    let mut f_sum = combine(u, f[0], v, g[0]);
    let mut g_sum = combine(q, f[0], r, g[0]);
    let last = f.len() - 1;
    for i in 1..=last {
        f_sum = (f_sum >> BITS) + combine(u, f[i], v, g[i]);
        g_sum = (g_sum >> BITS) + combine(q, f[i], r, g[i]);
        f[i - 1] = f_sum as i64 & MASK as i64;
        g[i - 1] = g_sum as i64 & MASK as i64;
    }
    f[last] = (f_sum >> BITS) as i64;
    g[last] = (g_sum >> BITS) as i64;
}

/// A value in (-2 p, p), negated or not, as its remainder modulo p.
fn normalised(mut x: Signed, negate: bool, p: &Signed) -> BigInt<4> {
    let add_p_if_negative = |x: &mut Signed| {
        let negative = x[4] >> 63;
        x.iter_mut().zip(p).for_each(|(limb, p)| *limb += p & negative);
    };
    let carry = |x: &mut Signed| {
        for i in 0..4 {
            x[i + 1] += x[i] >> BITS;
            x[i] &= MASK as i64;
        }
    };
    add_p_if_negative(&mut x);
    if negate {
        x.iter_mut().for_each(|limb| *limb = -*limb);
    }
    carry(&mut x);
    add_p_if_negative(&mut x);
    carry(&mut x);
    let x = x.map(|limb| limb as u64);
    BigInt([x[0] | x[1] << 62, x[1] >> 2 | x[2] << 60, x[2] >> 4 | x[3] << 58, x[3] >> 6 | x[4] << 56])
}

#[cfg(test)]
mod tests {
    use ark_bn254::Fr;
    use ark_ff::{AdditiveGroup, PrimeField, UniformRand};
    use ark_std::rand::{SeedableRng, rngs::StdRng};

    use super::*;

    /// Values by their limbs, so that the algorithm meets small and special numbers.
    fn special<F: PrimeField<BigInt = BigInt<4>>>(raw: impl Fn(BigInt<4>) -> F) -> Vec<F> {
        let mut numbers: Vec<BigInt<4>> = (0..254)
            .map(|bit| {
                let mut number = BigInt::zero();
                number.0[bit / 64] = 1 << (bit % 64);
                number
            })
            .collect();
        numbers.extend((1u64..40).map(BigInt::from));
        let mut values: Vec<F> = numbers.iter().filter(|number| **number < F::MODULUS).map(|number| raw(*number)).collect();
        let negated: Vec<F> = values.iter().map(|value| -*value).collect();
        values.extend(negated);
        values
    }

    #[test]
    fn inverses_are_those_of_arkworks() {
        let mut rng = StdRng::seed_from_u64(5);
        let mut values = special(Fq::new_unchecked);
        values.extend((0..2000).map(|_| Fq::rand(&mut rng)));
        for value in values {
            assert_eq!(inverse(&value), value.inverse(), "{value}");
        }
        let mut values = special(Fr::new_unchecked);
        values.extend((0..2000).map(|_| Fr::rand(&mut rng)));
        for value in values {
            assert_eq!(inverse(&value), value.inverse(), "{value}");
        }
    }

    #[test]
    fn inverses_of_the_quadratic_extension_are_those_of_arkworks() {
        let mut rng = StdRng::seed_from_u64(6);
        let units = [Fq2::ONE, -Fq2::ONE, Fq2::new(Fq::ZERO, Fq::ONE), Fq2::new(Fq::ONE, -Fq::ONE)];
        for value in units.into_iter().chain((0..200).map(|_| Fq2::rand(&mut rng))) {
            assert_eq!(value.inverted(), value.inverse(), "{value}");
        }
    }

    #[test]
    fn zero_has_no_inverse() {
        assert_eq!(Fq::ZERO.inverted(), None);
        assert_eq!(Fq2::ZERO.inverted(), None);
    }
}
