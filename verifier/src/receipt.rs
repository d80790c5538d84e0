//! Receipts: a statement and its proof.

use crate::statement::Statement;
use ark_bn254::{Fr, G1Affine};
use assay_circuits::{inner, mercury};

/// An inner proof: scalars and the group elements they speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerProof {
    /// Commitments to the witness rows, in the order of the layout's rows.
    pub rows: Vec<G1Affine>,
    /// Mercury's group elements; absent if nothing is committed.
    pub opening: Option<mercury::Points>,
    /// Everything else.
    pub scalars: inner::Proof<Fr>,
}

/// A statement and its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What is asserted.
    pub statement: Statement,
    /// Why it holds.
    pub proof: InnerProof,
    /// Names the reference string.
    pub reference: [u8; 32],
}
