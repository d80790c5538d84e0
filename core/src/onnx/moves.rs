//! Operators that only move elements, as steps that apply alike to constants and to a program's tensors.

use super::array::{Array, Data, num_elements, strided_index, strides_of};
use super::error::Fault;
use crate::builder::Builder;
use crate::program::TensorId;

/// One step of moving elements about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The same elements, row-major, under another shape.
    Reshape(Vec<usize>),
    /// Axis `i` of the result is axis `order[i]`.
    Transpose(Vec<usize>),
    /// `len` entries of an axis from `start`, `step` apart.
    Slice { axis: usize, start: i64, step: i64, len: usize },
    /// Entries of a fill value around every axis; negative: crops.
    Pad { before: Vec<i64>, after: Vec<i64> },
    /// Repeats axes of extent 1, and leading axes.
    Broadcast(Vec<usize>),
}

impl Move {
    /// The shape of the result; the move has been checked against the operand's shape.
    pub fn shape(&self, from: &[usize]) -> Vec<usize> {
        match self {
            Move::Reshape(shape) | Move::Broadcast(shape) => shape.clone(),
            Move::Transpose(order) => order.iter().map(|&a| from[a]).collect(),
            Move::Slice { axis, len, .. } => {
                let mut shape = from.to_vec();
                shape[*axis] = *len;
                shape
            }
            Move::Pad { before, after } => {
                from.iter().zip(before.iter().zip(after)).map(|(&n, (b, a))| usize::try_from(n as i64 + b + a).unwrap_or(0)).collect()
            }
        }
    }

    /// Applies to a tensor of a program.
    pub fn on_tensor(&self, builder: &mut Builder, x: TensorId, fill: i64) -> Result<TensorId, Fault> {
        Ok(match self {
            Move::Reshape(shape) => builder.reshape(x, shape)?,
            Move::Transpose(order) if order.iter().enumerate().all(|(i, a)| i == *a) => x,
            Move::Transpose(order) => builder.transpose(x, order)?,
            Move::Slice { axis, start, step, len } => {
                let whole = *start == 0 && *step == 1 && builder.shape(x).extents().get(*axis) == Some(len);
                if whole { x } else { builder.slice(x, *axis, *start, *step, *len)? }
            }
            Move::Pad { before, after } => {
                if before.iter().chain(after).all(|n| *n == 0) {
                    x
                } else {
                    builder.pad(x, before, after, fill)?
                }
            }
            Move::Broadcast(shape) => builder.broadcast(x, shape)?,
        })
    }

    /// Applies to a constant.
    pub fn on_array(&self, x: &Array, fill: &Data) -> Result<Array, Fault> {
        let shape = self.shape(&x.shape);
        let total = num_elements(&shape).ok_or_else(|| Fault::invalid(format!("a constant of shape {shape:?} is too large")))?;
        let strides = strides_of(&x.shape);
        Ok(match self {
            Move::Reshape(_) => Array { shape, ..x.clone() },
            Move::Transpose(order) => {
                let strides: Vec<usize> = order.iter().map(|&a| strides[a]).collect();
                let index = strided_index(&shape, &strides, total);
                x.gather(shape, &index)
            }
            Move::Slice { axis, start, step, .. } => {
                let mut at = strided_index(&shape, &strides, total);
                let inner = strides[*axis];
                for flat in &mut at {
                    // `flat` counts unit steps of the sliced axis from its first entry.
                    let position = *flat / inner % x.shape[*axis].max(1);
                    let source = *start + position as i64 * step;
                    *flat = *flat - position * inner + usize::try_from(source).unwrap_or(0) * inner;
                }
                x.gather(shape, &at)
            }
            Move::Pad { before, .. } => pad_array(x, shape, before, fill, total),
            Move::Broadcast(to) => x.broadcast(to)?,
        })
    }
}

fn pad_array(x: &Array, shape: Vec<usize>, before: &[i64], fill: &Data, total: usize) -> Array {
    let own = strides_of(&shape);
    let theirs = strides_of(&x.shape);
    let source = |flat: usize| {
        (0..shape.len()).try_fold(0, |acc, a| {
            let at = (flat / own[a] % shape[a]) as i64 - before[a];
            usize::try_from(at).ok().filter(|at| *at < x.shape[a]).map(|at| acc + at * theirs[a])
        })
    };
    let data = match (&x.data, fill) {
        (Data::Float(v), Data::Float(f)) => Data::Float((0..total).map(|i| source(i).map_or(f[0], |s| v[s])).collect()),
        (Data::Int(v), Data::Int(f)) => Data::Int((0..total).map(|i| source(i).map_or(f[0], |s| v[s])).collect()),
        (data, _) => data.clone(),
    };
    Array { shape, element: x.element, data }
}
