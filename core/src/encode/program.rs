//! Programs, with everything but their nodes.

use super::node::{self, UNKNOWN};
use super::values::{read_shape, read_values, write_shape, write_values};
use super::{MAX_NAME, Reader, Writer};
use crate::builder::MAX_TABLE;
use crate::error::Error;
use crate::interval::{Interval, MAX_MAGNITUDE};
use crate::limits;
use crate::program::{Constant, Op, Port, Program, Quantization, Scan, Table, TensorId, Visibility};
use crate::tensor::{DType, Ints, Shape};

const MAGIC: &[u8; 8] = b"ASYPROGR";
const VERSION: u32 = 1;

/// Table entries that inference may look through, all lookups together.
const MAX_IMAGE_WORK: u64 = 1 << 32;

impl Program {
    /// The canonical encoding.
    ///
    /// A program that no [`Builder`](crate::Builder) makes (names beyond [`MAX_NAME`], say) yields bytes that
    /// [`Program::decode`] rejects.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write(&mut out);
        out.finish()
    }

    /// Appends the canonical encoding.
    pub fn write(&self, out: &mut Writer) {
        out.header(MAGIC, VERSION);
        write_body(out, self, true);
    }

    /// The program of an encoding.
    ///
    /// # Errors
    /// [`Error::Encoding`] for bytes that are not the canonical encoding of a program; whatever [`crate::infer`] finds
    /// wrong with a node; a program beyond [`limits`].
    pub fn decode(bytes: &[u8]) -> Result<Program, Error> {
        let mut reader = Reader::new(bytes);
        let program = Program::read(&mut reader)?;
        reader.finish()?;
        Ok(program)
    }

    /// Reads a program; more may follow.
    ///
    /// # Errors
    /// As [`Program::decode`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Program, Error> {
        read(reader, Values::Any)
    }

    /// Reads a program as a verifying key holds it ([`Program::stripped`]); more may follow.
    ///
    /// # Errors
    /// As [`Program::decode`], or constants with values that a key does not hold.
    pub fn read_stripped(reader: &mut Reader<'_>) -> Result<Program, Error> {
        read(reader, Values::Inline)
    }
}

/// Which constants must have values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Any,
    /// Exactly those of [`Constant::is_inline`].
    Inline,
}

fn read(reader: &mut Reader<'_>, values: Values) -> Result<Program, Error> {
    reader.header(MAGIC, VERSION, "a program")?;
    let program = read_body(reader, Level::Outer, values, false)?;
    limits::check_structure(&program)?;
    Ok(program)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Outer,
    Body,
}

fn write_body(out: &mut Writer, program: &Program, outer: bool) {
    out.blob(program.name.as_bytes());
    out.list(program.constants.iter(), write_constant);
    out.list(program.tables.iter(), write_table);
    if outer {
        out.list(program.scans.iter(), |out, scan| {
            out.u64(scan.steps as u64);
            out.list(scan.init.iter(), |out, t| out.u32(t.0));
            out.list(scan.captures.iter(), |out, t| out.u32(t.0));
            write_body(out, &scan.body, false);
        });
    }
    out.list(program.inputs.iter(), |out, port| {
        write_port(out, port);
        out.u8(visibility_code(port.visibility));
    });
    out.list(program.nodes.iter(), |out, n| node::write(out, program, n));
    out.list(program.outputs.iter(), |out, port| {
        write_port(out, port);
        out.u32(port.tensor.0);
    });
}

