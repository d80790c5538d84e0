//! The backend for processors with AVX-512 IFMA (Intel since Ice Lake, AMD since Zen 4): eight field elements at a time.
//!
//! Vectors, integers and classified scalars are those of [`crate::portable`]; results are equal bit for bit.

// Indices name limbs and lanes, as in the formulas.
#![allow(clippy::needless_range_loop)]

mod butterflies;
mod field;
mod fractions;
mod fresh;
mod halves;
mod ints;
mod msm;
mod ntt;
mod quotient;
mod reversal;
mod roots;
mod scalars;
mod spare;
mod sumcheck;
mod sums;
mod univariate;
mod vectors;
mod weigh;

pub use msm::{Bases, BasesG2};

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};

use crate::{
    Backend, IntSlice, Portable, SparseMatrix,
    portable::{self, Ints, Scalars, Vector},
};

/// Proof that the processor has the instructions this backend is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ifma(());

impl Ifma {
    /// The backend, where the processor has AVX-512 F, IFMA, VL, BW, DQ and VBMI2.
    pub fn detect() -> Option<Self> {
        let present = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512ifma")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vbmi2");
        present.then_some(Self(()))
    }
}

impl Backend for Ifma {
    type Vector = Vector;
    type Ints = Ints;
    type Bases = Bases;
    type BasesG2 = BasesG2;
    type Scalars = Scalars;
    type Lent<'a> = &'a [Fr];
    type Matrix<'a> = SparseMatrix<'a>;

