//! Ceremonies in which everyone behaves.

use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use assay_circuits::r1cs::{Matrix, R1cs};
use assay_prover::ceremony::{Beacon, CeremonyError, Initial, State, finish, log_domain, verify, verify_series};

use super::circuits;
use super::powers::{self, POWER, Trapdoor};
use super::{circuit, initial, rng, series};

fn beacon() -> Beacon {
    Beacon::new(b"the hash of a block".to_vec(), 10).unwrap()
}

fn on_g1(scalar: Fr) -> G1Affine {
    (G1Affine::generator() * scalar).into_affine()
}

fn on_g2(scalar: Fr) -> G2Affine {
    (G2Affine::generator() * scalar).into_affine()
}

/// Column `j` of a matrix, as a polynomial, at the point whose Lagrange polynomials are given.
fn column(matrix: &Matrix, j: usize, lagrange: &[Fr]) -> Fr {
    let entry = |row| matrix.row(row).filter(|(column, _)| *column == j).map(|(_, value)| value).sum::<Fr>();
    (0..matrix.num_rows()).map(|row| entry(row) * lagrange[row]).sum()
}

/// The key computed from its definition, with the secrets in the open.
fn assert_initial_parameters(initial: &Initial, r1cs: &R1cs, trapdoor: &Trapdoor) {
    let Trapdoor { tau, alpha, beta } = *trapdoor;
    let domain = Radix2EvaluationDomain::<Fr>::new(r1cs.num_constraints() + r1cs.num_instance).unwrap();
    let lagrange = domain.evaluate_all_lagrange_coefficients(tau);
    let key = &initial.key;
    for j in 0..r1cs.num_variables() {
        let public = if j < r1cs.num_instance { lagrange[r1cs.num_constraints() + j] } else { Fr::from(0) };
        let u = column(&r1cs.a, j, &lagrange) + public;
        let (v, w) = (column(&r1cs.b, j, &lagrange), column(&r1cs.c, j, &lagrange));
        assert_eq!(key.a_query[j], on_g1(u), "A {j}");
        assert_eq!(key.b_g1_query[j], on_g1(v), "B {j}");
        assert_eq!(key.b_g2_query[j], on_g2(v), "B {j} in G2");
        let k = if j < r1cs.num_instance { key.vk.gamma_abc_g1[j] } else { key.l_query[j - r1cs.num_instance] };
        assert_eq!(k, on_g1(beta * u + alpha * v + w), "K {j}");
    }
    assert_eq!(key.h_query.len(), domain.size() - 1);
    for (i, h) in key.h_query.iter().enumerate() {
        assert_eq!(*h, on_g1(tau.pow([i as u64]) * domain.evaluate_vanishing_polynomial(tau)), "H {i}");
    }
    assert_eq!((key.vk.alpha_g1, key.beta_g1, key.vk.beta_g2), (on_g1(alpha), on_g1(beta), on_g2(beta)));
    assert_eq!((key.delta_g1, key.vk.delta_g2, key.vk.gamma_g2), (on_g1(Fr::ONE), on_g2(Fr::ONE), on_g2(Fr::ONE)));
}

#[test]
fn initial_parameters_are_those_that_the_trapdoor_gives() {
    let trapdoor = Trapdoor::random(20);
    // 12 points in a domain of 16; 32 in one of 32, the power of the file; one constraint and nothing public.
    for (num_public, rows) in [(2, 9), (3, 28), (0, 1)] {
        let (r1cs, _) = circuits::random(num_public, rows, &mut rng());
        assert_initial_parameters(&initial(&r1cs, &trapdoor), &r1cs, &trapdoor);
    }
    let (r1cs, _) = circuits::cubic(3);
    assert_initial_parameters(&initial(&r1cs, &trapdoor), &r1cs, &trapdoor);
}

#[test]
fn powers_without_lagrange_forms_give_the_same_parameters() {
    let trapdoor = Trapdoor::random(21);
    let (r1cs, _) = circuit();
    let log = log_domain(&r1cs).unwrap();
    assert!(log < POWER);
    let [with, without] = [true, false].map(|lagrange| {
        let phase1 = powers::read(&powers::file(&trapdoor.sections(lagrange)), log).unwrap();
        Initial::new(&phase1, &r1cs).unwrap()
    });
    assert_eq!(with.key, without.key);
    assert_eq!((with.parameters, with.phase1), (without.parameters, without.phase1));
}

