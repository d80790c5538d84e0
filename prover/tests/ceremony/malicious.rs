//! Contributors, and coordinators, who cheat: one attack a test, and who is blamed.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use assay_prover::ceremony::{Beacon, CeremonyError, Fault, Initial, State, verify, verify_series};

use super::circuits;
use super::powers::Trapdoor;
use super::{circuit, initial, rng, series};

fn setting() -> Initial {
    initial(&circuit().0, &Trapdoor::random(40))
}

/// The second of three contributors spoils the state before passing it on, and the third continues in good faith.
fn spoiled_by_the_second(initial: &Initial, spoil: impl FnOnce(&mut State)) -> Vec<State> {
    let mut states = series(initial, 2);
    spoil(&mut states[1]);
    let mut last = states[1].clone();
    last.contribute("third", b"", &mut rng()).unwrap();
    states.push(last);
    states
}

fn series_of(initial: &Initial, states: &[State]) -> Result<(), CeremonyError> {
    verify_series(initial, states.iter().cloned().map(Ok), &mut rng()).map(drop)
}

/// The last file alone shows that something is wrong; the series shows that it was the second contribution.
fn assert_parameters_blamed(initial: &Initial, states: &[State], expected: &str) {
    for (result, blamed) in [(verify(initial, &states[2], &mut rng()), 3), (series_of(initial, states), 2)] {
        match result {
            Err(CeremonyError::Parameters { number, what }) => assert_eq!((number, what), (blamed, expected)),
            other => panic!("{other:?}"),
        }
    }
}

fn assert_fault(result: Result<(), CeremonyError>, expected: Fault, who: usize) {
    match result {
        Err(CeremonyError::Contribution { number, fault, .. }) => assert_eq!((number, fault), (who, expected)),
        other => panic!("{other:?}"),
    }
}

fn add_g1(point: &mut G1Affine) {
    *point = (*point + G1Affine::generator()).into_affine();
}

#[test]
fn detects_a_spoiled_l_point_and_who_spoiled_it() {
    let initial = setting();
    let last = initial.key.l_query.iter().rposition(|point| !point.is_zero()).unwrap();
    for index in [0, last] {
        let states = spoiled_by_the_second(&initial, |state| add_g1(&mut state.l[index]));
        assert_parameters_blamed(&initial, &states, "the L query");
    }
}

#[test]
fn detects_an_l_point_where_the_circuit_has_none() {
    let initial = setting();
    let unused = initial.key.l_query.iter().position(AffineRepr::is_zero).unwrap();
    let states = spoiled_by_the_second(&initial, |state| add_g1(&mut state.l[unused]));
    assert_parameters_blamed(&initial, &states, "the L query");
}

#[test]
fn detects_a_spoiled_h_point_and_who_spoiled_it() {
    let initial = setting();
    for index in [0, initial.key.h_query.len() - 1] {
        let states = spoiled_by_the_second(&initial, |state| add_g1(&mut state.h[index]));
        assert_parameters_blamed(&initial, &states, "the H query");
    }
}

#[test]
fn detects_swapped_and_missing_points() {
    let initial = setting();
    let states = spoiled_by_the_second(&initial, |state| state.h.swap(0, 1));
    assert_parameters_blamed(&initial, &states, "the H query");
    let states = spoiled_by_the_second(&initial, |state| state.l.truncate(1));
    assert_parameters_blamed(&initial, &states, "the L query");
    let states = spoiled_by_the_second(&initial, |state| state.h.push(G1Affine::generator()));
    assert_parameters_blamed(&initial, &states, "the H query");
}

#[test]
fn detects_l_and_h_left_undivided() {
    let initial = setting();
    let states = spoiled_by_the_second(&initial, |state| {
        state.l.clone_from(&initial.key.l_query);
        state.h.clone_from(&initial.key.h_query);
    });
    assert_parameters_blamed(&initial, &states, "the L query");
}

