//! The number-theoretic transform by a tree of divisions, four ways at a time.
//!
//! A node is a polynomial modulo `X^len - t^2`, and its index tells the roots to divide by ([`super::roots`]): all the
//! values of a node meet the same few factors, so that the passes over much memory read no table. The coefficients are in
//! natural order at the top, the values in bit-reversed order at the bottom; the way up is the transpose of
//! the way down and takes bit-reversed order back. Nodes are finished one by one, so that most passes run in a core's cache.
//!
//! The inverse transform is the forward one with the values' indices negated.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use ark_ff::FftField;
use rayon::prelude::*;

use super::{
    butterflies::{self, End, Places},
    field::{Fixed, avx512, fixed_all},
    reversal,
    roots::{Roots, of_node, of_nodes, roots},
};
use crate::portable;

/// Transforms shorter than this have too few values to fill the lanes of the last passes.
pub const SHORTEST: usize = 256;

/// Nodes of at most this length are finished pass by pass: 32 KiB.
const LEAF: usize = 1 << 10;

/// Nodes from this length on have several vectors a quarter; shorter ones are taken eight at a time.
const WIDE_NODE: usize = 256;

/// Elements of each quarter a task handles.
const CHUNK: usize = 1 << 10;

/// Nodes at least this long are cut between cores.
const PARALLEL: usize = 1 << 13;

/// Coefficients to values (or back, `inverse`) over the powers of arkworks' root of unity, natural order in and out.
pub fn transform(values: &mut [Fr], inverse: bool) {
    let len = values.len();
    if len < SHORTEST {
        return portable::ntt::transform(values, inverse);
    }
    assert!(len.is_power_of_two() && len.ilog2() <= Fr::TWO_ADICITY, "a transform of length {len}");
    // SAFETY: an `Ifma` asks for it.
    unsafe {
        let roots = roots(len / 2);
        if inverse {
            let factor = fixed_all(&portable::ntt::inverse_of(len));
            down(values, &roots, End::Scaled(&factor));
        } else {
            down(values, &roots, End::Canonical);
        }
    }
    reversal::reverse_bits(values);
    if inverse {
        values[1..].reverse();
    }
}

