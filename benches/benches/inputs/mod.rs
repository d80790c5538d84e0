//! Field elements and points without structure, made fast.

use ark_bn254::Fr;
use ark_ec::{
    CurveGroup, PrimeGroup,
    short_weierstrass::{Affine, Projective, SWCurveConfig},
};
use ark_ff::UniformRand;
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use rayon::prelude::*;

/// Elements: squaring a random one is much faster than drawing another.
#[allow(dead_code)] // not every target that includes this file needs all of it
pub fn field(len: usize, rng: &mut StdRng) -> Vec<Fr> {
    let mut value = Fr::rand(rng);
    let next = |_| {
        value = value * value + Fr::from(5);
        value
    };
    (0..len).map(next).collect()
}

/// Points as [`points`] makes them, in parallel, a chunk from each of many random starts.
#[allow(dead_code)]
pub fn parallel_points<P: SWCurveConfig<ScalarField = Fr>>(len: usize, rng: &mut StdRng) -> Vec<Affine<P>> {
    const CHUNK: usize = 1 << 14;
    let seeds: Vec<(usize, u64)> = (0..len).step_by(CHUNK).map(|start| (CHUNK.min(len - start), rng.r#gen())).collect();
    seeds.into_par_iter().flat_map_iter(|(len, seed)| points(len, &mut StdRng::seed_from_u64(seed))).collect()
}

/// Points: x -> 2 x + a random one of a few, from a random start.
#[allow(dead_code)]
pub fn points<P: SWCurveConfig<ScalarField = Fr>>(len: usize, rng: &mut StdRng) -> Vec<Affine<P>> {
    let steps: Vec<Projective<P>> = (0..16).map(|_| Projective::generator() * Fr::rand(rng)).collect();
    let mut point = steps[0];
    let next = |_| {
        point = point + point + steps[rng.gen_range(0..16)];
        point
    };
    Projective::normalize_batch(&(0..len).map(next).collect::<Vec<_>>())
}
