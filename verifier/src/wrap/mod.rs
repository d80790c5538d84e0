//! Wrapped receipts: constant size, zero-knowledge, and checkable by a contract.
//!
//! A Groth16 proof says that the scalar half of the inner verifier accepts. Its public inputs are
//!
//! ```text
//! binding         keccak256 of the statement and of the witness's commitments, cut to 253 bits     (statement.rs)
//! inputs          Poseidon2 digest of the public inputs                     (assay_circuits::wrap::packing)
//! outputs         one or two words of packed bytes, or their digest
//! opening (4)     digests of Mercury's group elements, one a phase, cut to 253 bits
//! rows            the challenges that weigh the rows, the most significant bit of a row's slot first
//! alpha, zeta, eta, rho, evaluation         what the group equation needs of Mercury's scalar half
//! ```
//! What is left is one group equation over the row commitments and Mercury's eight points. A verifier recomputes the digests
//! from the points that it is given, checks the Groth16 proof, and checks the equation.

mod groth16;
mod key;
mod receipt;
mod statement;
mod verify;

pub use groth16::{Groth16Key, Groth16Proof};
pub use key::{Row, RowSource, WrapKey, WrapPort};
pub use receipt::{WrappedProof, WrappedReceipt};
pub use statement::{WrappedStatement, binding, program_word};
pub use verify::WrapVerified;
