//! Receipts: a statement and its proof.
//!
//! ```text
//! receipt     magic "ASYRECPT", version, reference digest, statement, proof
//! proof       rows; Mercury's points?; lookups?; evaluations; waves; opening?
//! lookups     root (2), layers: rounds, p (2), q (2)
//! wave        rounds, evaluations
//! opening     rounds, value, Mercury's scalars (7)
//! rounds      for each round the number of coefficients (one byte) and the coefficients
//! ```

use crate::elements::{SCALAR_BYTES, read_g1, read_g1_list, read_scalar, write_g1, write_g1_list, write_scalar};
use crate::error::Error;
use crate::statement::Statement;
use ark_bn254::{Fr, G1Affine};
use assay_circuits::inner::{OpeningProof, Proof, WaveProof};
use assay_circuits::{inner, logup, mercury, sumcheck};
use assay_core::encode::{Reader, Writer};
use assay_core::system::MAX_ROWS;

const MAGIC: &[u8; 8] = b"ASYRECPT";
const VERSION: u32 = 1;

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

impl Receipt {
    /// Whether these bytes begin as a receipt does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.header(MAGIC, VERSION);
        out.bytes(&self.reference);
        self.statement.write(&mut out);
        self.proof.write(&mut out);
        out.finish()
    }

    /// The receipt of an encoding.
    ///
    /// # Errors
    /// Bytes that are not the canonical encoding of a receipt.
    pub fn decode(bytes: &[u8]) -> Result<Receipt, Error> {
        let mut reader = Reader::new(bytes);
        reader.header(MAGIC, VERSION, "a receipt")?;
        let reference = reader.array()?;
        let statement = Statement::read(&mut reader)?;
        let proof = InnerProof::read(&mut reader)?;
        reader.finish()?;
        Ok(Receipt { statement, proof, reference })
    }
}

type Read<T> = Result<T, assay_core::Error>;

impl InnerProof {
    /// Appends the canonical encoding. A round of more than 254 coefficients, which no verifier accepts, has none.
    pub fn write(&self, out: &mut Writer) {
        write_g1_list(out, &self.rows);
        write_option(out, self.opening.as_ref(), |out, points| points.to_array().iter().for_each(|p| write_g1(out, p)));
        write_option(out, self.scalars.lookups.as_ref(), write_lookups);
        write_scalars(out, &self.scalars.evaluations);
        out.list(self.scalars.waves.iter(), |out, wave| {
            write_rounds(out, &wave.rounds);
            write_scalars(out, &wave.evaluations);
        });
        write_option(out, self.scalars.opening.as_ref(), |out, opening| {
            write_rounds(out, &opening.rounds);
            write_scalar(out, &opening.value);
            opening.mercury.to_array().iter().for_each(|s| write_scalar(out, s));
        });
    }

    /// The number of bytes of the encoding.
    pub fn num_bytes(&self) -> usize {
        let mut out = Writer::new();
        self.write(&mut out);
        out.finish().len()
    }

    /// Reads a proof; more may follow.
    ///
    /// # Errors
    /// Bytes that are not the canonical encoding of a proof.
    pub fn read(reader: &mut Reader<'_>) -> Read<InnerProof> {
        let rows = read_g1_list(reader, MAX_ROWS, "rows of the witness")?;
        let opening = read_option(reader, |r| read_array(r, read_g1).map(mercury::Points::from_array))?;
        let scalars = Proof {
            lookups: read_option(reader, read_lookups)?,
            evaluations: read_scalars(reader)?,
            waves: reader.list(8, |r| Ok(WaveProof { rounds: read_rounds(r)?, evaluations: read_scalars(r)? }))?,
            opening: read_option(reader, |r| {
                let (rounds, value) = (read_rounds(r)?, read_scalar(r)?);
                Ok(OpeningProof { rounds, value, mercury: mercury::Scalars::from_array(read_array(r, read_scalar)?) })
            })?,
        };
        Ok(InnerProof { rows, opening, scalars })
    }
}

fn write_option<T>(out: &mut Writer, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
    out.flag(value.is_some());
    if let Some(value) = value {
        write(out, value);
    }
}

fn read_option<T>(reader: &mut Reader<'_>, read: impl FnOnce(&mut Reader<'_>) -> Read<T>) -> Read<Option<T>> {
    if reader.flag()? { read(reader).map(Some) } else { Ok(None) }
}

fn read_array<T: Copy + Default, const N: usize>(reader: &mut Reader<'_>, read: impl Fn(&mut Reader<'_>) -> Read<T>) -> Read<[T; N]> {
    let mut array = [T::default(); N];
    for item in &mut array {
        *item = read(reader)?;
    }
    Ok(array)
}

fn write_scalars(out: &mut Writer, scalars: &[Fr]) {
    out.list(scalars.iter(), write_scalar);
}

fn read_scalars(reader: &mut Reader<'_>) -> Read<Vec<Fr>> {
    reader.list(SCALAR_BYTES, read_scalar)
}

fn write_rounds(out: &mut Writer, proof: &sumcheck::Proof<Fr>) {
    out.list(proof.rounds.iter(), |out, round| {
        out.small(round.len());
        round.iter().for_each(|c| write_scalar(out, c));
    });
}

fn read_rounds(reader: &mut Reader<'_>) -> Read<sumcheck::Proof<Fr>> {
    let rounds = reader.list(1, |reader| {
        let count = reader.u8()?;
        (0..count).map(|_| read_scalar(reader)).collect()
    })?;
    Ok(sumcheck::Proof { rounds })
}

fn write_lookups(out: &mut Writer, proof: &logup::Proof<Fr>) {
    proof.root.iter().for_each(|s| write_scalar(out, s));
    out.list(proof.layers.iter(), |out, layer| {
        write_rounds(out, &layer.rounds);
        layer.p.iter().chain(&layer.q).for_each(|s| write_scalar(out, s));
    });
}

fn read_lookups(reader: &mut Reader<'_>) -> Read<logup::Proof<Fr>> {
    let root = read_array(reader, read_scalar)?;
    let layers = reader.list(4 * SCALAR_BYTES, |r| {
        Ok(logup::Layer { rounds: read_rounds(r)?, p: read_array(r, read_scalar)?, q: read_array(r, read_scalar)? })
    })?;
    Ok(logup::Proof { root, layers })
}
