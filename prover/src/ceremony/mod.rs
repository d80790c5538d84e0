//! The second phase of a Groth16 setup: from public powers of tau to a circuit's keys, by people who need not trust
//! each other.
//!
//! ```text
//! .ptau + R1CS --new--> State --contribute--> State --contribute--> .. --beacon--> State --finish--> ProvingKey
//!            \------------------------- verify: anyone, at any point ------------------------/
//! ```
//!
//! The key is sound if one contributor, and one of those who made the powers of tau, destroyed their secret. The
//! protocol is that of S. Bowe, A. Gabizon and I. Miers, *Scalable multi-party computation for zk-SNARK parameters in
//! the random beacon model* (2017). Hashes and encodings are those of snarkjs, which can therefore verify our
//! ceremonies, see [`crate::iden3`].
//!
//! - [`Phase1`]: checked powers of tau. [`Initial`]: the key with delta = 1.
//! - [`State`]: what is passed on; [`State::contribute`], [`State::apply_beacon`].
//! - [`verify`], [`verify_series`]: the checks. [`finish`]: the key.

mod beacon;
mod circuit;
mod contribution;
mod error;
mod file;
mod finish;
mod hashing;
mod initial;
mod lagrange;
mod phase1;
mod ratio;
mod sampling;
mod verify;

use ark_bn254::{G1Affine, G2Affine};

pub use beacon::Beacon;
pub use circuit::{digest as circuit_digest, log_domain};
pub use contribution::{Contribution, MAX_NAME};
pub use error::{CeremonyError, Fault};
pub use finish::{finish, read_key, write_key};
pub use initial::Initial;
pub use lagrange::Lagrange;
pub use phase1::Phase1;
pub use verify::{verify, verify_series};

pub(crate) use lagrange::inverse_fourier;

/// What contributors pass on: the parameters that change, and every contribution so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// [`circuit_digest`] of the constraint system.
    pub circuit: [u8; 32],
    /// [`Phase1::digest`] of the powers of tau.
    pub phase1: [u8; 32],
    /// [`Initial::parameters`].
    pub parameters: [u8; 64],
    /// `[delta]_1`.
    pub delta_g1: G1Affine,
    /// `[delta]_2`.
    pub delta_g2: G2Affine,
    /// `[K_j / delta]_1` for private variables.
    pub l: Vec<G1Affine>,
    /// `[tau^i (tau^m - 1) / delta]_1` for i < m - 1.
    pub h: Vec<G1Affine>,
    /// The contributions in order.
    pub contributions: Vec<Contribution>,
}

impl State {
    /// The state before anyone has contributed.
    pub fn begin(initial: &Initial) -> Self {
        State {
            circuit: initial.circuit,
            phase1: initial.phase1,
            parameters: initial.parameters,
            delta_g1: initial.key.delta_g1,
            delta_g2: initial.key.vk.delta_g2,
            l: initial.key.l_query.clone(),
            h: initial.key.h_query.clone(),
            contributions: vec![],
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
