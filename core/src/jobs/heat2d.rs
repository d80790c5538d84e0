//! The two-dimensional heat equation, by explicit finite differences in fixed point.

use crate::builder::Builder;
use crate::error::Error;
use crate::program::{Program, Rounding};
use crate::tensor::DType;
use crate::view::Block;

/// `steps` steps of the five-point stencil on an h x w grid of int16 temperatures, zero outside the grid.
///
/// ```text
/// u'[y, x] = floor((16 u + 3 (u_north + u_south + u_west + u_east - 4 u) + 8) / 16)
/// ```
/// That is a diffusion number of 3/16, below the limit of stability of 1/4: every new value is a rounded convex combination
/// of old ones and zero, so no value can leave int16.
///
/// # Errors
/// Extents that are too large.
pub fn heat2d(h: usize, w: usize, steps: usize) -> Result<Program, Error> {
    let mut p = Builder::new(&format!("heat2d:{h}x{w}x{steps}"));
    let start = p.input("u", DType::I16, &[h, w])?;
    let all = p.scan(steps, &[(start, DType::I16)], &[], |b, carried| {
        let u = carried[0];
        let mut shifted = |axis: usize, by: i64| {
            let blocks = (0..2).map(|a| if a == axis { Block::strided(a, a, 1, by) } else { Block::same(a, a) }).collect();
            b.view(u, &[h, w], blocks, 0)
        };
        let (north, south, west, east) = (shifted(0, -1)?, shifted(0, 1)?, shifted(1, -1)?, shifted(1, 1)?);
        let sum = b.linear(&[(u, 4), (north, 3), (south, 3), (west, 3), (east, 3)], 0)?;
        Ok(vec![b.round_shift(sum, 4, Rounding::HalfUp)?])
    })?;
    let last = p.slice(all[0], 0, steps as i64 - 1, 1, 1)?;
    let last = p.reshape(last, &[h, w])?;
    p.output("u", last, DType::I16)?;
    p.finish()
}
