//! Fiat-Shamir by a duplex sponge over Poseidon2, rate 3, capacity 1.
//!
//! ```text
//! state = (0, 0, 0, digest of the protocol's label)
//! absorb x_1 .. x_k    added to the rate lanes, three a permutation
//! squeeze              pads, permutes, and releases the three rate lanes one by one
//! ```
//!
//! Why no two histories collide short of a collision of the sponge. A *run* is what is absorbed between two
//! squeezes. Before each permutation a tag is added to the capacity lane: 0 for a full block of a run that
//! goes on, 1, 2 or 3 for a run's last block with that many elements, 4 where there is nothing to absorb and
//! more output is wanted. So the tags spell where each run ends and how full its last block is: `a` and
//! `a, 0` differ, and so do a run of four and runs of three and one. The state is therefore a function of the
//! list of runs that is injective before hashing. How many lanes a squeeze releases leaves no mark, and need
//! not: it is fixed by the protocol, whose statement is in the first run.
//!
//! Prover and verifier drive the same code; group elements enter as [`phase_digest`]s.

use crate::Num;
use ark_bn254::{Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInteger, PrimeField};
use sha3::{Digest, Keccak256};

const RATE: usize = 3;
const TAG_CONTINUED: u64 = 0;
const TAG_OUTPUT: u64 = 4;

/// The sponge that turns what a proof says into challenges.
#[derive(Clone, Debug)]
pub struct Transcript<N> {
    state: [N; 4],
    /// Elements added to the rate lanes since the last permutation.
    absorbed: usize,
    /// Rate lanes that can still be released.
    available: usize,
}

impl<N: Num> Transcript<N> {
    /// A transcript of the protocol that `domain` names.
    pub fn new(domain: &'static str) -> Self {
        let zero = N::constant(Fr::ZERO);
        let label = N::constant(phase_digest(domain.as_bytes()));
        Self { state: [zero.clone(), zero.clone(), zero, label], absorbed: 0, available: 0 }
    }

    /// Adds values to the current run.
    pub fn absorb(&mut self, values: &[N]) {
        for value in values {
            if self.absorbed == RATE {
                self.permute(TAG_CONTINUED);
            }
            self.state[self.absorbed] = self.state[self.absorbed].add(value);
            self.absorbed += 1;
            self.available = 0;
        }
    }

    /// Adds a value known when the circuit is built.
    pub fn absorb_constant(&mut self, value: Fr) {
        self.absorb(&[N::constant(value)]);
    }

    /// The next challenge.
    pub fn squeeze(&mut self) -> N {
        if self.available == 0 {
            let tag = if self.absorbed == 0 { TAG_OUTPUT } else { self.absorbed as u64 };
            self.permute(tag);
            self.available = RATE;
        }
        let challenge = self.state[RATE - self.available].clone();
        self.available -= 1;
        challenge
    }

    /// The next `count` challenges; three cost one permutation.
    pub fn squeeze_many(&mut self, count: usize) -> Vec<N> {
        (0..count).map(|_| self.squeeze()).collect()
    }

    fn permute(&mut self, tag: u64) {
        self.state[RATE] = self.state[RATE].add_constant(Fr::from(tag));
        N::permute(&mut self.state);
        self.absorbed = 0;
    }
}

/// Keccak-256 modulo 2^253: a field element that a contract can recompute from the same bytes.
pub fn phase_digest(bytes: &[u8]) -> Fr {
    let mut digest: [u8; 32] = Keccak256::digest(bytes).into();
    digest[0] &= 0x1f;
    Fr::from_be_bytes_mod_order(&digest)
}

/// The [`phase_digest`] of group elements in order, each as in [`point_bytes`].
pub fn points_digest<'a>(points: impl IntoIterator<Item = &'a G1Affine>) -> Fr {
    let bytes: Vec<u8> = points.into_iter().flat_map(point_bytes).collect();
    phase_digest(&bytes)
}

/// A group element as the EVM's precompiles take it: x then y, 32 big-endian bytes each; infinity is all zeros.
pub fn point_bytes(point: &G1Affine) -> [u8; 64] {
    let mut bytes = [0; 64];
    if let Some((x, y)) = point.xy() {
        bytes[..32].copy_from_slice(&x.into_bigint().to_bytes_be());
        bytes[32..].copy_from_slice(&y.into_bigint().to_bytes_be());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge_after(runs: &[&[u64]]) -> Fr {
        let mut transcript = Transcript::<Fr>::new("test");
        let mut last = Fr::ZERO;
        for run in runs {
            transcript.absorb(&run.iter().map(|x| Fr::from(*x)).collect::<Vec<_>>());
            last = transcript.squeeze();
        }
        last
    }

    #[test]
    fn histories_that_a_naive_sponge_confuses_differ() {
        let histories: &[&[&[u64]]] = &[
            &[&[]],
            &[&[0]],
            &[&[0, 0]],
            &[&[0, 0, 0]],
            &[&[0, 0, 0, 0]],
            &[&[0, 0, 0], &[0]],
            &[&[0], &[0]],
            &[&[0, 0, 0], &[]],
            &[&[0, 0, 0, 0, 0, 0]],
            &[&[0, 0, 0], &[0, 0, 0]],
            &[&[7]],
            &[&[7, 0]],
            &[&[0, 7]],
        ];
        for (i, a) in histories.iter().enumerate() {
            for b in &histories[i + 1..] {
                assert_ne!(challenge_after(a), challenge_after(b), "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn one_call_or_many_absorb_the_same() {
        let values: Vec<Fr> = (0..11u64).map(Fr::from).collect();
        let mut whole = Transcript::new("test");
        whole.absorb(&values);
        let mut pieces = Transcript::new("test");
        for chunk in values.chunks(4) {
            pieces.absorb(chunk);
            pieces.absorb(&[]);
        }
        assert_eq!(whole.squeeze_many(7), pieces.squeeze_many(7));
    }

    #[test]
    fn challenges_are_distinct_and_depend_on_the_domain() {
        let mut seen = Vec::new();
        for domain in ["one", "two"] {
            let mut transcript = Transcript::<Fr>::new(domain);
            seen.extend(transcript.squeeze_many(10));
            transcript.absorb_constant(Fr::from(1u64));
            seen.push(transcript.squeeze());
        }
        for (i, a) in seen.iter().enumerate() {
            assert!(!seen[i + 1..].contains(a));
        }
    }

    #[test]
    fn the_first_permutation_is_the_published_one() {
        let mut transcript = Transcript::<Fr>::new("test");
        transcript.absorb(&[1u64, 2].map(Fr::from));
        let mut state = [1u64, 2, 0, 0].map(Fr::from);
        state[3] = phase_digest(b"test") + Fr::from(2u64);
        crate::poseidon2::permute(&mut state);
        assert_eq!(transcript.squeeze_many(3), state[..3]);
    }

    #[test]
    fn phase_digest_is_keccak_without_its_top_three_bits() {
        // keccak256("") = c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470
        let hex = "05d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
        let bytes: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
        assert_eq!(phase_digest(b""), Fr::from_be_bytes_mod_order(&bytes));
        assert_eq!(points_digest(&[G1Affine::identity()]), phase_digest(&[0; 64]));
    }
}
