//! Products with constant weights: bounds of their sums, and their emission once the multipliers are known.

use super::array::{Array, broadcast_index, broadcast_shape, strided_index, strides_of};
use super::context::Context;
use super::error::Fault;
use super::value::Product;
use crate::program::TensorId;
use crate::tensor::DType;
use std::rc::Rc;

/// Emits `multiplier * (sum + bias) + offset`; one multiplier and offset for all cells, or one for each.
pub(super) fn emit(cx: &mut Context, p: &Product, multipliers: &[i64], offsets: &[i64]) -> Result<TensorId, Fault> {
    let uniform = multipliers.iter().all(|m| *m == multipliers[0]);
    let weights = p.weights.as_ints("weights")?;
    let folded: Vec<i64>;
    let weights = if uniform {
        weights
    } else {
        folded = weights
            .iter()
            .zip(&p.cell_of)
            .map(|(w, &c)| w.checked_mul(multipliers[c]))
            .collect::<Option<_>>()
            .ok_or_else(|| Fault::invalid("a scaled weight exceeds 64 bits"))?;
        &folded
    };
    let w = cx.constant("weights", &p.weights.shape, weights)?;
    let text = |labels: &[u8]| String::from_utf8_lossy(labels).into_owned();
    let spec = format!("{},{}->{}", text(&p.x_axes), text(&p.w_axes), text(&p.out_axes));
    let sum = cx.builder.contract(&spec, p.x, w)?;
    let sum = cx.builder.reshape(sum, &p.shape)?;
    // What is added, over the axes on which it varies.
    let multiplier = Array::ints(shape_for(multipliers, &p.grid), DType::I64, multipliers.to_vec());
    let offset = Array::ints(shape_for(offsets, &p.grid), DType::I64, offsets.to_vec());
    let added = combine(&[&multiplier, &p.bias, &offset], |v| v[0].checked_mul(v[1])?.checked_add(v[2]))?;
    affine_of(cx, sum, if uniform { multipliers[0] } else { 1 }, &added, &p.shape)
}

fn shape_for(values: &[i64], grid: &[usize]) -> Vec<usize> {
    if values.len() == 1 { vec![1; grid.len()] } else { grid.to_vec() }
}

/// `multiplier * x + added`, for an array that broadcasts to the shape.
pub(super) fn affine_of(cx: &mut Context, x: TensorId, multiplier: i64, added: &Array, shape: &[usize]) -> Result<TensorId, Fault> {
    let values = added.as_ints("an offset")?;
    if values.iter().all(|v| *v == values[0]) {
        return Ok(if multiplier == 1 && values[0] == 0 { x } else { cx.builder.linear(&[(x, multiplier)], values[0])? });
    }
    let grid = cx.grid("offsets", added, shape)?;
    Ok(cx.builder.linear(&[(x, multiplier), (grid, 1)], 0)?)
}

/// An elementwise function of broadcast integer arrays.
pub(super) fn combine(arrays: &[&Array], f: impl Fn(&[i64]) -> Option<i64>) -> Result<Array, Fault> {
    let mut shape = vec![];
    for array in arrays {
        shape = broadcast_shape(&shape, &array.shape)?;
    }
    let mut columns = vec![];
    for array in arrays {
        let index = broadcast_index(&array.shape, &shape)?;
        let values = array.as_ints("an operand")?;
        columns.push(index.into_iter().map(|i| values[i]).collect::<Vec<_>>());
    }
    let mut row = vec![0; arrays.len()];
    let values = (0..columns[0].len())
        .map(|i| {
            row.iter_mut().zip(&columns).for_each(|(r, c)| *r = c[i]);
            f(&row)
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Fault::invalid("a scaled bias exceeds 64 bits"))?;
    Ok(Array::ints(shape, DType::I64, values))
}

impl Product {
    /// The bounds of a product over x in `range`, and the cells' order; `bias` covers the zero point's correction.
    pub fn new(
        x: (TensorId, Vec<u8>),
        weights: (Array, Vec<u8>),
        out: (Vec<u8>, Vec<usize>),
        cells: (Vec<usize>, Vec<usize>),
        bias: Array,
        range: (i64, i64),
    ) -> Result<Rc<Product>, Fault> {
        let ((x, x_axes), (weights, w_axes), (out_axes, shape), (cell_of, grid)) = (x, weights, out, cells);
        let count = grid.iter().product::<usize>();
        // Sum over each output's weights: those that agree on the kept axes.
        let strides = strides_of(&weights.shape);
        let kept: Vec<bool> = w_axes.iter().map(|l| out_axes.contains(l)).collect();
        let values = weights.as_ints("weights")?;
        let mut group_stride = vec![0usize; strides.len()];
        let mut groups = 1;
        for axis in (0..strides.len()).rev() {
            if kept[axis] {
                group_stride[axis] = groups;
                groups *= weights.shape[axis];
            }
        }
        let group_of = strided_index(&weights.shape, &group_stride, values.len());
        let mut sums = vec![(0i128, 0i128); groups];
        let mut cell_of_group = vec![0; groups];
        for ((&w, &group), &cell) in values.iter().zip(&group_of).zip(&cell_of) {
            let (a, b) = (i128::from(w) * i128::from(range.0), i128::from(w) * i128::from(range.1));
            sums[group] = (sums[group].0 + a.min(b), sums[group].1 + a.max(b));
            cell_of_group[group] = cell;
        }
        let mut bounds: Vec<Option<(i128, i128)>> = vec![None; count];
        for (sum, &cell) in sums.iter().zip(&cell_of_group) {
            let known = bounds[cell].get_or_insert(*sum);
            *known = (known.0.min(sum.0), known.1.max(sum.1));
        }
        let biases = bias.as_ints("a bias")?;
        let by_cell = broadcast_index(&bias.shape, &grid).ok();
        let hull = (biases.iter().min().copied().unwrap_or(0), biases.iter().max().copied().unwrap_or(0));
        let bounds = bounds
            .into_iter()
            .enumerate()
            .map(|(cell, sum)| {
                let (lo, hi) = by_cell.as_ref().map_or(hull, |index| (biases[index[cell]], biases[index[cell]]));
                let sum = sum.unwrap_or((0, 0));
                let (lo, hi) = (sum.0 + i128::from(lo), sum.1 + i128::from(hi));
                let limit = i128::from(i32::MIN)..=i128::from(i32::MAX);
                if limit.contains(&lo) && limit.contains(&hi) {
                    return Ok((lo as i64, hi as i64));
                }
                Err(Fault::invalid(format!("its sums can reach {lo}..={hi}, beyond the 32 bits in which ONNX Runtime sums")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Rc::new(Product { x, x_axes, weights, w_axes, out_axes, shape, cell_of, grid, bias, bounds }))
    }
}
