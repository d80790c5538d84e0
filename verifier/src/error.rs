//! Why a receipt or a key is not accepted.

/// The first thing found wrong. Each says what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes that are not what they should be, or a program that is not well formed or too large.
    #[error(transparent)]
    Format(#[from] assay_core::Error),
    /// A check of the proof that fails.
    #[error("the proof does not hold: {0}")]
    Proof(#[from] assay_circuits::Error),
    /// The receipt speaks of another program than the key.
    #[error("this receipt is for program {found}; this key is for program {expected}")]
    Program {
        /// The key's program id, in hexadecimal.
        expected: String,
        /// The statement's.
        found: String,
    },
    /// The receipt was made with another reference string than the key's.
    #[error("this receipt was made with reference string {found}; this key uses {expected}")]
    Reference {
        /// The key's digest, in hexadecimal.
        expected: String,
        /// The receipt's.
        found: String,
    },
    /// The wrapped receipt was made with another Groth16 key.
    #[error("this receipt was made for key {found}; this key is {expected}")]
    WrapKey {
        /// The key's digest, in hexadecimal.
        expected: String,
        /// The receipt's.
        found: String,
    },
    /// The Groth16 equation fails: statement, points and proof do not belong together.
    #[error("the Groth16 proof does not hold for this statement")]
    Groth16,
    /// A key whose reference string is not one.
    #[error("the key's reference string is not valid: {0}")]
    BadReference(&'static str),
    /// A key whose program is not the result of its own inference.
    #[error("the key's program is not in the form of a verifying key: {0}")]
    BadKey(&'static str),
    /// A list of the wrong length.
    #[error("{what}: expected {expected}, found {found}")]
    Count {
        /// What is counted.
        what: String,
        /// The program's number.
        expected: usize,
        /// The number present.
        found: usize,
    },
    /// An input or output of the wrong shape, type or visibility.
    #[error("{what}: the program has {expected}, the statement has {found}")]
    Port {
        /// Which input or output.
        what: String,
        /// As the program declares it.
        expected: String,
        /// As the statement has it.
        found: String,
    },
    /// A value of a public tensor outside the bounds of its type, or a pad that is not zero.
    #[error("{what} holds {value} where {lo}..={hi} is allowed")]
    Value {
        /// Which input or output.
        what: String,
        /// The value.
        value: i64,
        /// The least value allowed.
        lo: i64,
        /// The greatest.
        hi: i64,
    },
}

impl Error {
    /// Checks a count that the program dictates.
    pub(crate) fn check_count(what: impl Into<String>, expected: usize, found: usize) -> Result<(), Error> {
        if expected == found { Ok(()) } else { Err(Error::Count { what: what.into(), expected, found }) }
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
