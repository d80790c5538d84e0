//! The backend that runs anywhere: plain Rust on all cores, one file a family of kernels.
//!
//! It is also the reference: the other backends are tested against it.

mod affine;
mod buckets;
mod coordinate;
pub(crate) mod fractions;
mod ints;
mod msm;
mod msm_ints;
pub(crate) mod ntt;
pub(crate) mod parallel;
pub(crate) mod quotient;
mod scalars;
mod sparse;
pub(crate) mod sumcheck;
pub(crate) mod univariate;
pub(crate) mod vectors;
pub(crate) mod weigh;
pub(crate) mod wide;

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

use crate::{Backend, IntSlice, SparseMatrix};

/// The CPU backend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Portable;

/// Field elements in main memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector(pub(crate) Vec<Fr>);

/// Points of the first group in main memory.
#[derive(Clone, Debug)]
pub struct Bases(Vec<affine::Point<Fq>>);

/// Points of the second group in main memory.
#[derive(Clone, Debug)]
pub struct BasesG2(Vec<affine::Point<Fq2>>);

pub use ints::Ints;
pub(crate) use ints::{Int, with_values};
pub(crate) use parallel::CHUNK;
pub use scalars::Scalars;
pub(crate) use scalars::{SCALAR_BITS, Signed};
pub(crate) use wide::FieldSum;

impl Backend for Portable {
    type Vector = Vector;
    type Ints = Ints;
    type Bases = Bases;
    type BasesG2 = BasesG2;
    type Scalars = Scalars;
    type Lent<'a> = &'a [Fr];
    type Matrix<'a> = SparseMatrix<'a>;

    fn name(&self) -> &'static str {
        "portable"
    }

    fn upload(&self, values: &[Fr]) -> Vector {
        Vector(values.to_vec())
    }

    fn upload_vec(&self, values: Vec<Fr>) -> Vector {
        Vector(values)
    }

    fn download(&self, values: &Vector) -> Vec<Fr> {
        values.0.clone()
    }

    fn upload_ints(&self, values: IntSlice<'_>) -> Ints {
        Ints::from(values)
    }

    fn upload_int_vec(&self, values: assay_core::Ints) -> Ints {
        Ints::from(values)
    }

    fn slice_ints(&self, ints: &Ints, start: usize, len: usize) -> Ints {
        ints.slice(start, len)
    }

    fn prepare_bases(&self, points: &[G1Affine]) -> Bases {
        Bases(points.iter().map(affine::Point::from).collect())
    }

    fn prepare_bases_g2(&self, points: &[G2Affine]) -> BasesG2 {
        BasesG2(points.iter().map(affine::Point::from).collect())
    }

    fn prepare_matrix<'a>(&self, matrix: SparseMatrix<'a>) -> SparseMatrix<'a> {
        matrix
    }

    fn lend<'a>(&self, values: &'a [Fr]) -> &'a [Fr] {
        values
    }

    fn classify(&self, values: &&[Fr]) -> Scalars {
        Scalars::new(values)
    }

    fn len(&self, values: &Vector) -> usize {
        values.0.len()
    }

    fn get(&self, values: &Vector, index: usize) -> Fr {
        values.0[index]
    }

    fn duplicate(&self, values: &Vector) -> Vector {
        values.clone()
    }

    fn slice(&self, values: &Vector, start: usize, len: usize) -> Vector {
        Vector(values.0[start..start + len].to_vec())
    }

    fn pieces<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        (0..count).into_par_iter().map(&work).collect()
    }

    fn assemble<const N: usize>(&self, lens: [usize; N], piece: usize, make: impl Fn(usize) -> [Vector; N] + Sync) -> [Vector; N] {
        let mut whole = lens.map(|len| vec![Fr::ZERO; len]);
        let places = parallel::cut(whole.each_mut().map(|vector| vector.as_mut_slice()), piece);
        places.into_par_iter().enumerate().for_each(|(k, places)| {
            places.into_iter().zip(make(k)).for_each(|(places, part)| places.copy_from_slice(&part.0));
        });
        whole.map(Vector)
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
        target.0[offset..offset + len].fill(value);
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
        Vector(weigh::ints(ints, dims, &slices(weights)))
    }

    fn weigh_field(&self, values: &Vector, dims: &[usize], weights: &[Option<&Vector>]) -> Vector {
        Vector(weigh::field(&values.0, dims, &slices(weights)))
    }

    fn multiply(&self, matrix: &SparseMatrix<'_>, values: &&[Fr], len: usize) -> Vector {
        Vector(sparse::multiply(matrix, values, len))
    }

    fn first_false_product(&self, a: &Vector, b: &Vector, c: &Vector, len: usize) -> Option<usize> {
        sparse::first_false_product(&a.0[..len], &b.0[..len], &c.0[..len])
    }

    fn product_round(&self, factors: &[&Vector], log_len: usize) -> Vec<Fr> {
        let factors: Vec<&[Fr]> = factors.iter().map(|factor| factor.0.as_slice()).collect();
        sumcheck::product_round(&factors, log_len)
    }

    fn product_round_ints(&self, ints: &Ints, factor: &Vector) -> Vec<Fr> {
        sumcheck::product_round_ints(ints, &factor.0)
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

    fn fold_tailed(&self, values: &mut Vector, log_len: usize, tail: Fr, r: Fr) {
        fractions::fold_tailed(&mut values.0, log_len, tail, r);
    }

    fn split(&self, mut values: Vector, log_len: usize) -> (Vector, Vector) {
        let half = 1 << (log_len - 1);
        assert!(values.0.len() <= 2 * half, "a vector longer than its virtual length");
        let high = if values.0.len() > half { values.0.split_off(half) } else { Vec::new() };
        (values, Vector(high))
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
        ntt::transform(&mut values.0, inverse);
    }

    fn quotient(&self, a: Vector, b: Vector, c: Vector) -> Vector {
        Vector(quotient::quotient(a.0, b.0, c.0))
    }

    fn msm(&self, bases: &Bases, offset: usize, scalars: &Vector) -> G1Projective {
        msm::msm(&bases.0[offset..offset + scalars.0.len()], &Scalars::new(&scalars.0), None)
    }

    fn msm_indexed(&self, bases: &Bases, scalars: &Scalars, indices: &[u32]) -> G1Projective {
        msm::msm(&bases.0, scalars, Some(indices))
    }

    fn msm_g2(&self, bases: &BasesG2, scalars: &Scalars, indices: &[u32]) -> G2Projective {
        msm::msm(&bases.0, scalars, Some(indices))
    }

    fn msm_ints(&self, bases: &Bases, offset: usize, ints: &Ints, start: usize, len: usize) -> G1Projective {
        msm_ints::msm(&bases.0[offset..offset + len], ints, start)
    }
}

/// The elements of the weights of each axis.
pub(crate) fn slices<'a>(weights: &[Option<&'a Vector>]) -> Vec<Option<&'a [Fr]>> {
    weights.iter().map(|axis| axis.map(|weights| weights.0.as_slice())).collect()
}
