//! Univariate polynomials by coefficients, from the constant up.

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use rayon::prelude::*;

use super::{parallel::CHUNK, vectors::add_scaled, wide::FieldSum};

/// Coefficients whose products with powers of x are reduced together.
const BLOCK: usize = 64;

/// Columns a task of a division handles.
const COLUMNS: usize = 64;

/// The value at x.
pub fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    let mut powers = [Fr::one(); BLOCK];
    for i in 1..BLOCK {
        powers[i] = powers[i - 1] * x;
    }
    let block_step = powers[BLOCK - 1] * x;
    let chunk_step = block_step.pow([(CHUNK / BLOCK) as u64]);
    let parts: Vec<Fr> = coefficients.par_chunks(CHUNK).map(|chunk| evaluate_chunk(chunk, &powers, block_step)).collect();
    parts.iter().rev().fold(Fr::zero(), |sum, part| sum * chunk_step + part)
}

/// Horner's rule over blocks, each an inner product with the powers.
fn evaluate_chunk(coefficients: &[Fr], powers: &[Fr; BLOCK], step: Fr) -> Fr {
    coefficients.chunks(BLOCK).rev().fold(Fr::zero(), |value, block| {
        let mut sum = FieldSum::default();
        for (coefficient, power) in block.iter().zip(powers) {
            sum.add(coefficient, power);
        }
        value * step + sum.finish()
    })
}

/// Quotient and remainder of the division by `X^power - a`: of lengths `max(len - power, 0)` and `min(len, power)`.
pub fn divide(coefficients: &[Fr], power: usize, a: Fr) -> (Vec<Fr>, Vec<Fr>) {
    assert!(power > 0, "division by a constant");
    let len = coefficients.len();
    if len <= power {
        return (Vec::new(), coefficients.to_vec());
    }
    // q[i] = f[i + power] + a q[i + power]: the residue classes modulo power are independent.
    let mut quotient = coefficients[power..].to_vec();
    if power == 1 {
        let mut above = Fr::zero();
        for value in quotient.iter_mut().rev() {
            *value += a * above;
            above = *value;
        }
    } else {
        let mut columns: Vec<Vec<&mut [Fr]>> = Vec::new();
        columns.resize_with(power.div_ceil(COLUMNS), Vec::new);
        for row in quotient.chunks_mut(power) {
            for (column, block) in columns.iter_mut().zip(row.chunks_mut(COLUMNS)) {
                column.push(block);
            }
        }
        columns.into_par_iter().for_each(|mut rows| {
            for row in (1..rows.len()).rev() {
                let (below, above) = rows.split_at_mut(row);
                for (value, above) in below[row - 1].iter_mut().zip(above[0].iter()) {
                    *value += a * above;
                }
            }
        });
    }
    let mut remainder = coefficients[..power].to_vec();
    let known = quotient.len().min(power);
    add_scaled(&mut remainder[..known], &quotient[..known], a);
    (quotient, remainder)
}
