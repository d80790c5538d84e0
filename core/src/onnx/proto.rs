//! The messages of an ONNX file, decoded without copies.
//!
//! Only what the importer reads is decoded; everything else is skipped. Field numbers are those of `onnx.proto3`.
//! Nothing here recurses further than the five fixed levels model, graph, node, attribute, tensor, and no allocation
//! exceeds a small multiple of the bytes that caused it.

use super::error::Error;
use super::wire::{Field, Reader};

/// The most bytes of a model.
pub const MAX_MODEL_BYTES: usize = 1 << 30;
/// The most nodes of a graph.
pub const MAX_NODES: usize = 1 << 14;

type Result<T> = std::result::Result<T, Error>;

/// A model file.
#[derive(Debug)]
pub struct Model<'a> {
    /// Operator-set versions by domain.
    pub opsets: Vec<(&'a str, i64)>,
    /// The graph.
    pub graph: Graph<'a>,
}

/// A graph.
#[derive(Debug, Default)]
pub struct Graph<'a> {
    /// Its name.
    pub name: &'a str,
    /// Operations in topological order.
    pub nodes: Vec<Node<'a>>,
    /// Constants.
    pub initializers: Vec<TensorProto<'a>>,
    /// Inputs; may repeat initializers.
    pub inputs: Vec<ValueInfo<'a>>,
    /// Outputs.
    pub outputs: Vec<ValueInfo<'a>>,
}

/// An operation.
#[derive(Debug, Default)]
pub struct Node<'a> {
    /// Names of the operands; empty: absent.
    pub inputs: Vec<&'a str>,
    /// Names of the results.
    pub outputs: Vec<&'a str>,
    /// Its own name, often empty.
    pub name: &'a str,
    /// The operator.
    pub op_type: &'a str,
    /// The operator's domain; empty: ONNX's own.
    pub domain: &'a str,
    /// Attributes.
    pub attributes: Vec<Attribute<'a>>,
}

/// An attribute's value.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum AttributeValue<'a> {
    Float(f32),
    Int(i64),
    Text(&'a [u8]),
    Tensor(TensorProto<'a>),
    Floats(Vec<f32>),
    Ints(Vec<i64>),
    Other,
}

/// A named attribute.
#[derive(Debug)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: AttributeValue<'a>,
}

/// A constant tensor, elements not yet decoded.
#[derive(Debug, Default)]
pub struct TensorProto<'a> {
    /// Its name.
    pub name: &'a str,
    /// Extents.
    pub dims: Vec<i64>,
    /// The code of the element type.
    pub data_type: i64,
    /// Elements as bytes, little-endian.
    pub raw: Option<&'a [u8]>,
    /// Elements of small integer types.
    pub ints: Vec<i64>,
    /// Elements of f32.
    pub floats: Vec<f32>,
    /// Whether the elements lie in another file.
    pub external: bool,
}

/// A declared input or output.
#[derive(Debug, Default)]
pub struct ValueInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// The code of the element type; 0 if not declared.
    pub data_type: i64,
    /// The extents, if declared.
    pub dims: Option<Vec<Dim<'a>>>,
}

/// A declared extent.
#[derive(Debug, Clone)]
pub enum Dim<'a> {
    /// A number.
    Fixed(i64),
    /// A symbol or nothing.
    Symbol(&'a str),
}

/// Decodes a model.
///
/// # Errors
/// [`Error::Encoding`] with the byte offset, or [`Error::Limit`].
pub fn decode(bytes: &[u8]) -> Result<Model<'_>> {
    if bytes.len() > MAX_MODEL_BYTES {
        return Err(Error::limit("the model file", bytes.len(), MAX_MODEL_BYTES));
    }
    let mut r = Reader::new(bytes);
    let (mut opsets, mut graph) = (vec![], None);
    while !r.done() {
        match r.field()? {
            (7, f) => graph = Some(decode_graph(f.message(&r)?)?),
            (8, f) => opsets.push(decode_opset(f.message(&r)?)?),
            (25, _) => return Err(r.error("the model defines its own functions; inline them with `onnx.inliner` first")),
            _ => {}
        }
    }
    let graph = graph.ok_or_else(|| r.error("not an ONNX model: it has no graph"))?;
    Ok(Model { opsets, graph })
}

fn decode_opset(mut r: Reader<'_>) -> Result<(&str, i64)> {
    let (mut domain, mut version) = ("", 0);
    while !r.done() {
        match r.field()? {
            (1, f) => domain = f.text(&r)?,
            (2, f) => version = f.int(&r)?,
            _ => {}
        }
    }
    Ok((domain, version))
}

