//! The prover's half of [`assay_circuits::logup`]: one tree of fractions, from the root down to its leaves.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use assay_circuits::{
    Transcript,
    logup::{Layer, Proof, Reduced},
    sumcheck,
};
use assay_gpu::Backend;
use std::ops::Range;

pub use assay_core::limits::Economy;

/// The fractions at the bottom of a tree, made when they are asked for: they are many, and follow from few bytes each.
pub trait Leaves<B: Backend> {
    /// How many there are. Those behind them, up to a power of two, are 0/1.
    fn num_leaves(&self) -> usize;

    /// The leaves of some ranges, one range after the other: numerators and denominators.
    fn read(&self, backend: &B, ranges: &[Range<usize>]) -> (B::Vector, B::Vector);
}

/// Proves that 2^`log_len` fractions add up to zero, those behind the last leaf being 0/1.
///
/// The sum is not checked here: a proof of leaves that add up to something else is rejected by the verifier.
/// Returns the proof, and the claims on the leaves that are left.
///
/// # Memory
/// Many leaves are never there all at once. What is, is the layers above them, each freed on the way down: 64 bytes for
/// each fraction of 2^`log_len`; a little more than half of that where the first of these layers is not kept.
///
/// # Transcript
/// As [`assay_circuits::logup::verify`]; the caller has absorbed what the leaves depend on.
///
/// # Panics
/// If there are no leaves, or more than 2^`log_len`; or if a challenge is zero, which happens with probability 2^-254.
pub fn prove<B: Backend>(
    backend: &B,
    leaves: &dyn Leaves<B>,
    log_len: usize,
    economy: Economy,
    transcript: &mut Transcript<Fr>,
) -> (Proof<Fr>, Reduced<Fr>) {
    let num_leaves = leaves.num_leaves();
    assert!((1..=1 << log_len).contains(&num_leaves), "{num_leaves} leaves of a LogUp tree of 2^{log_len}");
    let bottom = Pieces { layer: leaves, log_len, log_piece: economy.log_piece };
    let above = Pieces { layer: &Parents(&bottom), log_len: log_len.saturating_sub(1), log_piece: economy.log_piece };
    // The layers that are never there as a whole, from the leaves up.
    let in_pieces: &[&Pieces<'_, B>] = match economy.cuts_leaves(num_leaves as u64) && log_len >= 4 {
        true if log_len >= economy.parents_from => &[&bottom, &above],
        true => &[&bottom],
        false => &[],
    };
    let lowest = log_len - in_pieces.len();
    let mut tree = vec![match in_pieces.last() {
        Some(pieces) => pieces.parents(backend),
        None => leaves.read(backend, std::slice::from_ref(&(0..num_leaves))),
    }];
    for level in (1..=lowest).rev() {
        let (p, q) = &tree[tree.len() - 1];
        let parents = backend.fraction_layer(p, q, level);
        tree.push(parents);
    }

    let (p, q) = tree.pop().expect("the root was pushed");
    let root = [backend.get(&p, 0), backend.get(&q, 0)];
    transcript.absorb(&root);
    let mut lambda = transcript.squeeze();
    let mut claims = Reduced { point: Vec::new(), p: root[0], q: root[1] };
    let mut layers = Vec::with_capacity(log_len);
    for num_vars in 0..log_len {
        let arrays = match tree.pop() {
            Some((p, q)) => {
                let ((p0, p1), (q0, q1)) = (backend.split(p, num_vars + 1), backend.split(q, num_vars + 1));
                Arrays::Whole(shifted(backend, [p0, p1, q0, q1], lambda))
            }
            None => Arrays::InPieces(in_pieces[log_len - num_vars - 1]),
        };
        let mut halves = Halves { arrays, num_vars, lambda };
        let claim = claims.p + lambda * claims.q;
        let (rounds, mut point) = halves.reduce(backend, claim, &claims.point, transcript);
        let [p0, p1, q0, q1] = halves.finals(backend, point.last());

        transcript.absorb(&[p0, p1, q0, q1]);
        let tau = transcript.squeeze();
        lambda = transcript.squeeze();
        point.insert(0, tau);
        claims = Reduced { point, p: p0 + tau * (p1 - p0), q: q0 + tau * (q1 - q0) };
        layers.push(Layer { rounds, p: [p0, p1], q: [q0, q1] });
    }
    (Proof { root, layers }, claims)
}

