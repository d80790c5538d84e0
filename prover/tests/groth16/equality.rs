use ark_bn254::{Bn254, Fr, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_serialize::CanonicalSerialize;
use assay_circuits::r1cs::R1cs;
use assay_gpu::Portable;
use assay_prover::groth16::{KeptKey, PreparedKey, ark_matrix, prove, prove_with_blinding, setup};

use crate::samples::{Style, on_every_backend, rng, small, system};

/// Our proof and that of arkworks' prover with the same key, assignment and blinding, as bytes.
fn both(r1cs: &R1cs, z: &[Fr], blindings: &[(Fr, Fr)], seed: u64) {
    let ark = setup(r1cs, &mut rng(seed)).unwrap();
    let key = PreparedKey::from_ark(&ark, r1cs).unwrap();
    let matrices = [&r1cs.a, &r1cs.b, &r1cs.c].map(ark_matrix);
    let prepared = prepare_verifying_key(&ark.vk);
    for (r, s) in blindings {
        let ours = prove_with_blinding(&Portable, &key, z, *r, *s).unwrap();
        on_every_backend!(backend => {
            assert_eq!(ours, prove_with_blinding(backend, &key, z, *r, *s).unwrap());
            assert_eq!(ours, KeptKey::new(backend, &key).prove_with_blinding(z, *r, *s).unwrap());
        });
        let theirs = Groth16::<Bn254>::create_proof_with_reduction_and_matrices(
            &ark,
            *r,
            *s,
            &matrices,
            r1cs.num_instance,
            r1cs.num_constraints(),
            z,
        )
        .unwrap();
        let (mut left, mut right) = (Vec::new(), Vec::new());
        ours.serialize_uncompressed(&mut left).unwrap();
        theirs.serialize_uncompressed(&mut right).unwrap();
        assert_eq!(left, right);
        let mut instance = z[1..r1cs.num_instance].to_vec();
        assert!(Groth16::<Bn254>::verify_proof(&prepared, &ours, &instance).unwrap());
        if let Some(first) = instance.first_mut() {
            *first += Fr::ONE;
            assert!(!Groth16::<Bn254>::verify_proof(&prepared, &ours, &instance).unwrap());
        }
    }
}

#[test]
fn proofs_equal_those_of_arkworks() {
    let mut rng = rng(1);
    for (index, (num_constraints, num_instance, booleans, unused)) in [
        (1, 1, 0, 0),
        (1, 2, 0, 0),
        (1, 2, 100, 0),
        (2, 1, 50, 3),
        (3, 5, 0, 0),
        (7, 1, 0, 0),
        (8, 1, 0, 1),
        (60, 4, 0, 0),
        (60, 5, 87, 9),
        (200, 100, 40, 0),
        (1500, 3, 0, 20),
        (1500, 3, 87, 500),
        (1500, 1000, 87, 0),
        (1500, 1, 100, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let (r1cs, z) = system(Style { num_constraints, num_instance, booleans, unused }, &mut rng);
        let blindings = [
            (Fr::rand(&mut rng), Fr::rand(&mut rng)),
            (Fr::ZERO, Fr::ZERO),
            (Fr::ZERO, Fr::rand(&mut rng)),
            (Fr::rand(&mut rng), Fr::ZERO),
        ];
        both(&r1cs, &z, if num_constraints < 100 { &blindings } else { &blindings[..1] }, index as u64);
    }
}

#[test]
fn a_system_without_constraints_is_proven() {
    let r1cs = R1cs { num_instance: 1, num_witness: 0, ..R1cs::default() };
    both(&r1cs, &[Fr::ONE], &[(Fr::from(3), Fr::from(4))], 1);
    let r1cs = R1cs { num_instance: 3, num_witness: 2, ..R1cs::default() };
    both(&r1cs, &[Fr::ONE, Fr::from(5), Fr::from(6), Fr::from(7), Fr::from(8)], &[(Fr::from(3), Fr::from(4))], 2);
}

#[test]
fn proofs_are_blinded_and_verify() {
    let (r1cs, z, key) = small(3);
    let mut rng = rng(4);
    let one = prove(&Portable, &key, &z, &mut rng).unwrap();
    let two = prove(&Portable, &key, &z, &mut rng).unwrap();
    assert!(one.a != two.a && one.b != two.b && one.c != two.c);
    for proof in [one, two] {
        assert!(Groth16::<Bn254>::verify_proof(key.prepared_verifying_key(), &proof, &z[1..r1cs.num_instance]).unwrap());
    }
}

#[test]
fn gamma_is_one() {
    assert_eq!(small(5).2.verifying_key().gamma_g2, G2Affine::generator());
}
