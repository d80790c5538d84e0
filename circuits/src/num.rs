//! The seam between the native and the in-circuit verifier.
//!
//! Every verifier of this crate is written over [`Num`]. Native field elements compute; constraint-system
//! variables record. The trait offers no comparison, no test for zero and no bits: a verifier cannot branch
//! on a value, so the constraints it records are the same for every proof, and what it checks natively is
//! what it checks in a circuit.

use crate::{Error, poseidon2};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

/// A number modulo the order of BN254's group: a native value or a variable of a constraint system.
pub trait Num: Clone {
    /// A value known when the circuit is built.
    fn constant(value: Fr) -> Self;
    /// `self + other`.
    fn add(&self, other: &Self) -> Self;
    /// `self - other`.
    fn sub(&self, other: &Self) -> Self;
    /// `self * other`.
    fn mul(&self, other: &Self) -> Self;
    /// `self + value`.
    fn add_constant(&self, value: Fr) -> Self;
    /// `self * value`: free in a constraint system.
    fn mul_constant(&self, value: Fr) -> Self;
    /// The sum of all terms, as one linear combination: a chain of `add` over n variables costs O(n^2) to compile.
    fn sum(terms: impl IntoIterator<Item = Self>) -> Self;

    /// Requires `self == other`; `what` names the check.
    ///
    /// # Errors
    /// [`Error::Unequal`] if the values differ where that can be seen (natively, or for two constants).
    fn assert_eq(&self, other: &Self, what: &str) -> Result<(), Error>;

    /// The inverse, by a hint whose product with `self` is constrained to be 1; `what` names the value.
    ///
    /// # Errors
    /// [`Error::Zero`] if `self` is zero where that can be seen.
    fn inverse(&self, what: &str) -> Result<Self, Error>;

    /// The Poseidon2 permutation of [`poseidon2`](mod@crate::poseidon2).
    fn permute(state: &mut [Self; 4]);

    /// `sum_i a_i b_i` over the shorter of the two.
    fn dot<'a>(a: impl IntoIterator<Item = &'a Self>, b: impl IntoIterator<Item = &'a Self>) -> Self
    where
        Self: 'a,
    {
        Self::sum(a.into_iter().zip(b).map(|(x, y)| x.mul(y)))
    }

    /// `sum_i c_i x_i`, without multiplications in a constraint system.
    fn linear_combination<'a>(terms: impl IntoIterator<Item = (Fr, &'a Self)>) -> Self
    where
        Self: 'a,
    {
        Self::sum(terms.into_iter().map(|(c, x)| x.mul_constant(c)))
    }

    /// The line through `self` at 0 and `other` at 1, evaluated at `at`: binds one variable of an MLE.
    fn interpolate(&self, other: &Self, at: &Self) -> Self {
        self.add(&at.mul(&other.sub(self)))
    }
}

impl Num for Fr {
    fn constant(value: Fr) -> Self {
        value
    }

    fn add(&self, other: &Self) -> Self {
        *self + other
    }

    fn sub(&self, other: &Self) -> Self {
        *self - other
    }

    fn mul(&self, other: &Self) -> Self {
        *self * other
    }

    fn add_constant(&self, value: Fr) -> Self {
        *self + value
    }

    fn mul_constant(&self, value: Fr) -> Self {
        *self * value
    }

    fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        terms.into_iter().fold(Self::ZERO, |sum, term| sum + term)
    }

    fn assert_eq(&self, other: &Self, what: &str) -> Result<(), Error> {
        if self == other {
            return Ok(());
        }
        Err(Error::Unequal { what: what.into(), expected: *other, found: *self })
    }

    fn inverse(&self, what: &str) -> Result<Self, Error> {
        Field::inverse(self).ok_or_else(|| Error::Zero { what: what.into() })
    }

    fn permute(state: &mut [Self; 4]) {
        poseidon2::permute(state);
    }
}