fn read_body(reader: &mut Reader<'_>, level: Level, values: Values, partial_lookups: bool) -> Result<Program, Error> {
    let mut program = Program { name: reader.text(MAX_NAME)?, ..Program::default() };
    program.constants = reader.list(21, |reader| read_constant(reader, values))?;
    program.tables = reader.list(18, read_table)?;
    limits::check_count("tables", program.tables.len(), limits::MAX_TABLES)?;
    let partial_lookups = partial_lookups || program.constants.iter().any(|c| c.visibility == Visibility::Private);
    if level == Level::Outer {
        program.scans = reader.list(36, |reader| {
            let steps = usize::try_from(reader.u64()?).map_err(|_| reader.error("a scan has too many steps"))?;
            let (init, captures) = (reader.list(4, node::id)?, reader.list(4, node::id)?);
            limits::check_count("tensors in a scan", init.len().max(captures.len()), limits::MAX_CARRIED)?;
            Ok(Scan { steps, init, captures, body: read_body(reader, Level::Body, values, partial_lookups)? })
        })?;
        limits::check_count("scans", program.scans.len(), limits::MAX_SCANS)?;
    }
    program.inputs = reader.list(7, |reader| {
        let mut port = read_port(reader)?;
        port.visibility = visibility(reader)?;
        // A body's inputs are whatever the steps before left: nothing is known of their pads.
        if level == Level::Body && port.visibility == Visibility::Public {
            return Err(reader.error("an input of a scan's body is marked public"));
        }
        Ok(port)
    })?;
    let num_nodes = reader.count(node::LEAST_BYTES)?;
    limits::check_count("nodes", num_nodes, limits::MAX_NODES)?;
    let mut image_work = 0u64;
    for _ in 0..num_nodes {
        let node = node::read(reader, &mut program, partial_lookups)?;
        if let Op::Lookup { table, .. } = node.op {
            image_work += program.tables[table].values.len() as u64;
            if image_work > MAX_IMAGE_WORK {
                return Err(Error::TooLarge {
                    what: "the tables of this program's lookups, counted for each lookup,".into(),
                    elements: image_work,
                });
            }
        }
        program.nodes.push(node);
    }
    if let Some(port) = program.inputs.iter().find(|p| p.tensor == UNKNOWN) {
        return Err(reader.error(format!("input `{}` has no node", port.name)));
    }
    program.outputs = reader.list(10, |reader| {
        let port = read_port(reader)?;
        Ok(Port { tensor: node::id(reader)?, ..port })
    })?;
    if level == Level::Outer && program.outputs.is_empty() {
        return Err(reader.error("the program has no output"));
    }
    for port in &program.outputs {
        let Some(made) = program.nodes.get(port.tensor.index()) else {
            return Err(reader.error(format!("output `{}` has no tensor", port.name)));
        };
        let (lo, hi) = port.dtype.bounds();
        // What a body carries is range-checked at every step instead, and private values may have wider bounds.
        if level == Level::Outer && !partial_lookups && !(Interval { lo, hi }).covers(made.range) {
            let found = format!("{}..={}", made.range.lo, made.range.hi);
            return Err(Error::mismatch(format!("the values of output `{}`", port.name), port.dtype, found));
        }
    }
    for (index, scan) in program.scans.iter().enumerate() {
        let used = program.nodes.iter().any(|n| matches!(n.op, Op::Scan { scan, .. } if scan == index));
        let known = |t: &TensorId| t.index() < program.nodes.len();
        if !used || !scan.init.iter().chain(&scan.captures).all(known) {
            return Err(reader.error(format!("scan {index} is not used, or reads tensors that do not exist")));
        }
    }
    Ok(program)
}

fn write_constant(out: &mut Writer, constant: &Constant) {
    out.blob(constant.name.as_bytes());
    write_shape(out, &constant.shape);
    out.i64(constant.range.lo);
    out.i64(constant.range.hi);
    out.u8(visibility_code(constant.visibility));
    out.flag(constant.parameter);
    out.flag(constant.values.is_some());
    if let Some(values) = &constant.values {
        write_values(out, &constant.shape, values);
    }
}

