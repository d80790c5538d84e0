//! The checksum of a large file: a tree of two levels, so that all cores hash.
//!
//! ```text
//! keccak256("assay groth16 key 1" || length as 8 little-endian bytes || keccak256(chunk) for each MiB)
//! ```

use rayon::prelude::*;
use sha3::{Digest, Keccak256};

const DOMAIN: &[u8] = b"assay groth16 key 1";
const CHUNK: usize = 1 << 20;

/// The checksum of `bytes`.
pub fn checksum(bytes: &[u8]) -> [u8; 32] {
    let leaves: Vec<[u8; 32]> = bytes.par_chunks(CHUNK).map(|chunk| Keccak256::digest(chunk).into()).collect();
    let mut root = Keccak256::new();
    root.update(DOMAIN);
    root.update((bytes.len() as u64).to_le_bytes());
    leaves.iter().for_each(|leaf| root.update(leaf));
    root.finalize().into()
}
