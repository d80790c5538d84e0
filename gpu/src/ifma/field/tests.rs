#![allow(unsafe_code)]

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInt, PrimeField};
use rand::{SeedableRng, rngs::StdRng};

use super::{modulus::multiple, *};
use crate::ifma::Ifma;

/// Random elements and the extremes, a multiple of eight of them.
fn samples<F: PrimeField<BigInt = BigInt<4>>>() -> Vec<F> {
    let mut rng = StdRng::seed_from_u64(1);
    let mut values = vec![F::ZERO, F::ONE, -F::ONE, F::from(2), -F::from(2), F::ONE.double().inverse().unwrap_or(F::ONE)];
    // The Montgomery forms 1, p - 1 and the like, not only the elements.
    let unit = F::from(u128::MAX) + F::ONE;
    let unit = (unit * unit).inverse().unwrap_or(F::ONE);
    values.extend([unit, -unit, unit.double(), -unit.double()]);
    values.resize_with(1024, || F::rand(&mut rng));
    values
}

fn eights<F: Copy>(values: &[F]) -> impl Iterator<Item = [F; 8]> + '_ {
    values.as_chunks::<8>().0.iter().copied()
}

avx512! {
    /// `16 a`: makes the next product arkworks'.
    fn sixteenfold<F: Modulus>(a: Lanes<F>) -> Lanes<F> {
        normalise(shift::<F, 4>(a))
    }

    fn check_one<F: Modulus>(a: &[F; 8], b: &[F; 8]) {
        let (x, y) = (load(a), load(b));
        let mut out = [F::ZERO; 8];
        let mut expect = |lanes: Lanes<F>, expected: &dyn Fn(usize) -> F| {
            store(lanes, &mut out);
            for i in 0..8 {
                assert_eq!(out[i].limbs(), expected(i).limbs(), "{:?} and {:?}", a[i], b[i]);
            }
        };
        expect(x, &|i| a[i]);
        expect(canonical(product(&sixteenfold(x), &y)), &|i| a[i] * b[i]);
        expect(canonical(products([&y, &sixteenfold(x)], [&x, &y])[1]), &|i| a[i] * b[i]);
        expect(canonical(squares([&normalise(shift::<F, 2>(x))])[0]), &|i| a[i].square());
        expect(canonical(add(x, y)), &|i| a[i] + b[i]);
        expect(canonical(add(sub(x, y), splat(F::P))), &|i| a[i] - b[i]);
        expect(canonical(add(add(add(x, y), add(x, y)), x)), &|i| (a[i] + b[i]).double() + a[i]);
        expect(subtract_once(normalise(add(x, y))), &|i| a[i] + b[i]);
        expect(canonical_sum(x), &|i| a[i]);
        expect(canonical_sum(add(x, y)), &|i| a[i] + b[i]);
        expect(canonical_sum(add(x, splat(const { multiple(&F::P, 1) }))), &|i| a[i]);
        expect(canonical_sum(add(x, splat(const { multiple(&F::P, 2) }))), &|i| a[i]);
        expect(canonical_sum(add(x, splat(const { multiple(&F::P, 4) }))), &|i| a[i]);
        expect(canonical(reduce(sub(sub(zero(), shift::<F, 1>(x)), shift::<F, 1>(y)))), &|i| -(a[i] + b[i]).double());
        expect(canonical(reduce(add(shift::<F, 2>(x), y))), &|i| a[i].double().double() + b[i]);
        let mut columns = [word(0); 10];
        accumulate(&mut columns, &sixteenfold(x), &y);
        accumulate(&mut columns, &sixteenfold(y), &y);
        expect(canonical(reduce_columns([columns])[0]), &|i| a[i] * b[i] + b[i].square());
        let factors = fixed(canonical(product(&x, &splat([1 << 4, 0, 0, 0, 0]))));
        expect(canonical(wrapped(scaled([&y], [&factors])[0])), &|i| a[i] * b[i]);
        expect(canonical(wrapped(scaled([&y, &x], [&factors, &spread(&factors, 3)])[1])), &|i| a[i] * a[3]);
        for (i, zero) in (0..8).map(|i| (i, zeros(&add(x, splat(F::P))) >> i & 1 == 1)) {
            assert_eq!(zero, a[i] == F::ZERO);
        }
    }
}

fn check<F: Modulus + PrimeField<BigInt = BigInt<4>>>() {
    if Ifma::detect().is_none() {
        eprintln!("skipped: this processor has no AVX-512 IFMA");
        return;
    }
    let values = samples::<F>();
    for shift in [0, 1, 5, 17] {
        let mut others = values.clone();
        others.rotate_left(shift);
        for (a, b) in eights(&values).zip(eights(&others)) {
            // SAFETY: detected above.
            unsafe { check_one(&a, &b) };
        }
    }
}

#[test]
fn scalars_equal_arkworks() {
    check::<Fr>();
}

#[test]
fn coordinates_equal_arkworks() {
    check::<Fq>();
}
