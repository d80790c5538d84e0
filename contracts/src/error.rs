//! Why a receipt cannot be sent to a contract, or a key has no contract.

/// The first thing found wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A key or receipt that the native verifier does not accept.
    #[error(transparent)]
    Verifier(#[from] assay_verifier::Error),
    /// A list of the wrong length.
    #[error("{what}: expected {expected}, found {found}")]
    Count {
        /// What is counted.
        what: &'static str,
        /// The key's number.
        expected: usize,
        /// The number present.
        found: usize,
    },
    /// A receipt of another key.
    #[error("this receipt is for key {found}; the contract verifies key {expected}")]
    OtherKey {
        /// The key's digest, in hexadecimal.
        expected: String,
        /// The receipt's.
        found: String,
    },
    /// Calldata that is not what is written for any receipt of the key.
    #[error("this calldata is not the encoding of a receipt of this key")]
    NotCanonical,
    /// Zeta is zero: it has no inverse, and no proof has it.
    #[error("the receipt's zeta is zero")]
    ZeroZeta,
    /// A point at infinity where the generated contract would need one.
    #[error("the key's {0} is the point at infinity: a key like that verifies nothing")]
    Infinity(&'static str),
}

impl Error {
    pub(crate) fn check_count(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
        if expected == found { Ok(()) } else { Err(Error::Count { what, expected, found }) }
    }
}
