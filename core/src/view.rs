//! Views: index maps from an output tensor to a source tensor, one block of axes at a time.
//!
//! ```text
//! V[out] = X[src]  where, for every block, flat(src axes of the block) = offset + sum_j coef_j out_j
//! V[out] = fill    where a block's address falls outside the source
//! ```
//! Each source axis and each output axis belongs to exactly one block, so the map is separable. Reshape, transpose,
//! slice, stride, flip, pad, window (im2col), shift and broadcast are all of this form.
//!
//! A block is *free* when it only renames bits of the index (identity, permutation, broadcast, power-of-two reshape,
//! aligned slice): a claim on the view is then a claim on the source at a relabelled point. Free blocks carry pads
//! along; every other block reads valid entries for valid outputs only, and its pads are `fill`.

use crate::error::Error;
use crate::tensor::{Shape, log2_ceil};

/// One block of axes of a [`View`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Source axes, outermost first; their valid extents make the block's address space.
    pub src_axes: Vec<usize>,
    /// Output axes; none: the address is `offset` alone.
    pub out_axes: Vec<usize>,
    /// One coefficient for each output axis. Without source axes the address space is the single address 0: all
    /// coefficients 0 mean broadcast, others select where the source shows.
    pub coefs: Vec<i64>,
    /// The address of output index zero.
    pub offset: i64,
    /// Forces pads to `fill`, even where the block could be free.
    pub masked: bool,
}

impl Block {
    /// Output axis `out` is source axis `src`.
    pub fn same(src: usize, out: usize) -> Block {
        Block { src_axes: vec![src], out_axes: vec![out], coefs: vec![1], offset: 0, masked: false }
    }

    /// Output axis `out` repeats the source.
    pub fn broadcast(out: usize) -> Block {
        Block { src_axes: vec![], out_axes: vec![out], coefs: vec![0], offset: 0, masked: false }
    }

    /// Output axis `out` is `src` at `offset + coef * index`.
    pub fn strided(src: usize, out: usize, coef: i64, offset: i64) -> Block {
        Block { src_axes: vec![src], out_axes: vec![out], coefs: vec![coef], offset, masked: false }
    }

    /// Source axis `src` seen through windows: position `out[0]` with `stride`, tap `out[1]` with `dilation`.
    pub fn window(src: usize, out: [usize; 2], stride: i64, dilation: i64, offset: i64) -> Block {
        Block { src_axes: vec![src], out_axes: out.to_vec(), coefs: vec![stride, dilation], offset, masked: false }
    }
}

/// Where one bit of a source index comes from, for a free block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bit {
    /// Variable `bit` (0 = most significant) of output axis `axis`.
    Out {
        /// Output axis.
        axis: usize,
        /// Its variable, most significant first.
        bit: usize,
    },
    /// A constant.
    Fixed(bool),
}

/// The index map of a view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// The shape of the result.
    pub shape: Shape,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// What stands where the source has nothing.
    pub fill: i64,
}

impl View {
    /// Checks that the blocks cover every axis once and that their sizes are sane.
    ///
    /// # Errors
    /// An axis that is missing, repeated or unknown; coefficients or offsets beyond 2^40.
    pub fn check(&self, src: &Shape) -> Result<(), Error> {
        let mut src_seen = vec![false; src.num_axes()];
        let mut out_seen = vec![false; self.shape.num_axes()];
        let mark = |seen: &mut Vec<bool>, axis: usize, side: &str| match seen.get_mut(axis) {
            Some(s) if !*s => {
                *s = true;
                Ok(())
            }
            _ => Err(Error::Invalid(format!("a view names {side} axis {axis} twice, or there is none"))),
        };
        for block in &self.blocks {
            for &a in &block.src_axes {
                mark(&mut src_seen, a, "source")?;
            }
            for &a in &block.out_axes {
                mark(&mut out_seen, a, "output")?;
            }
            let limit = 1i64 << 40;
            if block.coefs.len() != block.out_axes.len() || block.coefs.iter().chain([&block.offset]).any(|c| !(-limit..=limit).contains(c))
            {
                return Err(Error::Invalid("a view has a coefficient or an offset out of range".into()));
            }
        }
        if src_seen.iter().chain(&out_seen).all(|s| *s) { Ok(()) } else { Err(Error::Invalid("a view leaves an axis out".into())) }
    }

