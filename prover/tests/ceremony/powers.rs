//! Powers-of-tau files whose secrets are known.

use std::io::Cursor;

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, Field, Fp, FpConfig, PrimeField, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use assay_prover::ceremony::{CeremonyError, Phase1};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// The power of the files made here.
pub const POWER: u32 = 5;

/// tau, alpha, beta.
#[derive(Clone, Copy)]
pub struct Trapdoor {
    pub tau: Fr,
    pub alpha: Fr,
    pub beta: Fr,
}

impl Trapdoor {
    pub fn random(seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        Trapdoor { tau: Fr::rand(rng), alpha: Fr::rand(rng), beta: Fr::rand(rng) }
    }

    fn powers(&self, factor: Fr, count: usize) -> Vec<Fr> {
        std::iter::successors(Some(factor), |power| Some(*power * self.tau)).take(count).collect()
    }

    /// The Lagrange polynomials of the domains of 1, 2, 4, .. 2^`levels - 1` points at tau, one domain after another.
    fn lagrange(&self, factor: Fr, levels: u32) -> Vec<Fr> {
        (0..levels)
            .flat_map(|level| Radix2EvaluationDomain::<Fr>::new(1 << level).unwrap().evaluate_all_lagrange_coefficients(self.tau))
            .map(|value| value * factor)
            .collect()
    }

    /// The sections 2 to 6, and 12 to 15 if `lagrange`, of a file of power [`POWER`].
    pub fn sections(&self, lagrange: bool) -> Vec<(u32, Vec<u8>)> {
        let all = 1usize << POWER;
        let mut sections = vec![
            (2, g1(&self.powers(Fr::ONE, 2 * all - 1))),
            (3, g2(&self.powers(Fr::ONE, all))),
            (4, g1(&self.powers(self.alpha, all))),
            (5, g1(&self.powers(self.beta, all))),
            (6, g2(&[self.beta])),
        ];
        if lagrange {
            sections.extend([
                (12, g1(&self.lagrange(Fr::ONE, POWER + 2))),
                (13, g2(&self.lagrange(Fr::ONE, POWER + 1))),
                (14, g1(&self.lagrange(self.alpha, POWER + 1))),
                (15, g1(&self.lagrange(self.beta, POWER + 1))),
            ]);
        }
        sections
    }
}

/// A file of power [`POWER`].
pub fn file(sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut header = 32u32.to_le_bytes().to_vec();
    header.extend(Fq::MODULUS.to_bytes_le());
    header.extend([POWER, POWER].iter().flat_map(|power| power.to_le_bytes()));
    let mut bytes = b"ptau".to_vec();
    bytes.extend([1u32, 1 + sections.len() as u32].iter().flat_map(|number| number.to_le_bytes()));
    for (kind, contents) in std::iter::once(&(1, header)).chain(sections) {
        bytes.extend(kind.to_le_bytes());
        bytes.extend((contents.len() as u64).to_le_bytes());
        bytes.extend(contents);
    }
    bytes
}

pub fn read(bytes: &[u8], log_domain: u32) -> Result<Phase1, CeremonyError> {
    Phase1::read(&mut Cursor::new(bytes), log_domain, &mut StdRng::seed_from_u64(1), &|_| ())
}

fn montgomery<C: FpConfig<4>>(value: &Fp<C, 4>) -> Vec<u8> {
    value.0.to_bytes_le()
}

/// The scalars' multiples of the generator, encoded.
pub fn g1(scalars: &[Fr]) -> Vec<u8> {
    let point = |scalar: &Fr| (G1Affine::generator() * *scalar).into_affine();
    scalars.iter().map(point).flat_map(|p| [montgomery(&p.x), montgomery(&p.y)].concat()).collect()
}

/// The same in G2.
pub fn g2(scalars: &[Fr]) -> Vec<u8> {
    let point = |scalar: &Fr| (G2Affine::generator() * *scalar).into_affine();
    scalars.iter().map(point).flat_map(|p| [p.x.c0, p.x.c1, p.y.c0, p.y.c1].iter().flat_map(montgomery).collect::<Vec<u8>>()).collect()
}
