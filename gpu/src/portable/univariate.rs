//! Univariate polynomials by coefficients, from the constant up.

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use rayon::prelude::*;

use super::vectors::CHUNK;

/// Independent Horner chains a task keeps in flight: a chain waits for each product, several overlap.
const CHAINS: usize = 4;

/// Columns a task of a division handles.
const COLUMNS: usize = 64;

/// The value at x.
pub fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    let step = x.pow([CHUNK as u64]);
    let parts: Vec<Fr> = coefficients.par_chunks(CHUNK).map(|chunk| horner(chunk, x)).collect();
    parts.iter().rev().fold(Fr::zero(), |sum, part| sum * step + part)
}

/// Horner's rule, on the residue classes of the exponents.
fn horner(coefficients: &[Fr], x: Fr) -> Fr {
    let x_squared = x.square();
    let step = x_squared.square();
    let mut chains = [Fr::zero(); CHAINS];
    let whole = coefficients.len() / CHAINS * CHAINS;
    chains[..coefficients.len() - whole].copy_from_slice(&coefficients[whole..]);
    for block in coefficients[..whole].rchunks_exact(CHAINS) {
        for (chain, coefficient) in chains.iter_mut().zip(block) {
            *chain = *chain * step + coefficient;
        }
    }
    chains[0] + chains[1] * x + x_squared * (chains[2] + chains[3] * x)
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
    super::vectors::add_scaled(&mut remainder[..known], &quotient[..known], a);
    (quotient, remainder)
}
