//! What a Mercury prover sends.

use crate::points_digest;
use ark_bn254::{Fr, G1Affine};

/// A proof of one opening: eight group elements and seven field elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What only the KZG equation reads, and the transcript as digests.
    pub points: Points,
    /// What the scalar identities read.
    pub scalars: Scalars<Fr>,
}

/// The group elements, named after the polynomials that they commit to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Points {
    /// The blocks of f folded by eq(u1).
    pub h: G1Affine,
    /// The quotient of f by X^b1 - alpha.
    pub q: G1Affine,
    /// Its remainder.
    pub g: G1Affine,
    /// The positive half of the inner-product identity.
    pub s: G1Affine,
    /// g with its coefficients reversed.
    pub d: G1Affine,
    /// The quotient of the batch opened at zeta.
    pub at_zeta: G1Affine,
    /// The quotient of the batch opened at 1/zeta.
    pub at_inverse: G1Affine,
    /// The quotient of h opened at alpha.
    pub at_alpha: G1Affine,
}

impl Points {
    /// The digests that stand for the four phases in the transcript.
    pub fn digests(&self) -> [Fr; 4] {
        [
            points_digest([&self.h]),
            points_digest([&self.q, &self.g]),
            points_digest([&self.s, &self.d]),
            points_digest([&self.at_zeta, &self.at_inverse, &self.at_alpha]),
        ]
    }

    /// All eight, in the order in which they are sent.
    pub fn to_array(&self) -> [G1Affine; 8] {
        [self.h, self.q, self.g, self.s, self.d, self.at_zeta, self.at_inverse, self.at_alpha]
    }

    /// The inverse of [`Points::to_array`].
    pub fn from_array([h, q, g, s, d, at_zeta, at_inverse, at_alpha]: [G1Affine; 8]) -> Self {
        Self { h, q, g, s, d, at_zeta, at_inverse, at_alpha }
    }
}

/// The claimed values of the committed polynomials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalars<N> {
    /// g at zeta and 1/zeta.
    pub g: [N; 2],
    /// h at zeta and 1/zeta.
    pub h: [N; 2],
    /// S at zeta and 1/zeta.
    pub s: [N; 2],
    /// h at alpha.
    pub h_alpha: N,
}

impl<N: Clone> Scalars<N> {
    /// All seven, in the order of the transcript.
    pub fn to_array(&self) -> [N; 7] {
        let ([g, g_inverse], [h, h_inverse], [s, s_inverse]) = (self.g.clone(), self.h.clone(), self.s.clone());
        [g, g_inverse, h, h_inverse, s, s_inverse, self.h_alpha.clone()]
    }

    /// The inverse of [`Scalars::to_array`].
    pub fn from_array([g, g_inverse, h, h_inverse, s, s_inverse, h_alpha]: [N; 7]) -> Self {
        Self { g: [g, g_inverse], h: [h, h_inverse], s: [s, s_inverse], h_alpha }
    }

    /// The same values as another kind of number.
    pub fn map<M: Clone>(&self, f: &mut impl FnMut(&N) -> M) -> Scalars<M> {
        Scalars::from_array(self.to_array().each_ref().map(f))
    }
}