fn read_constant(reader: &mut Reader<'_>, values: Values) -> Result<Constant, Error> {
    let name = reader.text(MAX_NAME)?;
    let shape = read_shape(reader)?;
    let range = Interval::new(reader.i64()?.into(), reader.i64()?.into()).map_err(|e| e.at(&name))?;
    let (visibility, parameter) = (visibility(reader)?, reader.flag()?);
    let dtype = DType::narrowest(range.lo.min(0), range.hi.max(0));
    let mut constant = Constant { name, shape, range, values: None, visibility, parameter };
    let present = reader.flag()?;
    if values == Values::Inline && present != constant.is_inline() {
        let state = if present { "has values" } else { "has no values" };
        return Err(reader.error(format!("constant `{}` {state}, against the rule for verifying keys", constant.name)));
    }
    if present {
        constant.values = Some(read_values(reader, &constant.shape, dtype).map_err(|e| e.at(&constant.name))?);
    }
    Ok(constant)
}

fn write_table(out: &mut Writer, table: &Table) {
    out.blob(table.name.as_bytes());
    out.i64(table.lo);
    let dtype = table_type(&table.values);
    out.u8(dtype.code());
    out.count(table.values.len());
    let values = Ints::from_i64(dtype, table.values.iter().map(|v| i64::from(*v)));
    if let Ok(shape) = Shape::new([table.values.len()]) {
        write_values(out, &shape, &values);
    }
}

fn read_table(reader: &mut Reader<'_>) -> Result<Table, Error> {
    let (name, lo) = (reader.text(MAX_NAME)?, reader.i64()?);
    let dtype = dtype(reader)?;
    let count = reader.count(dtype.num_bytes())?;
    let hi = i128::from(lo) + count as i128 - 1;
    if count == 0 || count as u64 > MAX_TABLE || i128::from(lo) < -MAX_MAGNITUDE || hi > MAX_MAGNITUDE {
        return Err(reader.error(format!("table `{name}` has {count} entries from {lo}")));
    }
    let values = read_values(reader, &Shape::new([count])?, dtype)?;
    let values: Vec<i32> = (0..count).map(|i| values.get(i) as i32).collect();
    if table_type(&values) != dtype {
        return Err(reader.error(format!("table `{name}` is not encoded in its narrowest type")));
    }
    Ok(Table { name, lo, values })
}

fn table_type(values: &[i32]) -> DType {
    let bound = |v: Option<&i32>| v.map_or(0, |v| i64::from(*v));
    DType::narrowest(bound(values.iter().min()), bound(values.iter().max()))
}

/// Writes a port's name, type and quantization.
pub fn write_port(out: &mut Writer, port: &Port) {
    out.blob(port.name.as_bytes());
    out.u8(port.dtype.code());
    out.flag(port.quantization.is_some());
    if let Some(q) = port.quantization {
        out.u32(q.scale.to_bits());
        out.i64(q.zero_point);
    }
}

/// Reads a public port; which tensor it is, the encoding does not say.
///
/// # Errors
/// Bytes that are not a port's.
pub fn read_port(reader: &mut Reader<'_>) -> Result<Port, Error> {
    let (name, dtype) = (reader.text(MAX_NAME)?, dtype(reader)?);
    let mut quantization = None;
    if reader.flag()? {
        let scale = f32::from_bits(reader.u32()?);
        // Neither NaN nor minus zero, which equal themselves less than they should.
        if !scale.is_finite() || scale == 0.0 && scale.is_sign_negative() {
            return Err(reader.error(format!("the scale of port `{name}` is {scale}")));
        }
        quantization = Some(Quantization { scale, zero_point: reader.i64()? });
    }
    Ok(Port { name, tensor: UNKNOWN, dtype, quantization, visibility: Visibility::Public })
}

fn dtype(reader: &mut Reader<'_>) -> Result<DType, Error> {
    let code = reader.u8()?;
    DType::from_code(code).ok_or_else(|| reader.error(format!("there is no element type {code}")))
}

fn visibility_code(visibility: Visibility) -> u8 {
    match visibility {
        Visibility::Public => 0,
        Visibility::Private => 1,
    }
}

fn visibility(reader: &mut Reader<'_>) -> Result<Visibility, Error> {
    Ok(if reader.flag()? { Visibility::Private } else { Visibility::Public })
}
