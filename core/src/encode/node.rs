//! Nodes and views.

use super::{MAX_NAME, Reader, Writer, read_shape, write_shape};
use crate::error::Error;
use crate::infer::{self, Given};
use crate::interval::Interval;
use crate::program::{Node, Op, Program, Rounding, TensorId};
use crate::tensor::MAX_AXES;
use crate::view::{Block, View};

/// The bytes of the shortest node: an empty name, a tag, an operand.
pub(super) const LEAST_BYTES: usize = 9;

const INPUT: u8 = 0;
const CONST: u8 = 1;
const VIEW: u8 = 2;
const LINEAR: u8 = 3;
const CONTRACT: u8 = 4;
const MUL: u8 = 5;
const LOOKUP: u8 = 6;
const ROUND_SHIFT: u8 = 7;
const DIV: u8 = 8;
const REM: u8 = 9;
const CONCAT: u8 = 10;
const SCAN: u8 = 11;

pub(super) fn write(out: &mut Writer, program: &Program, node: &Node) {
    out.blob(node.name.as_bytes());
    let ids = |out: &mut Writer, ids: &[TensorId]| ids.iter().for_each(|t| out.u32(t.0));
    match &node.op {
        Op::Input(index) => {
            out.u8(INPUT);
            out.count(*index);
            write_shape(out, &node.shape);
        }
        Op::Const(index) => {
            out.u8(CONST);
            out.count(*index);
        }
        Op::View { src, view } => {
            out.u8(VIEW);
            out.u32(src.0);
            write_view(out, view);
        }
        Op::Linear { terms, constant } => {
            out.u8(LINEAR);
            out.i64(*constant);
            out.list(terms.iter(), |out, (tensor, coef)| {
                out.u32(tensor.0);
                out.i64(*coef);
            });
        }
        Op::Contract { x, y, x_axes, y_axes, out_axes } => {
            out.u8(CONTRACT);
            ids(out, &[*x, *y]);
            for labels in [x_axes, y_axes, out_axes] {
                out.small(labels.len());
                out.bytes(labels);
            }
            if infer::needs_bounds(program, &node.op) {
                for bound in [node.range.lo, node.range.hi, node.padded_range.lo, node.padded_range.hi] {
                    out.i64(bound);
                }
            }
        }
        Op::Mul { a, b } => {
            out.u8(MUL);
            ids(out, &[*a, *b]);
        }
        Op::Lookup { x, table } => {
            out.u8(LOOKUP);
            out.u32(x.0);
            out.count(*table);
        }
        Op::RoundShift { x, shift, rounding } => {
            out.u8(ROUND_SHIFT);
            out.u32(x.0);
            out.u32(*shift);
            out.u8(match rounding {
                Rounding::Floor => 0,
                Rounding::HalfUp => 1,
                Rounding::HalfEven => 2,
            });
        }
        Op::Div { x, d } => {
            out.u8(DIV);
            ids(out, &[*x, *d]);
        }
        Op::Rem { x, d } => {
            out.u8(REM);
            ids(out, &[*x, *d]);
        }
        Op::Concat { parts, axis } => {
            out.u8(CONCAT);
            out.small(*axis);
            out.list(parts.iter(), |out, t| out.u32(t.0));
        }
        Op::Scan { scan, carry } => {
            out.u8(SCAN);
            out.count(*scan);
            out.count(*carry);
        }
    }
}

