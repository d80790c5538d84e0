//! Contractions: both operands are packed with the summed axes innermost, then multiplied row by row.

use super::elementwise::{fill, widen};
use super::host::convert;
use super::view;
use crate::program::Node;
use crate::tensor::{DType, Ints, Shape};
use crate::view::{Block, View};
use crate::with_ints;
use rayon::prelude::*;

/// An operand of a contraction.
pub struct Operand<'a, T = Ints> {
    /// Its entries.
    pub data: &'a T,
    /// What is known of them.
    pub node: &'a Node,
    /// The label of each axis.
    pub axes: &'a [u8],
}

/// The part that each label plays in a contraction; outputs in their order in the result, summed ones in x's.
pub(super) struct Roles {
    pub batch: Vec<u8>,
    pub rows: Vec<u8>,
    pub cols: Vec<u8>,
    pub summed: Vec<u8>,
}

impl Roles {
    pub(super) fn new(x_axes: &[u8], y_axes: &[u8], out_axes: &[u8]) -> Self {
        let pick = |f: &dyn Fn(&u8) -> bool, from: &[u8]| from.iter().copied().filter(|l| f(l)).collect();
        Roles {
            batch: pick(&|l| x_axes.contains(l) && y_axes.contains(l), out_axes),
            rows: pick(&|l| x_axes.contains(l) && !y_axes.contains(l), out_axes),
            cols: pick(&|l| !x_axes.contains(l), out_axes),
            summed: pick(&|l| !out_axes.contains(l), x_axes),
        }
    }
}

impl<T> Operand<'_, T> {
    /// The positions of the axes of `labels`, in that order.
    pub(super) fn positions(&self, labels: &[u8]) -> Vec<usize> {
        labels.iter().filter_map(|l| self.axes.iter().position(|a| a == l)).collect()
    }

    /// The extents of the axes of `labels`, in that order.
    pub(super) fn extents(&self, labels: &[u8]) -> Vec<usize> {
        self.positions(labels).into_iter().map(|a| self.node.shape.extents()[a]).collect()
    }
}

impl Operand<'_> {
    /// The elements as `[outer labels padded..., inner labels valid...]`, flat.
    fn pack(&self, outer: &[u8], inner: &[u8], dtype: DType) -> Ints {
        let order = self.positions(&[outer, inner].concat());
        let extents: Vec<usize> = order.iter().map(|&a| self.node.shape.extents()[a]).collect();
        let sorted;
        let data = if order.iter().copied().eq(0..order.len()) {
            self.data
        } else {
            sorted = transpose(self.data, &self.node.shape, &order);
            &sorted
        };
        let inner_extents = &extents[outer.len()..];
        let (padded_inner, valid_inner): (usize, usize) =
            (inner_extents.iter().map(|n| n.next_power_of_two()).product(), inner_extents.iter().product());
        if padded_inner == valid_inner {
            return convert(data, dtype);
        }
        let Ok(shape) = Shape::new(inner_extents) else { return convert(data, dtype) };
        let mut offsets = vec![0usize; valid_inner];
        shape.for_each_row(|valid, padded, len| (0..len).for_each(|i| offsets[valid + i] = padded + i));
        let rows = data.len() / padded_inner;
        #[allow(clippy::unnecessary_cast)]
        fill(dtype, rows * valid_inner, |start, out| {
            with_ints!(data, v => for (i, o) in out.iter_mut().enumerate() {
                let at = start + i;
                *o = v[at / valid_inner * padded_inner + offsets[at % valid_inner]] as i64;
            });
        })
    }
}

fn transpose(data: &Ints, shape: &Shape, order: &[usize]) -> Ints {
    let extents: Vec<usize> = order.iter().map(|&a| shape.extents()[a]).collect();
    match Shape::new(extents) {
        Ok(to) => view::execute(
            data,
            shape,
            &View { shape: to, blocks: order.iter().enumerate().map(|(o, &s)| Block::same(s, o)).collect(), fill: 0 },
            data.dtype(),
        ),
        Err(_) => data.clone(),
    }
}

pub(super) fn execute(x: &Operand<'_>, y: &Operand<'_>, out_axes: &[u8], shape: &Shape, dtype: DType) -> Ints {
    let Roles { batch, rows, cols, summed } = Roles::new(x.axes, y.axes, out_axes);
    let padded = |o: &Operand<'_>, labels: &[u8]| o.extents(labels).iter().map(|n| n.next_power_of_two()).product::<usize>();
    let (b, m, n) = (padded(x, &batch), padded(x, &rows), padded(y, &cols));
    let k: usize = x.extents(&summed).iter().product();
    let magnitude = |o: &Operand<'_>| o.node.padded_range.magnitude();
    let small = magnitude(x).max(magnitude(y)) < 1 << 15 && magnitude(x) * magnitude(y) * (k as i128) < 1 << 31;
    let narrow = if small { DType::I16 } else { DType::I64 };
    let (px, py) = (x.pack(&[&batch[..], &rows].concat(), &summed, narrow), y.pack(&[&batch[..], &cols].concat(), &summed, narrow));
    let product = multiply(&px, &py, [b, m, n, k], dtype);
    let order = [&batch[..], &rows, &cols].concat();
    if order == out_axes {
        return product;
    }
    let sources: Vec<usize> = out_axes.iter().filter_map(|l| order.iter().position(|o| o == l)).collect();
    let mut extents = vec![0; order.len()];
    sources.iter().zip(shape.extents()).for_each(|(&s, &n)| extents[s] = n);
    match Shape::new(extents) {
        Ok(from) => transpose(&product, &from, &sources),
        Err(_) => product,
    }
}

