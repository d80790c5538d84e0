//! The prover.

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{Field, UniformRand};
use ark_groth16::{Groth16, Proof};
use assay_gpu::Backend;
use rand::{CryptoRng, RngCore};

use super::{Error, PreparedKey, kept::Kept, validate::in_group};

/// Proves that `z = (1, instance.., witness..)` satisfies the key's system; the proof verifies.
///
/// # Errors
/// An assignment of the wrong length, or one that violates a constraint, which the error names; a key that does not
/// belong to its system; a fault of the machine.
pub fn prove<B: Backend>(backend: &B, key: &PreparedKey, z: &[Fr], rng: &mut (impl RngCore + CryptoRng)) -> Result<Proof<Bn254>, Error> {
    let (r, s) = (Fr::rand(rng), Fr::rand(rng));
    prove_with_blinding(backend, key, z, r, s)
}

/// [`prove`] with the blinding factors given: zero-knowledge only if they are fresh, uniform and secret.
///
/// # Errors
/// As [`prove`].
pub fn prove_with_blinding<B: Backend>(backend: &B, key: &PreparedKey, z: &[Fr], r: Fr, s: Fr) -> Result<Proof<Bn254>, Error> {
    prove_from(backend, key, None, z, r, s)
}

/// [`prove_with_blinding`], from matrices and points that are kept, or else sent for each use and dropped behind it.
pub(super) fn prove_from<B: Backend>(
    backend: &B,
    key: &PreparedKey,
    kept: Option<&Kept<'_, B>>,
    z: &[Fr],
    r: Fr,
    s: Fr,
) -> Result<Proof<Bn254>, Error> {
    let shape = key.shape();
    if z.len() != shape.num_variables() {
        return Err(Error::Assignment { expected: shape.num_variables(), found: z.len() });
    }
    if z[0] != Fr::ONE {
        return Err(Error::FirstNotOne);
    }
    let lent = backend.lend(z);
    let rows = row_values(backend, key, kept, z, &lent)?;
    let scalars = backend.classify(&lent);
    drop(lent);
    let sums = sums(backend, key, kept, &scalars, rows);
    let proof = assemble(key, &sums, r, s);
    if verifies(key, &proof, &z[1..shape.num_instance]) { Ok(proof) } else { Err(Error::Unverified) }
}

/// The values of A, B and C over the domain; the public variables stand behind the constraints in A.
fn row_values<B: Backend>(
    backend: &B,
    key: &PreparedKey,
    kept: Option<&Kept<'_, B>>,
    z: &[Fr],
    lent: &B::Lent<'_>,
) -> Result<[B::Vector; 3], Error> {
    let shape = key.shape();
    let num_constraints = shape.num_constraints;
    let multiply = |matrix: &B::Matrix<'_>| backend.multiply(matrix, lent, shape.domain());
    let [mut a, b, c] = match kept {
        Some(kept) => kept.matrices.each_ref().map(multiply),
        None => key.matrices().map(|matrix| multiply(&backend.prepare_matrix(matrix))),
    };
    if let Some(constraint) = backend.first_false_product(&a, &b, &c, num_constraints) {
        return Err(violation(key, z, constraint));
    }
    // A has zeros there.
    backend.add_scaled(&mut a, num_constraints, &backend.upload(&z[..shape.num_instance]), Fr::ONE);
    Ok([a, b, c])
}

/// What is wrong with a constraint that a backend found violated: a device at fault must not blame the assignment.
fn violation(key: &PreparedKey, z: &[Fr], constraint: usize) -> Error {
    let [a, b, c] = key.matrices().map(|matrix| matrix.dot(constraint, z));
    if a * b == c { Error::Fault { constraint } } else { Error::Unsatisfied { constraint, num_constraints: key.shape().num_constraints } }
}

/// The sums of points that a proof consists of.
struct Sums {
    a: G1Projective,
    b_g1: G1Projective,
    b_g2: G2Projective,
    l: G1Projective,
    h: G1Projective,
}

fn sums<B: Backend>(backend: &B, key: &PreparedKey, kept: Option<&Kept<'_, B>>, scalars: &B::Scalars, rows: [B::Vector; 3]) -> Sums {
    let layout = &key.layout;
    let b_variables = key.variables(&layout.b_variables);
    let h = || {
        let [a, b, c] = rows;
        let quotient = backend.quotient(a, b, c);
        match kept {
            Some(kept) => backend.msm(&kept.h, 0, &quotient),
            None => backend.msm(&backend.prepare_bases(&key.points_g1(&layout.h)), 0, &quotient),
        }
    };
    let g1 = |kept: Option<&B::Bases>, points, variables: &[u32]| match kept {
        Some(bases) => backend.msm_indexed(bases, scalars, variables),
        None => backend.msm_indexed(&backend.prepare_bases(&key.points_g1(points)), scalars, variables),
    };
    let b_g2 = || match kept {
        Some(kept) => backend.msm_g2(&kept.b_g2, scalars, &b_variables),
        None => backend.msm_g2(&backend.prepare_bases_g2(&key.points_g2(&layout.b_g2)), scalars, &b_variables),
    };
    let a = || g1(kept.map(|kept| &kept.a), &layout.a, &key.variables(&layout.a_variables));
    let b_g1 = || g1(kept.map(|kept| &kept.b_g1), &layout.b_g1, &b_variables);
    let l = || g1(kept.map(|kept| &kept.l), &layout.l, &key.variables(&layout.l_variables));
    // The longest first; the others fill the cores that it leaves idle.
    let (b_g2, (h, (a, (b_g1, l)))) = rayon::join(b_g2, || rayon::join(h, || rayon::join(a, || rayon::join(b_g1, l))));
    Sums { a, b_g1, b_g2, l, h }
}

fn assemble(key: &PreparedKey, sums: &Sums, r: Fr, s: Fr) -> Proof<Bn254> {
    let vk = key.verifying_key();
    let a = sums.a + vk.alpha_g1 + key.delta_g1 * r;
    let b_g1 = sums.b_g1 + key.beta_g1 + key.delta_g1 * s;
    let b = sums.b_g2 + vk.beta_g2 + vk.delta_g2 * s;
    let c = sums.l + sums.h + a * s + b_g1 * r - key.delta_g1 * (r * s);
    Proof { a: a.into_affine(), b: b.into_affine(), c: c.into_affine() }
}

fn verifies(key: &PreparedKey, proof: &Proof<Bn254>, instance: &[Fr]) -> bool {
    let in_groups = in_group(&proof.a) && in_group(&proof.b) && in_group(&proof.c);
    in_groups && Groth16::<Bn254>::verify_proof(key.prepared_verifying_key(), proof, instance).unwrap_or(false)
}
