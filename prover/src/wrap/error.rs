//! Why a proof could not be wrapped.

use crate::groth16;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The inner proof could not be made.
    #[error(transparent)]
    Inner(#[from] crate::Error),
    /// The Groth16 key or proof.
    #[error(transparent)]
    Groth16(#[from] groth16::Error),
    /// The program has no wrap circuit.
    #[error("this program cannot be wrapped: {0}")]
    Circuit(#[from] assay_circuits::Error),
    /// The circuit would be out of proportion.
    #[error("wrapping would take about {constraints} constraints, more than the {most} supported, most of them for {what}")]
    TooLarge {
        /// An estimate.
        constraints: u64,
        /// The limit.
        most: u64,
        /// What needs most.
        what: &'static str,
    },
    /// A key that was made for something else.
    #[error("{what} is {found}; this program needs {expected}")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What the program calls for.
        expected: String,
        /// What the key has.
        found: String,
    },
    /// The new proof fails a check: the witness is false, or a fault of this program.
    #[error("the proof does not hold: {0}")]
    Unverified(String),
}

impl Error {
    /// The check that a proof failed, for which the machine that computed it may be at fault.
    pub fn unverified(&self) -> Option<&str> {
        match self {
            Error::Inner(error) => error.unverified(),
            Error::Groth16(groth16::Error::Fault { .. }) => Some("a constraint of the wrap"),
            Error::Groth16(groth16::Error::Unverified) => Some("the pairing equation of the wrap"),
            Error::Unverified(check) => Some(check),
            _ => None,
        }
    }
}
