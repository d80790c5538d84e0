//! Round polynomials of sumchecks over products of multilinear extensions.

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

use super::{
    Ints,
    ints::{Int, with_values},
    vectors::CHUNK,
    wide::FieldSum,
};

/// The values at X = 0, 2, ..., d of `sum_x prod_j f_j(X, x)` for d factors.
pub fn product_round(factors: &[&[Fr]]) -> Vec<Fr> {
    match *factors {
        [a] => round([a]).to_vec(),
        [a, b] => round([a, b]).to_vec(),
        [a, b, c] => round([a, b, c]).to_vec(),
        [a, b, c, d] => round([a, b, c, d]).to_vec(),
        _ => panic!("a round of {} factors", factors.len()),
    }
}

fn round<const D: usize>(factors: [&[Fr]; D]) -> [Fr; D] {
    let len = factors[0].len();
    assert!(len.is_multiple_of(2), "a round over {len} values");
    assert!(factors.iter().all(|factor| factor.len() == len), "factors of different lengths");
    let half = len / 2;
    let chunks = half.div_ceil(CHUNK);
    (0..chunks)
        .into_par_iter()
        .map(|chunk| {
            let start = chunk * CHUNK;
            let end = half.min(start + CHUNK);
            round_chunk(factors.map(|factor| (&factor[start..end], &factor[half + start..half + end])))
        })
        .reduce(|| [FieldSum::default(); D], merge)
        .map(|sum| sum.finish())
}

fn merge<const D: usize>(mut a: [FieldSum; D], b: [FieldSum; D]) -> [FieldSum; D] {
    for (a, b) in a.iter_mut().zip(&b) {
        a.merge(b);
    }
    a
}

fn round_chunk<const D: usize>(pairs: [(&[Fr], &[Fr]); D]) -> [FieldSum; D] {
    let mut sums = [FieldSum::default(); D];
    for i in 0..pairs[0].0.len() {
        // The factors at X, moving from X = 0 to 2 and then up in unit steps.
        let mut at = pairs.map(|(low, _)| low[i]);
        let mut step = [Fr::zero(); D];
        for j in 0..D {
            step[j] = pairs[j].1[i] - at[j];
        }
        for (x, sum) in sums.iter_mut().enumerate() {
            if x == 1 {
                for j in 0..D {
                    at[j] += step[j];
                }
            }
            if x >= 1 {
                for j in 0..D {
                    at[j] += step[j];
                }
            }
            if D == 1 {
                sum.add_one(&at[0]);
                continue;
            }
            let mut product = at[0];
            for factor in &at[1..D - 1] {
                product *= factor;
            }
            sum.add(&product, &at[D - 1]);
        }
    }
    sums
}

/// The values at X = 0 and 2 of `sum_x ints(X, x) factor(X, x)`.
pub fn product_round_ints(ints: &Ints, factor: &[Fr]) -> Vec<Fr> {
    with_values!(ints, values => round_ints(values, factor)).to_vec()
}

fn round_ints<T: Int>(values: &[T], factor: &[Fr]) -> [Fr; 2] {
    assert_eq!(values.len(), factor.len());
    assert!(values.len().is_multiple_of(2), "a round over {} values", values.len());
    let half = values.len() / 2;
    let chunks = half.div_ceil(CHUNK);
    (0..chunks)
        .into_par_iter()
        .map(|chunk| {
            let start = chunk * CHUNK;
            let end = half.min(start + CHUNK);
            let mut sums = [Fr::zero(); 2];
            for i in start..end {
                let (a, b) = (Fr::from(values[i].value()), Fr::from(values[half + i].value()));
                let (c, d) = (factor[i], factor[half + i]);
                sums[0] += a * c;
                sums[1] += (b + b - a) * (d + d - c);
            }
            sums
        })
        .reduce(|| [Fr::zero(); 2], |a, b| [a[0] + b[0], a[1] + b[1]])
}
