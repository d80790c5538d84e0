//! The sumcheck of one layer.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use assay_circuits::{Transcript, sumcheck};
use assay_gpu::Backend;

use super::pieces::Pieces;

/// The halves p0, p1, q0, q1 of a layer of 2^(num_vars + 1) fractions, before the first round and after it.
///
/// p1 stands for `p1 + lambda q1`: that is multilinear too, and takes lambda out of every round.
pub(super) enum Halves<'a, B: Backend> {
    /// p and q of the whole layer, not yet split.
    Joined(B::Vector, B::Vector),
    /// Of a layer that is made in pieces, until they are folded for the first time.
    InPieces(&'a Pieces<'a, B>),
    /// What is left of them, and eq over the variables after the current one.
    Arrays { arrays: [B::Vector; 4], tails: [Fr; 4], eq: B::Vector },
}

/// The fraction 0/1, which fills the arrays beyond their physical length: p0, p1 + lambda q1, q0, q1.
pub(super) fn tails(lambda: Fr) -> [Fr; 4] {
    [Fr::ZERO, lambda, Fr::ONE, Fr::ONE]
}

impl<B: Backend> Halves<'_, B> {
    /// Proves `claim = sum_y eq(w, y) (p0 q1 + p1 q0 + lambda q0 q1)(y)`: the rounds, the point they end at, and there the
    /// values of p0, p1, q0 and q1.
    pub fn reduce(
        mut self,
        backend: &B,
        mut claim: Fr,
        w: &[Fr],
        lambda: Fr,
        transcript: &mut Transcript<Fr>,
    ) -> (sumcheck::Proof<Fr>, Vec<Fr>, [Fr; 4]) {
        let mut rounds = Vec::with_capacity(w.len());
        let mut point: Vec<Fr> = Vec::with_capacity(w.len());
        let mut inverses = w.to_vec();
        batch_inversion(&mut inverses);
        assert!(!inverses.contains(&Fr::ZERO), "a challenge is zero with probability 2^-254");
        for inverse in inverses {
            let (halves, [t0, t2]) = self.round(backend, w, &point, lambda);
            self = halves;
            // claim = t0 + w (t1 + t2)
            let t1 = (claim - t0) * inverse - t2;
            transcript.absorb(&[t1, t2]);
            let challenge = transcript.squeeze();
            claim = t0 + challenge * (t1 + challenge * t2);
            rounds.push(vec![t1, t2]);
            point.push(challenge);
        }
        let finals = self.finals(backend, lambda, point.last());
        (sumcheck::Proof { rounds }, point, finals)
    }

    /// A round's t(0) and its coefficient of X^2, after binding the variable before it, if there is one: `point` is what
    /// variables were bound to so far.
    fn round(self, backend: &B, w: &[Fr], point: &[Fr], lambda: Fr) -> (Self, [Fr; 2]) {
        let num_vars = w.len() - point.len();
        match (self, point.last()) {
            (Self::Joined(p, q), _) => {
                let eq = backend.eq_table(&w[1..], Fr::ONE);
                let (arrays, round) = backend.split_fraction_round((p, q), num_vars + 1, lambda, &eq);
                (Self::Arrays { arrays, tails: tails(lambda), eq }, round)
            }
            (Self::InPieces(pieces), None) => (Self::InPieces(pieces), pieces.round(backend, &w[1..], lambda)),
            (Self::InPieces(pieces), Some(challenge)) => {
                let (arrays, tails) = pieces.fold(backend, lambda, *challenge);
                let eq = backend.eq_table(&w[2..], Fr::ONE);
                let round = backend.fraction_round(arrays.each_ref(), tails, num_vars, &eq);
                (Self::Arrays { arrays, tails, eq }, round)
            }
            (Self::Arrays { mut arrays, tails, mut eq }, challenge) => {
                let challenge = *challenge.expect("arrays are made in a round");
                let round = backend.fold_fraction_round(&mut arrays, tails, num_vars + 1, &mut eq, challenge);
                (Self::Arrays { arrays, tails, eq }, round)
            }
        }
    }

    /// The four values, after the last variable is bound to `last`, if there was one.
    fn finals(self, backend: &B, lambda: Fr, last: Option<&Fr>) -> [Fr; 4] {
        let value = |array: &B::Vector, tail: Fr| if backend.len(array) == 0 { tail } else { backend.get(array, 0) };
        match (self, last) {
            (Self::Arrays { mut arrays, tails, .. }, Some(last)) => {
                for (array, tail) in arrays.iter_mut().zip(tails) {
                    backend.fold_tailed(array, 1, tail, *last);
                }
                let [p0, p1, q0, q1] = std::array::from_fn(|j| value(&arrays[j], tails[j]));
                [p0, p1 - lambda * q1, q0, q1]
            }
            (Self::Joined(p, q), None) => {
                let ((p0, p1), (q0, q1)) = (backend.split(p, 1), backend.split(q, 1));
                [value(&p0, Fr::ZERO), value(&p1, Fr::ZERO), value(&q0, Fr::ONE), value(&q1, Fr::ONE)]
            }
            _ => unreachable!("a layer in pieces has two rounds, and the second makes arrays"),
        }
    }
}
