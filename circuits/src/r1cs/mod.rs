//! Rank-one constraint systems.

mod matrix;

pub use matrix::{Matrix, R1cs};
