//! Why a key could not be read or a proof not be made.

/// An error of the Groth16 prover.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The key's file could not be read or written.
    #[error("the Groth16 key's file: {0}")]
    Io(#[from] std::io::Error),
    /// The file begins with something else.
    #[error("not a Groth16 proving key of this program: it begins with other bytes")]
    NotAKey,
    /// The file is of another version.
    #[error("a Groth16 key of version {found}, where this program reads version {expected}; make the key again")]
    Version {
        /// The version in the file.
        found: u32,
        /// The version that this program reads.
        expected: u32,
    },
    /// The file's length is not what its header announces.
    #[error("the Groth16 key has {found} bytes where its header announces {expected}: it is truncated or damaged")]
    Length {
        /// What the header announces.
        expected: u64,
        /// What there is.
        found: u64,
    },
    /// The contents have changed since the key was written.
    #[error("the Groth16 key does not match its checksum: it is damaged; make it again")]
    Checksum,
    /// A part of the file that is none although the checksum matches.
    #[error("the Groth16 key is malformed: {0}")]
    Malformed(String),
    /// A constraint system, or a key and its constraint system, that do not fit together.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// How many there must be.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// More constraints and public variables than the field has room for.
    #[error("{rows} constraints and public variables, where at most {most} can be proven")]
    TooLarge {
        /// Constraints and public variables together.
        rows: u64,
        /// The most there may be.
        most: u64,
    },
    /// An assignment of the wrong length.
    #[error("the assignment has {found} values where the system has {expected} variables")]
    Assignment {
        /// The number of variables, the constant 1 included.
        expected: usize,
        /// The number of values.
        found: usize,
    },
    /// An assignment that does not begin with the constant 1.
    #[error("the assignment must begin with the constant 1")]
    FirstNotOne,
    /// The assignment violates a constraint.
    #[error("constraint {constraint} of {num_constraints} does not hold (counted from 0)")]
    Unsatisfied {
        /// The first violated constraint.
        constraint: usize,
        /// The number of constraints.
        num_constraints: usize,
    },
    /// A constraint was found violated that holds: machine or program are at fault.
    #[error("constraint {constraint} was found violated, but it holds: this is a fault")]
    Fault {
        /// The constraint.
        constraint: usize,
    },
    /// The finished proof does not verify: the key is not one for its matrices, or machine or program are at fault.
    #[error("the finished proof does not verify and was discarded: the key does not belong to its constraint system, or this is a fault")]
    Unverified,
}
