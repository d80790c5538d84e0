//! Random satisfiable constraint systems with their assignments.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use assay_circuits::r1cs::R1cs;
use assay_prover::groth16::{PreparedKey, setup};
use rand::{Rng, SeedableRng, rngs::StdRng};

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Runs an expression for each backend of this machine.
macro_rules! on_every_backend {
    ($backend:ident => $check:expr) => {{
        let $backend = &assay_gpu::Portable;
        $check;
        #[cfg(target_arch = "x86_64")]
        match &assay_gpu::Ifma::detect() {
            Some($backend) => $check,
            None => eprintln!("skipped for ifma: this processor has no AVX-512 IFMA"),
        }
        #[cfg(feature = "cuda")]
        match &assay_gpu::Cuda::detect() {
            Ok($backend) => $check,
            Err(reason) => eprintln!("skipped for cuda: {reason}"),
        }
    }};
}
pub(crate) use on_every_backend;

/// What a random system is like.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub num_constraints: usize,
    /// The constant 1 included.
    pub num_instance: usize,
    /// The percentage of constraints that say that a variable is a bit.
    pub booleans: u32,
    /// Variables that no constraint mentions.
    pub unused: usize,
}

/// The variables are free up to a point; each product constraint defines the next one, each boolean one takes a bit.
pub fn system(style: Style, rng: &mut StdRng) -> (R1cs, Vec<Fr>) {
    let mut r1cs = R1cs { num_instance: style.num_instance, ..R1cs::default() };
    let mut z = vec![Fr::ONE];
    z.extend((1..style.num_instance + 3 + style.unused).map(|_| Fr::rand(rng)));
    let unused = style.num_instance..style.num_instance + style.unused;
    for _ in 0..style.num_constraints {
        let new = z.len() as u32;
        if rng.gen_range(0..100) < style.booleans {
            z.push(Fr::from(rng.r#gen::<bool>()));
            r1cs.a.push([(new, Fr::ONE)]);
            r1cs.b.push([(0, -Fr::ONE), (new, Fr::ONE)]);
            r1cs.c.push([]);
        } else {
            let a = combination(z.len(), &unused, rng);
            let b = combination(z.len(), &unused, rng);
            let value = |terms: &[(u32, Fr)]| terms.iter().map(|(i, c)| z[*i as usize] * c).sum::<Fr>();
            let scale = Fr::from(rng.gen_range(1..4u64));
            z.push(value(&a) * value(&b) / scale);
            r1cs.a.push(a);
            r1cs.b.push(b);
            r1cs.c.push([(new, scale)]);
        }
    }
    r1cs.num_witness = z.len() - r1cs.num_instance;
    assert_eq!(r1cs.first_violation(&z), None);
    (r1cs, z)
}

fn combination(variables: usize, unused: &std::ops::Range<usize>, rng: &mut StdRng) -> Vec<(u32, Fr)> {
    let mut columns: Vec<usize> = (0..rng.gen_range(1..5)).map(|_| rng.gen_range(0..variables)).collect();
    columns.retain(|column| !unused.contains(column));
    // Never empty, lest zeros spread.
    columns.push(0);
    columns.sort_unstable();
    columns.dedup();
    let coefficient = |rng: &mut StdRng| match rng.gen_range(0..4) {
        0 => Fr::rand(rng),
        1 => -Fr::ONE,
        2 => Fr::from(7),
        _ => Fr::ONE,
    };
    columns.into_iter().map(|column| (column as u32, coefficient(rng))).filter(|(_, c)| *c != Fr::ZERO).collect()
}

/// A small system, its assignment and its key.
pub fn small(seed: u64) -> (R1cs, Vec<Fr>, PreparedKey) {
    let mut rng = rng(seed);
    let style = Style { num_constraints: 20, num_instance: 3, booleans: 30, unused: 2 };
    let (r1cs, z) = system(style, &mut rng);
    let key = PreparedKey::from_ark(&setup(&r1cs, &mut rng).unwrap(), &r1cs).unwrap();
    (r1cs, z, key)
}

/// A system of `num_constraints` products that have no variable in common, and its assignment: the product of row i is
/// variable `3 + 3 i`.
pub fn separate_products(num_constraints: usize) -> (R1cs, Vec<Fr>) {
    let mut r1cs = R1cs { num_instance: 1, num_witness: 3 * num_constraints, ..R1cs::default() };
    let mut z = vec![Fr::ONE];
    for row in 0..num_constraints as u32 {
        let (x, y) = (Fr::from(row + 2), Fr::from(3 * row + 1));
        z.extend([x, y, x * y]);
        let first = 1 + 3 * row;
        r1cs.a.push([(first, Fr::ONE)]);
        r1cs.b.push([(first + 1, Fr::ONE)]);
        r1cs.c.push([(first + 2, Fr::ONE)]);
    }
    (r1cs, z)
}
