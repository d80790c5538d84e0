//! The Assay prover: the twin of each relation's verifier, and what orchestrates them.

pub mod ceremony;
pub mod error;
pub mod groth16;
pub mod iden3;
pub mod inner;
pub mod key_file;
pub mod keys;
pub mod kzg;
pub mod logup;
pub mod mercury;
mod opening;
mod ranges;
mod relations;
pub mod resident;
mod space;
pub mod srs;
pub mod sumcheck;
pub mod witness;
pub mod workplace;
pub mod wrap;

pub use assay_core::limits::Economy;
pub use error::Error;
pub use inner::{Options, Phase, Progress, Proven, Timings, prove, prove_witness};
pub use key_file::KeyFile;
pub use keys::{ProvingKey, compile};
pub use witness::Witness;
pub use workplace::Workplace;
