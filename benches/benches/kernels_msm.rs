//! Multi-scalar multiplications on every backend of this machine: time a point.
//! The bench `comparison` sets them beside other libraries'.

mod device;
mod inputs;

use std::time::Duration;

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ff::UniformRand;
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_gpu::{Backend, IntSlice, Portable};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use inputs::points;

fn msm(criterion: &mut Criterion) {
    msm_on(criterion, &Portable);
    msm_g2_on(criterion, &Portable);
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = assay_gpu::Ifma::detect() {
        msm_on(criterion, &ifma);
        msm_g2_on(criterion, &ifma);
    }
    if let Some(cuda) = device::cuda() {
        msm_on(criterion, &cuda);
        msm_g2_on(criterion, &cuda);
    }
}

fn msm_on<B: Backend>(criterion: &mut Criterion, backend: &B) {
    let mut rng = StdRng::seed_from_u64(1);
    for log_len in [12, 14, 16, 18, 20] {
        let len = 1 << log_len;
        let points: Vec<G1Affine> = points(len, &mut rng);
        let bases = backend.prepare_bases(&points);
        let scalars: Vec<Fr> = (0..len).map(|_| Fr::rand(&mut rng)).collect();
        let vector = backend.upload(&scalars);
        let mut group = criterion.benchmark_group(format!("{}/msm/{log_len}", backend.name()));
        group.throughput(Throughput::Elements(len as u64));
        group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(800));
        group.bench_function("full", |bencher| bencher.iter(|| backend.msm(&bases, 0, &vector)));
        let (mut i8s, mut u16s) = (Vec::<i8>::new(), Vec::<u16>::new());
        let (mut bits, mut i32s, mut i64s) = (Vec::<u8>::new(), Vec::<i32>::new(), Vec::<i64>::new());
        for _ in 0..len {
            i8s.push(rng.r#gen());
            u16s.push(rng.r#gen());
            bits.push(rng.gen_range(0..2));
            i32s.push(rng.r#gen());
            i64s.push(rng.r#gen());
        }
        for (name, ints) in [
            ("bits", IntSlice::U8(&bits)),
            ("i8", IntSlice::I8(&i8s)),
            ("u16", IntSlice::U16(&u16s)),
            ("i32", IntSlice::I32(&i32s)),
            ("i64", IntSlice::I64(&i64s)),
        ] {
            let ints = backend.upload_ints(ints);
            group.bench_function(name, |bencher| bencher.iter(|| backend.msm_ints(&bases, 0, &ints, 0, len)));
        }
    }
}

fn msm_g2_on<B: Backend>(criterion: &mut Criterion, backend: &B) {
    let mut rng = StdRng::seed_from_u64(2);
    for log_len in [12, 16, 18] {
        let len = 1usize << log_len;
        let points: Vec<G2Affine> = points(len, &mut rng);
        let bases = backend.prepare_bases_g2(&points);
        let scalars: Vec<Fr> = (0..len).map(|_| Fr::rand(&mut rng)).collect();
        let classified = backend.classify(&backend.lend(&scalars));
        let indices: Vec<u32> = (0..len as u32).collect();
        let mut group = criterion.benchmark_group(format!("{}/msm_g2/{log_len}", backend.name()));
        group.throughput(Throughput::Elements(len as u64));
        group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(800));
        group.bench_function("full", |bencher| bencher.iter(|| backend.msm_g2(&bases, &classified, &indices)));
    }
}

criterion_group!(kernels, msm);
criterion_main!(kernels);
