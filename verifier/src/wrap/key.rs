//! Keys of wrapped receipts: what a client or a contract needs, a few kilobytes whatever the program's size.
//!
//! ```text
//! key   magic "ASYWRPKY", version, program name, program id, development string?, [tau]_2, one-party setup?,
//!       row variables, row slots' variables, rows, input ports, output ports, Groth16 key
//! row   slot, then 0 and a commitment | 1 and the number of a private input | 2 for the witness
//! port  name, type, quantization?, private?, shape
//! ```

use super::Groth16Key;
use crate::elements::{read_g1, read_g2, write_g1, write_g2};
use crate::error::Error;
use crate::key::Reference;
use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use assay_circuits::wrap::packing::num_shown;
use assay_core::encode::{MAX_NAME, Reader, Writer, read_port, read_shape, write_port, write_shape};
use assay_core::program::{Port, Visibility};
use assay_core::system::MAX_ROWS;
use assay_core::tensor::Shape;
use sha3::{Digest, Keccak256};

const MAGIC: &[u8; 8] = b"ASYWRPKY";
const VERSION: u32 = 1;

/// Public inputs that every proof has: the binding, the inputs' digest, four opening digests, alpha, zeta, eta, rho and the evaluation.
const FIXED_PUBLIC: usize = 11;

/// Rows of up to 2^28 entries: the longest public ceremony.
const MAX_ROW_VARS: usize = 28;

/// Where a row's commitment comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSource {
    /// The program: the same in every receipt.
    Constant(G1Affine),
    /// The statement: a private input, numbered among the private ones.
    Private(usize),
    /// The proof.
    Witness,
}

/// A committed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place: it weighs `eq(row challenges, slot)`.
    pub slot: usize,
    /// Its commitment's origin.
    pub source: RowSource,
}

/// An input or output with its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct WrapPort {
    /// Name, type and meaning.
    pub port: Port,
    /// Its shape.
    pub shape: Shape,
}

/// What suffices to verify wrapped receipts of one program.
#[derive(Clone, Debug, PartialEq)]
pub struct WrapKey {
    /// The program's name.
    pub name: String,
    /// The program's id.
    pub program_id: [u8; 32],
    /// The universal reference string's end.
    pub reference: Reference,
    /// Whether one party made the Groth16 key alone, and could forge.
    pub development: bool,
    /// Binary logarithm of a row's length.
    pub row_vars: usize,
    /// Binary logarithm of the number of row slots: the number of row challenges.
    pub log_rows: usize,
    /// The rows in use, in the order in which private inputs and witness list theirs.
    pub rows: Vec<Row>,
    /// The program's inputs.
    pub inputs: Vec<WrapPort>,
    /// The program's outputs.
    pub outputs: Vec<WrapPort>,
    /// What verifies the Groth16 proof.
    pub groth16: Groth16Key,
}

