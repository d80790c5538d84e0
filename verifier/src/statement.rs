//! Statements: what a receipt asserts.

use ark_bn254::G1Affine;
use assay_core::Tensor;

/// An input as the statement has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputValue {
    /// Its values.
    Public(Tensor),
    /// Salted commitments to its rows.
    Private(Vec<G1Affine>),
}

/// "The program of this id, run on these inputs, gave these outputs."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Digest of the program and of its constants' commitments.
    pub program_id: [u8; 32],
    /// One for each input port.
    pub inputs: Vec<InputValue>,
    /// One for each output port.
    pub outputs: Vec<Tensor>,
    /// Opaque bytes that the proof is bound to: job, requester, payout address, deadline.
    pub context: Vec<u8>,
}