fn decode_graph(mut r: Reader<'_>) -> Result<Graph<'_>> {
    let mut graph = Graph::default();
    while !r.done() {
        match r.field()? {
            (1, f) => graph.nodes.push(decode_node(f.message(&r)?)?),
            (2, f) => graph.name = f.text(&r)?,
            (5, f) => graph.initializers.push(decode_tensor(f.message(&r)?)?),
            (11, f) => graph.inputs.push(decode_value_info(f.message(&r)?)?),
            (12, f) => graph.outputs.push(decode_value_info(f.message(&r)?)?),
            (15, _) => return Err(r.error("the model has sparse initializers; only dense ones are supported")),
            _ => {}
        }
        let most = [graph.nodes.len(), graph.initializers.len(), graph.inputs.len(), graph.outputs.len()].into_iter().max().unwrap_or(0);
        if most > MAX_NODES {
            return Err(Error::limit("the nodes, initializers, inputs or outputs of the graph", most, MAX_NODES));
        }
    }
    Ok(graph)
}

fn decode_node(mut r: Reader<'_>) -> Result<Node<'_>> {
    let mut node = Node::default();
    while !r.done() {
        match r.field()? {
            (1, f) => node.inputs.push(f.text(&r)?),
            (2, f) => node.outputs.push(f.text(&r)?),
            (3, f) => node.name = f.text(&r)?,
            (4, f) => node.op_type = f.text(&r)?,
            (5, f) => node.attributes.push(decode_attribute(f.message(&r)?)?),
            (7, f) => node.domain = f.text(&r)?,
            _ => {}
        }
    }
    Ok(node)
}

fn decode_attribute(mut r: Reader<'_>) -> Result<Attribute<'_>> {
    let mut name = "";
    let mut value = None;
    let (mut ints, mut floats) = (vec![], vec![]);
    let mut kind = 0;
    while !r.done() {
        match r.field()? {
            (1, f) => name = f.text(&r)?,
            (2, Field::Fixed32(bits)) => value = Some(AttributeValue::Float(f32::from_bits(bits))),
            (3, f) => value = Some(AttributeValue::Int(f.int(&r)?)),
            (4, f) => value = Some(AttributeValue::Text(f.message(&r)?.bytes())),
            (5, f) => value = Some(AttributeValue::Tensor(decode_tensor(f.message(&r)?)?)),
            (7, f) => f.floats_into(&r, &mut floats)?,
            (8, f) => f.ints_into(&r, &mut ints)?,
            (20, f) => kind = f.int(&r)?,
            _ => {}
        }
    }
    // Lists come in pieces and may be empty, and a zero may be left out: then the declared kind tells.
    let value = match (kind, value) {
        (6, _) => AttributeValue::Floats(floats),
        (7, _) => AttributeValue::Ints(ints),
        (_, Some(value)) => value,
        (1, None) => AttributeValue::Float(0.0),
        (2, None) => AttributeValue::Int(0),
        (3, None) => AttributeValue::Text(b""),
        (0, None) if !ints.is_empty() => AttributeValue::Ints(ints),
        (0, None) if !floats.is_empty() => AttributeValue::Floats(floats),
        _ => AttributeValue::Other,
    };
    Ok(Attribute { name, value })
}

fn decode_tensor(mut r: Reader<'_>) -> Result<TensorProto<'_>> {
    let mut tensor = TensorProto::default();
    while !r.done() {
        match r.field()? {
            (1, f) => f.ints_into(&r, &mut tensor.dims)?,
            (2, f) => tensor.data_type = f.int(&r)?,
            (4, f) => f.floats_into(&r, &mut tensor.floats)?,
            (5 | 7 | 11, f) => f.ints_into(&r, &mut tensor.ints)?,
            (8, f) => tensor.name = f.text(&r)?,
            (9, f) => tensor.raw = Some(f.message(&r)?.bytes()),
            (13, _) => tensor.external = true,
            (14, f) => tensor.external |= f.int(&r)? == 1,
            (3, _) => return Err(r.error("a tensor is stored in segments, which ONNX no longer uses")),
            _ => {}
        }
    }
    Ok(tensor)
}

fn decode_value_info(mut r: Reader<'_>) -> Result<ValueInfo<'_>> {
    let mut info = ValueInfo::default();
    while !r.done() {
        match r.field()? {
            (1, f) => info.name = f.text(&r)?,
            (2, f) => {
                let mut kind = f.message(&r)?;
                while !kind.done() {
                    if let (1, f) = kind.field()? {
                        decode_tensor_type(f.message(&kind)?, &mut info)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(info)
}

fn decode_tensor_type<'a>(mut r: Reader<'a>, info: &mut ValueInfo<'a>) -> Result<()> {
    while !r.done() {
        match r.field()? {
            (1, f) => info.data_type = f.int(&r)?,
            (2, f) => {
                let mut shape = f.message(&r)?;
                let mut dims = vec![];
                while !shape.done() {
                    if let (1, f) = shape.field()? {
                        dims.push(decode_dim(f.message(&shape)?)?);
                    }
                }
                info.dims = Some(dims);
            }
            _ => {}
        }
    }
    Ok(())
}

fn decode_dim(mut r: Reader<'_>) -> Result<Dim<'_>> {
    let mut dim = Dim::Symbol("");
    while !r.done() {
        match r.field()? {
            (1, f) => dim = Dim::Fixed(f.int(&r)?),
            (2, f) => dim = Dim::Symbol(f.text(&r)?),
            _ => {}
        }
    }
    Ok(dim)
}