#[test]
fn detects_a_delta_that_differs_between_the_groups() {
    let initial = setting();
    let spoil = |state: &mut State| state.delta_g2 = (state.delta_g2 + G2Affine::generator()).into_affine();
    assert_parameters_blamed(&initial, &spoiled_by_the_second(&initial, spoil), "delta in G2");
}

#[test]
fn detects_a_delta_that_is_not_the_contributions() {
    let initial = setting();
    let mut state = series(&initial, 2).pop().unwrap();
    add_g1(&mut state.delta_g1);
    let result = verify(&initial, &state, &mut rng());
    assert!(matches!(result, Err(CeremonyError::Parameters { number: 2, what: "delta in G1" })), "{result:?}");
}

#[test]
fn detects_a_recorded_delta_other_than_the_proven_secrets() {
    let initial = setting();
    let mut state = series(&initial, 3).pop().unwrap();
    add_g1(&mut state.contributions[2].delta_g1);
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Delta, 3);
    // Everything scaled consistently, but by a factor that the proof does not cover: delta taken out of the air.
    let mut state = series(&initial, 3).pop().unwrap();
    let factor = Fr::from(77);
    let scale = |point: &G1Affine, factor: Fr| (*point * factor).into_affine();
    state.delta_g1 = scale(&state.delta_g1, factor);
    state.delta_g2 = (state.delta_g2 * factor).into_affine();
    state.contributions[2].delta_g1 = state.delta_g1;
    for point in state.l.iter_mut().chain(&mut state.h) {
        *point = scale(point, factor.inverse().unwrap());
    }
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Delta, 3);
}

#[test]
fn detects_a_wrong_proof_of_knowledge() {
    let initial = setting();
    let mut state = series(&initial, 3).pop().unwrap();
    let rx = &mut state.contributions[2].rx;
    *rx = (*rx + G2Affine::generator()).into_affine();
    assert_fault(verify(&initial, &state, &mut rng()), Fault::ProofOfKnowledge, 3);
}

#[test]
fn detects_a_replayed_proof() {
    let initial = setting();
    let honest = series(&initial, 2);
    // The proof of the first contributor, whose secret the cheat does not know, presented a second time.
    let mut state = honest[0].clone();
    state.contributions.push(honest[0].contributions[0].clone());
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Transcript, 2);
    // The hash of another contribution at this place does not cover these points.
    state.contributions[1].transcript = honest[1].contributions[1].transcript;
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Transcript, 2);
    // With the right hash, the old proof is not about the point that it hashes to.
    let mut state = honest[0].clone();
    state.contribute("first again", b"first", &mut rng()).unwrap();
    let [first, again] = state.contributions.as_mut_slice() else { panic!("two contributions") };
    assert_eq!((first.s, first.sx), (again.s, again.sx));
    again.rx = first.rx;
    assert_fault(verify(&initial, &state, &mut rng()), Fault::ProofOfKnowledge, 2);
}

#[test]
fn detects_a_dropped_predecessor() {
    let initial = setting();
    let honest = series(&initial, 3);
    let mut state = honest[2].clone();
    state.contributions.remove(1);
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Transcript, 2);
    // A coordinator who restarts from the first file produces a valid ceremony; the series shows what went missing.
    let mut restarted = honest[0].clone();
    restarted.contribute("coordinator", b"", &mut rng()).unwrap();
    verify(&initial, &restarted, &mut rng()).unwrap();
    let files = [honest[0].clone(), honest[1].clone(), restarted];
    let result = series_of(&initial, &files);
    assert!(matches!(result, Err(CeremonyError::NotAContinuation { number: 2, at: 2 })), "{result:?}");
}

#[test]
fn detects_reordered_contributions() {
    let initial = setting();
    let mut state = series(&initial, 3).pop().unwrap();
    state.contributions.swap(0, 1);
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Transcript, 1);
}

