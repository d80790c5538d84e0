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
        let mut halves = Halves { arrays: [p0, p1, q0, q1], num_vars };
        let claim = claims.p + lambda * claims.q;
        let (rounds, mut point) = halves.reduce(backend, claim, &claims.point, lambda, transcript);
        let [p0, p1, q0, q1] = halves.finals(backend);

        transcript.absorb(&[p0, p1, q0, q1]);
        let tau = transcript.squeeze();
        lambda = transcript.squeeze();
        point.insert(0, tau);
        claims = Reduced { point, p: p0 + tau * (p1 - p0), q: q0 + tau * (q1 - q0) };
        layers.push(Layer { rounds, p: [p0, p1], q: [q0, q1] });
    }
    (Proof { root, layers }, claims)
}

/// What fills the arrays beyond their physical length: the fraction 0/1.
const TAILS: [Fr; 4] = [Fr::ZERO, Fr::ZERO, Fr::ONE, Fr::ONE];

/// p0, p1, q0, q1 of virtual length 2^num_vars.
struct Halves<B: Backend> {
    arrays: [B::Vector; 4],
    num_vars: usize,
}

impl<B: Backend> Halves<B> {
    /// The sumcheck of one layer: `claim = sum_y eq(w, y) (p0 q1 + p1 q0 + lambda q0 q1)(y)`.
    fn reduce(
        &mut self,
        backend: &B,
        mut claim: Fr,
        w: &[Fr],
        lambda: Fr,
        transcript: &mut Transcript<Fr>,
    ) -> (sumcheck::Proof<Fr>, Vec<Fr>) {
        let mut rounds = Vec::with_capacity(w.len());
        let mut point = Vec::with_capacity(w.len());
        // eq over the variables after the current one.
        let mut eq = backend.eq_table(w.get(1..).unwrap_or_default(), Fr::ONE);
        for (round, w_round) in w.iter().enumerate() {
            let [t0, t2] = backend.fraction_round(self.arrays.each_ref(), self.num_vars, &eq, lambda);
            let inverse = w_round.inverse().expect("a challenge is zero with probability 2^-254");
            // claim = t0 + w (t1 + t2)
            let t1 = (claim - t0) * inverse - t2;
            transcript.absorb(&[t1, t2]);
            let challenge = transcript.squeeze();
            claim = t0 + challenge * (t1 + challenge * t2);
            for (array, tail) in self.arrays.iter_mut().zip(TAILS) {
                backend.fold_tailed(array, self.num_vars, tail, challenge);
            }
            self.num_vars -= 1;
            if round + 1 < w.len() {
                backend.sum_halves(&mut eq);
            }
            rounds.push(vec![t1, t2]);
            point.push(challenge);
        }
        (sumcheck::Proof { rounds }, point)
    }

    fn finals(&self, backend: &B) -> [Fr; 4] {
        let value = |j: usize| match backend.len(&self.arrays[j]) {
            0 => TAILS[j],
            _ => backend.get(&self.arrays[j], 0),
        };
        [value(0), value(1), value(2), value(3)]
    }
}
