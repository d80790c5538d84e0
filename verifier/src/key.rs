//! Verifying keys: a program without its large constants, commitments in their place, and the reference string's end.

use ark_bn254::{G1Affine, G2Affine};
use assay_core::Program;

/// What the verifier needs of a universal reference string (powers of tau).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `[1]_2` and `[tau]_2`; `[1]_1` is the curve's generator.
    pub g2: [G2Affine; 2],
    /// Names the reference string; independent of how many powers are known.
    pub digest: [u8; 32],
    /// Whether tau is public: fit for trials, worthless as evidence.
    pub development: bool,
}

/// What suffices to verify receipts of one program.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyingKey {
    /// The program; constants that are committed have no values here.
    pub program: Program,
    /// Commitments to the rows of public, then private constants, in the order of the layout's rows.
    pub constant_rows: Vec<G1Affine>,
    /// The reference string's end.
    pub reference: Reference,
}
