//! Concat and QLinearConcat: of integers as they are, of floats as codes of one joint table.

use crate::onnx::array::{Array, Data, Element};
use crate::onnx::call::{Call, axis};
use crate::onnx::context::{Context, MAX_TABLE};
use crate::onnx::error::Fault;
use crate::onnx::qdq;
use crate::onnx::value::{Coded, Dequantized, Int, Value};
use crate::tensor::DType;
use std::rc::Rc;

/// Concat.
pub(super) fn concat(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let parts = (0..call.inputs.len()).map(|i| call.operand(i).cloned()).collect::<Result<Vec<_>, _>>()?;
    let rank = parts.first().map_or(0, |p| cx.shape(p).len());
    let at = axis(call.int("axis", 0)?, rank)?;
    join(cx, &parts, at)
}

/// com.microsoft QLinearConcat.
pub(super) fn qlinear_concat(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let params = call.params(0, 1, None)?;
    let mut parts = vec![];
    for i in (2..call.inputs.len()).step_by(3) {
        let value = match call.operand(i)? {
            Value::Const(c) => Value::Int(cx.int_constant(&c.array)?),
            other => other.clone(),
        };
        let Value::Int(int) = value else { return Err(Fault::invalid("it joins floats")) };
        let own = call.params(i + 1, i + 2, Some(int.dtype))?;
        let floats = cx.dequantize(&int, own)?;
        parts.push(Value::Int(qdq::quantize_value(cx, &floats, params)?));
    }
    let rank = parts.first().map_or(0, |p| cx.shape(p).len());
    let at = axis(call.int("axis", 0)?, rank)?;
    join(cx, &parts, at)
}

/// Joins values along an axis.
pub(super) fn join(cx: &mut Context, parts: &[Value], at: usize) -> Result<Value, Fault> {
    if let [one] = parts {
        return Ok(one.clone());
    }
    let shapes: Vec<Vec<usize>> = parts.iter().map(|p| cx.shape(p)).collect();
    let agree = |s: &Vec<usize>| s.len() == shapes[0].len() && (0..s.len()).all(|i| i == at || s[i] == shapes[0][i]);
    if parts.is_empty() || !shapes.iter().all(agree) {
        return Err(Fault::invalid(format!("it joins shapes {shapes:?} along axis {at}")));
    }
    let mut shape = shapes[0].clone();
    shape[at] = shapes.iter().map(|s| s[at]).sum();
    cx.check_size(&shape)?;
    if parts.iter().all(|p| matches!(p, Value::Const(_))) {
        return join_constants(parts, at, shape);
    }
    if parts.iter().any(|p| matches!(p, Value::Int(_))) {
        return join_ints(cx, parts, at);
    }
    join_floats(cx, parts, at)
}

fn join_constants(parts: &[Value], at: usize, shape: Vec<usize>) -> Result<Value, Fault> {
    let arrays = parts.iter().map(|p| p.constant("a part").map(|c| &c.array)).collect::<Result<Vec<_>, _>>()?;
    let outer: usize = shape[..at].iter().product();
    if arrays.iter().any(|a| a.element != arrays[0].element) {
        return Err(Fault::invalid("it joins tensors of different types"));
    }
    let run = |a: &Array| a.len() / outer.max(1);
    let data = match arrays[0].data {
        Data::Float(_) => {
            let lists = arrays.iter().map(|a| a.as_floats("a part")).collect::<Result<Vec<_>, _>>()?;
            Data::Float(
                (0..outer)
                    .flat_map(|o| lists.iter().zip(&arrays).flat_map(move |(v, a)| &v[o * run(a)..(o + 1) * run(a)]))
                    .copied()
                    .collect(),
            )
        }
        Data::Int(_) => {
            let lists = arrays.iter().map(|a| a.as_ints("a part")).collect::<Result<Vec<_>, _>>()?;
            Data::Int(
                (0..outer)
                    .flat_map(|o| lists.iter().zip(&arrays).flat_map(move |(v, a)| &v[o * run(a)..(o + 1) * run(a)]))
                    .copied()
                    .collect(),
            )
        }
    };
    Ok(Value::of(Array { shape, element: arrays[0].element, data }))
}

fn join_ints(cx: &mut Context, parts: &[Value], at: usize) -> Result<Value, Fault> {
    let mut tensors = vec![];
    let mut dtype: Option<DType> = None;
    for part in parts {
        let int: Int = match part {
            Value::Int(int) => int.clone(),
            Value::Const(c) if matches!(c.array.element, Element::Int(_)) => cx.int_constant(&c.array)?,
            _ => return Err(Fault::invalid("it joins integers and floats")),
        };
        if *dtype.get_or_insert(int.dtype) != int.dtype {
            return Err(Fault::invalid("it joins tensors of different types"));
        }
        tensors.push(cx.force(&int)?);
    }
    let joined = cx.builder.concat(&tensors, at)?;
    Ok(Value::Int(Int::plain(dtype.unwrap_or(DType::U8), joined)))
}

/// Joins floats: codes of one meaning as they are, others moved to disjoint ranges.
fn join_floats(cx: &mut Context, parts: &[Value], at: usize) -> Result<Value, Fault> {
    let coded = parts.iter().map(|p| cx.as_coded(p)).collect::<Result<Vec<_>, _>>()?;
    let origins: Option<Vec<&Dequantized>> = coded.iter().map(|c| c.origin.as_ref()).collect();
    if let Some(origins) = origins
        && origins.iter().all(|o| o.params == origins[0].params && o.int.dtype == origins[0].int.dtype)
    {
        let (dtype, params) = (origins[0].int.dtype, origins[0].params);
        let tensors = origins.iter().map(|o| cx.force(&o.int)).collect::<Result<Vec<_>, _>>()?;
        let int = Int::plain(dtype, cx.builder.concat(&tensors, at)?);
        return Ok(Value::Coded(cx.coded(Dequantized { int, params })?));
    }
    let mut table = vec![];
    let mut tensors = vec![];
    for part in &coded {
        let part = cx.narrow(part)?;
        let codes = cx.codes(&part)?;
        let shift = table.len() as i64 - part.lo;
        tensors.push(if shift == 0 { codes } else { cx.builder.linear(&[(codes, 1)], shift)? });
        table.extend_from_slice(&part.table);
        if table.len() as u64 > MAX_TABLE {
            return Err(Fault::unsupported(
                "a concatenation of this many differently quantised parts",
                "quantise the parts with one scale",
            ));
        }
    }
    let joined = cx.builder.concat(&tensors, at)?;
    Ok(Value::Coded(Coded::new(joined, 0, Rc::new(table))))
}
