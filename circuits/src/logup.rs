//! The verifier of one LogUp sum: a tree of fractions that adds up to zero (Papini, Haboeck, eprint 2023/1284).
//!
//! ```text
//! sum over the 2^n leaves of p(x) / q(x) = 0
//! layer k has 2^k fractions; each is the sum of its two children, which lie in the two halves of layer k + 1:
//!     p_k(y) = p_(k+1)(0, y) q_(k+1)(1, y) + p_(k+1)(1, y) q_(k+1)(0, y)
//!     q_k(y) = q_(k+1)(0, y) q_(k+1)(1, y)
//! claims p, q at w on layer k, challenge lambda:
//!     p + lambda q = sum_y eq(w, y) (p0 q1 + p1 q0 + lambda q0 q1)(y)          eq-normalised sumcheck, degree 2
//! values p0, p1, q0, q1 at its point s, challenge tau: claims on layer k + 1 at (tau, s)
//! ```
//!
//! The halves are told apart by the TOP variable, so tau becomes entry 0 of the next point. The tree's root must
//! be 0/q with q not zero. A tree with fewer leaves than 2^n is filled with 0/1.

use crate::{Error, Num, Transcript, sumcheck};

/// The degree of a round polynomial without its factor of eq.
pub const DEGREE: usize = 2;

/// A proof that a tree of fractions adds up to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof<N> {
    /// Numerator and denominator of the sum.
    pub root: [N; 2],
    /// From the root's children to the leaves: n of them.
    pub layers: Vec<Layer<N>>,
}

/// The step from the claims on one layer to those on its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer<N> {
    /// One round for each variable of the parent layer.
    pub rounds: sumcheck::Proof<N>,
    /// The numerators of the two halves at the sumcheck's point.
    pub p: [N; 2],
    /// The denominators of the two halves there.
    pub q: [N; 2],
}

/// What is left to be shown: the leaves' MLEs take these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced<N> {
    /// n entries; entry 0 binds the most significant bit of a leaf's index.
    pub point: Vec<N>,
    /// The numerators' MLE there.
    pub p: N,
    /// The denominators' MLE there.
    pub q: N,
}

impl<N> Proof<N> {
    /// The same proof over another kind of number.
    pub fn map<M>(&self, f: &mut impl FnMut(&N) -> M) -> Proof<M> {
        Proof {
            root: self.root.each_ref().map(&mut *f),
            layers: self
                .layers
                .iter()
                .map(|layer| Layer { rounds: layer.rounds.map(f), p: layer.p.each_ref().map(&mut *f), q: layer.q.each_ref().map(&mut *f) })
                .collect(),
        }
    }

    /// Every number of the proof, in the order of the transcript.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut N> {
        let layers = self.layers.iter_mut().flat_map(|layer| layer.rounds.values_mut().chain(&mut layer.p).chain(&mut layer.q));
        self.root.iter_mut().chain(layers)
    }
}

/// Verifies that 2^`log_len` fractions add up to zero, up to the returned claims on the leaves.
///
/// # Transcript
/// Absorbs the root and squeezes lambda; then, for each layer, the rounds of [`sumcheck::verify_eq`], absorbs
/// p0, p1, q0, q1, squeezes tau and the next layer's lambda.
///
/// # Errors
/// [`Error::Length`] for a proof of another shape; [`Error::Unequal`] if the sum is not zero or a layer's values do not match
/// its claim; [`Error::Zero`] if the denominator of the sum is zero.
///
/// # Soundness
/// `sum_k (3 k + 2) / |F|` for k < n, if the leaves are bound to the transcript before and the caller checks both claims
/// on them. A leaf with q = 0 makes the root's denominator zero, which is rejected.
pub fn verify<N: Num>(proof: &Proof<N>, log_len: usize, transcript: &mut Transcript<N>) -> Result<Reduced<N>, Error> {
    Error::check_length("the layers of a LogUp tree", log_len, proof.layers.len())?;
    let [p, q] = &proof.root;
    p.assert_eq(&N::constant(0u64.into()), "the sum of a LogUp tree")?;
    q.inverse("the denominator of a LogUp tree")?;

    transcript.absorb(&proof.root);
    let mut lambda = transcript.squeeze();
    let mut claims = Reduced { point: Vec::new(), p: p.clone(), q: q.clone() };
    for layer in &proof.layers {
        let claim = claims.p.add(&lambda.mul(&claims.q));
        let sumcheck::Reduced { mut point, value } = sumcheck::verify_eq(&layer.rounds, &claims.point, DEGREE, &claim, transcript)?;
        let ([p0, p1], [q0, q1]) = (&layer.p, &layer.q);
        // p0 q1 + (p1 + lambda q1) q0
        let found = p0.mul(q1).add(&p1.add(&lambda.mul(q1)).mul(q0));
        found.assert_eq(&value, "the values of a LogUp layer")?;

        transcript.absorb(&layer.p);
        transcript.absorb(&layer.q);
        let tau = transcript.squeeze();
        lambda = transcript.squeeze();
        claims.p = p0.interpolate(p1, &tau);
        claims.q = q0.interpolate(q1, &tau);
        point.insert(0, tau);
        claims.point = point;
    }
    Ok(claims)
}
