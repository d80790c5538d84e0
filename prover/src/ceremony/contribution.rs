//! A contribution: a secret factor of delta, and the proof that its maker knew it.
//!
//! ```text
//! delta' = x delta        L' = L / x        H' = H / x
//! t = H(initial parameters, contributions before, s, s x)       r = hash-to-G2(t)       proof: s, s x, r x
//! ```
//!
//! S. Bowe, A. Gabizon, I. Miers, *Scalable multi-party computation for zk-SNARK parameters in the random beacon
//! model*, 2017: the hash binds the proof to everything before it, so that it cannot be replayed.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::CurveGroup;
use ark_ff::{Field, PrimeField, Zero};
use blake2::{Blake2b512, Digest};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use zeroize::{Zeroize, Zeroizing};

use super::hashing::{self, PointHasher};
use super::{Beacon, CeremonyError, State, sampling};
use crate::srs::generators;

/// The longest name, in bytes.
pub const MAX_NAME: usize = 64;

/// What one participant publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// `[delta]_1` after it.
    pub delta_g1: G1Affine,
    /// A random point.
    pub s: G1Affine,
    /// s times the secret.
    pub sx: G1Affine,
    /// r times the secret, r being the hash of the transcript in G2.
    pub rx: G2Affine,
    /// The hash of what precedes it, and of s and s x.
    pub transcript: [u8; 64],
    /// Whose it is; a label that no proof covers.
    pub name: String,
    /// Set if the secret is public, from a beacon.
    pub beacon: Option<Beacon>,
}

impl Contribution {
    /// The hash by which a participant can recognise, and announce, the contribution; snarkjs prints the same one.
    pub fn hash(&self) -> [u8; 64] {
        let mut hasher = PointHasher::new();
        hasher.contribution(self);
        hasher.finish()
    }
}

/// The factor x and the point s; erased when dropped.
pub(super) struct Secret {
    pub(super) x: Zeroizing<Fr>,
    pub(super) s: G1Affine,
}

impl Secret {
    /// From the operating system's randomness and what the participant typed: either suffices if it is unpredictable.
    fn draw(entropy: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut random = Zeroizing::new([0u8; 64]);
        loop {
            rng.fill_bytes(&mut random[..]);
            let hash = |label: &[u8]| {
                let mut hasher = Blake2b512::new_with_prefix(label);
                hasher.update(&random[..]);
                hasher.update(entropy);
                let mut digest = hasher.finalize();
                let scalar = Fr::from_le_bytes_mod_order(&digest);
                digest.as_mut_slice().zeroize();
                scalar
            };
            let x = Zeroizing::new(hash(b"assay ceremony: x"));
            let s = Zeroizing::new(hash(b"assay ceremony: s"));
            if !x.is_zero() && !s.is_zero() {
                return Secret { x, s: (generators().0 * *s).into_affine() };
            }
        }
    }
}

impl State {
    /// Multiplies delta by a fresh secret and records the proof. Returns the contribution's hash, for its maker to
    /// announce.
    ///
    /// # Errors
    /// [`CeremonyError`]: the name is too long or not printable, or a beacon has ended the ceremony.
    ///
    /// # Soundness
    /// The key is sound if one participant's secret is gone. Secrets are erased from memory here, but the stack and
    /// swapped pages are not ours to clean: a careful participant uses a machine that is destroyed or powered off.
    pub fn contribute(&mut self, name: &str, entropy: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<[u8; 64], CeremonyError> {
        check_name(name)?;
        self.apply(&Secret::draw(entropy, rng), name, None)
    }

    pub(super) fn apply(&mut self, secret: &Secret, name: &str, beacon: Option<Beacon>) -> Result<[u8; 64], CeremonyError> {
        if self.contributions.last().is_some_and(|last| last.beacon.is_some()) {
            return Err(CeremonyError::Finished { number: self.contributions.len() });
        }
        // Dereferenced where it is used: a copy would outlive the erasure.
        let (x, s) = (&secret.x, secret.s);
        let sx = (s * **x).into_affine();
        let transcript = hashing::transcript(&self.parameters, &self.contributions, &s, &sx);
        let rx = (sampling::hash_to_g2(&transcript) * **x).into_affine();
        self.delta_g1 = (self.delta_g1 * **x).into_affine();
        self.delta_g2 = (self.delta_g2 * **x).into_affine();
        let inverse = Zeroizing::new(x.inverse().unwrap_or_default());
        scale(&mut self.l, &inverse);
        scale(&mut self.h, &inverse);
        let contribution = Contribution { delta_g1: self.delta_g1, s, sx, rx, transcript, name: name.to_owned(), beacon };
        let hash = contribution.hash();
        self.contributions.push(contribution);
        Ok(hash)
    }
}

/// Names travel in one byte's length and are shown on terminals.
pub(super) fn check_name(name: &str) -> Result<(), CeremonyError> {
    if name.len() > MAX_NAME || name.chars().any(char::is_control) {
        let expected = format!("at most {MAX_NAME} bytes of text without control characters");
        return Err(CeremonyError::InvalidInput { what: "the contributor's name", expected, found: format!("{name:?}") });
    }
    Ok(())
}

fn scale(points: &mut [G1Affine], factor: &Fr) {
    points.par_chunks_mut(256).for_each(|chunk| {
        let scaled: Vec<G1Projective> = chunk.iter().map(|point| *point * *factor).collect();
        chunk.copy_from_slice(&G1Projective::normalize_batch(&scaled));
    });
}
