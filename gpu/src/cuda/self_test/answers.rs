//! What tasks give, in a form that is compared, and what they are given.

use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, Field, PrimeField};
use assay_core::Ints;

/// Results, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answers(Vec<u64>);

impl Answers {
    pub fn field(&mut self, values: &[Fr]) {
        // Limbs, not values: what is not reduced is wrong too.
        self.0.extend(values.iter().flat_map(|value| value.0.0));
    }

    pub fn point<P: CurveGroup>(&mut self, point: P) {
        let coordinates = point.into_affine().xy().map(|(x, y)| [x, y]);
        self.0.push(u64::from(coordinates.is_some()));
        let elements = coordinates.iter().flatten().flat_map(Field::to_base_prime_field_elements);
        self.0.extend(elements.flat_map(|element| element.into_bigint().as_ref().to_vec()));
    }

    pub fn ints(&mut self, values: &Ints) {
        self.numbers(values.to_i64());
    }

    pub fn numbers(&mut self, values: impl IntoIterator<Item = i64>) {
        self.0.extend(values.into_iter().map(|value| value as u64));
    }
}

/// Field elements: 0, 1, -1, the element of the largest limbs, and then others that have nothing in common.
pub fn elements(len: usize) -> Vec<Fr> {
    let mut largest = Fr::MODULUS;
    largest.sub_with_borrow(&1u64.into());
    let edges = [Fr::from(0u64), Fr::from(1u64), -Fr::from(1u64), Fr::new_unchecked(largest)];
    let others = std::iter::successors(Some(Fr::from(0xa55au64)), |x| Some(*x * x * x + Fr::from(3u64)));
    edges.into_iter().chain(others).take(len).collect()
}

/// Integers from `-2^(bits - 1)` on, both bounds among them.
pub fn integers(len: usize, bits: u32) -> impl Iterator<Item = i64> {
    let (mask, half) = ((1u64 << bits) - 1, 1i64 << (bits - 1));
    let others = std::iter::successors(Some(12345u64), |x| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1)));
    let others = others.map(move |x| ((x >> 20) & mask) as i64 - half);
    [-half, half - 1, 0].into_iter().chain(others).take(len)
}
