//! The universal reference string: powers of tau in G1, and tau in G2.
//!
//! ```text
//! g1 = ([1]_1, [tau]_1, [tau^2]_1, ...)      g2 = ([1]_2, [tau]_2)
//! ```
//!
//! A program needs as many powers as one row of its committed matrix has entries, so that a reference string may be
//! read in part, and a development one grows on demand. Its [`digest`](Srs::digest) names tau, not the number of
//! powers at hand: receipts stay comparable when the file grows.
//!
//! Two origins exist, and the digest tells them apart:
//! - [`Origin::Development`]: tau is the hash of a published sentence. Everyone has the same string, results are
//!   reproducible, and *anyone can forge proofs under it*.
//! - [`Origin::Imported`]: read from a ceremony's `.ptau` file, whose contributions the user has verified.

mod consistency;
mod development;
pub(crate) mod encoding;
mod error;
mod file;
pub(crate) mod fixed_base;
pub(crate) mod ptau;

#[cfg(test)]
mod tests;

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use assay_verifier::Reference;
use sha3::{Digest, Keccak256};

pub use error::SrsError;
pub use file::Header;

/// Called with the number of powers finished since the last call; may come from several threads.
pub type Progress<'a> = &'a (dyn Fn(usize) + Sync);

/// Where a reference string comes from, which decides whether its proofs mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Generated from a public tau: whoever wants to can forge proofs.
    Development,
    /// Imported from a powers-of-tau ceremony: sound if one contributor destroyed their share.
    Imported,
}

impl Origin {
    /// The marker that files and digests carry.
    pub(crate) fn code(self) -> u8 {
        match self {
            Origin::Development => 1,
            Origin::Imported => 2,
        }
    }

    /// The origin that `code` marks.
    pub(crate) fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Origin::Development),
            2 => Some(Origin::Imported),
            _ => None,
        }
    }

    /// `development` or `imported`.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Development => "development",
            Origin::Imported => "imported",
        }
    }
}

/// Powers of tau. `g1[i] = [tau^i]_1`, never empty; `g2 = ([1]_2, [tau]_2)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srs {
    /// `[tau^i]_1` for i from 0.
    pub g1: Vec<G1Affine>,
    /// `[1]_2` and `[tau]_2`.
    pub g2: [G2Affine; 2],
    /// Who knows tau.
    pub origin: Origin,
}

impl Srs {
    /// Identifies tau and the origin, whatever the number of powers:
    /// keccak256(`"assay srs 1"` || origin byte || `[1]_2` || `[tau]_2`), each point as x.c0, x.c1, y.c0, y.c1 in
    /// 32 little-endian bytes.
    pub fn digest(&self) -> [u8; 32] {
        digest(self.origin, &self.g2)
    }

    /// The number of powers at hand.
    pub fn num_powers(&self) -> usize {
        self.g1.len()
    }

    /// What a verifying key keeps of the string.
    pub fn reference(&self) -> Reference {
        Reference { g2: self.g2, digest: self.digest(), development: self.origin == Origin::Development }
    }

    /// Checks that there are at least `needed` powers.
    ///
    /// # Errors
    /// [`SrsError::TooFewPowers`].
    pub fn require(&self, needed: usize) -> Result<(), SrsError> {
        require(self.origin, self.g1.len() as u64, needed)
    }

    /// Keeps the first `num_powers` powers (at least one), or all if there are fewer.
    pub fn truncate(&mut self, num_powers: usize) {
        self.g1.truncate(num_powers.max(1));
    }
}

fn digest(origin: Origin, g2: &[G2Affine; 2]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    hasher.update(b"assay srs 1");
    hasher.update([origin.code()]);
    for point in g2 {
        hasher.update(encoding::encode_g2(point));
    }
    hasher.finalize().into()
}

fn require(origin: Origin, available: u64, needed: usize) -> Result<(), SrsError> {
    if available < needed as u64 {
        return Err(SrsError::TooFewPowers { needed: needed as u64, available, origin });
    }
    Ok(())
}

/// Both groups' generators: (1, 2), and arkworks' and Ethereum's generator of G2.
pub(crate) fn generators() -> (G1Affine, G2Affine) {
    (G1Affine::generator(), G2Affine::generator())
}
