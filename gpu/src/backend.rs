//! The seam between the provers and the machine: what a backend must be able to do.
//!
//! Data lives in buffers that the backend owns, so that an implementation may keep them where it computes. What is only read may
//! be lent instead: a processor reads it where it lies.
//! Field elements have arkworks' layout: four 64-bit limbs, Montgomery form with R = 2^256.
//! A vector of length 2^n holds the values of a multilinear extension; variable 0 of a point is the MOST
//! significant bit of the index, so that binding it combines the two halves of the vector.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ff::{AdditiveGroup, Field};
use std::sync::Arc;

use crate::{SparseMatrix, executor::Executor};

/// A borrowed vector of machine integers, the form in which tensors and columns reach a backend.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum IntSlice<'a> {
    I8(&'a [i8]),
    U8(&'a [u8]),
    I16(&'a [i16]),
    U16(&'a [u16]),
    I32(&'a [i32]),
    U32(&'a [u32]),
    I64(&'a [i64]),
}

impl<'a> From<&'a assay_core::Ints> for IntSlice<'a> {
    fn from(ints: &'a assay_core::Ints) -> Self {
        match ints {
            assay_core::Ints::I8(values) => Self::I8(values),
            assay_core::Ints::U8(values) => Self::U8(values),
            assay_core::Ints::I16(values) => Self::I16(values),
            assay_core::Ints::U16(values) => Self::U16(values),
            assay_core::Ints::I32(values) => Self::I32(values),
            assay_core::Ints::I64(values) => Self::I64(values),
        }
    }
}

/// `sum_i ints[start + i] bases[offset + i]` over `len` integers: one of several sums over the same bases.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct IntSum<'a, I> {
    pub offset: usize,
    pub ints: &'a I,
    pub start: usize,
    pub len: usize,
}

/// How many pieces the longest of some vectors has.
pub(crate) fn num_pieces<const N: usize>(lens: [usize; N], piece: usize) -> usize {
    lens.into_iter().max().unwrap_or(0).div_ceil(piece)
}

/// The length of a vector's piece k.
pub(crate) fn piece_len(len: usize, piece: usize, k: usize) -> usize {
    len.saturating_sub(k * piece).min(piece)
}

/// A machine that can do the prover's heavy work.
///
/// Implementations agree bit for bit: the same inputs give the same field elements and group elements.
/// Lengths are the caller's contract; a mismatch is a bug in this project and panics.
pub trait Backend: Send + Sync {
    /// A vector of field elements.
    type Vector: Send + Sync;
    /// A vector of machine integers.
    type Ints: Send + Sync;
    /// Points of the first group prepared for [`Backend::msm`].
    type Bases: Send + Sync;
    /// Points of the second group prepared for [`Backend::msm_g2`].
    type BasesG2: Send + Sync;
    /// Scalars told apart once for several sums: zeros, units, small and full ones.
    type Scalars: Send + Sync;
    /// Field elements that the caller lends: read where they lie, or copied once to where the backend computes.
    type Lent<'a>: Send + Sync;
    /// A sparse matrix prepared for [`Backend::multiply`]: read where it lies, or copied.
    type Matrix<'a>: Send + Sync;

    /// A short name for people: `portable`, `ifma`, `cuda`.
    fn name(&self) -> &'static str;

    // ---- movement -----------------------------------------------------------------------------
    /// Copies field elements in.
    fn upload(&self, values: &[Fr]) -> Self::Vector;
    /// Moves field elements in.
    fn upload_vec(&self, values: Vec<Fr>) -> Self::Vector {
        self.upload(&values)
    }
    /// Copies field elements out.
    fn download(&self, values: &Self::Vector) -> Vec<Fr>;
    /// Copies integers in.
    fn upload_ints(&self, values: IntSlice<'_>) -> Self::Ints;
    /// Moves integers in.
    fn upload_int_vec(&self, values: assay_core::Ints) -> Self::Ints {
        self.upload_ints(IntSlice::from(&values))
    }
    /// The integers `[start, start + len)` as a vector of their own.
    fn slice_ints(&self, ints: &Self::Ints, start: usize, len: usize) -> Self::Ints;
    /// What runs programs where these integers live, if it is not the processor: [`assay_core::execute::Host`].
    fn executor(&self) -> Option<&dyn Executor<Tensor = Arc<Self::Ints>>> {
        None
    }
    /// Prepares curve points.
    fn prepare_bases(&self, points: &[G1Affine]) -> Self::Bases;
    /// Prepares points of the second group.
    fn prepare_bases_g2(&self, points: &[G2Affine]) -> Self::BasesG2;
    /// [`Backend::prepare_bases`] for very many sums: a backend may spend time and memory on what makes each of them faster.
    fn keep_bases(&self, points: &[G1Affine]) -> Self::Bases {
        self.prepare_bases(points)
    }
    /// [`Backend::keep_bases`] of the second group.
    fn keep_bases_g2(&self, points: &[G2Affine]) -> Self::BasesG2 {
        self.prepare_bases_g2(points)
    }
    /// Prepares a sparse matrix.
    fn prepare_matrix<'a>(&self, matrix: SparseMatrix<'a>) -> Self::Matrix<'a>;
    /// Takes field elements that [`Backend::classify`] and [`Backend::multiply`] read.
    fn lend<'a>(&self, values: &'a [Fr]) -> Self::Lent<'a>;
    /// Tells scalars apart by size.
    fn classify(&self, values: &Self::Lent<'_>) -> Self::Scalars;
    /// Number of elements.
    fn len(&self, values: &Self::Vector) -> usize;
    /// The element at `index`.
    fn get(&self, values: &Self::Vector, index: usize) -> Fr;
    /// A copy.
    fn duplicate(&self, values: &Self::Vector) -> Self::Vector;
    /// The elements `[start, start + len)` as a vector of their own.
    fn slice(&self, values: &Self::Vector, start: usize, len: usize) -> Self::Vector;

    // ---- work in pieces -----------------------------------------------------------------------
    /// The results of `work(0..count)`: several pieces at once, one a core, where there are cores.
    fn pieces<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        (0..count).map(work).collect()
    }
    /// Vectors of lengths `lens`, made in pieces as by [`Backend::pieces`]: `make(k)[j]` holds the elements
    /// `[k piece, (k + 1) piece)` of vector j, as far as there are so many.
    fn assemble<const N: usize>(
        &self,
        lens: [usize; N],
        piece: usize,
        make: impl Fn(usize) -> [Self::Vector; N] + Sync,
    ) -> [Self::Vector; N] {
        let mut whole = lens.map(|len| self.upload_vec(vec![Fr::ZERO; len]));
        for k in 0..num_pieces(lens, piece) {
            for ((whole, len), part) in whole.iter_mut().zip(lens).zip(make(k)) {
                assert_eq!(self.len(&part), piece_len(len, piece, k), "piece {k} of a vector of {len}");
                if self.len(&part) > 0 {
                    self.add_scaled(whole, k * piece, &part, Fr::ONE);
                }
            }
        }
        whole
    }

    // ---- vectors ------------------------------------------------------------------------------
    /// `scale * eq(point, x)` for every x of the hypercube; length 2^point.len().
    fn eq_table(&self, point: &[Fr], scale: Fr) -> Self::Vector;
    /// The integers as field elements.
    fn ints_to_field(&self, ints: &Self::Ints) -> Self::Vector;
    /// `target[offset + i] += scale * values[i]`.
    fn add_scaled(&self, target: &mut Self::Vector, offset: usize, values: &Self::Vector, scale: Fr);
    /// `target[offset + i] = constant + sum_j scale_j ints_j[i]`; all of one length.
    fn combine_ints(&self, target: &mut Self::Vector, offset: usize, constant: Fr, terms: &[(&Self::Ints, Fr)]) {
        for (index, (ints, scale)) in terms.iter().enumerate() {
            let values = self.ints_to_field(ints);
            if index == 0 {
                self.fill(target, offset, self.len(&values), constant);
            }
            self.add_scaled(target, offset, &values, *scale);
        }
    }
    /// `target[offset .. offset + len] = value`.
    fn fill(&self, target: &mut Self::Vector, offset: usize, len: usize, value: Fr);
    /// Binds variable 0: `v[i] <- v[i] + r (v[i + n/2] - v[i])`, halving the length.
    fn fold(&self, values: &mut Self::Vector, r: Fr);
    /// [`Backend::fold`] of an integer vector.
    fn fold_ints(&self, ints: &Self::Ints, r: Fr) -> Self::Vector;
    /// `sum_i a[i] b[i]`.
    fn dot(&self, a: &Self::Vector, b: &Self::Vector) -> Fr;
    /// Sums a row-major tensor of shape `dims` over the axes that have weights; the axes with `None` stay, in order.
    fn weigh(&self, ints: &Self::Ints, dims: &[usize], weights: &[Option<&Self::Vector>]) -> Self::Vector;
    /// [`Backend::weigh`] of a field vector.
    fn weigh_field(&self, values: &Self::Vector, dims: &[usize], weights: &[Option<&Self::Vector>]) -> Self::Vector;

    // ---- sparse matrices ----------------------------------------------------------------------
    /// `matrix values`, with zeros behind it up to `len`, which is at least the number of rows.
    fn multiply(&self, matrix: &Self::Matrix<'_>, values: &Self::Lent<'_>, len: usize) -> Self::Vector;
    /// The first index below `len` where `a[i] b[i] != c[i]`.
    fn first_false_product(&self, a: &Self::Vector, b: &Self::Vector, c: &Self::Vector, len: usize) -> Option<usize>;

    // ---- sumcheck -----------------------------------------------------------------------------
    /// The round polynomial of `sum_x prod_j f_j(x)` in variable 0, at X = 0, 2, 3, ..., d for d factors (d in 1..=4).
    ///
    /// All factors have one physical length; they stand for 2^log_len values, of which those beyond it are zero.
    fn product_round(&self, factors: &[&Self::Vector], log_len: usize) -> Vec<Fr>;
    /// [`Backend::product_round`] of an integer vector times a field vector, of a power of two values: at X = 0 and 2.
    fn product_round_ints(&self, ints: &Self::Ints, factor: &Self::Vector) -> Vec<Fr>;
    /// Binds variable 0 of every factor to r, then [`Backend::product_round`] for the next one: one pass over memory where
    /// that pays. `log_len`, at least 2, is the number of variables before.
    fn fold_product_round(&self, factors: &mut [&mut Self::Vector], log_len: usize, r: Fr) -> Vec<Fr> {
        for factor in factors.iter_mut() {
            self.fold_tailed(factor, log_len, Fr::ZERO, r);
        }
        self.product_round(&factors.iter().map(|factor| &**factor).collect::<Vec<_>>(), log_len - 1)
    }

    // ---- fractional sums (LogUp-GKR) ----------------------------------------------------------
    /// One layer up of the tree of fractions: for i < n/2,
    /// `p'[i] = p[i] q[i+n/2] + p[i+n/2] q[i]`, `q'[i] = q[i] q[i+n/2]`, where n = 2^log_len and the fractions
    /// beyond the physical length of `p` and `q` are 0/1. The result has physical length min(len, n/2).
    fn fraction_layer(&self, p: &Self::Vector, q: &Self::Vector, log_len: usize) -> (Self::Vector, Self::Vector);
    /// [`Backend::fraction_layer`] of 2^n fractions with numerators 1: `p'[i] = q[i] + q[i+n/2]`.
    fn unit_fraction_layer(&self, q: &Self::Vector) -> (Self::Vector, Self::Vector) {
        let len = self.len(q);
        self.fraction_layer(&self.upload_vec(vec![Fr::ONE; len]), q, len.trailing_zeros() as usize)
    }
    /// In variable 0, `t(X) = sum_x eq[x] (a b)(X, x)`: returns t(0) and the coefficient of X^2. `a` and `b` have twice the
    /// length of `eq`.
    fn eq_product_round(&self, a: &Self::Vector, b: &Self::Vector, eq: &Self::Vector) -> [Fr; 2] {
        let none = self.upload_vec(vec![]);
        self.fraction_round([a, &none, &none, b], [Fr::ZERO; 4], self.len(eq).trailing_zeros() as usize + 1, eq)
    }
    /// For four arrays `[p0, p1, q0, q1]` of virtual length 2^log_len, whose values beyond the physical length are `tails`,
    /// in variable 0, `t(X) = sum_x eq[x] (p0 q1 + p1 q0)(X, x)`: returns t(0) and the coefficient of X^2.
    /// `eq` has length 2^(log_len - 1).
    fn fraction_round(&self, layer: [&Self::Vector; 4], tails: [Fr; 4], log_len: usize, eq: &Self::Vector) -> [Fr; 2];
    /// Splits a layer of 2^log_len fractions into the arrays `[p0, p1 + shift q1, q0, q1]` of its halves, of virtual length
    /// 2^(log_len - 1), then [`Backend::fraction_round`] of these: one pass over memory where that pays. `log_len` is at
    /// least 2.
    fn split_fraction_round(
        &self,
        (p, q): (Self::Vector, Self::Vector),
        log_len: usize,
        shift: Fr,
        eq: &Self::Vector,
    ) -> ([Self::Vector; 4], [Fr; 2]) {
        let ((p0, mut p1), (q0, q1)) = (self.split(p, log_len), self.split(q, log_len));
        self.add_scaled(&mut p1, 0, &q1, shift);
        let round = self.fraction_round([&p0, &p1, &q0, &q1], [Fr::ZERO, shift, Fr::ONE, Fr::ONE], log_len - 1, eq);
        ([p0, p1, q0, q1], round)
    }
    /// Binds variable 0 of the arrays to r and removes it from `eq`, then [`Backend::fraction_round`] for the next one: one
    /// pass over memory where that pays. `log_len`, at least 2, is the number of variables before.
    fn fold_fraction_round(&self, layer: &mut [Self::Vector; 4], tails: [Fr; 4], log_len: usize, eq: &mut Self::Vector, r: Fr) -> [Fr; 2] {
        for (array, tail) in layer.iter_mut().zip(tails) {
            self.fold_tailed(array, log_len, tail, r);
        }
        self.sum_halves(eq);
        self.fraction_round(layer.each_ref(), tails, log_len - 1, eq)
    }
    /// [`Backend::fold`] of a vector of virtual length 2^log_len whose tail is `tail`.
    fn fold_tailed(&self, values: &mut Self::Vector, log_len: usize, tail: Fr, r: Fr);
    /// Splits a vector of virtual length 2^log_len into its halves; either may be physically shorter.
    fn split(&self, values: Self::Vector, log_len: usize) -> (Self::Vector, Self::Vector);
    /// Sums the two halves: removes variable 0 from an eq table.
    fn sum_halves(&self, values: &mut Self::Vector);

    // ---- univariate polynomials, coefficients from the constant up ------------------------------
    /// The value at x.
    fn evaluate(&self, coefficients: &Self::Vector, x: Fr) -> Fr;
    /// Quotient and remainder of the division by `X^power - a`.
    fn divide(&self, coefficients: &Self::Vector, power: usize, a: Fr) -> (Self::Vector, Self::Vector);
    /// The forward or inverse transform over the radix-2 domain of the vector's length, natural order in and out.
    fn ntt(&self, values: &mut Self::Vector, inverse: bool);
    /// The coefficients of `(A B - C) / (X^n - 1)` for polynomials given by their n values over the radix-2 domain,
    /// n - 1 of them. The division must leave no remainder: `a[i] b[i] = c[i]`. Twice n must not exceed the field's
    /// largest radix-2 domain.
    fn quotient(&self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;

    // ---- multi-scalar multiplication ------------------------------------------------------------
    /// `sum_i scalars[i] bases[offset + i]`.
    fn msm(&self, bases: &Self::Bases, offset: usize, scalars: &Self::Vector) -> G1Projective;
    /// `sum_i scalars[indices[i]] bases[i]`, one index a base.
    fn msm_indexed(&self, bases: &Self::Bases, scalars: &Self::Scalars, indices: &[u32]) -> G1Projective;
    /// [`Backend::msm_indexed`] in the second group.
    fn msm_g2(&self, bases: &Self::BasesG2, scalars: &Self::Scalars, indices: &[u32]) -> G2Projective;
    /// [`Backend::msm`] with integer scalars `[start, start + len)` of `ints`.
    fn msm_ints(&self, bases: &Self::Bases, offset: usize, ints: &Self::Ints, start: usize, len: usize) -> G1Projective;
    /// [`Backend::msm_ints`] of each of several sums, which a backend with more than one device computes at the same time.
    fn msm_ints_each(&self, bases: &Self::Bases, sums: &[IntSum<'_, Self::Ints>]) -> Vec<G1Projective> {
        sums.iter().map(|sum| self.msm_ints(bases, sum.offset, sum.ints, sum.start, sum.len)).collect()
    }
}
