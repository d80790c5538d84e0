//! The prover's half of [`assay_circuits::logup`]: one tree of fractions, from the root down to its leaves.

mod halves;
mod leaves;
mod pieces;

pub use assay_core::limits::Economy;
pub use leaves::Leaves;

use ark_bn254::Fr;
use assay_circuits::{
    Transcript,
    logup::{Layer, Proof, Reduced},
};
use assay_gpu::Backend;

use halves::Halves;
use pieces::{Parents, Pieces};

/// Proves that 2^`log_len` fractions add up to zero, those behind the last leaf being 0/1.
///
/// The sum is not checked here: a proof of leaves that add up to something else is rejected by the verifier.
/// Returns the proof, and the claims on the leaves that are left.
///
/// # Memory
/// Many leaves are never there all at once. What is, is the layers above them, or above the first of these, each freed on
/// the way down: 64 bytes a fraction.
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
    let in_pieces = &[&bottom, &above][..economy.layers_in_pieces(num_leaves as u64, log_len)];
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
        let halves = match tree.pop() {
            Some((p, q)) => Halves::Joined(p, q),
            None => Halves::InPieces(in_pieces[log_len - num_vars - 1]),
        };
        let claim = claims.p + lambda * claims.q;
        let (rounds, mut point, [p0, p1, q0, q1]) = halves.reduce(backend, claim, &claims.point, lambda, transcript);

        transcript.absorb(&[p0, p1, q0, q1]);
        let tau = transcript.squeeze();
        lambda = transcript.squeeze();
        point.insert(0, tau);
        claims = Reduced { point, p: p0 + tau * (p1 - p0), q: q0 + tau * (q1 - q0) };
        layers.push(Layer { rounds, p: [p0, p1], q: [q0, q1] });
    }
    (Proof { root, layers }, claims)
}