#[test]
fn detects_another_circuit() {
    let trapdoor = Trapdoor::random(41);
    let (r1cs, _) = circuit();
    let honest = initial(&r1cs, &trapdoor);
    let mut other = r1cs.clone();
    other.a.values[0] += Fr::ONE;
    let other = initial(&other, &trapdoor);
    let mut state = series(&other, 2).pop().unwrap();
    assert!(matches!(verify(&honest, &state, &mut rng()), Err(CeremonyError::WrongCircuit { .. })));
    // The digest claims the right circuit; the parameters, and then the transcript, do not follow.
    state.circuit = honest.circuit;
    assert!(matches!(verify(&honest, &state, &mut rng()), Err(CeremonyError::OtherBeginning)));
    state.parameters = honest.parameters;
    assert_fault(verify(&honest, &state, &mut rng()), Fault::Transcript, 1);
}

#[test]
fn detects_other_powers_of_tau() {
    let (r1cs, _) = circuit();
    let [honest, other] = [42, 43].map(|seed| initial(&r1cs, &Trapdoor::random(seed)));
    let mut state = series(&other, 1).pop().unwrap();
    assert!(matches!(verify(&honest, &state, &mut rng()), Err(CeremonyError::OtherPowersOfTau { .. })));
    state.phase1 = honest.phase1;
    assert!(matches!(verify(&honest, &state, &mut rng()), Err(CeremonyError::OtherBeginning)));
}

#[test]
fn detects_parameters_of_other_powers_under_an_honest_beginning() {
    let (r1cs, _) = circuit();
    let [honest, other] = [44, 45].map(|seed| initial(&r1cs, &Trapdoor::random(seed)));
    let mut begin = State::begin(&honest);
    begin.h = State::begin(&other).h;
    begin.contribute("first", b"", &mut rng()).unwrap();
    let result = verify(&honest, &begin, &mut rng());
    assert!(matches!(result, Err(CeremonyError::Parameters { number: 1, what: "the H query" })), "{result:?}");
}

#[test]
fn detects_a_beacon_whose_secret_is_not_its_values() {
    let initial = setting();
    let mut state = series(&initial, 3).pop().unwrap();
    // A private contribution passed off as the beacon's.
    state.contributions[2].beacon = Some(Beacon::new(vec![7; 32], 10).unwrap());
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Beacon, 3);
    state.contributions[2].beacon = None;
    state.apply_beacon(Beacon::new(vec![7; 32], 10).unwrap(), "").unwrap();
    verify(&initial, &state, &mut rng()).unwrap();
    state.contributions[3].beacon = Some(Beacon::new(vec![7; 32], 11).unwrap());
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Beacon, 4);
}

#[test]
fn detects_what_follows_a_beacon() {
    let initial = setting();
    let mut state = series(&initial, 1).pop().unwrap();
    let beacon = Beacon::new(vec![7; 32], 10).unwrap();
    state.apply_beacon(beacon.clone(), "").unwrap();
    state.contributions[1].beacon = None;
    state.contribute("late", b"", &mut rng()).unwrap();
    state.contributions[1].beacon = Some(beacon);
    assert_fault(verify(&initial, &state, &mut rng()), Fault::AfterBeacon, 3);
}

#[test]
fn detects_a_secret_of_zero() {
    let initial = setting();
    let mut state = series(&initial, 1).pop().unwrap();
    state.contributions[0].delta_g1 = G1Affine::zero();
    state.delta_g1 = G1Affine::zero();
    state.delta_g2 = G2Affine::zero();
    assert_fault(verify(&initial, &state, &mut rng()), Fault::Identity, 1);
}

#[test]
fn three_contributions_one_of_them_malicious() {
    let (r1cs, _) = circuits::cubic(3);
    let initial = initial(&r1cs, &Trapdoor::random(46));
    let states = spoiled_by_the_second(&initial, |state| {
        // Keeps the old delta in the books, so as to have contributed nothing.
        let contribution = state.contributions.last_mut().unwrap();
        contribution.sx = contribution.s;
    });
    assert_fault(verify(&initial, &states[2], &mut rng()), Fault::Transcript, 2);
    assert_fault(series_of(&initial, &states), Fault::Transcript, 2);
    verify(&initial, &states[0], &mut rng()).unwrap();
}
