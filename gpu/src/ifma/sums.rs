//! Sums over many elements that are reduced once, at the end.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use ark_bn254::Fr;

use super::field::{Lanes, accumulate, avx512, carry_columns, word, words_of};
use crate::portable::FieldSum;

/// Products between two carries: each adds at most ten values below 2^52 to a column, and a carry leaves less than 2^52.
const CARRY_EVERY: usize = 256;
const _: () = assert!((10 * CARRY_EVERY as u128 + 1) << 52 < 1 << 64);

/// A sum of unreduced products in each lane, in ten columns of 52 bits.
///
/// The last column takes what exceeds 2^468: room for 2^20 products below 2^512.
#[derive(Clone, Copy)]
pub struct Products {
    columns: [__m512i; 10],
    terms: usize,
}

/// A sum of elements in each lane, limb by limb: room for 2^12 normalised values.
#[derive(Clone, Copy)]
pub struct Elements([__m512i; 5]);

avx512! {
    /// No products yet.
    #[inline]
    pub fn no_products() -> Products {
        Products { columns: [word(0); 10], terms: 0 }
    }

    /// `sum += a b` for normalised values.
    #[inline]
    pub fn add_product(sum: &mut Products, a: &Lanes<Fr>, b: &Lanes<Fr>) {
        accumulate(&mut sum.columns, a, b);
        sum.terms += 1;
        if sum.terms.is_multiple_of(CARRY_EVERY) {
            carry_columns(&mut sum.columns);
        }
    }

    /// The sum over all lanes, in the scale of products of Montgomery forms.
    pub fn total_of_products(mut sum: Products) -> FieldSum {
        carry_columns(&mut sum.columns);
        let columns = sum.columns.map(|column| words_of(column));
        (0..8).map(|lane| FieldSum::from_columns(std::array::from_fn::<u64, 10, _>(|j| columns[j][lane]))).fold(FieldSum::default(), FieldSum::merged)
    }

    /// No elements yet.
    #[inline]
    pub fn no_elements() -> Elements {
        Elements([word(0); 5])
    }

    /// `sum += a` for normalised values.
    #[inline]
    pub fn add_element(sum: &mut Elements, a: &Lanes<Fr>) {
        for j in 0..5 {
            sum.0[j] = _mm512_add_epi64(sum.0[j], a.0[j]);
        }
    }

    /// The sum over all lanes, in the scale of products of Montgomery forms.
    pub fn total_of_elements(sum: Elements) -> FieldSum {
        let limbs = sum.0.map(|limb| words_of(limb));
        (0..8).map(|lane| FieldSum::from_columns(std::array::from_fn::<u64, 5, _>(|j| limbs[j][lane]))).fold(FieldSum::default(), FieldSum::merged).widened()
    }
}
