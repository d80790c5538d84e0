//! Statements: what a receipt asserts.
//!
//! ```text
//! statement   magic "ASYSTATE", version, program id, inputs, outputs, context
//! input       0, tensor  |  1, commitments to the rows
//! tensor      type, shape, valid values in row-major order (assay_core::encode)
//! ```

use crate::elements::{read_g1_list, write_g1_list};
use crate::error::Error;
use ark_bn254::{Fr, G1Affine};
use assay_circuits::phase_digest;
use assay_core::encode::{Reader, Writer, read_shape, read_values, write_shape, write_values};
use assay_core::program::{Port, Program, Visibility};
use assay_core::system::MAX_ROWS;
use assay_core::tensor::Shape;
use assay_core::{DType, Tensor};

const MAGIC: &[u8; 8] = b"ASYSTATE";
const VERSION: u32 = 1;

/// The longest context, in bytes.
pub const MAX_CONTEXT: usize = 1 << 16;

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

impl Statement {
    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write(&mut out);
        out.finish()
    }

    /// Appends the canonical encoding.
    pub fn write(&self, out: &mut Writer) {
        out.header(MAGIC, VERSION);
        out.bytes(&self.program_id);
        out.list(self.inputs.iter(), |out, input| match input {
            InputValue::Public(tensor) => {
                out.u8(0);
                write_tensor(out, tensor);
            }
            InputValue::Private(rows) => {
                out.u8(1);
                write_g1_list(out, rows);
            }
        });
        out.list(self.outputs.iter(), write_tensor);
        out.blob(&self.context);
    }

    /// The statement of an encoding.
    ///
    /// # Errors
    /// Bytes that are not the canonical encoding of a statement.
    pub fn decode(bytes: &[u8]) -> Result<Statement, Error> {
        let mut reader = Reader::new(bytes);
        let statement = Statement::read(&mut reader)?;
        reader.finish()?;
        Ok(statement)
    }

    /// Reads a statement; more may follow.
    ///
    /// # Errors
    /// As [`Statement::decode`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Statement, assay_core::Error> {
        reader.header(MAGIC, VERSION, "a statement")?;
        let program_id = reader.array()?;
        let inputs = reader.list(3, |reader| {
            Ok(match reader.u8()? {
                0 => InputValue::Public(read_tensor(reader)?),
                1 => InputValue::Private(read_g1_list(reader, MAX_ROWS, "rows of a private input")?),
                other => return Err(reader.error(format!("an input is public (0) or private (1), found {other}"))),
            })
        })?;
        let outputs = reader.list(3, read_tensor)?;
        let context = reader.blob(MAX_CONTEXT)?.to_vec();
        Ok(Statement { program_id, inputs, outputs, context })
    }

    /// What binds a proof to the statement: keccak-256 of its encoding and of the reference string's digest, as a field
    /// element ([`phase_digest`]).
    pub fn digest(&self, reference: &[u8; 32]) -> Fr {
        let mut out = Writer::new();
        self.write(&mut out);
        out.bytes(reference);
        phase_digest(&out.finish())
    }

    /// Checks that inputs and outputs are what the program's ports declare. Numbers of rows are the layout's matter.
    ///
    /// # Errors
    /// [`Error::Count`], [`Error::Port`] or [`Error::Value`], naming the port.
    pub fn check(&self, program: &Program) -> Result<(), Error> {
        Error::check_count("the number of inputs", program.inputs.len(), self.inputs.len())?;
        Error::check_count("the number of outputs", program.outputs.len(), self.outputs.len())?;
        for (port, value) in program.inputs.iter().zip(&self.inputs) {
            let what = format!("input `{}`", port.name);
            match (port.visibility, value) {
                (Visibility::Public, InputValue::Public(tensor)) => check_port(&what, program, port, tensor)?,
                (Visibility::Private, InputValue::Private(_)) => {}
                (Visibility::Public, _) => return Err(port_error(what, "public values", "commitments")),
                (Visibility::Private, _) => return Err(port_error(what, "commitments", "public values")),
            }
        }
        for (port, tensor) in program.outputs.iter().zip(&self.outputs) {
            check_port(&format!("output `{}`", port.name), program, port, tensor)?;
        }
        Ok(())
    }
}

fn port_error(what: String, expected: impl ToString, found: impl ToString) -> Error {
    Error::Port { what, expected: expected.to_string(), found: found.to_string() }
}

fn check_port(what: &str, program: &Program, port: &Port, tensor: &Tensor) -> Result<(), Error> {
    match program.nodes.get(port.tensor.index()) {
        Some(node) => check_tensor(what, &node.shape, port.dtype, tensor),
        None => Err(Error::BadKey("a port has no tensor")),
    }
}

/// Checks that a tensor has this shape and type, that its values fit the type, and that its pads are zero.
pub(crate) fn check_tensor(what: &str, shape: &Shape, dtype: DType, tensor: &Tensor) -> Result<(), Error> {
    if *shape != tensor.shape || dtype != tensor.data.dtype() {
        let found = format!("{} {}", tensor.data.dtype(), tensor.shape);
        return Err(port_error(what.into(), format!("{dtype} {shape}"), found));
    }
    Error::check_count(format!("the padded elements of {what}"), tensor.shape.num_padded(), tensor.data.len())?;
    let ((lo, hi), (least, most)) = (dtype.bounds(), tensor.data.min_max());
    if least < lo || most > hi {
        return Err(Error::Value { what: what.into(), value: if least < lo { least } else { most }, lo, hi });
    }
    match stray_pad(tensor) {
        None => Ok(()),
        Some(value) => Err(Error::Value { what: format!("the padding of {what}"), value, lo: 0, hi: 0 }),
    }
}

/// A pad that is not zero: the encoding does not show pads, so they must not vary.
fn stray_pad(tensor: &Tensor) -> Option<i64> {
    if !tensor.shape.has_pads() {
        return None;
    }
    #[allow(clippy::useless_conversion)] // i64 to i64, for one of the types
    let stray = assay_core::with_ints!(&tensor.data, v => {
        let (mut next, mut stray) = (0, None);
        let mut gap = |from: usize, to: usize| {
            let pads = v.get(from..to).unwrap_or_default();
            stray = stray.or_else(|| pads.iter().copied().find(|x| *x != 0).map(i64::from));
        };
        tensor.shape.for_each_row(|_, pad, len| {
            gap(next, pad);
            next = pad.saturating_add(len);
        });
        gap(next, v.len());
        stray
    });
    stray
}

pub(crate) fn write_tensor(out: &mut Writer, tensor: &Tensor) {
    out.u8(tensor.data.dtype().code());
    write_shape(out, &tensor.shape);
    write_values(out, &tensor.shape, &tensor.data);
}

pub(crate) fn read_tensor(reader: &mut Reader<'_>) -> Result<Tensor, assay_core::Error> {
    let code = reader.u8()?;
    let dtype = DType::from_code(code).ok_or_else(|| reader.error(format!("there is no element type {code}")))?;
    let shape = read_shape(reader)?;
    Ok(Tensor { data: read_values(reader, &shape, dtype)?, shape })
}
