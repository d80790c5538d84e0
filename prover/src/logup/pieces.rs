//! A layer of which a piece at a time is there.
//!
//! Where numerators are 1, or a half of the layer has ended, a piece costs a fraction of what others cost.

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_gpu::Backend;

use super::{Leaves, halves::tails};
use crate::ranges::zeros;

/// A layer of 2^log_len fractions, made in pieces of 2^log_piece.
pub(super) struct Pieces<'a, B> {
    pub layer: &'a dyn Leaves<B>,
    pub log_len: usize,
    pub log_piece: usize,
}

/// The layer above one in pieces.
pub(super) struct Parents<'a, B>(pub &'a Pieces<'a, B>);

/// What is known of a piece of a half before it is made: it is read from two ranges.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Physical, with numerators 1.
    Units,
    /// Beyond the last fraction: 0/1.
    Ended,
    Mixed,
}

impl<B: Backend> Pieces<'_, B> {
    /// The physical part of `start .. start + len`.
    fn range(&self, start: usize, len: usize) -> Range<usize> {
        let physical = self.layer.num_leaves();
        start.min(physical)..(start + len).min(physical)
    }

    /// The length of a piece of 2^log_whole.
    fn log_piece(&self, log_whole: usize) -> usize {
        log_whole.min(self.log_piece)
    }

    fn kind(&self, ranges: &[Range<usize>], len: usize) -> Kind {
        if ranges.iter().all(|range| range.is_empty()) {
            Kind::Ended
        } else if ranges.iter().all(|range| range.len() == len && self.layer.are_units(range)) {
            Kind::Units
        } else {
            Kind::Mixed
        }
    }

    /// The layer above.
    pub fn parents(&self, backend: &B) -> (B::Vector, B::Vector) {
        let physical = self.range(0, 1 << (self.log_len - 1)).len();
        let log_piece = self.log_piece(self.log_len - 1);
        let [p, q] = backend.assemble([physical; 2], 1 << log_piece, |piece| self.sums(backend, piece << log_piece, 1 << log_piece));
        (p, q)
    }

    /// The fractions `start .. start + len` of the layer above, as far as they are physical; len is a power of two.
    fn sums(&self, backend: &B, start: usize, len: usize) -> [B::Vector; 2] {
        let [low, high] = [start, (1 << (self.log_len - 1)) + start].map(|first| self.range(first, len));
        let one = std::slice::from_ref;
        let (p, q) = match (self.kind(one(&low), len), self.kind(one(&high), len)) {
            (Kind::Units, Kind::Units) => backend.unit_fraction_layer(&self.layer.denominators(backend, &[low, high], Fr::ONE, Fr::ZERO)),
            (Kind::Units, Kind::Ended) => (ones(backend, len), self.layer.denominators(backend, &[low], Fr::ONE, Fr::ZERO)),
            _ => {
                let (p, q) = self.layer.read(backend, &[low, high]);
                backend.fraction_layer(&p, &q, len.trailing_zeros() as usize + 1)
            }
        };
        [p, q]
    }

    /// The ranges of a piece of either half of the layer: each is read from both quarters of its half.
    fn halves(&self, start: usize, len: usize) -> [[Range<usize>; 2]; 2] {
        let quarter = 1 << (self.log_len - 2);
        [0, 2 * quarter].map(|half| [half, half + quarter].map(|first| self.range(first + start, len)))
    }

    /// [`Backend::fraction_round`] of the whole layer, its eq being that of the variables after the first, `w`.
    pub fn round(&self, backend: &B, w: &[Fr], lambda: Fr) -> [Fr; 2] {
        let log_piece = self.log_piece(self.log_len - 2);
        let (outer, inner) = w.split_at(w.len() - log_piece);
        // All pieces share one table, whose values add up to 1, and differ by a factor.
        let factors = backend.download(&backend.eq_table(outer, Fr::ONE));
        let eq = backend.eq_table(inner, Fr::ONE);
        let inverse = lambda.inverse();
        let parts = backend.pieces(factors.len(), |piece| self.piece_round(backend, piece << log_piece, &eq, lambda, inverse));
        let sum = |j: usize| factors.iter().zip(&parts).map(|(factor, part)| *factor * part[j]).sum();
        [sum(0), sum(1)]
    }

    fn piece_round(&self, backend: &B, start: usize, eq: &B::Vector, lambda: Fr, inverse: Option<Fr>) -> [Fr; 2] {
        let len = backend.len(eq);
        let [low, high] = self.halves(start, len);
        match (self.kind(&low, len), self.kind(&high, len), inverse) {
            // 0 * 1 + (0 + lambda) * 1, whatever X is.
            (Kind::Ended, Kind::Ended, _) => [lambda, Fr::ZERO],
            // 1 * 1 + (0 + lambda) q0: of degree 1 in X.
            (Kind::Units, Kind::Ended, _) => {
                let [first, _] = low;
                [backend.dot(eq, &self.layer.denominators(backend, &[first], lambda, Fr::ONE)), Fr::ZERO]
            }
            // q0 + q1 + lambda q0 q1 = (lambda q0 + 1) (q1 + 1 / lambda) - 1 / lambda.
            (Kind::Units, Kind::Units, Some(inverse)) => {
                let a = self.layer.denominators(backend, &low, lambda, Fr::ONE);
                let b = self.layer.denominators(backend, &high, Fr::ONE, inverse);
                let [constant, square] = backend.eq_product_round(&a, &b, eq);
                [constant - inverse, square]
            }
            _ => {
                let ((p0, q0), (mut p1, q1)) = (self.layer.read(backend, &low), self.layer.read(backend, &high));
                backend.add_scaled(&mut p1, 0, &q1, lambda);
                backend.fraction_round([&p0, &p1, &q0, &q1], tails(lambda), len.trailing_zeros() as usize + 1, eq)
            }
        }
    }

    /// The arrays p0, p1 + lambda q1, q0, q1, folded once, and what fills them beyond their physical length.
    pub fn fold(&self, backend: &B, lambda: Fr, challenge: Fr) -> ([B::Vector; 4], [Fr; 4]) {
        let quarter = 1 << (self.log_len - 2);
        let piece = 1 << self.log_piece(self.log_len - 2);
        let [mut p0, p1, q0, q1] = [0, 2 * quarter, 0, 2 * quarter].map(|first| self.range(first, quarter).len());
        let mut tails = tails(lambda);
        // Ones that p0 ends with, if it does, are its tail.
        let units = |k: &usize| self.kind(&self.halves(k * piece, piece)[0], piece) == Kind::Units;
        let mixed = quarter / piece - (0..quarter / piece).rev().take_while(units).count();
        if mixed * piece < p0 {
            (p0, tails[0]) = (mixed * piece, Fr::ONE);
        }
        let arrays = backend.assemble([p0, p1, q0, q1], piece, |k| {
            let [low, high] = self.halves(k * piece, piece);
            let [p0, q0] = match k < mixed {
                true => self.piece_fold(backend, low, piece, Fr::ZERO, challenge),
                false => [backend.upload_vec(vec![]), self.units_fold(backend, &low, challenge)],
            };
            let [p1, q1] = self.piece_fold(backend, high, piece, lambda, challenge);
            [p0, p1, q0, q1]
        });
        (arrays, tails)
    }

    /// q of a piece of a half with numerators 1, folded once.
    fn units_fold(&self, backend: &B, ranges: &[Range<usize>; 2], challenge: Fr) -> B::Vector {
        let mut q = self.layer.denominators(backend, ranges, Fr::ONE, Fr::ZERO);
        backend.fold(&mut q, challenge);
        q
    }

    /// p + shift q and q of a piece of a half, folded once.
    fn piece_fold(&self, backend: &B, ranges: [Range<usize>; 2], piece: usize, shift: Fr, challenge: Fr) -> [B::Vector; 2] {
        let (mut p, q) = match self.kind(&ranges, piece) {
            Kind::Ended => (backend.upload_vec(vec![]), backend.upload_vec(vec![])),
            Kind::Units => (ones(backend, piece), self.units_fold(backend, &ranges, challenge)),
            Kind::Mixed => {
                let (mut p, mut q) = self.layer.read(backend, &ranges);
                let log_len = piece.trailing_zeros() as usize + 1;
                backend.fold_tailed(&mut p, log_len, Fr::ZERO, challenge);
                backend.fold_tailed(&mut q, log_len, Fr::ONE, challenge);
                (p, q)
            }
        };
        if shift != Fr::ZERO && backend.len(&q) > 0 {
            backend.add_scaled(&mut p, 0, &q, shift);
        }
        [p, q]
    }
}

