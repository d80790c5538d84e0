//! Index maps in the form that a machine with many threads evaluates entry by entry: no tables, a few divisions each.
//!
//! ```text
//! address(index) = base + sum over parts of  sum_places (a / divisor mod extent) stride
//!                  where a = offset + sum_digits (index / stride mod extent) coef
//! ```
//! and no address where a digit is at or beyond its valid extent, or an a outside `0..total`.

use crate::tensor::Shape;
use crate::view::{self, View};

/// Where each entry of a result comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gather {
    /// Entries of the result.
    pub len: usize,
    /// What every address begins with.
    pub base: usize,
    /// At most as many as a tensor has axes; those that only repeat the source are left out.
    pub parts: Vec<Part>,
    /// What stands where there is no address.
    pub fill: i64,
}

/// What some axes of the result contribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How the index is read, one digit for each axis of the result.
    pub digits: Vec<Digit>,
    /// The number that digits of zero make.
    pub offset: i64,
    /// Numbers from here on are outside.
    pub total: usize,
    /// How the number is written as an address, one place for each axis of the source.
    pub places: Vec<Place>,
}

/// One axis of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digit {
    /// What one more of it adds to the index.
    pub stride: usize,
    /// Its padded extent.
    pub extent: usize,
    /// Its valid extent, or the padded one where pads are read.
    pub valid: usize,
    /// What one more of it adds to the number.
    pub coef: i64,
}

/// One axis of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What one more of it adds to the number.
    pub divisor: usize,
    /// Its extent in the number.
    pub extent: usize,
    /// What one more of it adds to the address.
    pub stride: usize,
}

/// Row-major strides.
pub(super) fn strides(extents: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; extents.len()];
    for i in (1..extents.len()).rev() {
        strides[i - 1] = strides[i] * extents[i];
    }
    strides
}

impl Gather {
    /// A view of a tensor of shape `from`.
    pub fn of_view(view: &View, from: &Shape) -> Gather {
        let mut gather = Gather { len: view.shape.num_padded(), base: 0, parts: vec![], fill: view.fill };
        let repeats = |block: &view::Block| block.src_axes.is_empty() && view.relabel(block, from).is_some();
        for block in view.blocks.iter().filter(|block| !repeats(block)) {
            let part = part(view, block, from);
            if !part.digits.is_empty() {
                gather.parts.push(part);
                continue;
            }
            match part.address(0) {
                Some(address) => gather.base += address,
                None => return Gather { parts: vec![part], ..gather },
            }
        }
        gather
    }

    /// Axes put in an order: for each axis of the result its extent and its stride in the source.
    pub(super) fn of_axes(axes: &[(usize, usize)]) -> Gather {
        let extents: Vec<usize> = axes.iter().map(|a| a.0).collect();
        let part = |(&(extent, stride), own): (&(usize, usize), usize)| Part {
            digits: vec![Digit { stride: own, extent, valid: extent, coef: 1 }],
            offset: 0,
            total: extent,
            places: vec![Place { divisor: 1, extent, stride }],
        };
        let parts = axes.iter().zip(strides(&extents)).filter(|(a, _)| a.0 > 1).map(part).collect();
        Gather { len: extents.iter().product(), base: 0, parts, fill: 0 }
    }

    /// Where an entry of the result comes from.
    pub fn address(&self, index: usize) -> Option<usize> {
        self.parts.iter().try_fold(self.base, |sum, part| Some(sum + part.address(index)?))
    }
}

impl Part {
    fn address(&self, index: usize) -> Option<usize> {
        let mut number = self.offset;
        for digit in &self.digits {
            let value = index / digit.stride % digit.extent;
            if value >= digit.valid {
                return None;
            }
            number += value as i64 * digit.coef;
        }
        let number = usize::try_from(number).ok().filter(|n| *n < self.total)?;
        Some(self.places.iter().map(|p| number / p.divisor % p.extent * p.stride).sum())
    }
}

