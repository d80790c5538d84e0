//! Multi-scalar multiplications on every backend of this machine: time a point, next to arkworks', taceo's and halo2curves'.

use std::time::Duration;

use ark_bn254::{Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{
    CurveGroup, PrimeGroup, VariableBaseMSM,
    short_weierstrass::{Affine, Projective, SWCurveConfig},
};
use ark_ff::{BigInt, PrimeField, UniformRand};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_gpu::{Backend, IntSlice, Portable};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use halo2curves::{CurveAffine, bn256, ff::PrimeField as _, group::Curve};

/// Points without structure: x -> 2 x + a random one of a few, from a random start.
fn points<P: SWCurveConfig<ScalarField = Fr>>(len: usize, rng: &mut StdRng) -> Vec<Affine<P>> {
    let steps: Vec<Projective<P>> = (0..16).map(|_| Projective::generator() * Fr::rand(rng)).collect();
    let mut point = steps[0];
    let points: Vec<_> = (0..len)
        .map(|_| {
            point = point + point + steps[rng.gen_range(0..16)];
            point
        })
        .collect();
    Projective::normalize_batch(&points)
}

fn msm(criterion: &mut Criterion) {
    msm_of_peers(criterion);
    msm_on(criterion, &Portable);
    msm_g2_on(criterion, &Portable);
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = assay_gpu::Ifma::detect() {
        msm_on(criterion, &ifma);
        msm_g2_on(criterion, &ifma);
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

fn halo(value: impl PrimeField<BigInt = BigInt<4>>) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, limb) in bytes.chunks_exact_mut(8).zip(value.into_bigint().0) {
        bytes.copy_from_slice(&limb.to_le_bytes());
    }
    bytes
}

/// The other libraries' sums; the results are compared once.
fn msm_of_peers(criterion: &mut Criterion) {
    let mut rng = StdRng::seed_from_u64(1);
    for log_len in [12, 16, 18, 20] {
        let len = 1 << log_len;
        let points: Vec<G1Affine> = points(len, &mut rng);
        let scalars: Vec<Fr> = (0..len).map(|_| Fr::rand(&mut rng)).collect();
        let their_scalars: Vec<bn256::Fr> = scalars.iter().map(|x| bn256::Fr::from_repr(halo(*x).into()).expect("canonical")).collect();
        let coordinate = |x: Fq| bn256::Fq::from_repr(halo(x).into()).expect("canonical");
        let their_points: Vec<bn256::G1Affine> =
            points.iter().map(|p| bn256::G1Affine::from_xy(coordinate(p.x), coordinate(p.y)).expect("on the curve")).collect();
        let sum = G1Projective::msm_unchecked(&points, &scalars).into_affine();
        assert_eq!(taceo_ark_algebra::msm::msm_unchecked(&points, &scalars), sum);
        let theirs = halo2curves::msm::msm_best(&their_scalars, &their_points).to_affine();
        assert_eq!(theirs, bn256::G1Affine::from_xy(coordinate(sum.x), coordinate(sum.y)).expect("on the curve"));
        let mut group = criterion.benchmark_group(format!("peers/msm/{log_len}"));
        group.throughput(Throughput::Elements(len as u64));
        group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(800));
        group.bench_function("full_ark", |bencher| bencher.iter(|| G1Projective::msm_unchecked(&points, &scalars)));
        group.bench_function("full_taceo", |bencher| bencher.iter(|| taceo_ark_algebra::msm::msm_unchecked(&points, &scalars)));
        group.bench_function("full_halo2curves", |bencher| bencher.iter(|| halo2curves::msm::msm_best(&their_scalars, &their_points)));
    }
}

fn msm_g2_on<B: Backend>(criterion: &mut Criterion, backend: &B) {
    let mut rng = StdRng::seed_from_u64(2);
    for log_len in [12, 16, 18] {
        let len = 1usize << log_len;
        let points: Vec<G2Affine> = points(len, &mut rng);
        let bases = backend.prepare_bases_g2(&points);
        let scalars: Vec<Fr> = (0..len).map(|_| Fr::rand(&mut rng)).collect();
        let classified = backend.classify(&scalars);
        let indices: Vec<u32> = (0..len as u32).collect();
        let mut group = criterion.benchmark_group(format!("{}/msm_g2/{log_len}", backend.name()));
        group.throughput(Throughput::Elements(len as u64));
        group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(800));
        group.bench_function("full", |bencher| bencher.iter(|| backend.msm_g2(&bases, &classified, &indices)));
        group.bench_function("full_ark", |bencher| bencher.iter(|| G2Projective::msm_unchecked(&points, &scalars)));
    }
}

criterion_group!(kernels, msm);
criterion_main!(kernels);
