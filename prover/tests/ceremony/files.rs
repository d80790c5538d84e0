//! Files of ceremonies and of constraint systems: good ones come back, hostile ones are errors.

use std::io::Cursor;

use ark_ec::AffineRepr;
use ark_ff::PrimeField;
use assay_circuits::r1cs::R1cs;
use assay_prover::ceremony::{Beacon, CeremonyError, State};
use assay_prover::iden3::{read_r1cs, write_r1cs};
use rand::Rng;

use super::circuits;
use super::powers::Trapdoor;
use super::{circuit, initial, rng, series};

fn state() -> State {
    let mut state = series(&initial(&circuit().0, &Trapdoor::random(50)), 2).pop().unwrap();
    state.apply_beacon(Beacon::new(vec![5; 20], 10).unwrap(), "a beacon").unwrap();
    state
}

fn encode(state: &State) -> Vec<u8> {
    let mut bytes = Vec::new();
    state.write(&mut bytes).unwrap();
    bytes
}

fn decode(bytes: &[u8]) -> Result<State, CeremonyError> {
    State::read(&mut Cursor::new(bytes))
}

/// Offsets within a file: magic and version, three hashes, delta in both groups, then the two counts and L.
const COUNTS: usize = 12 + 128 + 192;

#[test]
fn a_state_comes_back_identities_included() {
    let state = state();
    assert!(state.l.iter().any(AffineRepr::is_zero));
    assert_eq!(decode(&encode(&state)).unwrap(), state);
}

#[test]
fn truncated_and_extended_files_are_errors() {
    let mut bytes = encode(&state());
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err(), "{length}");
    }
    bytes.push(0);
    assert!(matches!(decode(&bytes), Err(CeremonyError::InvalidField { .. })));
}

#[test]
fn every_flipped_bit_is_an_error() {
    let bytes = encode(&state());
    let mut rng = rng();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << rng.gen_range(0..8);
        assert!(decode(&damaged).is_err(), "{at}");
    }
}

#[test]
fn counts_beyond_the_file_are_refused_before_anything_is_allocated() {
    let bytes = encode(&state());
    let state = decode(&bytes).unwrap();
    let contributions = COUNTS + 8 + 64 * (state.l.len() + state.h.len());
    for at in [COUNTS, COUNTS + 4, contributions] {
        let mut hostile = bytes.clone();
        hostile[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(decode(&hostile), Err(CeremonyError::InvalidField { .. })), "{at}");
    }
}

#[test]
fn identities_and_unreduced_coordinates_are_not_points() {
    let bytes = encode(&state());
    let state = decode(&bytes).unwrap();
    let (delta, first_h) = (12 + 128, COUNTS + 8 + 64 * state.l.len());
    for at in [delta, first_h] {
        let mut hostile = bytes.clone();
        hostile[at..at + 64].fill(0);
        assert!(matches!(decode(&hostile), Err(CeremonyError::InvalidPoint { .. })), "{at}");
        let mut unreduced = bytes.clone();
        let mut x = ark_bn254::Fq::MODULUS;
        let found = ark_ff::BigInt::new(std::array::from_fn(|i| u64::from_le_bytes(bytes[at + 8 * i..at + 8 * i + 8].try_into().unwrap())));
        if !ark_ff::BigInteger::add_with_carry(&mut x, &found) {
            unreduced[at..at + 32].copy_from_slice(&ark_ff::BigInteger::to_bytes_le(&x));
            assert!(matches!(decode(&unreduced), Err(CeremonyError::InvalidPoint { .. })), "{at}");
        }
    }
}

#[test]
fn other_files_and_versions_are_told_apart() {
    assert!(matches!(decode(b"assaysrs and more"), Err(CeremonyError::WrongMagic { .. })));
    assert!(matches!(decode(b""), Err(CeremonyError::WrongMagic { .. })));
    let mut bytes = encode(&state());
    bytes[8] = 2;
    assert!(matches!(decode(&bytes), Err(CeremonyError::InvalidField { what: "the format version", .. })));
}

fn r1cs_bytes(r1cs: &R1cs) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_r1cs(r1cs, &mut bytes).unwrap();
    bytes
}

#[test]
fn constraint_systems_come_back() {
    for (r1cs, _) in [circuit(), circuits::cubic(2)] {
        assert_eq!(read_r1cs(&mut Cursor::new(r1cs_bytes(&r1cs))).unwrap(), r1cs);
    }
}

#[test]
fn damaged_constraint_systems_are_errors_and_never_panic() {
    let bytes = r1cs_bytes(&circuit().0);
    for length in 0..bytes.len() - 1 {
        assert!(read_r1cs(&mut Cursor::new(&bytes[..length])).is_err(), "{length}");
    }
    let mut rng = rng();
    for _ in 0..5000 {
        let mut damaged = bytes.clone();
        for _ in 0..3 {
            let at = rng.gen_range(0..200.min(damaged.len()));
            damaged[at] = rng.r#gen();
        }
        // Some changes make another, valid system: coefficients are arbitrary.
        let _ = read_r1cs(&mut Cursor::new(&damaged));
    }
}

#[test]
fn hostile_counts_in_constraint_systems_are_refused() {
    let bytes = r1cs_bytes(&circuit().0);
    // Wires, constraints, and the first row's terms: after 12 + 12 bytes of headers, the section of 64 bytes and the next header.
    for at in [24 + 44, 24 + 60, 24 + 64 + 12] {
        let mut hostile = bytes.clone();
        hostile[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(read_r1cs(&mut Cursor::new(&hostile)).is_err(), "{at}");
    }
}
