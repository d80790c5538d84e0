//! The context of an escrowed job: what ties a receipt to one job, one provider, one escrow and one chain.
//!
//! ```text
//! context   abi.encode(uint256 chain id, address escrow, uint256 job id, address provider), 128 bytes
//! ```
//! A prover is given these bytes as the statement's context. A receipt copied from a pending transaction names its provider,
//! so it pays nobody else, and it is no good for another job.

use crate::abi::{WORD, Word, keccak};

/// An account or contract.
pub type Address = [u8; 20];

/// The context that a prover has to prove under. `chain_id` and `job_id` are big-endian words.
pub fn context_bytes(chain_id: &Word, escrow: &Address, job_id: &Word, provider: &Address) -> [u8; 4 * WORD] {
    let mut bytes = [0; 4 * WORD];
    let parts: [&[u8]; 4] = [chain_id, escrow, job_id, provider];
    for (word, part) in bytes.chunks_exact_mut(WORD).zip(parts) {
        for (to, from) in word.iter_mut().rev().zip(part.iter().rev()) {
            *to = *from;
        }
    }
    bytes
}

/// What [`crate::Call::context_hash`] has to be.
pub fn context_hash(chain_id: &Word, escrow: &Address, job_id: &Word, provider: &Address) -> Word {
    keccak(&context_bytes(chain_id, escrow, job_id, provider))
}
