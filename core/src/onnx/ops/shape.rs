//! Operators that move elements: each becomes a list of [`Move`]s.

use super::concat;
use crate::onnx::array::{Data, num_elements, strides_of};
use crate::onnx::call::{Call, axis};
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::onnx::moves::Move;
use crate::onnx::value::{Coded, Dequantized, Value};
use std::rc::Rc;

/// Reshape.
pub(super) fn reshape(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let from = cx.shape(call.operand(0)?);
    let wanted = call.ints_at(1, "shape")?.ok_or_else(|| Fault::invalid("its shape is missing"))?;
    let keep_zero = call.int("allowzero", 0)? != 0;
    let mut shape = vec![];
    let mut open = None;
    for (i, &n) in wanted.iter().enumerate() {
        shape.push(match n {
            0 if !keep_zero => {
                *from.get(i).ok_or_else(|| Fault::invalid(format!("its shape {wanted:?} copies an axis that is not there")))?
            }
            -1 if open.is_none() => {
                open = Some(i);
                1
            }
            n => usize::try_from(n).map_err(|_| Fault::invalid(format!("its shape {wanted:?} is not valid")))?,
        });
    }
    let total = num_elements(&from).or_else(|| from.iter().try_fold(1usize, |a, &n| a.checked_mul(n)));
    let known = shape.iter().try_fold(1usize, |a, &n| a.checked_mul(n));
    let mismatch = || Fault::invalid(format!("it reshapes {from:?} to {wanted:?}"));
    let (total, known) = (total.ok_or_else(mismatch)?, known.ok_or_else(mismatch)?);
    if let Some(i) = open {
        if known == 0 || total % known != 0 {
            return Err(mismatch());
        }
        shape[i] = total / known;
    } else if known != total {
        return Err(mismatch());
    }
    cx.apply(call.operand(0)?, &[Move::Reshape(shape)])
}

/// Flatten.
pub(super) fn flatten(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let from = cx.shape(call.operand(0)?);
    let at = call.int("axis", 1)?;
    let at = if at == from.len() as i64 { from.len() } else { axis(at, from.len())? };
    let shape = vec![from[..at].iter().product(), from[at..].iter().product()];
    cx.apply(call.operand(0)?, &[Move::Reshape(shape)])
}

/// Transpose.
pub(super) fn transpose(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let rank = cx.shape(call.operand(0)?).len();
    let order = match call.ints("perm")? {
        None => (0..rank).rev().collect(),
        Some(perm) => perm.iter().map(|&a| axis(a, rank)).collect::<Result<Vec<_>, _>>()?,
    };
    let mut seen = vec![false; rank];
    order.iter().for_each(|&a| seen[a] = true);
    if order.len() != rank || seen.contains(&false) {
        return Err(Fault::invalid(format!("perm {order:?} is not a permutation of {rank} axes")));
    }
    cx.apply(call.operand(0)?, &[Move::Transpose(order)])
}

/// Squeeze.
pub(super) fn squeeze(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let from = cx.shape(call.operand(0)?);
    let drop = match call.ints_at(1, "axes")? {
        None => (0..from.len()).filter(|&a| from[a] == 1).collect(),
        Some(axes) => axes.iter().map(|&a| axis(a, from.len())).collect::<Result<Vec<_>, _>>()?,
    };
    if drop.iter().any(|&a| from[a] != 1) {
        return Err(Fault::invalid(format!("it squeezes axes {drop:?} of shape {from:?}, which are not all 1")));
    }
    let shape = (0..from.len()).filter(|a| !drop.contains(a)).map(|a| from[a]).collect();
    cx.apply(call.operand(0)?, &[Move::Reshape(shape)])
}

/// Unsqueeze.
pub(super) fn unsqueeze(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let from = cx.shape(call.operand(0)?);
    let axes = call.ints_at(1, "axes")?.ok_or_else(|| Fault::invalid("its axes are missing"))?;
    let rank = from.len() + axes.len();
    if rank > 16 {
        return Err(Fault::invalid(format!("its result would have {rank} axes")));
    }
    let new = axes.iter().map(|&a| axis(a, rank)).collect::<Result<Vec<_>, _>>()?;
    let mut rest = from.iter();
    let shape: Vec<usize> = (0..rank).map(|a| if new.contains(&a) { 1 } else { rest.next().copied().unwrap_or(1) }).collect();
    if rest.next().is_some() {
        return Err(Fault::invalid(format!("its axes {axes:?} repeat")));
    }
    cx.apply(call.operand(0)?, &[Move::Reshape(shape)])
}

