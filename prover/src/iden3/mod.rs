//! The files of circom's and snarkjs' world: constraint systems, witnesses, proving keys, proofs.
//!
//! ```text
//! magic (4 bytes), version (4), number of sections (4); each section: type (4), length (8), contents   (little-endian)
//! .r1cs  1 header, 2 constraints, 3 wire labels        .wtns  1 header, 2 values        .zkey  see [`write_zkey`]
//! ```
//!
//! Formats as snarkjs 0.7.6 reads and writes them. Its wires are (1, public.., private..), as ours.

mod json;
mod r1cs;
mod sections;
mod wtns;
mod zkey;

pub use json::{proof_json, public_json, verifying_key_json};
pub use r1cs::{read_r1cs, write_r1cs};
pub use wtns::write_wtns;
pub use zkey::write_zkey;