/// p0, p1, q0, q1 of virtual length 2^num_vars, where p1 stands for `p1 + lambda q1`: that is multilinear too, and takes
/// lambda out of every round.
struct Halves<'a, B: Backend> {
    arrays: Arrays<'a, B>,
    num_vars: usize,
    lambda: Fr,
}

enum Arrays<'a, B: Backend> {
    Whole([B::Vector; 4]),
    /// Those of a layer that is made in pieces, until they are folded for the first time.
    InPieces(&'a Pieces<'a, B>),
}

/// `p1 += lambda q1`.
fn shifted<B: Backend>(backend: &B, [p0, mut p1, q0, q1]: [B::Vector; 4], lambda: Fr) -> [B::Vector; 4] {
    backend.add_scaled(&mut p1, 0, &q1, lambda);
    [p0, p1, q0, q1]
}

/// What fills the arrays beyond their physical length: the fraction 0/1, shifted.
fn tails(lambda: Fr) -> [Fr; 4] {
    [Fr::ZERO, lambda, Fr::ONE, Fr::ONE]
}

impl<B: Backend> Halves<'_, B> {
    /// The sumcheck of one layer: `claim = sum_y eq(w, y) (p0 q1 + p1 q0 + lambda q0 q1)(y)`.
    fn reduce(&mut self, backend: &B, mut claim: Fr, w: &[Fr], transcript: &mut Transcript<Fr>) -> (sumcheck::Proof<Fr>, Vec<Fr>) {
        let mut rounds = Vec::with_capacity(w.len());
        let mut point: Vec<Fr> = Vec::with_capacity(w.len());
        let mut inverses = w.to_vec();
        batch_inversion(&mut inverses);
        assert!(!inverses.contains(&Fr::ZERO), "a challenge is zero with probability 2^-254");
        // eq over the variables after the current one.
        let mut eq = backend.eq_table(w.get(1..).unwrap_or_default(), Fr::ONE);
        for inverse in inverses {
            let [t0, t2] = self.round(backend, point.last().copied(), &mut eq);
            // claim = t0 + w (t1 + t2)
            let t1 = (claim - t0) * inverse - t2;
            transcript.absorb(&[t1, t2]);
            let challenge = transcript.squeeze();
            claim = t0 + challenge * (t1 + challenge * t2);
            rounds.push(vec![t1, t2]);
            point.push(challenge);
        }
        (sumcheck::Proof { rounds }, point)
    }

    /// A round's t(0) and its coefficient of X^2, after binding the variable before it, if there is one.
    fn round(&mut self, backend: &B, last: Option<Fr>, eq: &mut B::Vector) -> [Fr; 2] {
        let tails = tails(self.lambda);
        let Some(challenge) = last else {
            return match &self.arrays {
                Arrays::Whole(arrays) => backend.fraction_round(arrays.each_ref(), tails, self.num_vars, eq),
                Arrays::InPieces(pieces) => pieces.round(backend, eq, self.lambda),
            };
        };
        self.num_vars -= 1;
        match &mut self.arrays {
            Arrays::Whole(arrays) => backend.fold_fraction_round(arrays, tails, self.num_vars + 1, eq, challenge),
            Arrays::InPieces(pieces) => {
                // Smaller before anything else is made.
                backend.sum_halves(eq);
                let arrays = pieces.fold(backend, self.lambda, challenge);
                let round = backend.fraction_round(arrays.each_ref(), tails, self.num_vars, eq);
                self.arrays = Arrays::Whole(arrays);
                round
            }
        }
    }

    /// The four values, after the last variable is bound to `last`.
    fn finals(self, backend: &B, last: Option<&Fr>) -> [Fr; 4] {
        let Arrays::Whole(mut arrays) = self.arrays else {
            unreachable!("a layer in pieces has two rounds, and the second makes it whole")
        };
        let tails = tails(self.lambda);
        if let Some(last) = last {
            for (array, tail) in arrays.iter_mut().zip(tails) {
                backend.fold_tailed(array, self.num_vars, tail, *last);
            }
        }
        let value = |j: usize| match backend.len(&arrays[j]) {
            0 => tails[j],
            _ => backend.get(&arrays[j], 0),
        };
        [value(0), value(1) - self.lambda * value(3), value(2), value(3)]
    }
}

