//! Field and sumcheck kernels on every backend of this machine: time an element (or an integer-field product).
//!
//! `RAYON_NUM_THREADS=1 cargo bench -p assay-benches --bench kernels` gives figures per core.

mod device;
mod sparse;

use std::{hint::black_box, time::Duration};

use ark_bn254::Fr;
use ark_ff::UniformRand;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_gpu::{Backend, IntSlice, Portable};
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};

/// A backend that says when it is done: a device goes on working after a call has returned.
trait Timed: Backend {
    /// Waits for all that it was asked for.
    fn finish(&self) {}

    /// A result, once it is there.
    fn done<R>(&self, result: R) -> R {
        self.finish();
        result
    }
}

impl Timed for Portable {}

#[cfg(target_arch = "x86_64")]
impl Timed for assay_gpu::Ifma {}

impl Timed for assay_gpu::Cuda {
    fn finish(&self) {
        self.wait();
    }
}

const LOG_LEN: usize = 17;
const LEN: usize = 1 << LOG_LEN;

fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}

fn field(len: usize) -> Vec<Fr> {
    let mut rng = rng();
    // Squaring a random element is much faster than drawing another one.
    let mut value = Fr::rand(&mut rng);
    let mut values = Vec::with_capacity(len);
    for _ in 0..len {
        value = value * value + Fr::from(5);
        values.push(value);
    }
    values
}

fn group<'a>(criterion: &'a mut Criterion, backend: &str, name: &str, elements: usize) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(format!("{backend}/{name}"));
    group.throughput(Throughput::Elements(elements as u64));
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    group
}

/// Times a kernel that works in place: each run gets a copy made outside the clock.
fn in_place<B: Timed, R>(
    backend: &B,
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    input: &B::Vector,
    kernel: impl Fn(&mut B::Vector) -> R,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_batched_ref(
            || backend.done(backend.duplicate(input)),
            |values| backend.done(black_box(kernel(values))),
            BatchSize::LargeInput,
        );
    });
}

fn vectors<B: Timed>(criterion: &mut Criterion, backend: &B) {
    let (a, b) = (backend.upload(&field(LEN)), backend.upload(&field(LEN)));
    let r = backend.get(&a, 0);
    let point = backend.download(&backend.slice(&a, 0, LOG_LEN));
    let mut group = group(criterion, backend.name(), "vectors", LEN);
    group.bench_function("eq_table", |bencher| bencher.iter(|| backend.done(backend.eq_table(&point, r))));
    group.bench_function("dot", |bencher| bencher.iter(|| backend.done(backend.dot(&a, &b))));
    in_place(backend, &mut group, "fold", &a, |values| backend.fold(values, r));
    in_place(backend, &mut group, "add_scaled", &a, |values| backend.add_scaled(values, 0, &b, r));
    in_place(backend, &mut group, "sum_halves", &a, |values| backend.sum_halves(values));
}

