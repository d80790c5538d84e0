//! The Assay prover: the twin of each relation's verifier, and what orchestrates them.

pub mod error;
pub mod inner;
pub mod keys;
pub mod kzg;
pub mod logup;
pub mod mercury;
mod opening;
mod relations;
mod resident;
pub mod srs;
pub mod sumcheck;

pub use error::Error;
pub use inner::{Options, Phase, Progress, Proven, Timings, prove};
pub use keys::{ProvingKey, compile};
