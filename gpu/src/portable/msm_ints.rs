//! Multi-scalar multiplication with machine integers.

use ark_bn254::{Fr, G1Affine, G1Projective};

use super::{
    Ints,
    ints::{Int, with_values},
    msm,
};

/// `sum_i ints[start + i] bases[i]`.
pub fn msm(bases: &[G1Affine], ints: &Ints, start: usize) -> G1Projective {
    with_values!(ints, values => {
        let scalars: Vec<Fr> = values[start..start + bases.len()].iter().map(|x| Fr::from(x.value())).collect();
        msm::msm(bases, &scalars)
    })
}
