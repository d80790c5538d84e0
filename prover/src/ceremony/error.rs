//! What can be wrong with a ceremony, and who is to blame where that is known.

use std::io;

use crate::srs::SrsError;

/// A phase-2 ceremony could not be begun, continued, verified or finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CeremonyError {
    /// The operating system refused to read or write.
    #[error("cannot read or write the ceremony's files: {0}")]
    Io(#[from] io::Error),
    /// The powers-of-tau file cannot be used.
    #[error(transparent)]
    PowersOfTau(#[from] SrsError),
    /// The first bytes are those of something else.
    #[error("this is not {expected}: it begins with {found:02x?}")]
    WrongMagic {
        /// The kind of file that was asked for.
        expected: &'static str,
        /// Its first bytes.
        found: Vec<u8>,
    },
    /// A field of a file has a value that no valid file has.
    #[error("{what} is {found}, expected {expected}: the file is damaged or not genuine")]
    InvalidField {
        /// The field.
        what: &'static str,
        /// What valid files say.
        expected: String,
        /// What this one says.
        found: String,
    },
    /// A point is not canonically encoded, not on its curve or not in its group.
    #[error("{what} is not a valid point of BN254: the file is damaged or not genuine")]
    InvalidPoint {
        /// Which point.
        what: String,
    },
    /// Stored bytes do not match their checksum.
    #[error("the ceremony file does not match its checksum: it is damaged; fetch it again")]
    Checksum,
    /// The constraint system is malformed.
    #[error("the constraint system cannot be set up: {what} is {found}, expected {expected}")]
    Circuit {
        /// The part concerned.
        what: &'static str,
        /// What a well-formed system has.
        expected: String,
        /// What this one has.
        found: String,
    },
    /// The powers of tau are too few for the circuit.
    #[error("the circuit needs a powers-of-tau file of power {needed}, and this one has power {available}")]
    TooFewPowers {
        /// log2 of the circuit's domain.
        needed: u32,
        /// The file's power.
        available: u32,
    },
    /// The sections of a powers-of-tau file contradict each other.
    #[error("{what}: the powers-of-tau file is not genuine")]
    InconsistentPowers {
        /// The equation that fails.
        what: &'static str,
    },
    /// The ceremony file belongs to another circuit.
    #[error("the ceremony is for another circuit: its digest is {found}, this circuit's {expected}")]
    WrongCircuit {
        /// The digest of the circuit at hand.
        expected: String,
        /// The digest in the file.
        found: String,
    },
    /// The ceremony file builds on other powers of tau.
    #[error("the ceremony began from other powers of tau: their digest is {found}, this file's {expected}")]
    OtherPowersOfTau {
        /// The digest of the powers at hand.
        expected: String,
        /// The digest in the file.
        found: String,
    },
    /// The ceremony file names the right circuit and powers, but not the initial parameters that these give.
    #[error("the ceremony did not begin from the initial parameters of this circuit and these powers of tau")]
    OtherBeginning,
    /// A contribution is not what an honest contributor publishes.
    #[error("contribution {number} ({name:?}) is not valid: {fault}")]
    Contribution {
        /// Counted from 1.
        number: usize,
        /// The name that it carries.
        name: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The parameters in the file are not those that the contributions lead to.
    #[error("after contribution {number}, {what} does not follow from the initial parameters and the contributions")]
    Parameters {
        /// The last contribution in the file, counted from 1; 0 for none.
        number: usize,
        /// Which parameters.
        what: &'static str,
    },
    /// A file of a series does not continue the one before it.
    #[error("the file that ends with contribution {number} does not continue the one before: contribution {at} was dropped or replaced")]
    NotAContinuation {
        /// The last contribution of the later file, counted from 1.
        number: usize,
        /// The first contribution that differs, counted from 1.
        at: usize,
    },
    /// Nobody but the beacon would have contributed: everyone would know delta.
    #[error("the ceremony has no contribution yet: a key that only a public beacon made would let anyone forge proofs")]
    NoContribution,
    /// The beacon ends a ceremony.
    #[error("the ceremony is finished: contribution {number} is its beacon, and nothing may follow it")]
    Finished {
        /// The beacon's number, counted from 1.
        number: usize,
    },
    /// The ceremony was not ended by a beacon.
    #[error("the ceremony is not finished: its last contribution is not a beacon")]
    NotFinished,
    /// A beacon or a name is not one that a ceremony takes.
    #[error("{what} is {found}, expected {expected}")]
    InvalidInput {
        /// The input.
        what: &'static str,
        /// What is accepted.
        expected: String,
        /// What was given.
        found: String,
    },
}

impl CeremonyError {
    /// Whether a ceremony was read and found invalid, as opposed to not being readable or not being applicable.
    pub fn is_verdict(&self) -> bool {
        use CeremonyError::{Contribution, NotAContinuation, OtherBeginning, OtherPowersOfTau, Parameters, WrongCircuit};
        matches!(
            self,
            WrongCircuit { .. }
                | OtherPowersOfTau { .. }
                | OtherBeginning
                | Contribution { .. }
                | Parameters { .. }
                | NotAContinuation { .. }
        )
    }
}

/// What is wrong with a contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The recorded hash is not that of the transcript so far: made for another state, replayed or reordered.
    #[error("its transcript hash is not that of what precedes it")]
    Transcript,
    /// The proof of knowledge fails: `e(s, r x) != e(s x, r)`.
    #[error("its proof of knowledge fails")]
    ProofOfKnowledge,
    /// The delta that it records is not the previous one times its secret.
    #[error("its delta is not the previous one times the secret that it proves to know")]
    Delta,
    /// The beacon's key is not the one that its value and iterations give.
    #[error("its key is not that of the beacon value")]
    Beacon,
    /// Something follows the beacon.
    #[error("it follows the beacon, which ends a ceremony")]
    AfterBeacon,
    /// A point is the identity, as a secret of 0 makes it.
    #[error("one of its points is the identity")]
    Identity,
}
