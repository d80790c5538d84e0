//! Field and sumcheck kernels of the portable backend: time an element (or an integer-field product).
//!
//! `RAYON_NUM_THREADS=1 cargo bench -p assay-benches --bench kernels` gives figures per core.

use std::{hint::black_box, time::Duration};

use ark_bn254::Fr;
use ark_ff::UniformRand;
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_gpu::{Backend, IntSlice, Portable, portable::Vector};
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};

const LOG_LEN: usize = 17;
const LEN: usize = 1 << LOG_LEN;
const BACKEND: Portable = Portable;

fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}

fn field(len: usize) -> Vector {
    let mut rng = rng();
    // Squaring a random element is much faster than drawing another one.
    let mut value = Fr::rand(&mut rng);
    let mut values = Vec::with_capacity(len);
    for _ in 0..len {
        value = value * value + Fr::from(5);
        values.push(value);
    }
    BACKEND.upload(&values)
}

fn group<'a>(criterion: &'a mut Criterion, name: &str, elements: usize) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(elements as u64));
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    group
}

/// Times a kernel that works in place: each run gets a copy made outside the clock.
fn in_place<R>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, input: &Vector, kernel: impl Fn(&mut Vector) -> R) {
    group.bench_function(name, |bencher| {
        bencher.iter_batched_ref(|| input.clone(), |values| black_box(kernel(values)), BatchSize::LargeInput);
    });
}

fn vectors(criterion: &mut Criterion) {
    let (a, b) = (field(LEN), field(LEN));
    let r = BACKEND.get(&a, 0);
    let point = BACKEND.download(&BACKEND.slice(&a, 0, LOG_LEN));
    let mut group = group(criterion, "vectors", LEN);
    group.bench_function("eq_table", |bencher| bencher.iter(|| BACKEND.eq_table(&point, r)));
    group.bench_function("dot", |bencher| bencher.iter(|| BACKEND.dot(&a, &b)));
    in_place(&mut group, "fold", &a, |values| BACKEND.fold(values, r));
    in_place(&mut group, "add_scaled", &a, |values| BACKEND.add_scaled(values, 0, &b, r));
    in_place(&mut group, "sum_halves", &a, |values| BACKEND.sum_halves(values));
}

/// Random integers of each width.
fn each_width(len: usize, mut run: impl FnMut(&str, IntSlice<'_>)) {
    let mut rng = rng();
    run("i8", IntSlice::I8(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("u16", IntSlice::U16(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("i32", IntSlice::I32(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("i64", IntSlice::I64(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
}

fn ints(criterion: &mut Criterion) {
    let factor = field(LEN);
    let r = BACKEND.get(&factor, 0);
    let mut group = group(criterion, "ints", LEN);
    each_width(LEN, |width, values| {
        let ints = BACKEND.upload_ints(values);
        group.bench_function(format!("to_field/{width}"), |bencher| bencher.iter(|| BACKEND.ints_to_field(&ints)));
        group.bench_function(format!("fold/{width}"), |bencher| bencher.iter(|| BACKEND.fold_ints(&ints, r)));
        group.bench_function(format!("product_round/{width}"), |bencher| bencher.iter(|| BACKEND.product_round_ints(&ints, &factor)));
    });
}

fn weigh(criterion: &mut Criterion) {
    let elements = 1 << 20;
    let long = field(1 << 10);
    let (short, tiny) = (field(32), field(4));
    let mut group = group(criterion, "weigh", elements);
    each_width(elements, |width, values| {
        let ints = BACKEND.upload_ints(values);
        let mut bench = |name: &str, dims: &[usize], weights: &[Option<&Vector>]| {
            group.bench_function(format!("{name}/{width}"), |bencher| bencher.iter(|| BACKEND.weigh(&ints, dims, weights)));
        };
        bench("leading", &[1024, 1024], &[Some(&long), None]);
        bench("trailing", &[1024, 1024], &[None, Some(&long)]);
        bench("both", &[1024, 1024], &[Some(&long), Some(&long)]);
        bench("middle", &[32, 32, 32, 32], &[None, Some(&short), Some(&short), None]);
        bench("outer_and_last", &[32, 32, 32, 32], &[Some(&short), None, None, Some(&short)]);
        bench("short_trailing", &[1 << 18, 4], &[None, Some(&tiny)]);
        bench("short_leading", &[4, 1 << 18], &[Some(&tiny), None]);
    });
    let values = field(elements);
    for (name, dims, weights) in [
        ("leading/field", [1024, 1024], [Some(&long), None]),
        ("trailing/field", [1024, 1024], [None, Some(&long)]),
        ("short_trailing/field", [1 << 18, 4], [None, Some(&tiny)]),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| BACKEND.weigh_field(&values, &dims, &weights)));
    }
}

fn sumcheck(criterion: &mut Criterion) {
    let factor = field(LEN);
    let r = BACKEND.get(&factor, 0);
    let mut group = group(criterion, "sumcheck", LEN);
    for count in 1..=4 {
        let factors = vec![&factor; count];
        group.bench_function(format!("product_round/{count}"), |bencher| bencher.iter(|| BACKEND.product_round(&factors)));
    }
    for count in 1..=4 {
        group.bench_function(format!("fold_product_round/{count}"), |bencher| {
            bencher.iter_batched_ref(
                || vec![factor.clone(); count],
                |factors| BACKEND.fold_product_round(&mut factors.iter_mut().collect::<Vec<_>>(), r),
                BatchSize::LargeInput,
            );
        });
    }
}

fn fractions(criterion: &mut Criterion) {
    let (p, q, eq) = (field(LEN), field(LEN), field(LEN / 2));
    let lambda = BACKEND.get(&p, 0);
    let mut group = group(criterion, "fractions", LEN);
    group.bench_function("layer", |bencher| bencher.iter(|| BACKEND.fraction_layer(&p, &q, LOG_LEN)));
    group.bench_function("round", |bencher| bencher.iter(|| BACKEND.fraction_round([&p, &p, &q, &q], LOG_LEN, &eq, lambda)));
    in_place(&mut group, "fold_tailed", &q, |values| BACKEND.fold_tailed(values, LOG_LEN, lambda, lambda));
}

fn univariate(criterion: &mut Criterion) {
    let coefficients = field(LEN);
    let x = BACKEND.get(&coefficients, 0);
    let mut group = group(criterion, "univariate", LEN);
    group.bench_function("evaluate", |bencher| bencher.iter(|| BACKEND.evaluate(&coefficients, x)));
    for power in [1, 256, 1 << 10] {
        group.bench_function(format!("divide/{power}"), |bencher| bencher.iter(|| BACKEND.divide(&coefficients, power, x)));
    }
    in_place(&mut group, "ntt", &coefficients, |values| BACKEND.ntt(values, false));
}

criterion_group!(kernels, vectors, ints, weigh, sumcheck, fractions, univariate);
criterion_main!(kernels);