impl<B: Backend> Leaves<B> for Parents<'_, B> {
    fn num_leaves(&self) -> usize {
        self.0.range(0, 1 << (self.0.log_len - 1)).len()
    }

    fn read(&self, backend: &B, ranges: &[Range<usize>]) -> (B::Vector, B::Vector) {
        let (mut p, mut q) = (zeros(backend, ranges), zeros(backend, ranges));
        let mut done = 0;
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            // Shorter than a power of two is only what the layer's end cuts off, which has no partners.
            let parents = self.0.sums(backend, range.start, range.len().next_power_of_two());
            for (all, part) in [&mut p, &mut q].into_iter().zip(&parents) {
                backend.add_scaled(all, done, part, Fr::ONE);
            }
            done += range.len();
        }
        (p, q)
    }

    /// Where nothing is added, a parent is its only child.
    fn are_units(&self, range: &Range<usize>) -> bool {
        let half = 1 << (self.0.log_len - 1);
        self.0.range(half + range.start, range.len()).is_empty() && self.0.layer.are_units(range)
    }

    fn denominators(&self, backend: &B, ranges: &[Range<usize>], scale: Fr, shift: Fr) -> B::Vector {
        self.0.layer.denominators(backend, ranges, scale, shift)
    }
}

fn ones<B: Backend>(backend: &B, len: usize) -> B::Vector {
    backend.upload_vec(vec![Fr::ONE; len])
}
