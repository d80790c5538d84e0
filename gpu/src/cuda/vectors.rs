//! Element-wise kernels: tables, scaled sums, folding.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use ark_ff::One;

use super::{
    device::Device,
    launch::{count, elements, launch, sharing},
    memory::{Address, Buffer, Ints, Limbs, Vector, for_widths, limbs},
};

/// Variables of the inner table, whose multiples make up a large eq table; as many as one kernel takes by value.
const EQ_INNER: usize = 10;

/// `scale * eq(point, x)` for all x; point[0] binds the most significant bit of the index.
pub fn eq_table(device: &Device, point: &[Fr], scale: Fr) -> Vector {
    if point.len() <= EQ_INNER {
        return eq_small(device, point, scale);
    }
    let (outer, inner) = point.split_at(point.len() - EQ_INNER);
    let (outer, inner) = (eq_table(device, outer, scale), eq_small(device, inner, Fr::one()));
    outer_product(device, &outer.0, &inner.0, 1 << point.len())
}

fn eq_small(device: &Device, point: &[Fr], scale: Fr) -> Vector {
    let table = Vector::uninitialised(device, 1 << point.len());
    let mut coordinates = [Limbs::default(); EQ_INNER];
    for (slot, coordinate) in coordinates.iter_mut().zip(point) {
        *slot = limbs(coordinate);
    }
    let shape = cudarc::driver::LaunchConfig { shared_mem_bytes: (size_of::<Limbs>() << point.len()) as u32, ..sharing(1) };
    launch!(device, Vectors, "eq_small", shape, table.0.all(), coordinates, limbs(&scale), point.len() as u32);
    table
}

/// `out[i * inner.len() + j] = outer[i] inner[j]`, the first `len` of them; the inner length is a power of two.
pub fn outer_product(device: &Device, outer: &Buffer<Limbs>, inner: &Buffer<Limbs>, len: usize) -> Vector {
    assert!(inner.len().is_power_of_two() && len <= outer.len() * inner.len());
    let out = Vector::uninitialised(device, len);
    let log_inner = inner.len().ilog2();
    launch!(device, Vectors, "outer_product", elements(device, len), out.0.all(), outer.all(), inner.all(), log_inner, count(len));
    out
}

pub fn ints_to_field(device: &Device, ints: &Ints) -> Vector {
    let len = ints.len();
    let out = Vector::uninitialised(device, len);
    if len > 0 {
        let name = for_widths!("ints_to_field")[ints.width()];
        launch!(device, Vectors, name, elements(device, len), out.0.all(), ints.at(0, len), count(len));
    }
    out
}

/// `target[offset + i] += scale * values[i]`.
pub fn add_scaled(device: &Device, target: &mut Vector, offset: usize, values: &Vector, scale: Fr) {
    let len = values.0.len();
    let to = target.0.at(offset, len);
    if len == 0 {
        return;
    }
    let shape = elements(device, len);
    if scale.is_one() {
        launch!(device, Vectors, "add_values", shape, to, values.0.all(), count(len));
    } else {
        launch!(device, Vectors, "add_scaled", shape, to, values.0.all(), limbs(&scale), count(len));
    }
}

/// Columns of one type that a kernel combines in one pass.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Columns {
    ints: [Address; Columns::MOST],
    scales: [Limbs; Columns::MOST],
}

// SAFETY: addresses and numbers, laid out as in C.
unsafe impl cudarc::driver::DeviceRepr for Columns {}

impl Columns {
    const MOST: usize = 4;
}

/// `target[offset + i] = constant + sum_j scale_j ints_j[i]`.
pub fn combine_ints(device: &Device, target: &mut Vector, offset: usize, constant: Fr, terms: &[(&Ints, Fr)]) {
    let Some((first, _)) = terms.first() else { return };
    let len = first.len();
    let to = target.0.at(offset, len);
    if len == 0 {
        return;
    }
    let mut start = 1u32;
    for width in 0..7 {
        let of_width: Vec<_> = terms.iter().filter(|(ints, _)| ints.width() == width).collect();
        for group in of_width.chunks(Columns::MOST) {
            let mut columns = Columns::default();
            for (j, (ints, scale)) in group.iter().enumerate() {
                assert_eq!(ints.len(), len, "columns of different lengths");
                columns.ints[j] = ints.at(0, len);
                columns.scales[j] = limbs(scale);
            }
            let name = for_widths!("combine_ints")[width];
            launch!(device, Vectors, name, elements(device, len), to, columns, group.len() as u32, limbs(&constant), start, count(len));
            start = 0;
        }
    }
}

pub fn fill(device: &Device, target: &mut Vector, offset: usize, len: usize, value: Fr) {
    let to = target.0.at(offset, len);
    if len > 0 {
        launch!(device, Vectors, "fill", elements(device, len), to, limbs(&value), count(len));
    }
}

/// Binds variable 0 to r, in place.
pub fn fold(device: &Device, values: &mut Vector, r: Fr) {
    let len = values.0.len();
    assert!(len.is_multiple_of(2), "folding {len} values");
    fold_pairs(device, values, len / 2, Fr::default(), r);
}

/// [`fold`] of a vector of virtual length `2^log_len` whose tail is `tail`.
pub fn fold_tailed(device: &Device, values: &mut Vector, log_len: usize, tail: Fr, r: Fr) {
    let half = 1 << (log_len - 1);
    assert!(values.0.len() <= 2 * half, "{} values in a vector of {}", values.0.len(), 2 * half);
    fold_pairs(device, values, half, tail, r);
}

fn fold_pairs(device: &Device, values: &mut Vector, half: usize, tail: Fr, r: Fr) {
    let len = values.0.len();
    let (pairs, kept) = (len.saturating_sub(half), len.min(half));
    if kept > 0 {
        let (low, high) = (values.0.at(0, kept), values.0.at(len - pairs, pairs));
        launch!(device, Vectors, "fold", elements(device, kept), low, high, limbs(&tail), limbs(&r), count(pairs), count(kept));
    }
    values.0.truncate(kept);
}

/// [`fold`] of an integer vector.
pub fn fold_ints(device: &Device, ints: &Ints, r: Fr) -> Vector {
    let len = ints.len();
    assert!(len.is_multiple_of(2), "folding {len} integers");
    let half = len / 2;
    let out = Vector::uninitialised(device, half);
    if half > 0 {
        let name = for_widths!("fold_ints")[ints.width()];
        let (low, high) = (ints.at(0, half), ints.at(half, half));
        launch!(device, Vectors, name, elements(device, half), out.0.all(), low, high, limbs(&(Fr::one() - r)), limbs(&r), count(half));
    }
    out
}

/// `values[i] += values[i + n/2]`, dropping the high half.
pub fn sum_halves(device: &Device, values: &mut Vector) {
    let len = values.0.len();
    assert!(len.is_multiple_of(2), "halving {len} values");
    let half = len / 2;
    if half > 0 {
        launch!(device, Vectors, "add_values", elements(device, half), values.0.all(), values.0.at(half, half), count(half));
    }
    values.0.truncate(half);
}

/// The two halves of a vector of virtual length `2^log_len`; either may be physically shorter.
pub fn split(device: &Device, mut values: Vector, log_len: usize) -> (Vector, Vector) {
    let half = 1 << (log_len - 1);
    let len = values.0.len();
    assert!(len <= 2 * half, "a vector longer than its virtual length");
    let kept = len.min(half);
    let high = Vector(values.0.copy(device, kept, len - kept));
    values.0.truncate(kept);
    (values, high)
}
