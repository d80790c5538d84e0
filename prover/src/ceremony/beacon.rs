//! The public beacon that ends a ceremony: nobody chose it, and nobody could know it while contributing.

use ark_ec::CurveGroup;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::contribution::{Secret, check_name};
use super::sampling::Stream;
use super::{CeremonyError, State};

/// SHA-256 is iterated 2^10 to 2^30 times: snarkjs goes up to 2^63, which no verifier would wait for.
const ITERATIONS: std::ops::RangeInclusive<u8> = 10..=30;
/// Its length travels in a byte.
const MAX_VALUE: usize = 255;

/// A public random value and how long it is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    value: Vec<u8>,
    log_iterations: u8,
}

impl Beacon {
    /// A beacon whose value is hashed 2^`log_iterations` times.
    ///
    /// # Errors
    /// [`CeremonyError::InvalidInput`] unless the value has 1 to 255 bytes and the logarithm is 10 to 30.
    pub fn new(value: Vec<u8>, log_iterations: u8) -> Result<Self, CeremonyError> {
        if value.is_empty() || value.len() > MAX_VALUE {
            let found = format!("of {} bytes", value.len());
            return Err(CeremonyError::InvalidInput { what: "the beacon's value", expected: format!("of 1 to {MAX_VALUE} bytes"), found });
        }
        if !ITERATIONS.contains(&log_iterations) {
            let expected = format!("2^{} to 2^{}", ITERATIONS.start(), ITERATIONS.end());
            return Err(CeremonyError::InvalidInput {
                what: "the beacon's number of iterations",
                expected,
                found: format!("2^{log_iterations}"),
            });
        }
        Ok(Beacon { value, log_iterations })
    }

    /// The public value.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// log2 of the number of times that it is hashed.
    pub fn log_iterations(&self) -> u8 {
        self.log_iterations
    }

    /// The factor of delta that the beacon stands for.
    pub(super) fn secret(&self) -> Secret {
        let mut hash = Sha256::digest(&self.value);
        for _ in 1..1u64 << self.log_iterations {
            hash = Sha256::digest(hash);
        }
        let mut stream = Stream::new(&hash);
        let x = Zeroizing::new(stream.fr());
        Secret { x, s: stream.g1() }
    }

    /// s and s x, which a contribution from this beacon must have.
    pub(super) fn proof(&self) -> [ark_bn254::G1Affine; 2] {
        let secret = self.secret();
        [secret.s, (secret.s * *secret.x).into_affine()]
    }
}

impl State {
    /// Ends the ceremony with a beacon. Returns its contribution's hash.
    ///
    /// # Errors
    /// [`CeremonyError`]: nobody has contributed yet, a beacon has ended the ceremony, or the name is unfit.
    pub fn apply_beacon(&mut self, beacon: Beacon, name: &str) -> Result<[u8; 64], CeremonyError> {
        check_name(name)?;
        if self.contributions.is_empty() {
            return Err(CeremonyError::NoContribution);
        }
        self.apply(&beacon.secret(), name, Some(beacon))
    }
}