#[test]
fn a_finished_ceremony_gives_keys_that_prove_and_verify() {
    for (r1cs, z) in [circuits::cubic(7), circuit()] {
        let initial = initial(&r1cs, &Trapdoor::random(22));
        let mut state = series(&initial, 3).pop().unwrap();
        state.apply_beacon(beacon(), "beacon").unwrap();
        let key = finish(initial, &state, &mut rng()).unwrap();
        let proof = circuits::prove(&key, &r1cs, &z, &mut rng());
        let prepared = prepare_verifying_key(&key.vk);
        let public = &z[1..r1cs.num_instance];
        assert!(Groth16::<Bn254>::verify_proof(&prepared, &proof, public).unwrap());
        let mut wrong = public.to_vec();
        wrong[0] += Fr::ONE;
        assert!(!Groth16::<Bn254>::verify_proof(&prepared, &proof, &wrong).unwrap());
        let mut invalid = z.clone();
        invalid[r1cs.num_instance] += Fr::ONE;
        let proof = circuits::prove(&key, &r1cs, &invalid, &mut rng());
        assert!(!Groth16::<Bn254>::verify_proof(&prepared, &proof, public).unwrap());
    }
}

#[test]
fn every_state_of_an_honest_ceremony_verifies() {
    let (r1cs, _) = circuit();
    let initial = initial(&r1cs, &Trapdoor::random(23));
    verify(&initial, &State::begin(&initial), &mut rng()).unwrap();
    let mut states = series(&initial, 3);
    let mut last = states[2].clone();
    let hash = last.apply_beacon(beacon(), "beacon").unwrap();
    assert_eq!(last.contributions[3].hash(), hash);
    states.push(last);
    let contributions = states[3].contributions.clone();
    assert_eq!(verify_series(&initial, states.into_iter().map(Ok), &mut rng()).unwrap(), contributions);
}

#[test]
fn delta_is_the_product_of_the_secrets_in_both_groups() {
    let (r1cs, _) = circuit();
    let initial = initial(&r1cs, &Trapdoor::random(24));
    let states = series(&initial, 2);
    let deltas: Vec<G1Affine> = states.iter().map(|state| state.delta_g1).collect();
    assert!(deltas[0] != deltas[1] && deltas[0] != initial.key.delta_g1);
    for state in &states {
        assert_eq!(Bn254::pairing(state.delta_g1, on_g2(Fr::ONE)), Bn254::pairing(on_g1(Fr::ONE), state.delta_g2));
    }
}

#[test]
fn entropy_and_randomness_both_change_the_secret() {
    let (r1cs, _) = circuits::cubic(3);
    let initial = initial(&r1cs, &Trapdoor::random(25));
    let delta = |entropy: &[u8], seed: u64| {
        let mut state = State::begin(&initial);
        state.contribute("", entropy, &mut <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(seed)).unwrap();
        state.delta_g1
    };
    assert_eq!(delta(b"x", 1), delta(b"x", 1));
    assert_ne!(delta(b"x", 1), delta(b"y", 1));
    assert_ne!(delta(b"x", 1), delta(b"x", 2));
}

#[test]
fn a_ceremony_ends_with_a_beacon_and_not_before_someone_contributed() {
    let (r1cs, _) = circuits::cubic(3);
    let initial = initial(&r1cs, &Trapdoor::random(26));
    let mut state = State::begin(&initial);
    assert!(matches!(state.apply_beacon(beacon(), ""), Err(CeremonyError::NoContribution)));
    assert!(matches!(finish(initial.clone(), &state, &mut rng()), Err(CeremonyError::NoContribution)));
    state.contribute("only", b"", &mut rng()).unwrap();
    assert!(matches!(finish(initial.clone(), &state, &mut rng()), Err(CeremonyError::NotFinished)));
    state.apply_beacon(beacon(), "").unwrap();
    assert!(matches!(state.contribute("late", b"", &mut rng()), Err(CeremonyError::Finished { number: 2 })));
    finish(initial, &state, &mut rng()).unwrap();
}

#[test]
fn refuses_names_and_beacons_that_cannot_be_recorded() {
    let (r1cs, _) = circuits::cubic(3);
    let mut state = State::begin(&initial(&r1cs, &Trapdoor::random(27)));
    for name in ["a\nb".to_owned(), "x".repeat(65)] {
        assert!(matches!(state.contribute(&name, b"", &mut rng()), Err(CeremonyError::InvalidInput { .. })));
    }
    assert!(state.contributions.is_empty());
    for (length, log) in [(0, 10), (256, 10), (32, 9), (32, 31)] {
        assert!(matches!(Beacon::new(vec![1; length], log), Err(CeremonyError::InvalidInput { .. })));
    }
}

#[test]
fn refuses_malformed_circuits() {
    let (good, _) = circuit();
    let change = |edit: fn(&mut R1cs)| {
        let mut r1cs = good.clone();
        edit(&mut r1cs);
        assert!(matches!(log_domain(&r1cs), Err(CeremonyError::Circuit { .. })));
    };
    change(|r1cs| r1cs.num_instance = 0);
    change(|r1cs| r1cs.num_witness = 1);
    change(|r1cs| r1cs.a.push([]));
    change(|r1cs| r1cs.b.starts[1] = u32::MAX);
    change(|r1cs| *r1cs.c.starts.last_mut().unwrap() += 1);
    change(|r1cs| r1cs.c.starts.clear());
    change(|r1cs| r1cs.a.values.truncate(1));
    change(|r1cs| *r1cs = R1cs { num_instance: 1, ..R1cs::default() });
}
