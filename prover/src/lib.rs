//! The Assay prover: the twin of each relation's verifier, and what orchestrates them.

pub mod kzg;
pub mod logup;
pub mod mercury;
pub mod srs;
pub mod sumcheck;