/// A layer of 2^log_len fractions of which a piece at a time is there.
struct Pieces<'a, B> {
    layer: &'a dyn Leaves<B>,
    log_len: usize,
    log_piece: usize,
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

    /// The layer above.
    fn parents(&self, backend: &B) -> (B::Vector, B::Vector) {
        let half = 1 << (self.log_len - 1);
        let physical = self.range(0, half).len();
        let mut parents = (zeros(backend, physical), zeros(backend, physical));
        let log_piece = self.log_piece(self.log_len - 1);
        for start in (0..physical).step_by(1 << log_piece) {
            let ranges = [self.range(start, 1 << log_piece), self.range(half + start, 1 << log_piece)];
            let (p, q) = self.layer.read(backend, &ranges);
            let (p, q) = backend.fraction_layer(&p, &q, log_piece + 1);
            backend.add_scaled(&mut parents.0, start, &p, Fr::ONE);
            backend.add_scaled(&mut parents.1, start, &q, Fr::ONE);
        }
        parents
    }

    /// Pieces of the arrays p0, p1 + lambda q1, q0, q1: from either half of each 2^log_piece entries, the halves one after
    /// the other.
    fn arrays(&self, backend: &B, start: usize, log_piece: usize, lambda: Fr) -> [B::Vector; 4] {
        let quarter = 1 << (self.log_len - 2);
        let read = |first: usize| {
            let ranges = [self.range(first + start, 1 << log_piece), self.range(first + quarter + start, 1 << log_piece)];
            self.layer.read(backend, &ranges)
        };
        let ((p0, q0), (p1, q1)) = (read(0), read(2 * quarter));
        shifted(backend, [p0, p1, q0, q1], lambda)
    }

    /// [`Backend::fraction_round`] of the whole layer.
    fn round(&self, backend: &B, eq: &B::Vector, lambda: Fr) -> [Fr; 2] {
        let log_piece = self.log_piece(self.log_len - 2);
        let mut sums = [Fr::ZERO; 2];
        for start in (0..1 << (self.log_len - 2)).step_by(1 << log_piece) {
            let arrays = self.arrays(backend, start, log_piece, lambda);
            let weights = backend.slice(eq, start, 1 << log_piece);
            let part = backend.fraction_round(arrays.each_ref(), tails(lambda), log_piece + 1, &weights);
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        sums
    }

    /// The layer's arrays, folded once.
    fn fold(&self, backend: &B, lambda: Fr, challenge: Fr) -> [B::Vector; 4] {
        let quarter = 1 << (self.log_len - 2);
        let lens = [self.range(0, quarter).len(), self.range(2 * quarter, quarter).len()];
        let mut folded = [lens[0], lens[1], lens[0], lens[1]].map(|len| zeros(backend, len));
        let log_piece = self.log_piece(self.log_len - 2);
        for start in (0..quarter).step_by(1 << log_piece) {
            for ((mut array, tail), folded) in
                self.arrays(backend, start, log_piece, lambda).into_iter().zip(tails(lambda)).zip(&mut folded)
            {
                backend.fold_tailed(&mut array, log_piece + 1, tail, challenge);
                if backend.len(&array) > 0 {
                    backend.add_scaled(folded, start, &array, Fr::ONE);
                }
            }
        }
        folded
    }
}

/// The layer above one in pieces.
struct Parents<'a, B>(&'a Pieces<'a, B>);

impl<B: Backend> Leaves<B> for Parents<'_, B> {
    fn num_leaves(&self) -> usize {
        self.0.range(0, 1 << (self.0.log_len - 1)).len()
    }

    fn read(&self, backend: &B, ranges: &[Range<usize>]) -> (B::Vector, B::Vector) {
        let total = ranges.iter().map(Range::len).sum();
        let mut parents = (zeros(backend, total), zeros(backend, total));
        let mut done = 0;
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            // Shorter than a power of two is only what the layer's end cuts off, which has no partners.
            let len = range.len().next_power_of_two();
            let partners = self.0.range((1 << (self.0.log_len - 1)) + range.start, len);
            let (p, q) = self.0.layer.read(backend, &[range.clone(), partners]);
            let (p, q) = backend.fraction_layer(&p, &q, len.trailing_zeros() as usize + 1);
            backend.add_scaled(&mut parents.0, done, &p, Fr::ONE);
            backend.add_scaled(&mut parents.1, done, &q, Fr::ONE);
            done += range.len();
        }
        parents
    }
}

fn zeros<B: Backend>(backend: &B, len: usize) -> B::Vector {
    backend.upload_vec(vec![Fr::ZERO; len])
}