impl WrapKey {
    /// Whether these bytes begin as a key of wrapped receipts does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.header(MAGIC, VERSION);
        out.blob(self.name.as_bytes());
        out.bytes(&self.program_id);
        out.flag(self.reference.development);
        write_g2(&mut out, &self.reference.g2[1]);
        out.flag(self.development);
        out.small(self.row_vars);
        out.small(self.log_rows);
        out.list(self.rows.iter(), |out, row| {
            out.count(row.slot);
            match row.source {
                RowSource::Constant(point) => {
                    out.u8(0);
                    write_g1(out, &point);
                }
                RowSource::Private(input) => {
                    out.u8(1);
                    out.count(input);
                }
                RowSource::Witness => out.u8(2),
            }
        });
        out.list(self.inputs.iter(), write_wrap_port);
        out.list(self.outputs.iter(), write_wrap_port);
        self.groth16.write(&mut out);
        out.finish()
    }

    /// The key of an encoding.
    ///
    /// # Errors
    /// Bytes that are not the canonical encoding of a consistent key.
    pub fn decode(bytes: &[u8]) -> Result<WrapKey, Error> {
        let mut reader = Reader::new(bytes);
        let r = &mut reader;
        r.header(MAGIC, VERSION, "a wrapped receipt's key")?;
        let key = WrapKey {
            name: r.text(MAX_NAME)?,
            program_id: r.array()?,
            reference: {
                let development = r.flag()?;
                Reference::new([G2Affine::generator(), read_g2(r)?], development)
            },
            development: r.flag()?,
            row_vars: r.u8()?.into(),
            log_rows: r.u8()?.into(),
            rows: r.list(5, read_row)?,
            inputs: r.list(8, read_wrap_port)?,
            outputs: r.list(8, read_wrap_port)?,
            groth16: Groth16Key::read(r)?,
        };
        reader.finish()?;
        key.check()?;
        Ok(key)
    }

    /// Names the key: keccak256 of its encoding. Its first four bytes are the selector by which contracts route proofs.
    pub fn digest(&self) -> [u8; 32] {
        Keccak256::digest(self.encode()).into()
    }

    /// See [`WrapKey::digest`].
    pub fn selector(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.digest();
        [a, b, c, d]
    }

    /// The number of rows that a proof commits to.
    pub fn num_witness_rows(&self) -> usize {
        self.rows.iter().filter(|row| row.source == RowSource::Witness).count()
    }

    /// The number of rows of each private input.
    pub fn private_rows(&self) -> Vec<usize> {
        let private = self.inputs.iter().filter(|port| port.port.visibility == Visibility::Private).count();
        (0..private).map(|i| self.rows.iter().filter(|row| row.source == RowSource::Private(i)).count()).collect()
    }

    /// Bytes of all outputs.
    pub fn output_bytes(&self) -> usize {
        port_bytes(&self.outputs)
    }

    /// The number of public inputs of a proof.
    pub fn num_public(&self) -> usize {
        FIXED_PUBLIC + num_shown(self.output_bytes()) + self.log_rows
    }

    /// Whether the universal string or the Groth16 key lets somebody forge.
    pub fn is_development(&self) -> bool {
        self.development || self.reference.development
    }

    /// Checks what the encoding alone does not ensure.
    ///
    /// # Errors
    /// [`Error::BadReference`], [`Error::BadKey`] or [`Error::Count`].
    pub fn check(&self) -> Result<(), Error> {
        self.reference.check()?;
        if self.row_vars > MAX_ROW_VARS || self.rows.len() > MAX_ROWS || self.log_rows > 8 {
            return Err(Error::BadKey("its rows are more or longer than any program's"));
        }
        let shared = |(index, row): (usize, &Row)| self.rows.iter().take(index).any(|other| other.slot == row.slot);
        if self.rows.iter().enumerate().any(shared) || self.rows.iter().any(|row| row.slot >> self.log_rows != 0) {
            return Err(Error::BadKey("two of its rows share a slot, or a slot does not exist"));
        }
        let private = self.private_rows();
        let known = |source: RowSource| !matches!(source, RowSource::Private(i) if i >= private.len());
        if private.contains(&0) || !self.rows.iter().all(|row| known(row.source)) {
            return Err(Error::BadKey("its rows of private inputs are not those of its inputs"));
        }
        Error::check_count("the public inputs of a proof", self.num_public(), self.groth16.num_public())
    }
}

/// Bytes of the tensors of ports.
fn port_bytes(ports: &[WrapPort]) -> usize {
    ports.iter().map(|port| port.shape.num_elements().saturating_mul(port.port.dtype.num_bytes())).fold(0, usize::saturating_add)
}

fn read_row(reader: &mut Reader<'_>) -> Result<Row, assay_core::Error> {
    let index = |reader: &mut Reader<'_>| reader.u32().map(|n| n as usize);
    let slot = index(reader)?;
    let source = match reader.u8()? {
        0 => RowSource::Constant(read_g1(reader)?),
        1 => RowSource::Private(index(reader)?),
        2 => RowSource::Witness,
        other => return Err(reader.error(format!("a row is constant (0), private (1) or witness (2), found {other}"))),
    };
    Ok(Row { slot, source })
}

fn write_wrap_port(out: &mut Writer, port: &WrapPort) {
    write_port(out, &port.port);
    out.flag(port.port.visibility == Visibility::Private);
    write_shape(out, &port.shape);
}

fn read_wrap_port(reader: &mut Reader<'_>) -> Result<WrapPort, assay_core::Error> {
    let mut port = read_port(reader)?;
    port.visibility = if reader.flag()? { Visibility::Private } else { Visibility::Public };
    Ok(WrapPort { port, shape: read_shape(reader)? })
}
