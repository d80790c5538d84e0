//! Multiples of the generator by many scalars: one table of windows, then affine additions that share inversions.
//!
//! A scalar s = sum_j s_j 2^(wj) costs one addition a window, and a batch of affine additions costs about six
//! products each (Montgomery's simultaneous inversion), where mixed additions cost eleven and a normalisation.

use ark_bn254::{Fr, G1Affine};
use ark_ec::{
    AffineRepr, CurveGroup,
    short_weierstrass::{Affine, Projective, SWCurveConfig},
};
use ark_ff::{AdditiveGroup, Field, PrimeField, Zero};
use rayon::prelude::*;

use super::Progress;

/// Scalars that go through one inversion together.
const BATCH: usize = 2048;

/// `rows[j][d - 1] = d 2^(window j) base` for 1 <= d < 2^window.
struct Table<P: SWCurveConfig> {
    window: usize,
    rows: Vec<Vec<Affine<P>>>,
}

impl<P: SWCurveConfig<ScalarField = Fr>> Table<P> {
    /// Wide enough that building it stays a fraction of the work, and that one row stays in the second-level cache.
    fn new(base: Affine<P>, num_scalars: usize) -> Self {
        let window = (num_scalars.max(2).ilog2() as usize).saturating_sub(6).clamp(3, 12);
        let num_rows = (Fr::MODULUS_BIT_SIZE as usize).div_ceil(window);
        let mut bases = Vec::with_capacity(num_rows);
        let mut next = base.into_group();
        for _ in 0..num_rows {
            bases.push(next);
            for _ in 0..window {
                next.double_in_place();
            }
        }
        let rows = bases
            .par_iter()
            .map(|base| {
                let multiples: Vec<Projective<P>> =
                    std::iter::successors(Some(*base), |m| Some(*m + base)).take((1 << window) - 1).collect();
                Projective::normalize_batch(&multiples)
            })
            .collect();
        Table { window, rows }
    }

    /// The `row`-th digit of a scalar.
    fn digit(&self, limbs: &[u64; 4], row: usize) -> usize {
        let bit = row * self.window;
        let (word, shift) = (bit / 64, bit % 64);
        let mut value = limbs[word] >> shift;
        if shift + self.window > 64 && word + 1 < limbs.len() {
            value |= limbs[word + 1] << (64 - shift);
        }
        (value & ((1 << self.window) - 1)) as usize
    }

    fn multiply_batch(&self, scalars: &[Fr], out: &mut [Affine<P>]) {
        let limbs: Vec<[u64; 4]> = scalars.iter().map(|s| s.into_bigint().0).collect();
        out.fill(Affine::zero());
        let mut differences = vec![P::BaseField::ZERO; scalars.len()];
        for (row, multiples) in self.rows.iter().enumerate() {
            let addend = |i: usize| match self.digit(&limbs[i], row) {
                0 => None,
                digit => Some(multiples[digit - 1]),
            };
            for (i, difference) in differences.iter_mut().enumerate() {
                // A zero stays out of the batch inversion; the addition below then takes the general path.
                *difference = match addend(i) {
                    Some(point) if !out[i].is_zero() => point.x - out[i].x,
                    _ => P::BaseField::ZERO,
                };
            }
            ark_ff::fields::batch_inversion(&mut differences);
            for (i, (sum, inverse)) in out.iter_mut().zip(&differences).enumerate() {
                if let Some(point) = addend(i) {
                    *sum = if inverse.is_zero() { (*sum + point).into_affine() } else { add(sum, &point, inverse) };
                }
            }
        }
    }
}

/// The affine chord addition, given 1 / (b.x - a.x).
fn add<P: SWCurveConfig>(a: &Affine<P>, b: &Affine<P>, inverse: &P::BaseField) -> Affine<P> {
    let slope = (b.y - a.y) * *inverse;
    let x = slope.square() - a.x - b.x;
    Affine::new_unchecked(x, slope * (a.x - x) - a.y)
}

/// `[tau^i] base` for `start <= i < start + count`.
pub(super) fn powers(base: G1Affine, tau: Fr, start: usize, count: usize, progress: Progress<'_>) -> Vec<G1Affine> {
    let table = Table::new(base, count);
    let mut points = vec![G1Affine::zero(); count];
    points.par_chunks_mut(BATCH).enumerate().for_each(|(chunk, out)| {
        let first = tau.pow([(start + chunk * BATCH) as u64]);
        let scalars: Vec<Fr> = std::iter::successors(Some(first), |s| Some(*s * tau)).take(out.len()).collect();
        table.multiply_batch(&scalars, out);
        progress(out.len());
    });
    points
}

/// `[s] base` for every scalar s, in either group.
pub(crate) fn multiples<P: SWCurveConfig<ScalarField = Fr>>(base: Affine<P>, scalars: &[Fr]) -> Vec<Affine<P>> {
    let table = Table::new(base, scalars.len());
    let mut points = vec![Affine::zero(); scalars.len()];
    points.par_chunks_mut(BATCH).zip(scalars.par_chunks(BATCH)).for_each(|(out, scalars)| table.multiply_batch(scalars, out));
    points
}