    fn name(&self) -> &'static str {
        "ifma"
    }

    fn upload(&self, values: &[Fr]) -> Vector {
        Portable.upload(values)
    }

    fn upload_vec(&self, values: Vec<Fr>) -> Vector {
        Portable.upload_vec(values)
    }

    fn download(&self, values: &Vector) -> Vec<Fr> {
        Portable.download(values)
    }

    fn upload_ints(&self, values: IntSlice<'_>) -> Ints {
        Portable.upload_ints(values)
    }

    fn upload_int_vec(&self, values: assay_core::Ints) -> Ints {
        Ints::from(values)
    }

    fn slice_ints(&self, ints: &Ints, start: usize, len: usize) -> Ints {
        ints.slice(start, len)
    }

    fn prepare_bases(&self, points: &[G1Affine]) -> Bases {
        Bases::new(points)
    }

    fn prepare_bases_g2(&self, points: &[G2Affine]) -> BasesG2 {
        BasesG2::new(points)
    }

    fn prepare_matrix<'a>(&self, matrix: SparseMatrix<'a>) -> SparseMatrix<'a> {
        matrix
    }

    fn lend<'a>(&self, values: &'a [Fr]) -> &'a [Fr] {
        values
    }

    fn classify(&self, values: &&[Fr]) -> Scalars {
        Portable.classify(values)
    }

    fn len(&self, values: &Vector) -> usize {
        Portable.len(values)
    }

    fn get(&self, values: &Vector, index: usize) -> Fr {
        Portable.get(values, index)
    }

    fn duplicate(&self, values: &Vector) -> Vector {
        Portable.duplicate(values)
    }

    fn slice(&self, values: &Vector, start: usize, len: usize) -> Vector {
        Portable.slice(values, start, len)
    }

    fn pieces<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        Portable.pieces(count, work)
    }

    fn assemble<const N: usize>(&self, lens: [usize; N], piece: usize, make: impl Fn(usize) -> [Vector; N] + Sync) -> [Vector; N] {
        fresh::assemble(lens, piece, |k| make(k).map(|vector| vector.0)).map(Vector)
    }

    fn eq_table(&self, point: &[Fr], scale: Fr) -> Vector {
        Vector(vectors::eq_table(point, scale))
    }

    fn ints_to_field(&self, ints: &Ints) -> Vector {
        Vector(ints::to_field(ints))
    }

    fn add_scaled(&self, target: &mut Vector, offset: usize, values: &Vector, scale: Fr) {
        let end = offset + values.0.len();
        vectors::add_scaled(&mut target.0[offset..end], &values.0, scale);
    }

    fn combine_ints(&self, target: &mut Vector, offset: usize, constant: Fr, terms: &[(&Ints, Fr)]) {
        ints::combine(&mut target.0[offset..], constant, terms);
    }

    fn fill(&self, target: &mut Vector, offset: usize, len: usize, value: Fr) {
        Portable.fill(target, offset, len, value)
    }

    fn fold(&self, values: &mut Vector, r: Fr) {
        vectors::fold(&mut values.0, r);
    }

    fn fold_ints(&self, ints: &Ints, r: Fr) -> Vector {
        Vector(ints::fold(ints, r))
    }

    fn dot(&self, a: &Vector, b: &Vector) -> Fr {
        vectors::dot(&a.0, &b.0)
    }

    fn weigh(&self, ints: &Ints, dims: &[usize], weights: &[Option<&Vector>]) -> Vector {
        Vector(weigh::ints(ints, dims, &portable::slices(weights)))
    }

    fn weigh_field(&self, values: &Vector, dims: &[usize], weights: &[Option<&Vector>]) -> Vector {
        Vector(weigh::field(&values.0, dims, &portable::slices(weights)))
    }

    fn multiply(&self, matrix: &SparseMatrix<'_>, values: &&[Fr], len: usize) -> Vector {
        Portable.multiply(matrix, values, len)
    }

    fn first_false_product(&self, a: &Vector, b: &Vector, c: &Vector, len: usize) -> Option<usize> {
        Portable.first_false_product(a, b, c, len)
    }

    fn product_round(&self, factors: &[&Vector], log_len: usize) -> Vec<Fr> {
        sumcheck::product_round(&factors.iter().map(|factor| factor.0.as_slice()).collect::<Vec<_>>(), log_len)
    }

    fn fold_product_round(&self, factors: &mut [&mut Vector], log_len: usize, r: Fr) -> Vec<Fr> {
        sumcheck::fold_product_round(&mut factors.iter_mut().map(|factor| &mut factor.0).collect::<Vec<_>>(), log_len, r)
    }

    fn product_round_ints(&self, ints: &Ints, factor: &Vector) -> Vec<Fr> {
        ints::product_round(ints, &factor.0)
    }

    fn fraction_layer(&self, p: &Vector, q: &Vector, log_len: usize) -> (Vector, Vector) {
        let (p, q) = fractions::layer(&p.0, &q.0, log_len);
        (Vector(p), Vector(q))
    }

    fn unit_fraction_layer(&self, q: &Vector) -> (Vector, Vector) {
        let (p, q) = fractions::unit_layer(&q.0);
        (Vector(p), Vector(q))
    }

    fn eq_product_round(&self, a: &Vector, b: &Vector, eq: &Vector) -> [Fr; 2] {
        fractions::eq_product_round(&a.0, &b.0, &eq.0)
    }

    fn fraction_round(&self, layer: [&Vector; 4], tails: [Fr; 4], log_len: usize, eq: &Vector) -> [Fr; 2] {
        fractions::round(layer.map(|array| array.0.as_slice()), tails, log_len, &eq.0)
    }

    fn split_fraction_round(&self, (p, q): (Vector, Vector), log_len: usize, shift: Fr, eq: &Vector) -> ([Vector; 4], [Fr; 2]) {
        let (arrays, round) = fractions::split_round([p.0, q.0], log_len, shift, &eq.0);
        (arrays.map(Vector), round)
    }

    fn fold_fraction_round(&self, layer: &mut [Vector; 4], tails: [Fr; 4], log_len: usize, eq: &mut Vector, r: Fr) -> [Fr; 2] {
        fractions::fold_round(layer.each_mut().map(|array| &mut array.0), tails, log_len, &mut eq.0, r)
    }

    fn fold_tailed(&self, values: &mut Vector, log_len: usize, tail: Fr, r: Fr) {
        vectors::fold_tailed(&mut values.0, log_len, tail, r);
    }

    fn split(&self, values: Vector, log_len: usize) -> (Vector, Vector) {
        Portable.split(values, log_len)
    }

    fn sum_halves(&self, values: &mut Vector) {
        vectors::sum_halves(&mut values.0);
    }

    fn evaluate(&self, coefficients: &Vector, x: Fr) -> Fr {
        univariate::evaluate(&coefficients.0, x)
    }

    fn divide(&self, coefficients: &Vector, power: usize, a: Fr) -> (Vector, Vector) {
        let (quotient, remainder) = univariate::divide(&coefficients.0, power, a);
        (Vector(quotient), Vector(remainder))
    }

    fn ntt(&self, values: &mut Vector, inverse: bool) {
        ntt::transform(&mut values.0, inverse)
    }

    fn quotient(&self, a: Vector, b: Vector, c: Vector) -> Vector {
        Vector(quotient::quotient(a.0, b.0, c.0))
    }

    fn msm(&self, bases: &Bases, offset: usize, values: &Vector) -> G1Projective {
        scalars::with_scalars(&values.0, |scalars| bases.sum(offset, values.0.len(), scalars, |i| i))
    }

    fn msm_indexed(&self, bases: &Bases, scalars: &Scalars, indices: &[u32]) -> G1Projective {
        assert_eq!(bases.len(), indices.len());
        bases.sum(0, indices.len(), scalars, |i| indices[i] as usize)
    }

    fn msm_g2(&self, bases: &BasesG2, scalars: &Scalars, indices: &[u32]) -> G2Projective {
        assert_eq!(bases.len(), indices.len());
        bases.sum(0, indices.len(), scalars, |i| indices[i] as usize)
    }

    fn msm_ints(&self, bases: &Bases, offset: usize, ints: &Ints, start: usize, len: usize) -> G1Projective {
        msm::sum_of_ints(bases, offset, ints, start, len)
    }
}