/// One block of a view. A free block reads padded numbers, as renaming bits does; every other one valid numbers.
fn part(view: &View, block: &view::Block, from: &Shape) -> Part {
    let padded = |shape: &Shape, axes: &[usize]| axes.iter().map(|&a| shape.padded()[a]).collect::<Vec<_>>();
    let free = !block.out_axes.is_empty() && view.relabel(block, from).is_some();
    let (index_strides, address_strides) = (strides(&view.shape.padded()), strides(&from.padded()));
    let out_padded = padded(&view.shape, &block.out_axes);
    let coefs = match free {
        true => strides(&out_padded).into_iter().map(|s| s as i64).collect(),
        false => block.coefs.clone(),
    };
    let digits = block.out_axes.iter().zip(&out_padded).zip(coefs).map(|((&a, &extent), coef)| Digit {
        stride: index_strides[a],
        extent,
        valid: if free { extent } else { view.shape.extents()[a] },
        coef,
    });
    let extents = match free {
        true => padded(from, &block.src_axes),
        false => block.src_axes.iter().map(|&a| from.extents()[a]).collect(),
    };
    let places = block.src_axes.iter().zip(&extents).zip(strides(&extents)).map(|((&a, &extent), divisor)| Place {
        divisor,
        extent,
        stride: address_strides[a],
    });
    Part { digits: digits.collect(), offset: block.offset, total: extents.iter().product(), places: places.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{DType, Ints};
    use crate::view::Block;

    fn agrees(from: &[usize], to: &[usize], blocks: Vec<Block>) {
        let (from, shape) = (Shape::new(from).unwrap(), Shape::new(to).unwrap());
        let view = View { shape, blocks, fill: -7 };
        view.check(&from).unwrap();
        let src = Ints::I32((0..from.num_padded() as i32).collect());
        let expected = super::super::view::execute(&src, &from, &view, DType::I32).to_i64();
        let gather = Gather::of_view(&view, &from);
        assert_eq!(gather.len, expected.len());
        assert!(gather.parts.len() <= crate::tensor::MAX_AXES);
        let found: Vec<i64> = (0..gather.len).map(|i| gather.address(i).map_or(-7, |a| src.get(a))).collect();
        assert_eq!(found, expected, "{view:?} of {from}");
    }

    #[test]
    fn addresses_are_those_of_views() {
        let masked = |block: Block| Block { masked: true, ..block };
        let reshape = |src: &[usize], out: &[usize], coefs: &[i64], offset| Block {
            src_axes: src.to_vec(),
            out_axes: out.to_vec(),
            coefs: coefs.to_vec(),
            offset,
            masked: false,
        };
        agrees(&[3, 5], &[5, 3], vec![Block::same(1, 0), Block::same(0, 1)]);
        agrees(&[3, 5], &[3, 5], vec![Block::same(0, 0), masked(Block::same(1, 1))]);
        agrees(&[6], &[9, 6], vec![Block::broadcast(0), Block::strided(0, 1, -1, 5)]);
        agrees(&[7], &[3, 4], vec![Block::window(0, [0, 1], 2, 1, -1)]);
        agrees(&[3, 4], &[12], vec![reshape(&[0, 1], &[0], &[1], 0)]);
        agrees(&[3, 5], &[15], vec![reshape(&[0, 1], &[0], &[1], 0)]);
        agrees(&[15], &[3, 5], vec![reshape(&[0], &[0, 1], &[5, 1], 0)]);
        agrees(&[3, 4, 2], &[3, 8], vec![Block::same(0, 0), reshape(&[1, 2], &[1], &[1], 0)]);
        agrees(&[8], &[4], vec![Block::strided(0, 0, 1, 4)]);
        agrees(&[8, 3], &[3], vec![reshape(&[0], &[], &[], 5), Block::same(1, 0)]);
        agrees(&[6, 3], &[3], vec![reshape(&[0], &[], &[], 6), Block::same(1, 0)]);
        agrees(&[3], &[4, 3], vec![reshape(&[], &[0], &[1], -2), Block::same(0, 1)]);
        agrees(&[1], &[5], vec![reshape(&[0], &[], &[], 0), Block::broadcast(0)]);
        agrees(&[], &[2, 3], vec![Block::broadcast(0), Block::broadcast(1)]);
        agrees(&[2, 3], &[], vec![reshape(&[0, 1], &[], &[], 4)]);
    }

    #[test]
    fn axes_are_put_in_order() {
        // A 4 x 4 matrix with 3 valid columns, transposed.
        let gather = Gather::of_axes(&[(3, 1), (1, 16), (4, 4)]);
        let addresses: Vec<Option<usize>> = (0..gather.len).map(|i| gather.address(i)).collect();
        let expected = (0..3).flat_map(|column| (0..4).map(move |row| Some(4 * row + column)));
        assert!(addresses.into_iter().eq(expected));
    }
}