avx512! {
    /// Natural order to bit-reversed order.
    pub fn down(values: &mut [Fr], roots: &Roots, end: End<'_>) {
        halve(values);
        for_each_tree(values, |tree, node, _| down_node(tree, node, roots, end));
    }

    /// [`down`], a factor for every value, and up again: nodes are not let go of between.
    pub fn down_and_up(values: &mut [Fr], roots: &Roots, between: impl Fn(&mut [Fr], usize) + Sync) {
        halve(values);
        for_each_tree(values, |tree, node, start| down_and_up_node(tree, node, start, roots, &between));
        halve(values);
    }

    fn down_node(values: &mut [Fr], node: usize, roots: &Roots, end: End<'_>) {
        if values.len() <= LEAF {
            return down_leaf(values, node, roots, end);
        }
        pass::<false>(values, &of_node(roots, node));
        for_each_quarter(values, |quarter, j| down_node(quarter, 4 * node + j, roots, end));
    }

    fn down_and_up_node(values: &mut [Fr], node: usize, start: usize, roots: &Roots, between: &(impl Fn(&mut [Fr], usize) + Sync)) {
        if values.len() <= LEAF {
            down_leaf(values, node, roots, End::Open);
            between(values, start);
            return up_leaf(values, node, roots);
        }
        let factors = of_node(roots, node);
        pass::<false>(values, &factors);
        let len = values.len() / 4;
        for_each_quarter(values, |quarter, j| down_and_up_node(quarter, 4 * node + j, start + j * len, roots, between));
        pass::<true>(values, &factors);
    }

    fn down_leaf(values: &mut [Fr], node: usize, roots: &Roots, end: End<'_>) {
        let mut len = values.len();
        while len >= WIDE_NODE || len == 64 && values.len() < 8 * len {
            level::<false>(values, len, node, roots);
            len /= 4;
        }
        if len == 64 {
            narrow_level::<false, 64>(values, node, roots, End::Open);
        }
        narrow_level::<false, 16>(values, node, roots, End::Open);
        narrow_level::<false, 4>(values, node, roots, end);
    }

    fn up_leaf(values: &mut [Fr], node: usize, roots: &Roots) {
        narrow_level::<true, 4>(values, node, roots, End::Open);
        narrow_level::<true, 16>(values, node, roots, End::Open);
        let mut len = 64;
        if values.len() >= 8 * len {
            narrow_level::<true, 64>(values, node, roots, End::Open);
            len *= 4;
        }
        while len <= values.len() {
            level::<true>(values, len, node, roots);
            len *= 4;
        }
    }

    /// Two levels of all nodes of length `len` below one node, node by node.
    fn level<const UP: bool>(values: &mut [Fr], len: usize, node: usize, roots: &Roots) {
        let count = values.len() / len;
        for (i, values) in values.chunks_exact_mut(len).enumerate() {
            pass::<UP>(values, &of_node(roots, node * count + i));
        }
    }

    /// Two levels of all nodes of length `LEN` below one node, eight nodes at a time.
    fn narrow_level<const UP: bool, const LEN: usize>(values: &mut [Fr], node: usize, roots: &Roots, end: End<'_>) {
        let first = node * (values.len() / LEN) / 8;
        for (i, nodes) in values.chunks_exact_mut(8 * LEN).enumerate() {
            let factors = of_nodes(roots, first + i);
            let start = nodes.as_mut_ptr();
            for offset in 0..LEN / 4 {
                // SAFETY: `7 LEN + 3 (LEN / 4) + offset` is less than the length of the exclusive slice.
                unsafe {
                    let starts = std::array::from_fn(|j| start.add(j * (LEN / 4) + offset));
                    butterfly::<UP>(&Places { starts, step: LEN }, &factors, end);
                }
            }
        }
    }

    /// Two levels of one node.
    fn pass<const UP: bool>(values: &mut [Fr], factors: &[Fixed<Fr>; 3]) {
        let [a, b, c, d] = quarters(values);
        if 4 * a.len() < PARALLEL {
            return stripe::<UP>([a, b, c, d], factors);
        }
        let (low, high) = (a.par_chunks_mut(CHUNK).zip(b.par_chunks_mut(CHUNK)), c.par_chunks_mut(CHUNK).zip(d.par_chunks_mut(CHUNK)));
        low.zip(high).for_each(|((a, b), (c, d))| stripe::<UP>([a, b, c, d], factors));
    }

    fn stripe<const UP: bool>(quarters: [&mut [Fr]; 4], factors: &[Fixed<Fr>; 3]) {
        let len = quarters[0].len();
        assert!(len.is_multiple_of(8) && quarters.iter().all(|quarter| quarter.len() == len));
        let starts = quarters.map(<[Fr]>::as_mut_ptr);
        for i in (0..len).step_by(8) {
            // SAFETY: eight elements from i on lie in each of the exclusive slices.
            unsafe { butterfly::<UP>(&Places { starts: starts.map(|start| start.add(i)), step: 1 }, factors, End::Open) };
        }
    }

    /// # Safety
    /// All places must be readable and writable, by nobody else meanwhile.
    #[inline]
    unsafe fn butterfly<const UP: bool>(places: &Places, factors: &[Fixed<Fr>; 3], end: End<'_>) {
        // SAFETY: the caller's.
        unsafe {
            if UP {
                butterflies::up(places, factors);
            } else {
                butterflies::down(places, factors, end);
            }
        }
    }

    /// The level that is left over where their number is odd, at the top, where the root is 1.
    fn halve(values: &mut [Fr]) {
        if values.len().ilog2().is_multiple_of(2) {
            return;
        }
        let (low, high) = values.split_at_mut(values.len() / 2);
        low.par_chunks_mut(CHUNK).zip(high.par_chunks_mut(CHUNK)).for_each(|(low, high)| {
            for (low, high) in low.as_chunks_mut().0.iter_mut().zip(high.as_chunks_mut().0) {
                butterflies::sum_and_difference(low, high);
            }
        });
    }
}

/// Runs `each(values, node, start)` on the one or two nodes from which on an even number of levels is left.
fn for_each_tree(values: &mut [Fr], each: impl Fn(&mut [Fr], usize, usize) + Sync) {
    if values.len().ilog2().is_multiple_of(2) {
        return each(values, 0, 0);
    }
    let half = values.len() / 2;
    let (low, high) = values.split_at_mut(half);
    rayon::join(|| each(low, 0, 0), || each(high, 1, half));
}

fn for_each_quarter(values: &mut [Fr], each: impl Fn(&mut [Fr], usize) + Sync) {
    let parallel = values.len() >= PARALLEL;
    let quarters = quarters(values);
    if parallel {
        quarters.into_par_iter().enumerate().for_each(|(j, quarter)| each(quarter, j));
    } else {
        quarters.into_iter().enumerate().for_each(|(j, quarter)| each(quarter, j));
    }
}

fn quarters(values: &mut [Fr]) -> [&mut [Fr]; 4] {
    let (low, high) = values.split_at_mut(values.len() / 2);
    let ((a, b), (c, d)) = (low.split_at_mut(low.len() / 2), high.split_at_mut(high.len() / 2));
    [a, b, c, d]
}
