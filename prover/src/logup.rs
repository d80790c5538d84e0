//! The prover's half of [`assay_circuits::logup`]: one tree of fractions, from the root down to its leaves.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::{
    Transcript,
    logup::{Layer, Proof, Reduced},
    sumcheck,
};
use assay_gpu::Backend;

/// Proves that the 2^`log_len` fractions `p[i] / q[i]` add up to zero; those beyond the physical length are 0/1.
///
/// The sum is not checked here: a proof of leaves that add up to something else is rejected by the verifier.
/// Returns the proof, and the claims on the leaves that are left.
///
/// # Memory
/// Twice the leaves for the tree; each layer is freed on the way down.
///
/// # Transcript
/// As [`assay_circuits::logup::verify`]; the caller has absorbed what the leaves depend on.
///
/// # Panics
/// If `p` and `q` are empty, differ in length or are longer than 2^`log_len`; or if a challenge is zero, which happens with
/// probability 2^-254.
pub fn prove<B: Backend>(
    backend: &B,
    p: B::Vector,
    q: B::Vector,
    log_len: usize,
    transcript: &mut Transcript<Fr>,
) -> (Proof<Fr>, Reduced<Fr>) {
    assert!(backend.len(&q) > 0, "a LogUp tree without leaves");
    let mut tree = vec![(p, q)];
    for level in (1..=log_len).rev() {
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
        let (p, q) = tree.pop().expect("one layer a level");
        let (p0, p1) = backend.split(p, num_vars + 1);
        let (q0, q1) = backend.split(q, num_vars + 1);
        let mut halves = Halves::new(backend, [p0, p1, q0, q1], num_vars, lambda);
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

/// p0, p1, q0, q1 of virtual length 2^num_vars.
///
/// Here p1 stands for `p1 + lambda q1`: that is multilinear too, and takes lambda out of every round.
struct Halves<B: Backend> {
    arrays: [B::Vector; 4],
    /// What fills the arrays beyond their physical length: the fraction 0/1.
    tails: [Fr; 4],
    lambda: Fr,
    num_vars: usize,
}

impl<B: Backend> Halves<B> {
    fn new(backend: &B, [p0, mut p1, q0, q1]: [B::Vector; 4], num_vars: usize, lambda: Fr) -> Self {
        backend.add_scaled(&mut p1, 0, &q1, lambda);
        Self { arrays: [p0, p1, q0, q1], tails: [Fr::ZERO, lambda, Fr::ONE, Fr::ONE], lambda, num_vars }
    }

    /// The sumcheck of one layer: `claim = sum_y eq(w, y) (p0 q1 + p1 q0 + lambda q0 q1)(y)`.
    fn reduce(&mut self, backend: &B, mut claim: Fr, w: &[Fr], transcript: &mut Transcript<Fr>) -> (sumcheck::Proof<Fr>, Vec<Fr>) {
        let mut rounds = Vec::with_capacity(w.len());
        let mut point: Vec<Fr> = Vec::with_capacity(w.len());
        // eq over the variables after the current one.
        let mut eq = backend.eq_table(w.get(1..).unwrap_or_default(), Fr::ONE);
        for w_round in w {
            let [t0, t2] = match point.last() {
                None => backend.fraction_round(self.arrays.each_ref(), self.tails, self.num_vars, &eq),
                Some(challenge) => {
                    self.num_vars -= 1;
                    backend.fold_fraction_round(&mut self.arrays, self.tails, self.num_vars + 1, &mut eq, *challenge)
                }
            };
            let inverse = w_round.inverse().expect("a challenge is zero with probability 2^-254");
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

    /// The four values, after the last variable is bound to `last`.
    fn finals(mut self, backend: &B, last: Option<&Fr>) -> [Fr; 4] {
        if let Some(last) = last {
            for (array, tail) in self.arrays.iter_mut().zip(self.tails) {
                backend.fold_tailed(array, self.num_vars, tail, *last);
            }
        }
        let value = |j: usize| match backend.len(&self.arrays[j]) {
            0 => self.tails[j],
            _ => backend.get(&self.arrays[j], 0),
        };
        [value(0), value(1) - self.lambda * value(3), value(2), value(3)]
    }
}