    /// The bits of the block's source axes (axis by axis, most significant first) if the block is free.
    pub fn relabel(&self, block: &Block, src: &Shape) -> Option<Vec<Bit>> {
        if block.masked {
            return None;
        }
        if block.src_axes.is_empty() {
            return (block.offset == 0 && block.coefs.iter().all(|c| *c == 0)).then(Vec::new);
        }
        let extents: Vec<usize> = block.src_axes.iter().map(|&a| src.extents()[a]).collect();
        let outs: Vec<usize> = block.out_axes.iter().map(|&a| self.shape.extents()[a]).collect();
        let fixed = |value: usize, bits: usize| (0..bits).rev().map(move |b| Bit::Fixed(value >> b & 1 == 1));
        if outs.is_empty() {
            let mut rest = usize::try_from(block.offset).ok().filter(|o| *o < extents.iter().product())?;
            let mut bits = Vec::new();
            for &n in extents.iter().rev() {
                bits.splice(0..0, fixed(rest % n, log2_ceil(n)));
                rest /= n;
            }
            return Some(bits);
        }
        let tail_is_binary = |e: &[usize]| e[1..].iter().all(|n| n.is_power_of_two());
        let strides = outs.iter().scan(outs.iter().product::<usize>(), |acc, n| {
            *acc /= n;
            Some(*acc as i64)
        });
        if !(block.coefs.iter().copied().eq(strides) && tail_is_binary(&extents) && tail_is_binary(&outs)) {
            return None;
        }
        let vars = |e: &[usize]| e.iter().map(|&n| log2_ceil(n)).sum::<usize>();
        let (src_vars, out_vars) = (vars(&extents), vars(&outs));
        let offset = usize::try_from(block.offset).ok()?;
        let whole = offset == 0 && extents.iter().product::<usize>() == outs.iter().product::<usize>() && src_vars == out_vars;
        let aligned = src_vars >= out_vars
            && offset % (1 << out_vars) == 0
            && offset.checked_add(1 << out_vars).is_some_and(|end| end <= 1 << src_vars)
            && outs.iter().product::<usize>() + offset <= extents.iter().product();
        if !(whole || aligned) {
            return None;
        }
        let high = fixed(offset >> out_vars, src_vars - out_vars);
        let low = block.out_axes.iter().zip(&outs).flat_map(|(&axis, &n)| (0..log2_ceil(n)).map(move |bit| Bit::Out { axis, bit }));
        Some(high.chain(low).collect())
    }

    /// For every padded index of the block's output axes (row-major), the offset of its entry among the block's padded
    /// source axes (row-major over those axes alone), or `None` where the view shows its fill.
    pub fn address_table(&self, block: &Block, src: &Shape) -> Vec<Option<usize>> {
        let out_axes: Vec<(usize, usize)> =
            block.out_axes.iter().map(|&a| (self.shape.extents()[a], self.shape.extents()[a].next_power_of_two())).collect();
        let size: usize = out_axes.iter().map(|a| a.1).product();
        if let Some(bits) = self.relabel(block, src) {
            let bit_of = |index: usize, axis: usize, bit: usize| {
                let mut shift = 0;
                for (&a, &(_, padded)) in block.out_axes.iter().zip(&out_axes).rev() {
                    let vars = padded.trailing_zeros() as usize;
                    if a == axis {
                        return index >> (shift + vars - 1 - bit) & 1;
                    }
                    shift += vars;
                }
                0
            };
            return (0..size)
                .map(|index| {
                    Some(bits.iter().fold(0, |acc, b| match *b {
                        Bit::Fixed(value) => acc << 1 | usize::from(value),
                        Bit::Out { axis, bit } => acc << 1 | bit_of(index, axis, bit),
                    }))
                })
                .collect();
        }
        let extents: Vec<usize> = block.src_axes.iter().map(|&a| src.extents()[a]).collect();
        let total = extents.iter().product::<usize>() as i64;
        (0..size)
            .map(|index| {
                let (mut rest, mut address, mut valid) = (index, block.offset, true);
                for (&(extent, padded), coef) in out_axes.iter().zip(&block.coefs).rev() {
                    valid &= rest % padded < extent;
                    address += (rest % padded) as i64 * coef;
                    rest /= padded;
                }
                if !valid || address < 0 || address >= total {
                    return None;
                }
                let (mut rest, mut offset, mut stride) = (address as usize, 0, 1);
                for &n in extents.iter().rev() {
                    offset += rest % n * stride;
                    rest /= n;
                    stride *= n.next_power_of_two();
                }
                Some(offset)
            })
            .collect()
    }

    /// Whether every block is free: the view costs nothing in a proof.
    pub fn is_free(&self, src: &Shape) -> bool {
        self.blocks.iter().all(|b| self.relabel(b, src).is_some())
    }
}
