use ark_bn254::Fr;
use ark_ff::UniformRand;
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_circuits::{Error, Publics, eq};
use assay_core::{DType, Ints};
use assay_verifier::PublicValues;
use assay_verifier::publics::evaluate;

fn point(vars: usize, rng: &mut StdRng) -> Vec<Fr> {
    (0..vars).map(|_| Fr::rand(rng)).collect()
}

#[test]
fn integers_evaluate_as_field_elements_do() {
    let mut rng = StdRng::seed_from_u64(1);
    for dtype in DType::ALL {
        let (lo, hi) = dtype.bounds();
        for vars in [0, 1, 2, 9, 10, 11, 13] {
            let mut values: Vec<i64> = (0..1 << vars).map(|_| rng.gen_range(lo..=hi)).collect();
            values[0] = lo;
            values[(1 << vars) - 1] = hi;
            let point = point(vars, &mut rng);
            let fields: Vec<Fr> = values.iter().map(|v| Fr::from(*v)).collect();
            let want = eq::mle(&fields, &point).unwrap();
            assert_eq!(evaluate(&Ints::from_i64(dtype, values.iter().copied()), &point).unwrap(), want, "{dtype} {vars}");
        }
    }
}

#[test]
fn saturated_blocks_do_not_overflow() {
    let mut rng = StdRng::seed_from_u64(2);
    let point = point(12, &mut rng);
    for dtype in DType::ALL {
        for value in [dtype.bounds().0, dtype.bounds().1] {
            let values = Ints::from_i64(dtype, std::iter::repeat_n(value, 1 << 12));
            assert_eq!(evaluate(&values, &point).unwrap(), Fr::from(value));
        }
    }
}

#[test]
fn missing_constants_count_as_zero() {
    let mut rng = StdRng::seed_from_u64(3);
    let publics = PublicValues { inputs: &[], outputs: &[] };
    for (vars, count) in [(0, 1), (3, 0), (3, 5), (3, 8), (11, 1025), (12, 3000), (12, 4096)] {
        let values: Vec<i64> = (0..count).map(|i| [i64::MIN, i64::MAX, -1, 0, i][i as usize % 5]).collect();
        let point = point(vars, &mut rng);
        let fields = values.iter().map(|v| Fr::from(*v)).collect::<Vec<_>>();
        let want = eq::weigh_constants(fields.into_iter(), &eq::eq_table(&point)).unwrap();
        assert_eq!(publics.constants(&mut values.into_iter(), &point).unwrap(), want, "{vars} {count}");
    }
    let error = publics.constants(&mut vec![1; 9].into_iter(), &point(3, &mut rng));
    assert!(matches!(error, Err(Error::Length { expected: 8, found: 9, .. })));
}

#[test]
fn another_number_of_entries_is_rejected() {
    let mut rng = StdRng::seed_from_u64(4);
    let values = Ints::U8(vec![1; 8]);
    assert!(evaluate(&values, &point(2, &mut rng)).is_err());
    assert!(evaluate(&values, &point(70, &mut rng)).is_err());
    assert!(PublicValues { inputs: &[], outputs: &[] }.input(0, &[]).is_err());
}

/// Prints nanoseconds an element. `cargo test --release -p assay-verifier -- --ignored --nocapture speed`
#[test]
#[ignore = "a measurement"]
fn speed() {
    let mut rng = StdRng::seed_from_u64(5);
    let point = point(22, &mut rng);
    for dtype in DType::ALL {
        let (lo, hi) = dtype.bounds();
        let values = Ints::from_i64(dtype, (0..1 << 22).map(|i: i64| lo + (i * 7919) % (hi - lo)));
        let start = std::time::Instant::now();
        std::hint::black_box(evaluate(&values, &point).unwrap());
        println!("{dtype}: {:.2} ns an element", start.elapsed().as_nanos() as f64 / f64::from(1 << 22));
    }
    let publics = PublicValues { inputs: &[], outputs: &[] };
    let values: Vec<i64> = (0..1 << 22).map(|i| i * 31 % 1000 - 500).collect();
    let start = std::time::Instant::now();
    std::hint::black_box(publics.constants(&mut values.into_iter(), &point).unwrap());
    println!("constants: {:.2} ns an element", start.elapsed().as_nanos() as f64 / f64::from(1 << 22));
}
