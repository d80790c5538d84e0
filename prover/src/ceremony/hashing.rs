//! The transcript's hash, as snarkjs computes it: blake2b-512 of points in uncompressed big-endian form.

use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use blake2::{Blake2b512, Digest};

use super::Contribution;

/// Hashes points and numbers.
#[derive(Clone)]
pub(super) struct PointHasher(Blake2b512);

impl PointHasher {
    pub(super) fn new() -> Self {
        PointHasher(Blake2b512::new())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn coordinate(&mut self, value: &Fq) {
        self.0.update(value.into_bigint().to_bytes_be());
    }

    /// x, y; all zeros for the identity.
    pub(super) fn g1(&mut self, point: &G1Affine) {
        match point.xy() {
            Some((x, y)) => [x, y].iter().for_each(|value| self.coordinate(value)),
            None => self.bytes(&[0; 64]),
        }
    }

    /// x.c1, x.c0, y.c1, y.c0; all zeros for the identity.
    pub(super) fn g2(&mut self, point: &G2Affine) {
        match point.xy() {
            Some((x, y)) => [x.c1, x.c0, y.c1, y.c0].iter().for_each(|value| self.coordinate(value)),
            None => self.bytes(&[0; 128]),
        }
    }

    /// A count, which need not be the number of points, and the points.
    pub(super) fn counted_g1(&mut self, points: &[G1Affine], count: usize) {
        self.bytes(&(count as u32).to_be_bytes());
        points.iter().for_each(|point| self.g1(point));
    }

    pub(super) fn counted_g2(&mut self, points: &[G2Affine]) {
        self.bytes(&(points.len() as u32).to_be_bytes());
        points.iter().for_each(|point| self.g2(point));
    }

    /// What a contribution publishes; names are not part of it.
    pub(super) fn contribution(&mut self, contribution: &Contribution) {
        self.g1(&contribution.delta_g1);
        self.g1(&contribution.s);
        self.g1(&contribution.sx);
        self.g2(&contribution.rx);
        self.bytes(&contribution.transcript);
    }

    pub(super) fn finish(self) -> [u8; 64] {
        self.0.finalize().into()
    }
}

/// The hash that the next contribution must carry: of the initial parameters, all contributions before it, its s and s x.
pub(super) fn transcript(parameters: &[u8; 64], before: &[Contribution], s: &G1Affine, sx: &G1Affine) -> [u8; 64] {
    let mut hasher = PointHasher::new();
    hasher.bytes(parameters);
    before.iter().for_each(|contribution| hasher.contribution(contribution));
    hasher.g1(s);
    hasher.g1(sx);
    hasher.finish()
}
