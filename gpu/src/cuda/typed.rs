//! Integers as kernels of any type take them: an address and the type.

#![allow(unsafe_code)]

use cudarc::driver::DeviceRepr;

use super::memory::{Address, Ints};

/// Integers, by the type's number.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Entries {
    memory: Address,
    kind: u32,
    padding: u32,
}

// SAFETY: numbers, laid out as in C.
unsafe impl DeviceRepr for Entries {}

impl From<&Ints> for Entries {
    fn from(ints: &Ints) -> Self {
        Self { memory: ints.at(0, ints.len()), kind: ints.width() as u32, padding: 0 }
    }
}

/// `constant + sum_j coef_j term_j` of up to [`Combination::MOST`] terms.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Combination {
    terms: [Entries; Combination::MOST],
    coefs: [i64; Combination::MOST],
    constant: i64,
    count: u32,
    padding: u32,
}

// SAFETY: numbers, laid out as in C.
unsafe impl DeviceRepr for Combination {}

impl Combination {
    /// The most terms that one kernel combines.
    pub const MOST: usize = 8;

    /// # Panics
    /// If the terms are too many or of different lengths.
    pub fn new(terms: &[(&Ints, i64)], constant: i64) -> Self {
        let mut combination = Self { constant, count: terms.len() as u32, ..Self::default() };
        let len = terms.first().map_or(0, |term| term.0.len());
        for (j, (ints, coef)) in terms.iter().enumerate() {
            assert_eq!(ints.len(), len, "terms of different lengths");
            (combination.terms[j], combination.coefs[j]) = (Entries::from(*ints), *coef);
        }
        combination
    }
}
