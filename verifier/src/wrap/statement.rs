//! What a wrapped receipt asserts, and how a contract recomputes what binds the proof to it.
//!
//! ```text
//! program word    keccak256(keccak256("assay wrapped statement, version 1") || program id || reference string's digest)
//! input digest    keccak256(inputs || rows of the private inputs)          names the inputs of a job
//! binding         keccak256(program word || input digest || outputs || keccak256(context) || rows of the witness), cut to 253 bits
//! ```
//! `inputs` is the Poseidon2 digest of the public inputs and `outputs` are one or two words, 32 big-endian bytes each
//! ([`packing`]). Rows are commitments, 64 bytes each as the EVM's precompiles take them.

use crate::elements::{read_g1_list, read_scalar, write_g1_list, write_scalar};
use crate::error::Error;
use crate::statement::{InputValue, MAX_CONTEXT, Statement, read_tensor, write_tensor};
use ark_bn254::{Fr, G1Affine};
use ark_ff::{BigInteger, PrimeField};
use assay_circuits::wrap::packing;
use assay_circuits::{phase_digest, point_bytes};
use assay_core::Tensor;
use assay_core::encode::{Reader, Writer};
use assay_core::system::MAX_ROWS;
use sha3::{Digest, Keccak256};

const DOMAIN: &[u8] = b"assay wrapped statement, version 1";

/// "The program of this id, run on inputs with this digest, gave these outputs."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedStatement {
    /// Digest of the program and of its constants' commitments.
    pub program_id: [u8; 32],
    /// Poseidon2 digest of the public inputs, in order of the ports.
    pub inputs: Fr,
    /// Salted commitments to the rows of each private input, in order of the ports.
    pub private: Vec<Vec<G1Affine>>,
    /// One for each output port.
    pub outputs: Vec<Tensor>,
    /// Opaque bytes that the proof is bound to.
    pub context: Vec<u8>,
}

impl WrappedStatement {
    /// The same assertion, the public inputs' values replaced by their digest.
    pub fn of(statement: &Statement) -> Self {
        let public = statement.inputs.iter().filter_map(|input| match input {
            InputValue::Public(tensor) => Some(tensor),
            InputValue::Private(_) => None,
        });
        let private = statement.inputs.iter().filter_map(|input| match input {
            InputValue::Private(rows) => Some(rows.clone()),
            InputValue::Public(_) => None,
        });
        WrappedStatement {
            program_id: statement.program_id,
            inputs: Self::digest_inputs(public),
            private: private.collect(),
            outputs: statement.outputs.clone(),
            context: statement.context.clone(),
        }
    }

    /// The digest of public inputs that [`WrappedStatement::inputs`] must equal.
    pub fn digest_inputs<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> Fr {
        packing::digest(&packing::pack_bytes(&packing::tensor_bytes(tensors)))
    }

    /// The outputs as public inputs of the proof.
    pub fn output_words(&self) -> Vec<Fr> {
        let bytes = packing::tensor_bytes(&self.outputs);
        packing::shown(bytes.len(), packing::pack_bytes(&bytes))
    }

    /// Names the inputs of a job, public and private.
    pub fn input_digest(&self) -> [u8; 32] {
        let mut hasher = Keccak256::new();
        hasher.update(word(&self.inputs));
        self.private.iter().flatten().for_each(|row| hasher.update(point_bytes(row)));
        hasher.finalize().into()
    }

    /// What the proof is bound to: the function [`binding()`] of the statement and the witness rows.
    pub fn binding(&self, reference: &[u8; 32], witness: &[G1Affine]) -> Fr {
        let context: [u8; 32] = Keccak256::digest(&self.context).into();
        binding(&program_word(&self.program_id, reference), &self.input_digest(), &self.output_words(), &context, witness)
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.bytes(&self.program_id);
        write_scalar(out, &self.inputs);
        out.list(self.private.iter(), |out, rows| write_g1_list(out, rows));
        out.list(self.outputs.iter(), write_tensor);
        out.blob(&self.context);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<WrappedStatement, assay_core::Error> {
        Ok(WrappedStatement {
            program_id: reader.array()?,
            inputs: read_scalar(reader)?,
            private: reader.list(4, |r| read_g1_list(r, MAX_ROWS, "rows of a private input"))?,
            outputs: reader.list(3, read_tensor)?,
            context: reader.blob(MAX_CONTEXT)?.to_vec(),
        })
    }

    /// Checks that the outputs are what the ports declare.
    pub(super) fn check(&self, ports: &[super::WrapPort]) -> Result<(), Error> {
        Error::check_count("the number of outputs", ports.len(), self.outputs.len())?;
        for (port, tensor) in ports.iter().zip(&self.outputs) {
            crate::statement::check_tensor(&format!("output `{}`", port.port.name), &port.shape, port.port.dtype, tensor)?;
        }
        Ok(())
    }
}

/// The part of the binding that is one program's and one reference string's.
pub fn program_word(program_id: &[u8; 32], reference: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    hasher.update(Keccak256::digest(DOMAIN));
    hasher.update(program_id);
    hasher.update(reference);
    hasher.finalize().into()
}

/// What a wrapped proof is bound to, from its parts.
pub fn binding(program: &[u8; 32], inputs: &[u8; 32], outputs: &[Fr], context: &[u8; 32], witness: &[G1Affine]) -> Fr {
    let mut bytes = [*program, *inputs].concat();
    outputs.iter().for_each(|output| bytes.extend(word(output)));
    bytes.extend(context);
    witness.iter().for_each(|row| bytes.extend(point_bytes(row)));
    phase_digest(&bytes)
}

/// A field element as the EVM has it.
fn word(value: &Fr) -> Vec<u8> {
    value.into_bigint().to_bytes_be()
}
