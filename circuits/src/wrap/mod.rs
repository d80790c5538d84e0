//! The wrap: the inner verifier as a constraint system, proven by Groth16.

pub mod circuit;
pub mod packing;
