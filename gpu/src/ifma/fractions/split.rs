//! The first round of a layer, which splits it into its halves.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

use super::{
    super::{
        field::{add, avx512, canonical_sum, factor, load, pairs, products, write_within},
        fresh::fresh,
        halves::{PIECE, PIECES_A_TASK},
    },
    copied, piece,
    rounds::{Sums, round_range},
};
use crate::portable::{fractions, parallel, vectors};

/// The halves `[p0, p1 + shift q1, q0, q1]` of a layer of 2^log_len fractions, and their [`super::round`].
pub fn split_round([mut p, mut q]: [Vec<Fr>; 2], log_len: usize, shift: Fr, eq: &[Fr]) -> ([Vec<Fr>; 4], [Fr; 2]) {
    let (half, quarter) = (1 << (log_len - 1), 1 << (log_len - 2));
    let (len, kept) = (q.len(), q.len().min(half));
    assert!(p.len() == len && len <= 2 * half, "{} and {len} fractions in a layer of {}", p.len(), 2 * half);
    assert_eq!(eq.len(), quarter);
    let tails = [Fr::zero(), shift, Fr::one(), Fr::one()];
    if quarter < 8 {
        let (mut p1, q1) = (p.split_off(kept), q.split_off(kept));
        vectors::add_multiples(&mut p1, &q1, &shift);
        let round = fractions::round([&p, &p1, &q, &q1], tails, log_len - 1, eq);
        return ([p, p1, q, q1], round);
    }
    let end = kept.next_multiple_of(8).min(quarter);
    let mut tasks = Vec::from_iter((0..end.div_ceil(PIECE)).map(|_| <[&mut [MaybeUninit<Fr>]; 4]>::default()));
    let (mut p1, mut q1) = (fresh(len - kept), fresh(len - kept));
    let halves = [&mut p1, &mut q1].map(|vector| vector.spare_capacity_mut()[..len - kept].split_at_mut(quarter.min(len - kept)));
    let [(p_low, p_high), (q_low, q_high)] = halves;
    for (task, places) in tasks.iter_mut().zip(parallel::cut([p_low, p_high, q_low, q_high], PIECE)) {
        *task = places;
    }
    let part = |(k, places): (usize, _)| {
        let eq = &eq[k * PIECE..end.min((k + 1) * PIECE)];
        // SAFETY: an `Ifma` exists, so the processor has the instructions.
        unsafe { split_round_range([&p, &q], half, k * PIECE, places, &tails, eq) }
    };
    let sums = tasks.into_par_iter().enumerate().with_min_len(PIECES_A_TASK).map(part).reduce(Sums::default, Sums::merged);
    // SAFETY: the tasks' places are all there are, and each task has written its own.
    unsafe {
        p1.set_len(len - kept);
        q1.set_len(len - kept);
    }
    p.truncate(half);
    q.truncate(half);
    ([p, p1, q, q1], sums.finish(tails, &eq[end..]))
}

avx512! {
    /// [`round_range`] of a piece that begins at `start`, once p1 and q1 are written to their places: p's in the lower and in
    /// the upper half of the array, then q's. `layer` is p and q of the layer, whose upper half begins at `half`.
    fn split_round_range(
        layer: [&[Fr]; 2], half: usize, start: usize, places: [&mut [MaybeUninit<Fr>]; 4], tails: &[Fr; 4], eq: &[Fr],
    ) -> Sums {
        let [p0, q0] = layer.map(|values| &values[..values.len().min(half)]);
        let [p1, q1] = layer.map(|values| values.get(half..).unwrap_or_default());
        let [p_low, p_high, q_low, q_high] = places;
        let (low, high) = (start, half / 2 + start);
        let [p1_low, q1_low] = shifted(piece(p1, low), piece(q1, low), &tails[1], p_low, q_low);
        let [p1_high, q1_high] = shifted(piece(p1, high), piece(q1, high), &tails[1], p_high, q_high);
        let low = [piece(p0, low), p1_low, piece(q0, low), q1_low];
        round_range(low, [piece(p0, high), p1_high, piece(q0, high), q1_high], tails, eq)
    }

    /// Writes `p + shift q` and q to places as many as there are.
    fn shifted<'a>(
        p: &[Fr], q: &[Fr], shift: &Fr, p_places: &'a mut [MaybeUninit<Fr>], q_places: &'a mut [MaybeUninit<Fr>],
    ) -> [&'a [Fr]; 2] {
        let len = p_places.len();
        let (p, q, scale) = (&p[..len], &q[..len], factor(shift));
        let blocks = pairs(p).0.iter().zip(pairs(q).0).zip(p_places.as_chunks_mut::<16>().0);
        for ((p, q), places) in blocks {
            let products = products([&load(&q[0]), &load(&q[1])], [&scale; 2]);
            let (first, second) = places.split_at_mut(8);
            write_within(canonical_sum(add(load(&p[0]), products[0])), first);
            write_within(canonical_sum(add(load(&p[1]), products[1])), second);
        }
        for i in len / 16 * 16..len {
            p_places[i].write(p[i] + *shift * q[i]);
        }
        // SAFETY: all places were written.
        [unsafe { &*(std::ptr::from_ref(p_places) as *const [Fr]) }, copied(q, q_places)]
    }
}
