//! What can be wrong with a reference string, and what to do about it.

use std::io;

use super::Origin;

/// A reference string could not be read, checked or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SrsError {
    /// The operating system refused to read or write.
    #[error("cannot read or write the reference string: {0}")]
    Io(#[from] io::Error),
    /// The first bytes are those of something else.
    #[error("this is not {expected}: it begins with {found:02x?}")]
    WrongMagic {
        /// The kind of file that was asked for.
        expected: &'static str,
        /// Its first bytes.
        found: Vec<u8>,
    },
    /// The file's version is not one that this build reads.
    #[error("format version {found} of {what} is not supported (this build reads version {expected})")]
    UnsupportedVersion {
        /// The kind of file.
        what: &'static str,
        /// The version that this build reads.
        expected: u32,
        /// The version found.
        found: u32,
    },
    /// The file's length is not what its header promises.
    #[error("the file has {found} bytes where {what} takes {expected}: it is truncated or damaged; fetch or generate it again")]
    WrongLength {
        /// What was being measured.
        what: &'static str,
        /// Bytes that the header promises.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// Stored bytes do not match their checksum.
    #[error("{what} does not match its checksum: the file is damaged; fetch or generate it again")]
    Checksum {
        /// The part concerned.
        what: String,
    },
    /// A header field has a value that no valid file has.
    #[error("{what} is {found}, expected {expected}")]
    InvalidHeader {
        /// The field.
        what: &'static str,
        /// What valid files say.
        expected: String,
        /// What this one says.
        found: String,
    },
    /// A point is not on its curve, not in its group, at infinity, or not canonically encoded.
    #[error("{what} is not a valid point of BN254: the file is damaged or not genuine")]
    InvalidPoint {
        /// Which point.
        what: String,
    },
    /// The string does not consist of successive powers of one tau.
    #[error("{what}: this is not a powers-of-tau string, and proofs under it would mean nothing")]
    Inconsistent {
        /// The equation that fails.
        what: &'static str,
    },
    /// More powers are needed than there are.
    #[error(
        "the job needs {needed} powers of tau and the {} reference string has {available}: {}",
        origin.name(),
        match origin {
            Origin::Development => "generate more with `assay srs new --power N`",
            Origin::Imported => "import a ceremony file of a larger power",
        }
    )]
    TooFewPowers {
        /// Powers needed.
        needed: u64,
        /// Powers at hand.
        available: u64,
        /// Where they come from.
        origin: Origin,
    },
    /// An imported string cannot be extended: nobody knows its tau.
    #[error("an imported reference string of {available} powers cannot grow to {needed}: import a larger ceremony file")]
    CannotGrow {
        /// Powers at hand.
        available: u64,
        /// Powers wanted.
        needed: u64,
    },
}
