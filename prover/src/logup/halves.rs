//! The sumcheck of one layer.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use assay_circuits::{Transcript, sumcheck};
use assay_gpu::Backend;

use super::pieces::Pieces;

/// p0, p1, q0, q1 of virtual length 2^num_vars, where p1 stands for `p1 + lambda q1`: that is multilinear too, and takes
/// lambda out of every round.
pub(super) struct Halves<'a, B: Backend> {
    arrays: Arrays<'a, B>,
    /// What fills the arrays beyond their physical length.
    tails: [Fr; 4],
    num_vars: usize,
    lambda: Fr,
}

enum Arrays<'a, B: Backend> {
    Whole([B::Vector; 4]),
    /// Those of a layer that is made in pieces, until they are folded for the first time.
    InPieces(&'a Pieces<'a, B>),
}

/// The fraction 0/1 for p0, p1 + lambda q1, q0, q1.
pub(super) fn tails(lambda: Fr) -> [Fr; 4] {
    [Fr::ZERO, lambda, Fr::ONE, Fr::ONE]
}

impl<'a, B: Backend> Halves<'a, B> {
    /// Those of a layer of 2^(num_vars + 1) fractions.
    pub fn of(backend: &B, (p, q): (B::Vector, B::Vector), num_vars: usize, lambda: Fr) -> Self {
        let ((p0, mut p1), (q0, q1)) = (backend.split(p, num_vars + 1), backend.split(q, num_vars + 1));
        backend.add_scaled(&mut p1, 0, &q1, lambda);
        Halves { arrays: Arrays::Whole([p0, p1, q0, q1]), tails: tails(lambda), num_vars, lambda }
    }

    /// Those of a layer in pieces.
    pub fn in_pieces(pieces: &'a Pieces<'a, B>, num_vars: usize, lambda: Fr) -> Self {
        Halves { arrays: Arrays::InPieces(pieces), tails: tails(lambda), num_vars, lambda }
    }

    /// Proves `claim = sum_y eq(w, y) (p0 q1 + p1 q0 + lambda q0 q1)(y)`: the rounds, the point they end at, and there the
    /// values of p0, p1, q0 and q1.
    pub fn reduce(
        mut self,
        backend: &B,
        mut claim: Fr,
        w: &[Fr],
        transcript: &mut Transcript<Fr>,
    ) -> (sumcheck::Proof<Fr>, Vec<Fr>, [Fr; 4]) {
        let mut rounds = Vec::with_capacity(w.len());
        let mut point: Vec<Fr> = Vec::with_capacity(w.len());
        let mut inverses = w.to_vec();
        batch_inversion(&mut inverses);
        assert!(!inverses.contains(&Fr::ZERO), "a challenge is zero with probability 2^-254");
        // eq over the variables after the current one.
        let mut eq = None;
        for inverse in inverses {
            let [t0, t2] = self.round(backend, w, point.last().copied(), &mut eq);
            // claim = t0 + w (t1 + t2)
            let t1 = (claim - t0) * inverse - t2;
            transcript.absorb(&[t1, t2]);
            let challenge = transcript.squeeze();
            claim = t0 + challenge * (t1 + challenge * t2);
            rounds.push(vec![t1, t2]);
            point.push(challenge);
        }
        let finals = self.finals(backend, point.last());
        (sumcheck::Proof { rounds }, point, finals)
    }

    /// A round's t(0) and its coefficient of X^2, after binding the variable before it, if there is one.
    fn round(&mut self, backend: &B, w: &[Fr], last: Option<Fr>, eq: &mut Option<B::Vector>) -> [Fr; 2] {
        match (&mut self.arrays, last) {
            (Arrays::InPieces(pieces), None) => pieces.round(backend, &w[1..], self.lambda),
            (Arrays::InPieces(pieces), Some(challenge)) => {
                let (arrays, tails) = pieces.fold(backend, self.lambda, challenge);
                (self.num_vars, self.tails) = (self.num_vars - 1, tails);
                let eq = eq.insert(backend.eq_table(&w[2..], Fr::ONE));
                let round = backend.fraction_round(arrays.each_ref(), tails, self.num_vars, eq);
                self.arrays = Arrays::Whole(arrays);
                round
            }
            (Arrays::Whole(arrays), None) => {
                let eq = eq.insert(backend.eq_table(&w[1..], Fr::ONE));
                backend.fraction_round(arrays.each_ref(), self.tails, self.num_vars, eq)
            }
            (Arrays::Whole(arrays), Some(challenge)) => {
                let eq = eq.as_mut().expect("the round before left it");
                self.num_vars -= 1;
                backend.fold_fraction_round(arrays, self.tails, self.num_vars + 1, eq, challenge)
            }
        }
    }

    /// The four values, after the last variable is bound to `last`.
    fn finals(self, backend: &B, last: Option<&Fr>) -> [Fr; 4] {
        let Arrays::Whole(mut arrays) = self.arrays else {
            unreachable!("a layer in pieces has two rounds, and the second makes it whole")
        };
        if let Some(last) = last {
            for (array, tail) in arrays.iter_mut().zip(self.tails) {
                backend.fold_tailed(array, self.num_vars, tail, *last);
            }
        }
        let value = |j: usize| match backend.len(&arrays[j]) {
            0 => self.tails[j],
            _ => backend.get(&arrays[j], 0),
        };
        [value(0), value(1) - self.lambda * value(3), value(2), value(3)]
    }
}
