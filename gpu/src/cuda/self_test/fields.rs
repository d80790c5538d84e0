//! The modules `vectors` and `ntt`.

use ark_bn254::Fr;

use super::answers::{Answers, elements, integers};
use crate::{Backend, IntSlice};

/// More than one block of threads, and not a multiple of it.
const LEN: usize = 300;

pub fn products<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    let values = backend.upload(&elements(LEN));
    for scale in elements(7) {
        let mut target = backend.upload(&elements(LEN));
        backend.add_scaled(&mut target, 0, &values, scale);
        answers.field(&backend.download(&target));
    }
    answers.field(&[backend.dot(&values, &values)]);
    answers
}

pub fn vectors<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    let r = elements(9)[7];
    let mut values = backend.eq_table(&elements(13)[2..], r);
    answers.field(&backend.download(&values));
    backend.fold(&mut values, r);
    backend.sum_halves(&mut values);
    backend.fill(&mut values, 1, 1, r);
    answers.field(&backend.download(&values));

    let bytes: Vec<i8> = integers(LEN, 8).map(|x| x as i8).collect();
    let words: Vec<i32> = integers(LEN, 32).map(|x| x as i32).collect();
    let wide: Vec<i64> = integers(LEN, 61).collect();
    let ints = [IntSlice::I8(&bytes), IntSlice::I32(&words), IntSlice::I64(&wide)].map(|ints| backend.upload_ints(ints));
    for ints in &ints {
        answers.field(&backend.download(&backend.ints_to_field(ints)));
        answers.field(&backend.download(&backend.fold_ints(ints, r)));
        let mut target = backend.upload(&elements(LEN));
        backend.combine_ints(&mut target, 0, r, &[(ints, -r), (ints, r + r)]);
        answers.field(&backend.download(&target));
    }
    answers
}

pub fn rounds<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    let r = elements(9)[8];
    for degree in 1..=4 {
        let mut factors: Vec<_> = (0..degree).map(|i| backend.upload(&elements(LEN + i)[i..])).collect();
        answers.field(&backend.product_round(&factors.iter().collect::<Vec<_>>(), 9));
        answers.field(&backend.fold_product_round(&mut factors.iter_mut().collect::<Vec<_>>(), 9, r));
        factors.iter().for_each(|factor| answers.field(&backend.download(factor)));
    }
    let bytes: Vec<u8> = integers(256, 8).map(|x| x as u8).collect();
    let (ints, factor) = (backend.upload_ints(IntSlice::U8(&bytes)), backend.upload(&elements(256)));
    answers.field(&backend.product_round_ints(&ints, &factor));
    answers
}

pub fn fractions<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    let all = elements(2 * LEN);
    let (p, q) = backend.fraction_layer(&backend.upload(&all[..LEN]), &backend.upload(&all[LEN..]), 9);
    [&p, &q].into_iter().for_each(|values| answers.field(&backend.download(values)));
    let mut layer = [0, 3, 7, 20].map(|start| backend.upload(&all[start..][..LEN]));
    let (tails, r) = ([all[0], all[9], all[1], all[2]], all[8]);
    let mut eq = backend.eq_table(&all[4..12], all[12]);
    answers.field(&backend.fraction_round(layer.each_ref(), tails, 9, &eq));
    answers.field(&backend.fold_fraction_round(&mut layer, tails, 9, &mut eq, r));
    layer.iter().chain([&eq]).for_each(|values| answers.field(&backend.download(values)));
    answers
}

pub fn weighted<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    let words: Vec<i16> = integers(3 * 1024, 16).map(|x| x as i16).collect();
    let (ints, field) = (backend.upload_ints(IntSlice::I16(&words)), backend.upload(&elements(3 * 1024)));
    let (few, many) = (backend.upload(&elements(3)), backend.upload(&elements(1024)));
    // Along rows, and along columns.
    for weights in [[None, Some(&many)], [Some(&few), None], [Some(&few), Some(&many)]] {
        answers.field(&backend.download(&backend.weigh(&ints, &[3, 1024], &weights)));
        answers.field(&backend.download(&backend.weigh_field(&field, &[3, 1024], &weights)));
    }
    answers
}

pub fn polynomials<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    let coefficients = backend.upload(&elements(LEN));
    let x = elements(8)[7];
    answers.field(&[backend.evaluate(&coefficients, x)]);
    // Few long columns are cut, many short ones are not.
    for power in [20, 2] {
        let (quotient, remainder) = backend.divide(&coefficients, power, x);
        [&quotient, &remainder].into_iter().for_each(|values| answers.field(&backend.download(values)));
    }
    answers
}

pub fn transforms<B: Backend>(backend: &B) -> Answers {
    let mut answers = Answers::default();
    // More than a tile.
    for inverse in [false, true] {
        let mut values = backend.upload(&elements(1 << 11));
        backend.ntt(&mut values, inverse);
        answers.field(&backend.download(&values));
    }
    let a = elements(1 << 8);
    let c: Vec<Fr> = a.iter().map(|x| *x * x).collect();
    let quotient = backend.quotient(backend.upload(&a), backend.upload(&a), backend.upload(&c));
    answers.field(&backend.download(&quotient));
    answers
}