/// Random integers of each width.
fn each_width(len: usize, mut run: impl FnMut(&str, IntSlice<'_>)) {
    let mut rng = rng();
    run("i8", IntSlice::I8(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("u8", IntSlice::U8(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("i16", IntSlice::I16(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("u16", IntSlice::U16(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("i32", IntSlice::I32(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("u32", IntSlice::U32(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
    run("i64", IntSlice::I64(&(0..len).map(|_| rng.r#gen()).collect::<Vec<_>>()));
}

fn ints<B: Timed>(criterion: &mut Criterion, backend: &B) {
    let factor = backend.upload(&field(LEN));
    let r = backend.get(&factor, 0);
    let mut group = group(criterion, backend.name(), "ints", LEN);
    let bytes = backend.upload_ints(IntSlice::U8(&vec![7; LEN]));
    let words = backend.upload_ints(IntSlice::I32(&vec![-7; LEN]));
    in_place(backend, &mut group, "combine/u8_i32", &factor, |target| {
        backend.combine_ints(target, 0, r, &[(&bytes, r), (&words, r)]);
    });
    each_width(LEN, |width, values| {
        let ints = backend.upload_ints(values);
        group.bench_function(format!("to_field/{width}"), |bencher| bencher.iter(|| backend.done(backend.ints_to_field(&ints))));
        group.bench_function(format!("fold/{width}"), |bencher| bencher.iter(|| backend.done(backend.fold_ints(&ints, r))));
        group.bench_function(format!("product_round/{width}"), |bencher| {
            bencher.iter(|| backend.done(backend.product_round_ints(&ints, &factor)))
        });
    });
}

fn weigh<B: Timed>(criterion: &mut Criterion, backend: &B) {
    let elements = 1 << 20;
    let long = backend.upload(&field(1 << 10));
    let (short, tiny) = (backend.upload(&field(32)), backend.upload(&field(4)));
    let mut group = group(criterion, backend.name(), "weigh", elements);
    each_width(elements, |width, values| {
        let ints = backend.upload_ints(values);
        let mut bench = |name: &str, dims: &[usize], weights: &[Option<&B::Vector>]| {
            group.bench_function(format!("{name}/{width}"), |bencher| bencher.iter(|| backend.done(backend.weigh(&ints, dims, weights))));
        };
        bench("leading", &[1024, 1024], &[Some(&long), None]);
        bench("trailing", &[1024, 1024], &[None, Some(&long)]);
        bench("both", &[1024, 1024], &[Some(&long), Some(&long)]);
        bench("middle", &[32, 32, 32, 32], &[None, Some(&short), Some(&short), None]);
        bench("outer_and_last", &[32, 32, 32, 32], &[Some(&short), None, None, Some(&short)]);
        bench("short_trailing", &[1 << 18, 4], &[None, Some(&tiny)]);
        bench("short_leading", &[4, 1 << 18], &[Some(&tiny), None]);
    });
    let values = backend.upload(&field(elements));
    for (name, dims, weights) in [
        ("leading/field", [1024, 1024], [Some(&long), None]),
        ("trailing/field", [1024, 1024], [None, Some(&long)]),
        ("short_trailing/field", [1 << 18, 4], [None, Some(&tiny)]),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| backend.done(backend.weigh_field(&values, &dims, &weights))));
    }
}

fn sumcheck<B: Timed>(criterion: &mut Criterion, backend: &B) {
    let factor = backend.upload(&field(LEN));
    let r = backend.get(&factor, 0);
    let mut group = group(criterion, backend.name(), "sumcheck", LEN);
    for count in 1..=4 {
        let factors = vec![&factor; count];
        group.bench_function(format!("product_round/{count}"), |bencher| {
            bencher.iter(|| backend.done(backend.product_round(&factors, LOG_LEN)))
        });
    }
    for count in 1..=4 {
        group.bench_function(format!("fold_product_round/{count}"), |bencher| {
            bencher.iter_batched_ref(
                || backend.done((0..count).map(|_| backend.duplicate(&factor)).collect::<Vec<_>>()),
                |factors| backend.done(backend.fold_product_round(&mut factors.iter_mut().collect::<Vec<_>>(), LOG_LEN, r)),
                BatchSize::LargeInput,
            );
        });
    }
}

fn fractions<B: Timed>(criterion: &mut Criterion, backend: &B) {
    let (p, q, eq) = (backend.upload(&field(LEN)), backend.upload(&field(LEN)), backend.upload(&field(LEN / 2)));
    let lambda = backend.get(&p, 0);
    let mut group = group(criterion, backend.name(), "fractions", LEN);
    group.bench_function("layer", |bencher| bencher.iter(|| backend.done(backend.fraction_layer(&p, &q, LOG_LEN))));
    group.bench_function("unit_layer", |bencher| bencher.iter(|| backend.done(backend.unit_fraction_layer(&q))));
    group.bench_function("eq_product_round", |bencher| bencher.iter(|| backend.done(backend.eq_product_round(&p, &q, &eq))));
    group.bench_function("split_round", |bencher| {
        let weights = backend.slice(&eq, 0, LEN / 4);
        let input = || backend.done((backend.duplicate(&p), backend.duplicate(&q)));
        let run = |layer| backend.done(backend.split_fraction_round(layer, LOG_LEN, lambda, &weights));
        bencher.iter_batched(input, run, BatchSize::LargeInput);
    });
    group.bench_function("round", |bencher| {
        bencher.iter(|| backend.done(backend.fraction_round([&p, &p, &q, &q], [lambda; 4], LOG_LEN, &eq)))
    });
    group.bench_function("fold_round", |bencher| {
        let input = || backend.done(([&p, &p, &q, &q].map(|array| backend.duplicate(array)), backend.duplicate(&eq)));
        let run = |(layer, eq): &mut ([B::Vector; 4], B::Vector)| {
            backend.done(backend.fold_fraction_round(layer, [lambda; 4], LOG_LEN, eq, lambda))
        };
        bencher.iter_batched_ref(input, run, BatchSize::LargeInput);
    });
    in_place(backend, &mut group, "fold_tailed", &q, |values| backend.fold_tailed(values, LOG_LEN, lambda, lambda));
}

fn univariate<B: Timed>(criterion: &mut Criterion, backend: &B) {
    let coefficients = backend.upload(&field(LEN));
    let x = backend.get(&coefficients, 0);
    let mut group = group(criterion, backend.name(), "univariate", LEN);
    group.bench_function("evaluate", |bencher| bencher.iter(|| backend.done(backend.evaluate(&coefficients, x))));
    for power in [1, 256, 1 << 10] {
        group.bench_function(format!("divide/{power}"), |bencher| bencher.iter(|| backend.done(backend.divide(&coefficients, power, x))));
    }
}

fn transforms<B: Timed>(criterion: &mut Criterion, backend: &B) {
    for log_len in [14, 18, 20] {
        let values = backend.upload(&field(1 << log_len));
        let mut group = group(criterion, backend.name(), &format!("transforms/{log_len}"), 1 << log_len);
        in_place(backend, &mut group, "ntt", &values, |values| backend.ntt(values, false));
        in_place(backend, &mut group, "ntt_inverse", &values, |values| backend.ntt(values, true));
        let a = field(1 << log_len);
        let c: Vec<Fr> = a.iter().map(|a| a * a).collect();
        let (a, c) = (backend.upload(&a), backend.upload(&c));
        group.bench_function("quotient", |bencher| {
            bencher.iter_batched(
                || backend.done((backend.duplicate(&a), backend.duplicate(&a), backend.duplicate(&c))),
                |(a, b, c)| backend.done(backend.quotient(a, b, c)),
                BatchSize::LargeInput,
            );
        });
    }
}

fn transforms_of_ark(criterion: &mut Criterion) {
    for log_len in [14, 18, 20] {
        let values = field(1 << log_len);
        let domain = Radix2EvaluationDomain::<Fr>::new(values.len()).expect("a domain");
        let mut group = group(criterion, "ark", &format!("transforms/{log_len}"), values.len());
        group.bench_function("ntt", |bencher| {
            bencher.iter_batched_ref(|| values.clone(), |values| domain.fft_in_place(values), BatchSize::LargeInput);
        });
    }
}

fn kernels_on<B: Timed>(criterion: &mut Criterion, backend: &B) {
    vectors(criterion, backend);
    ints(criterion, backend);
    weigh(criterion, backend);
    sparse::sparse(criterion, backend);
    sumcheck(criterion, backend);
    fractions(criterion, backend);
    univariate(criterion, backend);
    transforms(criterion, backend);
}

fn all(criterion: &mut Criterion) {
    kernels_on(criterion, &Portable);
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = assay_gpu::Ifma::detect() {
        kernels_on(criterion, &ifma);
    }
    if let Some(cuda) = device::cuda() {
        kernels_on(criterion, &cuda);
    }
    transforms_of_ark(criterion);
}

criterion_group!(kernels, all);
criterion_main!(kernels);
