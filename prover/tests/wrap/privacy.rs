//! Zero knowledge: what a wrapped receipt shows is uniform given that it verifies, and the same whatever is private.
//!
//! The proof system's own zero knowledge is Groth16's. What it does not cover is what is public beside it: commitments, Mercury's
//! group elements, challenges, and one evaluation.

use crate::harness::{Ready, build, ready, rng};
use crate::session::{setup, wrapped};
use ark_bn254::{Fr, G1Affine};
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField, UniformRand};
use assay_circuits::eq;
use assay_circuits::mercury::{NUM_SALTS, salt_offset, split};
use assay_core::{DType, Shape, Tensor};
use assay_verifier::wrap::WrappedReceipt;
use std::collections::BTreeSet;

/// A private vector whose dot product with a public one is told.
fn private_dot() -> Ready {
    let program = build(|p| {
        let (x, w) = (p.input("x", DType::I8, &[16])?, p.input("w", DType::I8, &[16])?);
        let z = p.contract("k,k->", x, w)?;
        p.output("z", z, DType::I32)
    });
    ready(program.with_visibility(&["x"], false).unwrap())
}

fn given(x: [i64; 16]) -> Vec<Tensor> {
    let tensor = |values: &[i64]| Tensor::from_valid(Shape::new([16]).unwrap(), DType::I8, values).unwrap();
    vec![tensor(&x), tensor(&[1; 16])]
}

/// The polynomials of an opening of f as vectors of their coefficients, each linear in f: h, g, q, S.
fn opening(f: &[Fr], point: &[Fr], alpha: Fr, gamma: Fr) -> [Vec<Fr>; 4] {
    let (log_b1, log_b2) = split(point.len());
    let b1 = 1 << log_b1;
    let (u2, u1) = point.split_at(log_b2);
    let (p1, p2) = (eq::eq_table(u1), eq::eq_table(u2));
    let blocks: Vec<&[Fr]> = f.chunks(b1).collect();
    let h: Vec<Fr> = blocks.iter().map(|block| block.iter().zip(&p1).map(|(a, b)| *a * b).sum()).collect();
    // Division by X^b1 - alpha, block by block from the top.
    let mut carry = vec![Fr::ZERO; b1];
    let mut quotient = vec![];
    for block in blocks.iter().rev() {
        quotient.push(carry.clone());
        for (i, carry) in carry.iter_mut().enumerate() {
            *carry = *carry * alpha + block.get(i).copied().unwrap_or(Fr::ZERO);
        }
    }
    let g = carry;
    quotient.reverse();
    let q: Vec<Fr> = quotient.concat();
    // S_k-1 = coefficient of X^k, for k > 0, of g(X) P1(1/X) + g(1/X) P1(X) + gamma (the same of h and P2).
    let n = g.len().max(h.len());
    let cross = |a: &[Fr], p: &[Fr], k: usize| -> Fr {
        let at = |v: &[Fr], i: usize| v.get(i).copied().unwrap_or(Fr::ZERO);
        (0..n).map(|i| at(a, i + k) * at(p, i) + at(a, i) * at(p, i + k)).sum()
    };
    let s = (1..n).map(|k| cross(&g, &p1, k) + gamma * cross(&h, &p2, k)).collect();
    [h, g, q, s]
}

fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |value, c| value * x + c)
}

/// What an opening shows of f to whoever knows tau: the discrete logarithms of C, [q], [h], [S], [D], and the values v0, v1, v2
/// that the three quotients and the evaluation are made of. [g] follows from C and [q], the quotients from the rest.
fn shown(f: &[Fr], point: &[Fr], [tau, alpha, gamma, zeta, eta]: [Fr; 5]) -> Vec<Fr> {
    let [h, g, q, s] = opening(f, point, alpha, gamma);
    let inverse = zeta.inverse().unwrap();
    let d: Vec<Fr> = g.iter().rev().copied().collect();
    let batch = |polynomials: &[&[Fr]], x: Fr| polynomials.iter().rev().fold(Fr::ZERO, |sum, p| sum * eta + evaluate(p, x));
    let at_zeta = batch(&[&g, &g, &h, &s, &d], zeta);
    let at_inverse = batch(&[&g, &h, &s], inverse);
    let points = [evaluate(f, tau), evaluate(&q, tau), evaluate(&h, tau), evaluate(&s, tau), evaluate(&d, tau)];
    [&points[..], &[at_zeta, at_inverse, evaluate(&h, alpha)]].concat()
}

fn rank(mut rows: Vec<Vec<Fr>>) -> usize {
    let columns = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..columns {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != Fr::ZERO) else { continue };
        rows.swap(rank, pivot);
        let inverse = rows[rank][column].inverse().unwrap();
        let reference = rows[rank].clone();
        for row in &mut rows[rank + 1..] {
            let scale = row[column] * inverse;
            row.iter_mut().zip(&reference).for_each(|(value, r)| *value -= scale * r);
        }
        rank += 1;
    }
    rank
}