/// Slice: operands since operator set 10, attributes before.
pub(super) fn slice(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let mut shape = cx.shape(call.operand(0)?);
    let starts = call.ints_at(1, "starts")?.ok_or_else(|| Fault::invalid("its starts are missing"))?;
    let ends = call.ints_at(2, "ends")?.ok_or_else(|| Fault::invalid("its ends are missing"))?;
    let axes = call.ints_at(3, "axes")?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = call.ints_at(4, "steps")?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(Fault::invalid("its starts, ends, axes and steps differ in length"));
    }
    let mut moves = vec![];
    for i in 0..starts.len() {
        let (at, step) = (axis(axes[i], shape.len())?, steps[i]);
        let extent = shape[at] as i64;
        if step == 0 {
            return Err(Fault::invalid("its step is 0"));
        }
        if extent == 0 {
            continue;
        }
        let from_end = |v: i64| if v < 0 { v.saturating_add(extent) } else { v };
        let (start, end) = if step > 0 {
            (from_end(starts[i]).clamp(0, extent), from_end(ends[i]).clamp(0, extent))
        } else {
            (from_end(starts[i]).clamp(0, extent - 1), from_end(ends[i]).clamp(-1, extent - 1))
        };
        let span = if step > 0 { end - start } else { start - end };
        let len = if span <= 0 { 0 } else { (span - 1) / step.unsigned_abs().min(1 << 40) as i64 + 1 };
        let step = step.clamp(-(1 << 30), 1 << 30);
        moves.push(Move::Slice { axis: at, start, step, len: len as usize });
        shape[at] = len as usize;
    }
    cx.apply(call.operand(0)?, &moves)
}

/// Split.
pub(super) fn split(cx: &mut Context, call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let from = cx.shape(call.operand(0)?);
    let at = axis(call.int("axis", 0)?, from.len())?;
    let outputs = call.node.outputs.len();
    let sizes = match call.ints_at(1, "split")? {
        Some(sizes) => sizes.iter().map(|&s| usize::try_from(s).unwrap_or(usize::MAX)).collect(),
        None => {
            let each = from[at].div_ceil(outputs.max(1));
            let mut left = from[at];
            let take = |_| {
                let size = each.min(left);
                left -= size;
                size
            };
            (0..outputs).map(take).collect::<Vec<_>>()
        }
    };
    let total = sizes.iter().try_fold(0usize, |acc, &n| acc.checked_add(n));
    if sizes.len() != outputs || total != Some(from[at]) {
        return Err(Fault::invalid(format!("it splits an axis of {} into {sizes:?} for {outputs} outputs", from[at])));
    }
    let mut start = 0;
    sizes
        .into_iter()
        .map(|len| {
            let part = Move::Slice { axis: at, start, step: 1, len };
            start += len as i64;
            cx.apply(call.operand(0)?, &[part])
        })
        .collect()
}

/// Expand: numpy's broadcast in both directions.
pub(super) fn expand(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let from = cx.shape(call.operand(0)?);
    let to = call.ints_at(1, "shape")?.ok_or_else(|| Fault::invalid("its shape is missing"))?;
    let to = to.iter().map(|&n| usize::try_from(n)).collect::<Result<Vec<_>, _>>().map_err(|_| Fault::invalid("its shape is negative"))?;
    let shape = crate::onnx::array::broadcast_shape(&from, &to)?;
    cx.apply(call.operand(0)?, &[Move::Broadcast(shape)])
}

