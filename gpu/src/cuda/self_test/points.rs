//! The modules `digits`, `g1` and `g2`.

use ark_ec::{CurveGroup, PrimeGroup};

use super::answers::{Answers, elements, integers};
use crate::{Backend, IntSlice};

/// Points that meet themselves, their opposites and infinity, and then others.
fn points<P: CurveGroup + PrimeGroup>(len: usize) -> Vec<P::Affine> {
    let g = P::generator();
    let edges = [g, P::zero(), g, -g, g, -g, -g, g + g];
    let others = std::iter::successors(Some(g + g + g), |p| Some(*p + p + g));
    P::normalize_batch(&edges.into_iter().chain(others).take(len).collect::<Vec<_>>())
}

pub fn first<B: Backend>(backend: &B) -> Answers {
    const LEN: usize = 160;
    let mut answers = Answers::default();
    let bases = backend.prepare_bases(&points::<ark_bn254::G1Projective>(LEN));
    answers.point(backend.msm(&bases, 0, &backend.upload(&elements(LEN))));
    // All in the same buckets.
    answers.point(backend.msm(&bases, 1, &backend.upload(&[elements(6)[5]; LEN - 1])));
    let words: Vec<i16> = integers(LEN, 16).map(|x| x as i16).collect();
    answers.point(backend.msm_ints(&bases, 0, &backend.upload_ints(IntSlice::I16(&words)), 0, LEN));
    let bits: Vec<u8> = integers(LEN, 2).map(|x| u8::from(x > 0)).collect();
    answers.point(backend.msm_ints(&bases, 5, &backend.upload_ints(IntSlice::U8(&bits)), 0, LEN - 5));
    answers
}

pub fn second<B: Backend>(backend: &B) -> Answers {
    const LEN: usize = 40;
    let mut answers = Answers::default();
    let bases = backend.prepare_bases_g2(&points::<ark_bn254::G2Projective>(LEN));
    let values = elements(LEN);
    let scalars = backend.classify(&backend.lend(&values));
    // Each scalar once, and then few of them often.
    for distinct in [LEN as u32, 3] {
        let indices: Vec<u32> = (0..LEN as u32).map(|i| (LEN as u32 - 1 - i) % distinct).collect();
        answers.point(backend.msm_g2(&bases, &scalars, &indices));
    }
    answers
}
