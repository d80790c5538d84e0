//! Wrapped receipts as bytes.
//!
//! ```text
//! receipt   magic "ASYWRAPR", version, key digest, statement, proof
//! statement program id, inputs, private inputs' rows, outputs, context
//! proof     Groth16's A, B, C; rows of the witness; Mercury's points (8); row challenges; alpha, zeta, eta, rho, evaluation
//! ```

use super::{Groth16Proof, WrappedStatement};
use crate::elements::{SCALAR_BYTES, read_g1, read_g1_list, read_scalar, write_g1, write_g1_list, write_scalar};
use crate::error::Error;
use ark_bn254::{Fr, G1Affine};
use assay_circuits::mercury::Points;
use assay_core::encode::{Reader, Writer};
use assay_core::system::MAX_ROWS;

pub(crate) const MAGIC: &[u8; 8] = b"ASYWRAPR";
const VERSION: u32 = 1;

/// A wrapped proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedProof {
    /// That the inner verifier's scalar half accepts.
    pub groth16: Groth16Proof,
    /// Commitments to the witness's rows.
    pub rows: Vec<G1Affine>,
    /// Mercury's group elements.
    pub points: Points,
    /// The challenges that weigh the rows; entry 0 goes with the most significant bit of a slot.
    pub row_challenges: Vec<Fr>,
    /// Where h alone is opened.
    pub alpha: Fr,
    /// Where everything else is opened.
    pub zeta: Fr,
    /// Batches the polynomials of one point.
    pub eta: Fr,
    /// Batches the three points.
    pub rho: Fr,
    /// The sum of all claimed values with their powers of eta and rho.
    pub evaluation: Fr,
}

/// A statement and its wrapped proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedReceipt {
    /// Names the key that verifies it ([`super::WrapKey::digest`]).
    pub key: [u8; 32],
    /// What is asserted.
    pub statement: WrappedStatement,
    /// Why it holds.
    pub proof: WrappedProof,
}

impl WrappedReceipt {
    /// Whether these bytes begin as a wrapped receipt does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.header(MAGIC, VERSION);
        out.bytes(&self.key);
        self.statement.write(&mut out);
        self.proof.write(&mut out);
        out.finish()
    }

    /// The receipt of an encoding.
    ///
    /// # Errors
    /// Bytes that are not the canonical encoding of a wrapped receipt.
    pub fn decode(bytes: &[u8]) -> Result<WrappedReceipt, Error> {
        let mut reader = Reader::new(bytes);
        reader.header(MAGIC, VERSION, "a wrapped receipt")?;
        let receipt = WrappedReceipt {
            key: reader.array()?,
            statement: WrappedStatement::read(&mut reader)?,
            proof: WrappedProof::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(receipt)
    }
}

impl WrappedProof {
    /// The number of bytes of the encoding.
    pub fn num_bytes(&self) -> usize {
        let mut out = Writer::new();
        self.write(&mut out);
        out.finish().len()
    }

    fn write(&self, out: &mut Writer) {
        self.groth16.write(out);
        write_g1_list(out, &self.rows);
        self.points.to_array().iter().for_each(|point| write_g1(out, point));
        out.list(self.row_challenges.iter(), write_scalar);
        [self.alpha, self.zeta, self.eta, self.rho, self.evaluation].iter().for_each(|scalar| write_scalar(out, scalar));
    }

    fn read(reader: &mut Reader<'_>) -> Result<WrappedProof, assay_core::Error> {
        Ok(WrappedProof {
            groth16: Groth16Proof::read(reader)?,
            rows: read_g1_list(reader, MAX_ROWS, "rows of the witness")?,
            points: {
                let mut points = [G1Affine::default(); 8];
                for point in &mut points {
                    *point = read_g1(reader)?;
                }
                Points::from_array(points)
            },
            row_challenges: reader.list(SCALAR_BYTES, read_scalar)?,
            alpha: read_scalar(reader)?,
            zeta: read_scalar(reader)?,
            eta: read_scalar(reader)?,
            rho: read_scalar(reader)?,
            evaluation: read_scalar(reader)?,
        })
    }
}