#[test]
fn what_an_opening_shows_is_uniform() {
    // The map from the salts to what is shown is linear; of full rank, it makes uniform salts a uniform view.
    let mut rng = rng(1);
    for log_len in 4..10 {
        let point: Vec<Fr> = (0..log_len).map(|_| Fr::rand(&mut rng)).collect();
        let challenges: [Fr; 5] = std::array::from_fn(|_| Fr::rand(&mut rng));
        let len = (1 << log_len) + salt_offset(log_len, NUM_SALTS - 1) + 1;
        let images: Vec<Vec<Fr>> = (0..NUM_SALTS)
            .map(|salt| {
                let mut f = vec![Fr::ZERO; len];
                f[(1 << log_len) + salt_offset(log_len, salt)] = Fr::ONE;
                shown(&f, &point, challenges)
            })
            .collect();
        assert_eq!(images[0].len(), 8);
        assert_eq!(rank(images.clone()), 8, "rows of 2^{log_len}");
        // One block, or one salt a block, would not do: the test can fail.
        assert!(rank(images[..4].to_vec()) < 8);
        assert!(rank(images.iter().step_by(4).cloned().collect()) < 8);
    }
}

/// Every group element and every number that a receipt shows and its statement does not fix.
fn free_parts(receipt: &WrappedReceipt) -> (Vec<G1Affine>, Vec<Fr>) {
    let proof = &receipt.proof;
    let mut points: Vec<G1Affine> = receipt.statement.private.iter().flatten().copied().collect();
    points.extend(&proof.rows);
    points.extend(proof.points.to_array());
    points.extend([proof.groth16.a, proof.groth16.c]);
    let mut scalars = proof.row_challenges.clone();
    scalars.extend([proof.alpha, proof.zeta, proof.eta, proof.rho, proof.evaluation]);
    (points, scalars)
}

#[test]
fn two_receipts_of_one_job_have_nothing_in_common() {
    let ready = private_dot();
    let key = setup(&ready);
    let given = given([3; 16]);
    let parts = [1, 2].map(|seed| free_parts(&wrapped(&ready, &key, &given, seed).receipt));
    let distinct = |(points, scalars): &(Vec<G1Affine>, Vec<Fr>)| -> BTreeSet<Vec<u8>> {
        let points = points.iter().map(|p| p.x.into_bigint().to_bytes_be());
        points.chain(scalars.iter().map(|s| s.into_bigint().to_bytes_be())).collect()
    };
    let [a, b] = parts.each_ref().map(distinct);
    assert_eq!(a.len(), parts[0].0.len() + parts[0].1.len());
    assert_eq!(a.intersection(&b).count(), 0);
}

#[test]
fn a_private_input_does_not_move_any_public_field() {
    // Two private inputs with the same public result. For each field, the top bits of many receipts: a chi-squared statistic of
    // the two counts against each other. Seeds are fixed, so this does not fail by chance.
    const RECEIPTS: usize = 48;
    let ready = private_dot();
    let key = setup(&ready);
    let mut other = [0; 16];
    (other[0], other[1]) = (100, -52);
    let fields = |x: [i64; 16], seed: usize| -> Vec<Vec<u8>> {
        let given = given(x);
        let mut fields: Vec<Vec<u8>> = vec![];
        for i in 0..RECEIPTS {
            let receipt = wrapped(&ready, &key, &given, (seed + i) as u64).receipt;
            assert_eq!(receipt.statement.outputs[0].valid(), [48]);
            let (points, scalars) = free_parts(&receipt);
            let mut bits: Vec<u8> = points.iter().map(|p| (p.x.into_bigint().0[0] & 1) as u8).collect();
            bits.extend(scalars.iter().map(|s| (s.into_bigint().0[0] & 1) as u8));
            fields.resize(bits.len(), vec![]);
            fields.iter_mut().zip(bits).for_each(|(field, bit)| field.push(bit));
        }
        fields
    };
    let ones = |field: &[u8]| field.iter().map(|b| f64::from(*b)).sum::<f64>();
    for (index, (a, b)) in fields([3; 16], 100).iter().zip(&fields(other, 1000)).enumerate() {
        let (a, b) = (ones(a), ones(b));
        let n = RECEIPTS as f64;
        let pooled = (a + b) / (2.0 * n);
        assert!(pooled > 0.0 && pooled < 1.0, "field {index} is constant");
        let statistic = (a - b).powi(2) / (2.0 * n * pooled * (1.0 - pooled));
        assert!(statistic < 15.0, "field {index}: {a} against {b} of {n}");
    }
}
