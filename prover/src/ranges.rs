//! Ranges of addresses, put one after the other, and what lies in them.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use assay_gpu::Backend;
use std::ops::Range;

/// A zero for each address.
pub(crate) fn zeros<B: Backend>(backend: &B, ranges: &[Range<usize>]) -> B::Vector {
    backend.upload_vec(vec![Fr::ZERO; ranges.iter().map(Range::len).sum()])
}

/// The parts of `items` that lie in some ranges: addresses, where they begin when the ranges are put one after the other, item.
pub(crate) fn within<'i, T>(
    ranges: &'i [Range<usize>],
    items: &'i [T],
    extent: impl Fn(&T) -> Range<usize> + Copy + 'i,
) -> impl Iterator<Item = (Range<usize>, usize, &'i T)> {
    let mut done = 0;
    ranges.iter().flat_map(move |range| {
        let at = done;
        done += range.len();
        items.iter().filter_map(move |item| {
            let extent = extent(item);
            let own = extent.start.max(range.start)..extent.end.min(range.end);
            (own.start < own.end).then(|| (own.clone(), at + own.start - range.start, item))
        })
    })
}