/// Gather along an axis with constant indices: slices and their concatenation.
pub(super) fn gather(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let x = call.operand(0)?.clone();
    let from = cx.shape(&x);
    let at = axis(call.int("axis", 0)?, from.len())?;
    let indices = call.array(1, "a list of indices")?.ok_or_else(|| Fault::invalid("its indices are missing"))?;
    let extent = from[at] as i64;
    let list = indices
        .as_ints("indices")?
        .iter()
        .map(|&i| if i < 0 { i.saturating_add(extent) } else { i })
        .map(|i| {
            usize::try_from(i)
                .ok()
                .filter(|i| *i < from[at])
                .ok_or_else(|| Fault::invalid(format!("index {i} leaves its axis of {extent}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut shape = from[..at].to_vec();
    shape.extend(&indices.shape);
    shape.extend(&from[at + 1..]);
    if let Value::Const(c) = &x {
        let total = num_elements(&shape).ok_or_else(|| Fault::invalid("its result is too large"))?;
        let inner = strides_of(&from)[at];
        let block = list.len() * inner;
        let index: Vec<usize> = (0..total).map(|o| o / block * inner * from[at] + list[o % block / inner] * inner + o % inner).collect();
        return Ok(Value::of(c.array.gather(shape, &index)));
    }
    if list.is_empty() || list.len() > 64 {
        return Err(Fault::unsupported("a Gather of more than 64 entries of an activation", "use Slice"));
    }
    let pieces =
        list.iter().map(|&i| cx.apply(&x, &[Move::Slice { axis: at, start: i as i64, step: 1, len: 1 }])).collect::<Result<Vec<_>, _>>()?;
    let joined = concat::join(cx, &pieces, at)?;
    cx.apply(&joined, &[Move::Reshape(shape)])
}

/// DepthToSpace and SpaceToDepth.
pub(super) fn depth_to_space(cx: &mut Context, call: &Call<'_>, back: bool) -> Result<Value, Fault> {
    let from = cx.shape(call.operand(0)?);
    let block = usize::try_from(call.int("blocksize", 0)?).unwrap_or(0);
    let [n, c, h, w] = from[..] else { return Err(Fault::invalid(format!("it needs four axes, found shape {from:?}"))) };
    let area = block.checked_mul(block).filter(|a| *a > 0).ok_or_else(|| Fault::invalid("its block size is not valid"))?;
    let moves = if back {
        if h % block != 0 || w % block != 0 {
            return Err(Fault::invalid(format!("blocks of {block} do not divide {from:?}")));
        }
        vec![
            Move::Reshape(vec![n, c, h / block, block, w / block, block]),
            Move::Transpose(vec![0, 3, 5, 1, 2, 4]),
            Move::Reshape(vec![n, c * area, h / block, w / block]),
        ]
    } else {
        if c % area != 0 {
            return Err(Fault::invalid(format!("blocks of {block} do not divide {from:?}")));
        }
        let depth = c / area;
        let last = Move::Reshape(vec![n, depth, h * block, w * block]);
        match call.text("mode", "DCR")? {
            "DCR" => {
                vec![Move::Reshape(vec![n, block, block, depth, h, w]), Move::Transpose(vec![0, 3, 4, 1, 5, 2]), last]
            }
            _ => vec![Move::Reshape(vec![n, depth, block, block, h, w]), Move::Transpose(vec![0, 1, 4, 2, 5, 3]), last],
        }
    };
    cx.apply(call.operand(0)?, &moves)
}

/// Pad with a constant.
pub(super) fn pad(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    let x = call.operand(0)?.clone();
    let rank = cx.shape(&x).len();
    let mode = call.text("mode", "constant")?;
    if mode != "constant" {
        return Err(Fault::unsupported(format!("padding of mode `{mode}`"), "pad with a constant"));
    }
    let pads = call.ints_at(1, "pads")?.ok_or_else(|| Fault::invalid("its pads are missing"))?;
    let axes = match call.array(3, "a list of axes")? {
        None => (0..rank).collect(),
        Some(list) => list.as_ints("axes")?.iter().map(|&a| axis(a, rank)).collect::<Result<Vec<_>, _>>()?,
    };
    if pads.len() != 2 * axes.len() || pads.iter().any(|p| p.unsigned_abs() > 1 << 30) {
        return Err(Fault::invalid(format!("its pads {pads:?} do not match {} axes", axes.len())));
    }
    let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
    for (i, &a) in axes.iter().enumerate() {
        (before[a], after[a]) = (pads[i], pads[axes.len() + i]);
    }
    let step = Move::Pad { before, after };
    let given = call.array(2, "a padding value")?.filter(|a| a.len() > 0);
    match &x {
        Value::Int(int) => {
            let fill = given.map_or(Ok(0), |a| a.scalar_int("a padding value"))?;
            let shape = step.shape(&cx.shape(&x));
            cx.check_size(&shape)?;
            Ok(Value::Int(cx.move_int(int, &[step], fill)?))
        }
        Value::Coded(coded) => {
            let fill = match given {
                Some(a) => a.scalar_float("a padding value")?,
                None => call.float("value", 0.0)?,
            };
            pad_coded(cx, coded, step, fill)
        }
        Value::Const(c) => {
            let fill = match (&c.array.data, given) {
                (Data::Float(_), Some(a)) => Data::Float(vec![a.scalar_float("a padding value")?]),
                (Data::Float(_), None) => Data::Float(vec![call.float("value", 0.0)?]),
                (Data::Int(_), Some(a)) => Data::Int(vec![a.scalar_int("a padding value")?]),
                (Data::Int(_), None) => Data::Int(vec![0]),
            };
            Ok(Value::of(step.on_array(&c.array, &fill)?))
        }
        _ => Err(Fault::unsupported("padding of floats that are not quantised", "put QuantizeLinear and DequantizeLinear before it")),
    }
}

/// Pads floats: with a code that already means the value, or with a new one.
fn pad_coded(cx: &mut Context, coded: &Coded, step: Move, fill: f32) -> Result<Value, Fault> {
    let shape = step.shape(&cx.shape(&Value::Coded(coded.clone())));
    cx.check_size(&shape)?;
    if let Some(origin) = &coded.origin {
        let exact = fill / origin.params.scale + origin.params.zero as f32;
        let (lo, hi) = origin.int.dtype.bounds();
        let code = exact.round_ties_even() as i64;
        if (lo..=hi).contains(&code) && crate::onnx::quant::dequantize(code, origin.params.zero, origin.params.scale) == fill {
            let int = cx.move_int(&origin.int, &[step], code)?;
            return Ok(Value::Coded(cx.coded(Dequantized { int, params: origin.params })?));
        }
    }
    let codes = cx.codes(coded)?;
    let mut table = coded.table.to_vec();
    table.push(fill);
    let fill_code = coded.lo + coded.table.len() as i64;
    let codes = step.on_tensor(&mut cx.builder, codes, fill_code)?;
    Ok(Value::Coded(Coded::new(codes, coded.lo, Rc::new(table))))
}
