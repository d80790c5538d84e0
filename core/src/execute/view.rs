//! Views: gathers through one address table a block.

use super::elementwise::fill;
use super::gather::strides;
use crate::tensor::{DType, Ints, Shape};
use crate::view::View;
use crate::with_ints;

/// What a block contributes to the source offset, as a function of its part of the output index.
struct Addresses {
    /// Source offset, or [`OUTSIDE`].
    table: Vec<i64>,
    /// (stride in the output's flat index, log extent, stride in `table`) of each output axis.
    axes: Vec<(usize, usize, usize)>,
}

/// So negative that no sum with the other blocks' offsets reaches zero.
const OUTSIDE: i64 = i64::MIN / 16;

fn addresses(view: &View, src: &Shape) -> Vec<Addresses> {
    let (src_padded, out_padded) = (src.padded(), view.shape.padded());
    let (src_strides, out_strides) = (strides(&src_padded), strides(&out_padded));
    let block_addresses = |block: &crate::view::Block| {
        let to_source = |mut offset: usize| {
            let mut flat = 0;
            for &axis in block.src_axes.iter().rev() {
                flat += offset % src_padded[axis] * src_strides[axis];
                offset /= src_padded[axis];
            }
            flat as i64
        };
        let table = view.address_table(block, src).into_iter().map(|a| a.map_or(OUTSIDE, to_source)).collect();
        let local = strides(&block.out_axes.iter().map(|&a| out_padded[a]).collect::<Vec<_>>());
        let axes = block.out_axes.iter().zip(local).map(|(&a, stride)| (out_strides[a], out_padded[a], stride)).collect();
        Addresses { table, axes }
    };
    view.blocks.iter().map(block_addresses).collect()
}

pub(super) fn execute(src: &Ints, src_shape: &Shape, view: &View, dtype: DType) -> Ints {
    let blocks = addresses(view, src_shape);
    let row = view.shape.padded().last().copied().unwrap_or(1);
    #[allow(clippy::unnecessary_cast)]
    fill(dtype, view.shape.num_padded(), |start, out| {
        let mut done = 0;
        while done < out.len() {
            let index = start + done;
            let within = index % row;
            let len = (row - within).min(out.len() - done);
            // One block owns the innermost axis; the others add a constant along this row.
            let (mut base, mut inner) = (0i64, None);
            for block in &blocks {
                let position: usize = block.axes.iter().map(|&(stride, extent, local)| index / stride % extent * local).sum();
                match block.axes.iter().find(|a| a.0 == 1 && a.1 > 1) {
                    Some(&(_, _, local)) => inner = Some((&block.table, position, local)),
                    None => base += block.table[position],
                }
            }
            let row_out = &mut out[done..done + len];
            with_ints!(src, v => match inner {
                Some((table, position, local)) => {
                    for (i, o) in row_out.iter_mut().enumerate() {
                        let address = base + table[position + i * local];
                        *o = if address >= 0 { v[address as usize] as i64 } else { view.fill };
                    }
                }
                None => row_out.fill(if base >= 0 { v[base as usize] as i64 } else { view.fill }),
            });
            done += len;
        }
    })
}
