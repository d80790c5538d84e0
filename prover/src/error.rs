//! Why a proof could not be made.

use crate::srs::SrsError;

/// An error of the prover.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program or its inputs.
    #[error(transparent)]
    Program(#[from] assay_core::Error),
    /// The reference string.
    #[error(transparent)]
    Reference(#[from] SrsError),
    /// The inputs' count or kind.
    #[error("{0}")]
    Input(String),
    /// The finished proof does not verify: a fault of the machine or of this program, never of the input.
    #[error("the finished proof does not verify ({0}); nothing was written. Please report this")]
    Unverified(String),
    /// A fault of this program.
    #[error("internal fault: {0}. Please report this")]
    Internal(String),
}

impl Error {
    /// The check that a finished proof failed, for which the machine that computed it may be at fault.
    pub fn unverified(&self) -> Option<&str> {
        match self {
            Error::Unverified(check) => Some(check),
            _ => None,
        }
    }

    pub(crate) fn internal(what: &str) -> Error {
        Error::Internal(what.to_owned())
    }
}

impl From<assay_circuits::Error> for Error {
    fn from(error: assay_circuits::Error) -> Error {
        Error::Internal(error.to_string())
    }
}
