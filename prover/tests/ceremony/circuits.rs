//! Small constraint systems with an assignment, and proofs for them by ark-groth16.

use ark_bn254::{Bn254, Fr};
use ark_ff::{Field, UniformRand};
use ark_groth16::{Groth16, Proof, ProvingKey};
use assay_circuits::r1cs::{Matrix, R1cs};
use rand::{Rng, RngCore};

/// x^3 + x + 5 = y with y public: z = (1, y, x, x^2, x^3).
pub fn cubic(x: u64) -> (R1cs, Vec<Fr>) {
    let (one, x) = (Fr::ONE, Fr::from(x));
    let mut r1cs = R1cs { num_instance: 2, num_witness: 3, ..R1cs::default() };
    let mut constrain = |a: &[(u32, Fr)], b: &[(u32, Fr)], c: &[(u32, Fr)]| {
        r1cs.a.push(a.iter().copied());
        r1cs.b.push(b.iter().copied());
        r1cs.c.push(c.iter().copied());
    };
    constrain(&[(2, one)], &[(2, one)], &[(3, one)]);
    constrain(&[(3, one)], &[(2, one)], &[(4, one)]);
    constrain(&[(0, Fr::from(5)), (2, one), (4, one)], &[(0, one)], &[(1, one)]);
    let z = vec![one, x * x * x + x + Fr::from(5), x, x * x, x * x * x];
    assert_eq!(r1cs.first_violation(&z), None);
    (r1cs, z)
}

/// Random sparse constraints that a random assignment satisfies: each product is a fresh private variable, and the
/// constant's column is dense. One private variable occurs in no constraint.
pub fn random(num_public: usize, num_constraints: usize, rng: &mut impl RngCore) -> (R1cs, Vec<Fr>) {
    let mut z = vec![Fr::ONE];
    z.extend((0..num_public + 2).map(|_| Fr::rand(rng)));
    let mut r1cs = R1cs { num_instance: num_public + 1, ..R1cs::default() };
    for _ in 0..num_constraints {
        let [a, b] = [0, 1].map(|_| combination(z.len(), rng));
        r1cs.a.push(a);
        r1cs.b.push(b);
        let last = |matrix: &Matrix, z: &[Fr]| matrix.dot(matrix.num_rows() - 1, z);
        let product = last(&r1cs.a, &z) * last(&r1cs.b, &z);
        let factor = Fr::rand(rng);
        r1cs.c.push([(z.len() as u32, factor)]);
        z.push(product * factor.inverse().unwrap());
    }
    z.push(Fr::rand(rng));
    r1cs.num_witness = z.len() - r1cs.num_instance;
    assert_eq!(r1cs.first_violation(&z), None);
    (r1cs, z)
}

/// A combination of the constant and up to three other variables, its coefficients small, negative or large.
fn combination(num_variables: usize, rng: &mut impl RngCore) -> Vec<(u32, Fr)> {
    let mut columns: Vec<u32> = (0..3).map(|_| rng.gen_range(0..num_variables as u32)).collect();
    columns.push(0);
    columns.sort_unstable();
    columns.dedup();
    let coefficient = |rng: &mut dyn RngCore| match rng.next_u32() % 4 {
        0 => Fr::ONE,
        1 => -Fr::ONE,
        2 => -Fr::from(rng.next_u32()),
        _ => Fr::rand(&mut &mut *rng),
    };
    columns.into_iter().map(|column| (column, coefficient(rng))).collect()
}

/// A proof by ark-groth16.
pub fn prove(key: &ProvingKey<Bn254>, r1cs: &R1cs, z: &[Fr], rng: &mut impl RngCore) -> Proof<Bn254> {
    let rows = |matrix: &Matrix| -> Vec<Vec<(Fr, usize)>> {
        (0..matrix.num_rows()).map(|row| matrix.row(row).map(|(column, value)| (value, column)).collect()).collect()
    };
    let matrices = [&r1cs.a, &r1cs.b, &r1cs.c].map(rows);
    let (r, s) = (Fr::rand(rng), Fr::rand(rng));
    Groth16::<Bn254>::create_proof_with_reduction_and_matrices(key, r, s, &matrices, r1cs.num_instance, r1cs.num_constraints(), z).unwrap()
}