/// Reads the next node of `program`, whose nodes so far, constants, tables, scans and input ports are there. The port
/// of an input learns its tensor.
pub(super) fn read(reader: &mut Reader<'_>, program: &mut Program, partial_lookups: bool) -> Result<Node, Error> {
    let name = reader.text(MAX_NAME)?;
    let mut given = Given { contraction: None, partial_lookups };
    let op = match reader.u8()? {
        INPUT => return input(reader, program, name),
        CONST => Op::Const(index(reader)?),
        VIEW => Op::View { src: id(reader)?, view: read_view(reader)? },
        LINEAR => {
            let constant = reader.i64()?;
            Op::Linear { constant, terms: reader.list(12, |r| Ok((id(r)?, r.i64()?)))? }
        }
        CONTRACT => {
            let (x, y) = (id(reader)?, id(reader)?);
            let op = Op::Contract { x, y, x_axes: labels(reader)?, y_axes: labels(reader)?, out_axes: labels(reader)? };
            if infer::needs_bounds(program, &op) {
                let mut interval = || Ok::<_, Error>(Interval { lo: reader.i64()?, hi: reader.i64()? });
                given.contraction = Some([interval()?, interval()?]);
            }
            op
        }
        MUL => Op::Mul { a: id(reader)?, b: id(reader)? },
        LOOKUP => Op::Lookup { x: id(reader)?, table: index(reader)? },
        ROUND_SHIFT => {
            let (x, shift) = (id(reader)?, reader.u32()?);
            let rounding = match reader.u8()? {
                0 => Rounding::Floor,
                1 => Rounding::HalfUp,
                2 => Rounding::HalfEven,
                other => return Err(reader.error(format!("there is no rounding rule {other}"))),
            };
            Op::RoundShift { x, shift, rounding }
        }
        DIV => Op::Div { x: id(reader)?, d: id(reader)? },
        REM => Op::Rem { x: id(reader)?, d: id(reader)? },
        CONCAT => Op::Concat { axis: reader.u8()?.into(), parts: reader.list(4, id)? },
        SCAN => Op::Scan { scan: index(reader)?, carry: index(reader)? },
        other => return Err(reader.error(format!("there is no operation {other}"))),
    };
    infer::node_given(program, op, name.clone(), given).map_err(|e| e.at(&name))
}

fn input(reader: &mut Reader<'_>, program: &mut Program, name: String) -> Result<Node, Error> {
    let (index, shape) = (index(reader)?, read_shape(reader)?);
    let tensor = TensorId(program.nodes.len() as u32);
    let Some(port) = program.inputs.get_mut(index).filter(|p| p.tensor == UNKNOWN) else {
        return Err(reader.error(format!("there is no input {index}, or it stands twice")));
    };
    port.tensor = tensor;
    Ok(infer::input(index, &name, port.dtype, shape, port.visibility))
}

/// The tensor of an input port whose node was not read yet.
pub(super) const UNKNOWN: TensorId = TensorId(u32::MAX);

pub(super) fn id(reader: &mut Reader<'_>) -> Result<TensorId, Error> {
    reader.u32().map(TensorId)
}

fn index(reader: &mut Reader<'_>) -> Result<usize, Error> {
    reader.u32().map(|i| i as usize)
}

/// At most [`MAX_AXES`] bytes.
fn labels(reader: &mut Reader<'_>) -> Result<Vec<u8>, Error> {
    let count = usize::from(reader.u8()?);
    if count > MAX_AXES {
        return Err(Error::TooManyAxes { found: count, most: MAX_AXES });
    }
    Ok(reader.bytes(count)?.to_vec())
}

fn write_view(out: &mut Writer, view: &View) {
    write_shape(out, &view.shape);
    out.i64(view.fill);
    out.small(view.blocks.len());
    for block in &view.blocks {
        for axes in [&block.src_axes, &block.out_axes] {
            out.small(axes.len());
            axes.iter().for_each(|a| out.small(*a));
        }
        block.coefs.iter().for_each(|c| out.i64(*c));
        out.i64(block.offset);
        out.flag(block.masked);
    }
}

fn read_view(reader: &mut Reader<'_>) -> Result<View, Error> {
    let (shape, fill, count) = (read_shape(reader)?, reader.i64()?, reader.u8()?);
    // Every block has an axis on one side at least.
    if usize::from(count) > 2 * MAX_AXES {
        return Err(reader.error(format!("a view has {count} blocks")));
    }
    let mut blocks = Vec::new();
    for _ in 0..count {
        let axes = |reader: &mut Reader<'_>| Ok::<_, Error>(labels(reader)?.into_iter().map(usize::from).collect::<Vec<_>>());
        let (src_axes, out_axes) = (axes(reader)?, axes(reader)?);
        let coefs = out_axes.iter().map(|_| reader.i64()).collect::<Result<_, _>>()?;
        blocks.push(Block { src_axes, out_axes, coefs, offset: reader.i64()?, masked: reader.flag()? });
    }
    Ok(View { shape, blocks, fill })
}
