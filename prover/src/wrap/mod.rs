//! Wrapping: the inner proof's verifier, proven by Groth16; the twin of [`assay_circuits::wrap`].
//!
//! ```text
//! circuit(program)        constraints that the inner verifier records            once a program
//! setup or ceremony       Groth16 keys for them
//! prove                   inner proof -> assignment -> Groth16 proof -> receipt, verified before it is returned
//! ```

mod circuit;
mod error;
mod keys;
mod prove;

pub use circuit::{assign, circuit};
pub use error::Error;
pub use keys::{WrapProvingKey, setup, wrap_key};
pub use prove::{Wrapped, Wrapper, prove};
