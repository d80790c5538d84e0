//! Values of a constraint system: linear combinations of its variables.

use super::{Builder, Mode, poseidon2};
use crate::{Error, Num};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

/// A constant, or a linear combination of variables; with its value.
///
/// Addition and multiplication by constants are free. Two constants never meet in a constraint: they are computed, so that a
/// false equation between them is an error when the system is built and not a check that silently vanishes.
#[derive(Clone, Debug)]
pub struct Wire {
    value: Fr,
    /// `None`: a constant.
    combination: Option<Combination>,
}

#[derive(Clone, Debug)]
struct Combination {
    builder: Builder,
    constant: Fr,
    /// Variables in ascending order, none twice; empty in [`Mode::Assign`].
    terms: Vec<(u32, Fr)>,
}

impl Wire {
    /// The constant 1.
    pub fn one() -> Self {
        Self::constant(Fr::ONE)
    }

    /// The value.
    pub fn value(&self) -> Fr {
        self.value
    }

    pub(super) fn variable(builder: Builder, mode: Mode, index: u32, value: Fr) -> Self {
        let terms = if mode == Mode::Record { vec![(index, Fr::ONE)] } else { vec![] };
        Wire { value, combination: Some(Combination { builder, constant: Fr::ZERO, terms }) }
    }

    pub(super) fn constant_part(&self) -> Fr {
        self.combination.as_ref().map_or(self.value, |c| c.constant)
    }

    pub(super) fn terms(&self) -> &[(u32, Fr)] {
        self.combination.as_ref().map_or(&[], |c| &c.terms)
    }

    /// The system that the wire belongs to; `None` for a constant.
    pub fn builder(&self) -> Option<&Builder> {
        self.combination.as_ref().map(|c| &c.builder)
    }

    /// A new variable that equals this combination, where it pays to have one.
    pub(super) fn allocated(&self) -> Self {
        let Some(builder) = self.builder() else { return self.clone() };
        let variable = builder.witness(self.value);
        builder.constrain(self.clone(), Self::one(), variable.clone(), None);
        variable
    }

    /// The product as a new variable, both factors being variable.
    fn product(&self, other: &Self, builder: &Builder) -> Self {
        let product = builder.witness(self.value * other.value);
        builder.constrain(self.clone(), other.clone(), product.clone(), None);
        product
    }

    fn map(&self, value: Fr, f: impl Fn(Fr) -> Fr, constant: impl Fn(Fr) -> Fr) -> Self {
        let combination = self.combination.as_ref().map(|c| Combination {
            builder: c.builder.clone(),
            constant: constant(c.constant),
            terms: c.terms.iter().map(|(index, coefficient)| (*index, f(*coefficient))).collect(),
        });
        Wire { value, combination }
    }

    /// `self + scale other`.
    fn add_scaled(&self, other: &Self, scale: Fr) -> Self {
        let value = self.value + scale * other.value;
        let combination = match (&self.combination, &other.combination) {
            (None, None) => None,
            (Some(a), None) => Some(Combination { constant: a.constant + scale * other.value, ..a.clone() }),
            (None, Some(_)) => {
                let constant = self.value;
                return other.map(value, |x| scale * x, |x| constant + scale * x);
            }
            (Some(a), Some(b)) => Some(Combination {
                builder: a.builder.clone(),
                constant: a.constant + scale * b.constant,
                terms: merge(&a.terms, &b.terms, scale),
            }),
        };
        Wire { value, combination }
    }
}

/// `a + scale b`.
fn merge(a: &[(u32, Fr)], b: &[(u32, Fr)], scale: Fr) -> Vec<(u32, Fr)> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let next = (a.get(i).map(|t| t.0), b.get(j).map(|t| t.0));
        match next {
            (Some(x), Some(y)) if x == y => {
                let sum = a[i].1 + scale * b[j].1;
                if sum != Fr::ZERO {
                    out.push((x, sum));
                }
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                out.push(a[i]);
                i += 1;
            }
            _ => {
                out.push((b[j].0, scale * b[j].1));
                j += 1;
            }
        }
    }
    out
}

impl Num for Wire {
    fn constant(value: Fr) -> Self {
        Wire { value, combination: None }
    }

    fn add(&self, other: &Self) -> Self {
        self.add_scaled(other, Fr::ONE)
    }

    fn sub(&self, other: &Self) -> Self {
        self.add_scaled(other, -Fr::ONE)
    }

    fn mul(&self, other: &Self) -> Self {
        match (self.builder(), other.builder()) {
            (_, None) => self.mul_constant(other.value),
            (None, _) => other.mul_constant(self.value),
            (Some(builder), Some(_)) => self.product(other, builder),
        }
    }

    fn add_constant(&self, value: Fr) -> Self {
        self.add_scaled(&Self::constant(value), Fr::ONE)
    }

    fn mul_constant(&self, value: Fr) -> Self {
        if value == Fr::ZERO {
            return Self::constant(Fr::ZERO);
        }
        self.map(self.value * value, |x| x * value, |x| x * value)
    }

    fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        let (mut value, mut constant) = (Fr::ZERO, Fr::ZERO);
        let mut builder = None;
        let mut all: Vec<(u32, Fr)> = vec![];
        for term in terms {
            value += term.value;
            constant += term.constant_part();
            if let Some(combination) = term.combination {
                all.extend(combination.terms);
                builder = Some(combination.builder);
            }
        }
        let Some(builder) = builder else { return Self::constant(value) };
        all.sort_by_key(|term| term.0);
        let mut terms: Vec<(u32, Fr)> = Vec::with_capacity(all.len());
        for (index, coefficient) in all {
            match terms.last_mut() {
                Some(last) if last.0 == index => last.1 += coefficient,
                _ => terms.push((index, coefficient)),
            }
        }
        terms.retain(|term| term.1 != Fr::ZERO);
        Wire { value, combination: Some(Combination { builder, constant, terms }) }
    }

    /// Two constants are compared here and now. Otherwise the equation is recorded; whether the values satisfy it is for whoever
    /// finishes the system to see.
    fn assert_eq(&self, other: &Self, what: &str) -> Result<(), Error> {
        match self.builder().or(other.builder()) {
            None => self.value.assert_eq(&other.value, what),
            Some(builder) => {
                builder.constrain(self.clone(), Self::one(), other.clone(), Some(what));
                Ok(())
            }
        }
    }

    fn inverse(&self, what: &str) -> Result<Self, Error> {
        let Some(builder) = self.builder() else {
            return Num::inverse(&self.value, what).map(Self::constant);
        };
        let inverse = builder.witness(Field::inverse(&self.value).unwrap_or(Fr::ZERO));
        builder.constrain(self.clone(), inverse.clone(), Self::one(), Some(what));
        Ok(inverse)
    }

    fn permute(state: &mut [Self; 4]) {
        poseidon2::permute(state);
    }
}
