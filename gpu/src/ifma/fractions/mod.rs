//! Fractional sums (LogUp-GKR): a tree of fractions p/q, and the sumcheck that walks down one layer.
//!
//! Arrays have a virtual length 2^log_len; a tree's entries beyond the physical length are the fraction 0/1.

#![allow(unsafe_code)]

mod layers;
mod rounds;
mod split;

pub use layers::{layer, unit_layer};
pub use rounds::{eq_product_round, fold_round, round};
pub use split::split_round;

use std::mem::MaybeUninit;

use ark_bn254::Fr;

use super::halves::PIECE;

/// What there is of a piece of an array.
fn piece(values: &[Fr], start: usize) -> &[Fr] {
    values.get(start..values.len().min(start + PIECE)).unwrap_or_default()
}

/// As many values as there are places, in these places.
pub(super) fn copied<'a>(values: &[Fr], places: &'a mut [MaybeUninit<Fr>]) -> &'a mut [Fr] {
    let values = &values[..places.len()];
    places.iter_mut().zip(values).for_each(|(place, value)| _ = place.write(*value));
    // SAFETY: every place was written.
    unsafe { &mut *(std::ptr::from_mut(places) as *mut [Fr]) }
}
