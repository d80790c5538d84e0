//! Field elements and points without structure, made fast.

use ark_bn254::Fr;
use ark_ec::{
    CurveGroup, PrimeGroup,
    short_weierstrass::{Affine, Projective, SWCurveConfig},
};
use ark_ff::UniformRand;
use ark_std::rand::{Rng, rngs::StdRng};

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

/// Points: x -> 2 x + a random one of a few, from a random start.
pub fn points<P: SWCurveConfig<ScalarField = Fr>>(len: usize, rng: &mut StdRng) -> Vec<Affine<P>> {
    let steps: Vec<Projective<P>> = (0..16).map(|_| Projective::generator() * Fr::rand(rng)).collect();
    let mut point = steps[0];
    let next = |_| {
        point = point + point + steps[rng.gen_range(0..16)];
        point
    };
    Projective::normalize_batch(&(0..len).map(next).collect::<Vec<_>>())
}
