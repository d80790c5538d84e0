//! Statements as JSON, the same fields as `assay verify --json` prints.

use crate::json::Json;
use assay_core::program::{Port, Visibility};
use assay_core::{Program, Summary, Tensor};
use assay_verifier::wrap::{WrapPort, WrappedStatement};
use assay_verifier::{InputValue, Receipt, WrapKey, WrappedReceipt};

/// The statement of an inner receipt; the program, where it is known to be the statement's, names its tensors.
pub fn inner(receipt: &Receipt, program: Option<&Program>) -> Json {
    let statement = &receipt.statement;
    let input = |(index, value): (usize, &InputValue)| {
        let port = program.and_then(|p| p.inputs.get(index));
        match value {
            InputValue::Public(tensor) => summary(port, tensor),
            InputValue::Private(rows) => Json::Object(vec![
                ("name", port.map(|p| p.name.as_str()).into()),
                ("private", true.into()),
                ("commitments", Json::count(rows.len())),
            ]),
        }
    };
    Json::Object(vec![
        ("program_id", hex(&statement.program_id).into()),
        ("inputs", Json::List(statement.inputs.iter().enumerate().map(input).collect())),
        ("outputs", outputs(&statement.outputs, |index| program.and_then(|p| p.outputs.get(index)))),
        ("context", hex(&statement.context).into()),
        ("reference_string", hex(&receipt.reference).into()),
    ])
}

/// The statement of a wrapped receipt. Public inputs are not in it: their digest is, which whoever has them recomputes.
pub fn wrapped(receipt: &WrappedReceipt, key: Option<&WrapKey>) -> Json {
    let statement = &receipt.statement;
    let inputs = match key {
        Some(key) => Json::List(wrapped_inputs(statement, &key.inputs)),
        None => Json::Null,
    };
    Json::Object(vec![
        ("program_id", hex(&statement.program_id).into()),
        ("inputs", inputs),
        ("input_digest", hex(&statement.input_digest()).into()),
        ("outputs", outputs(&statement.outputs, |index| key.and_then(|k| k.outputs.get(index)).map(|p| &p.port))),
        ("context", hex(&statement.context).into()),
        ("key", hex(&receipt.key).into()),
    ])
}

fn wrapped_inputs(statement: &WrappedStatement, ports: &[WrapPort]) -> Vec<Json> {
    let mut private = statement.private.iter();
    let input = |WrapPort { port, shape }: &WrapPort| {
        let mut fields = vec![
            ("name", port.name.as_str().into()),
            ("dtype", port.dtype.to_string().into()),
            ("shape", Json::List(shape.extents().iter().map(|n| Json::count(*n)).collect())),
        ];
        if port.visibility == Visibility::Private {
            fields.extend([("private", true.into()), ("commitments", Json::count(private.next().map_or(0, Vec::len)))]);
        }
        Json::Object(fields)
    };
    ports.iter().map(input).collect()
}

fn outputs<'p>(tensors: &[Tensor], port: impl Fn(usize) -> Option<&'p Port>) -> Json {
    Json::List(tensors.iter().enumerate().map(|(index, tensor)| summary(port(index), tensor)).collect())
}

fn summary(port: Option<&Port>, tensor: &Tensor) -> Json {
    let sum = Summary::new(port, tensor);
    let mut fields = vec![
        ("name", sum.name.into()),
        ("dtype", sum.dtype.to_string().into()),
        ("shape", Json::List(sum.shape.extents().iter().map(|n| Json::count(*n)).collect())),
        ("values", sum.values.map_or(Json::Null, Json::list)),
    ];
    if let Some(q) = sum.quantization {
        fields.push(("quantization", Json::Object(vec![("scale", q.scale.into()), ("zero_point", q.zero_point.into())])));
    }
    fields.extend(sum.reals.map(|reals| ("reals", Json::list(reals))));
    fields.extend(sum.class.map(|class| ("class", Json::count(class))));
    Json::Object(fields)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
