//! Sums of row-major tensors over weighted axes, one axis a pass, the one that shrinks the tensor most first.

#![allow(unsafe_code)]

use cudarc::driver::LaunchConfig;

use super::{
    device::Device,
    launch::{blocks, count, elements, grid, launch, sharing},
    memory::{Address, Ints, Vector, for_widths},
    vectors,
};

/// Products that a piece of a sum has at least.
const PIECE: usize = 1 << 8;

/// Pieces that a sum is cut into at most.
const MOST_PIECES: usize = 1 << 8;

/// Rows at least this long get a block each.
const LONG_ROW: usize = 128;

/// Entries on the device, and the kernels for their type.
struct Entries {
    address: Address,
    len: usize,
    columns: &'static str,
    rows: &'static str,
}

impl Entries {
    fn ints(ints: &Ints) -> Self {
        let (len, width) = (ints.len(), ints.width());
        Self { address: ints.at(0, len), len, columns: for_widths!("contract_columns")[width], rows: for_widths!("contract_rows")[width] }
    }

    fn field(values: &Vector) -> Self {
        Self { address: values.0.all(), len: values.0.len(), columns: "contract_columns_field", rows: "contract_rows_field" }
    }
}

/// The sum over the weighted axes of an integer tensor.
pub fn ints(device: &Device, ints: &Ints, dims: &[usize], weights: &[Option<&Vector>]) -> Vector {
    check(ints.len(), dims, weights);
    match largest_weighted(dims, weights) {
        None => vectors::ints_to_field(device, ints),
        Some(axis) => sum_from(device, &Entries::ints(ints), dims, weights, axis),
    }
}

/// The sum over the weighted axes of a field tensor.
pub fn field(device: &Device, values: &Vector, dims: &[usize], weights: &[Option<&Vector>]) -> Vector {
    check(values.0.len(), dims, weights);
    match largest_weighted(dims, weights) {
        None => Vector(values.0.copy(device, 0, values.0.len())),
        Some(axis) => sum_from(device, &Entries::field(values), dims, weights, axis),
    }
}

fn check(len: usize, dims: &[usize], weights: &[Option<&Vector>]) {
    assert_eq!(len, dims.iter().product::<usize>(), "a tensor of shape {dims:?}");
    assert_eq!(dims.len(), weights.len(), "a tensor of shape {dims:?}");
    for (dim, weights) in dims.iter().zip(weights) {
        assert!(weights.is_none_or(|weights| weights.0.len() == *dim), "weights for an axis of length {dim}");
    }
}

fn largest_weighted(dims: &[usize], weights: &[Option<&Vector>]) -> Option<usize> {
    (0..dims.len()).filter(|axis| weights[*axis].is_some()).max_by_key(|axis| dims[*axis])
}

/// Sums over `axis`, then over the other weighted axes.
fn sum_from(device: &Device, entries: &Entries, dims: &[usize], weights: &[Option<&Vector>], axis: usize) -> Vector {
    let inner = dims[axis + 1..].iter().product();
    let (mut dims, mut weights) = (dims.to_vec(), weights.to_vec());
    dims.remove(axis);
    let Some(axis_weights) = weights.remove(axis) else { unreachable!("the axis has weights") };
    let sums = contract(device, entries, axis_weights, dims.iter().product(), inner);
    match largest_weighted(&dims, &weights) {
        None => sums,
        Some(axis) => sum_from(device, &Entries::field(&sums), &dims, &weights, axis),
    }
}

/// `out[o, i] = sum_k weights[k] values[o, k, i]`, with `outputs` pairs (o, i).
fn contract(device: &Device, entries: &Entries, weights: &Vector, outputs: usize, inner: usize) -> Vector {
    let weighted = weights.0.len();
    assert_eq!(entries.len, outputs * weighted);
    if outputs == 0 {
        return Vector::uninitialised(device, 0);
    }
    // Long sums are cut into pieces, as far as there are too few outputs to keep the device busy.
    let by_rows = inner == 1 && weighted >= LONG_ROW && outputs < 1 << 30;
    let busy = if by_rows { outputs } else { blocks(device, outputs) as usize };
    let wanted = (8 * device.multiprocessors() as usize).div_ceil(busy);
    let pieces = wanted.min(weighted / PIECE).clamp(1, MOST_PIECES);
    let piece = weighted.div_ceil(pieces).max(1);
    let out = Vector::uninitialised(device, outputs * pieces);
    let cut = |shape: LaunchConfig| LaunchConfig { grid_dim: (shape.grid_dim.0, pieces as u32, 1), ..shape };
    let (to, from, weights) = (out.0.all(), entries.address, weights.0.all());
    if by_rows {
        launch!(device, Vectors, entries.rows, cut(sharing(count(outputs))), to, from, weights, count(weighted), count(piece));
    } else {
        let shape = cut(grid(blocks(device, outputs)));
        launch!(device, Vectors, entries.columns, shape, to, from, weights, count(weighted), count(inner), count(outputs), count(piece));
    }
    if pieces == 1 {
        return out;
    }
    let sums = Vector::uninitialised(device, outputs);
    launch!(device, Vectors, "sum_splits", elements(device, outputs), sums.0.all(), out.0.all(), pieces as u32, count(outputs));
    sums
}