/// Rows of x that a task multiplies with each block of y while that is in the cache.
const TILE_ROWS: usize = 16;
/// Entries of such a block.
const BLOCK: usize = 1 << 16;

/// `z[b,m,n] = sum_k x[b,m,k] y[b,n,k]`.
fn multiply(x: &Ints, y: &Ints, [b, m, n, k]: [usize; 4], dtype: DType) -> Ints {
    let mut out = Ints::zeros(dtype, b * m * n);
    // Padded extents are powers of two: no tile reaches into the next matrix.
    let rows = TILE_ROWS.min(m);
    #[allow(clippy::unnecessary_cast)]
    {
        with_ints!(&mut out, z => z.par_chunks_mut(rows * n).enumerate().for_each(|(tile, z)| {
            let first = tile * rows;
            let (xs, ys) = (first * k, first / m * n * k);
            match (x, y) {
                (Ints::I16(x), Ints::I16(y)) => {
                    tile16(&x[xs..xs + rows * k], &y[ys..ys + n * k], k, |row, column, value| z[row * n + column] = value as _);
                }
                (x, y) => {
                    let (mut wide_x, mut wide_y) = (vec![0i64; k], vec![0i64; k]);
                    for (row, z) in z.chunks_mut(n).enumerate() {
                        widen(x, xs + row * k, &mut wide_x);
                        for (j, z) in z.iter_mut().enumerate() {
                            widen(y, ys + j * k, &mut wide_y);
                            *z = wide_x.iter().zip(&wide_y).map(|(a, b)| a * b).sum::<i64>() as _;
                        }
                    }
                }
            }
        }));
    }
    out
}

/// All inner products of rows of x with rows of y: `put(row of x, row of y, product)`.
fn tile16(x: &[i16], y: &[i16], k: usize, mut put: impl FnMut(usize, usize, i32)) {
    let columns = (BLOCK / k).max(1).next_multiple_of(4);
    for (block, y) in y.chunks(columns * k).enumerate() {
        for (row, x) in x.chunks_exact(k).enumerate() {
            let mut column = block * columns;
            let mut fours = y.chunks_exact(4 * k);
            for four in &mut fours {
                for value in dots16(x, four) {
                    put(row, column, value);
                    column += 1;
                }
            }
            for y in fours.remainder().chunks_exact(k) {
                put(row, column, dot16(x, y));
                column += 1;
            }
        }
    }
}

/// Four inner products at once: x is loaded once for all of them.
fn dots16(x: &[i16], y: &[i16]) -> [i32; 4] {
    let k = x.len();
    let [y0, y1, y2, y3] = [0, 1, 2, 3].map(|j| &y[j * k..(j + 1) * k]);
    let mut sums = [0; 4];
    for ((((x, y0), y1), y2), y3) in x.iter().zip(y0).zip(y1).zip(y2).zip(y3) {
        for (sum, y) in sums.iter_mut().zip([y0, y1, y2, y3]) {
            *sum += i32::from(*x) * i32::from(*y);
        }
    }
    sums
}

/// A form that compilers turn into multiply-add instructions.
fn dot16(x: &[i16], y: &[i16]) -> i32 {
    x.iter().zip(y).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_and_blocks_leave_no_product_out() {
        // Several blocks of columns; no multiple of four; a single column.
        for (rows, columns, k) in [(3, 11, BLOCK / 4), (1, 1, 5), (16, 6, 1), (2, 9, BLOCK + 1)] {
            let entry = |i: usize| (i * 2654435761 % 251) as i16 - 125;
            let (x, y): (Vec<i16>, Vec<i16>) = ((0..rows * k).map(entry).collect(), (0..columns * k).map(|i| entry(i + 7)).collect());
            let mut found = vec![None; rows * columns];
            tile16(&x, &y, k, |row, column, value| {
                assert_eq!(found[row * columns + column].replace(value), None);
            });
            let expected = x.chunks(k).flat_map(|x| y.chunks(k).map(|y| Some(dot16(x, y))));
            assert!(found.into_iter().eq(expected), "{rows} x {columns}, {k} each");
        }
    }
}
