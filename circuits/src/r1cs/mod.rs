//! Rank-one constraint systems: what the generic verifiers record when their numbers are [`Wire`]s.

mod bits;
mod builder;
mod matrix;
mod poseidon2;
mod wire;

pub use bits::{Element, element};
pub use builder::{Builder, Mode, Recorded};
pub use matrix::{Matrix, R1cs};
pub use wire::Wire;
