//! What can go wrong between a client and a chain.

use super::contracts::{AssayRouter::AssayRouterErrors, AssayVerifier::AssayVerifierErrors, JobEscrow::JobEscrowErrors};
use alloy::primitives::Bytes;
use alloy::sol_types::SolInterface;

/// Why a call did not go through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// An address of a node that is none.
    #[error("`{0}` is not the address of a node, such as http://127.0.0.1:8545")]
    Url(String),
    /// A contract refused.
    #[error("{call} is refused: {reason}")]
    Refused {
        /// What was called.
        call: &'static str,
        /// Why not.
        reason: Refusal,
    },
    /// The node cannot be reached, or answers with an error of its own.
    #[error("{call}: the node says: {message}")]
    Node {
        /// What was called.
        call: &'static str,
        /// Its message.
        message: String,
    },
    /// A transaction was included, and reverted there: the state changed after it was simulated.
    #[error("{call} reverted in transaction {transaction}")]
    Reverted {
        /// What was called.
        call: &'static str,
        /// Its hash.
        transaction: String,
    },
    /// A transaction without what it should have done.
    #[error("{call}: transaction {transaction} has no {missing}")]
    Incomplete {
        /// What was called.
        call: &'static str,
        /// Its hash.
        transaction: String,
        /// What is not there.
        missing: &'static str,
    },
    /// No runtime for the client could be started.
    #[error("cannot start a client: {0}")]
    Runtime(#[from] std::io::Error),
    /// A receipt that cannot be sent.
    #[error(transparent)]
    Receipt(#[from] crate::Error),
}

/// A contract's own error.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The escrow's.
    Escrow(JobEscrowErrors),
    /// The router's.
    Router(AssayRouterErrors),
    /// A program's verifier's.
    Verifier(AssayVerifierErrors),
    /// Bytes that none of these contracts returns.
    Other(Bytes),
}

impl Refusal {
    /// The error that bytes of a revert stand for.
    pub fn decode(data: Bytes) -> Refusal {
        if let Ok(error) = JobEscrowErrors::abi_decode(&data) {
            return Refusal::Escrow(error);
        }
        if let Ok(error) = AssayRouterErrors::abi_decode(&data) {
            return Refusal::Router(error);
        }
        AssayVerifierErrors::abi_decode(&data).map_or(Refusal::Other(data), Refusal::Verifier)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Escrow(error) => write!(f, "escrow: {error:?}"),
            Refusal::Router(error) => write!(f, "router: {error:?}"),
            Refusal::Verifier(error) => write!(f, "verifier: {error:?}"),
            Refusal::Other(data) => write!(f, "with the bytes {data}"),
        }
    }
}

impl ClientError {
    /// The error of a call, its revert decoded where there is one.
    pub(super) fn of_call(call: &'static str, error: alloy::contract::Error) -> ClientError {
        match error.as_revert_data() {
            Some(data) => ClientError::Refused { call, reason: Refusal::decode(data) },
            None => ClientError::Node { call, message: error.to_string() },
        }
    }
}
