//! The relations of the Assay proof system and how each is verified.
//!
//! Verifiers are written once over [`Num`] and serve native verification and the wrap circuit alike.

pub mod eq;
pub mod error;
pub mod inner;
pub mod logup;
pub mod mercury;
pub mod num;
pub mod poseidon2;
pub mod r1cs;
pub mod relations;
pub mod session;
pub mod sumcheck;
pub mod transcript;
pub mod wrap;

pub use error::Error;
pub use num::Num;
pub use session::{Publics, Session};
pub use transcript::{Transcript, phase_digest, point_bytes, points_digest};
