//! Generation, growth, files good and bad, and the import of a file that snarkjs made.

use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::{Header, Origin, Srs, SrsError, fixed_base};

const PTAU: &[u8] = include_bytes!("fixtures/power6.ptau");

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

fn quiet(_: usize) {}

/// A string that looks like a ceremony's: a tau that nobody published.
fn imported(num_powers: usize) -> Srs {
    let tau = Fr::rand(&mut rng());
    Srs {
        g1: fixed_base::powers(G1Affine::generator(), tau, 0, num_powers, &quiet),
        g2: [G2Affine::generator(), (G2Affine::generator() * tau).into_affine()],
        origin: Origin::Imported,
    }
}

fn encode(srs: &Srs) -> Vec<u8> {
    let mut bytes = Vec::new();
    srs.write(&mut bytes).unwrap();
    bytes
}

fn decode(bytes: &[u8], num_powers: Option<usize>) -> Result<Srs, SrsError> {
    Srs::read(&mut Cursor::new(bytes), num_powers)
}

fn import(bytes: &[u8], num_powers: Option<usize>) -> Result<Srs, SrsError> {
    Srs::import_ptau(&mut Cursor::new(bytes), num_powers, &mut rng(), &quiet)
}

#[test]
fn fixed_base_powers_equal_repeated_multiplication() {
    let base = (G1Affine::generator() * Fr::from(5)).into_affine();
    for (tau, count) in [(Fr::rand(&mut rng()), 3000), (-Fr::ONE, 5), (Fr::from(2), 300), (Fr::from(0), 3)] {
        let points = fixed_base::powers(base, tau, 3, count, &quiet);
        let mut scalar = tau.pow([3]);
        for point in &points {
            assert_eq!(*point, (base * scalar).into_affine());
            scalar *= tau;
        }
        assert_eq!(points.len(), count);
    }
}

#[test]
fn development_string_is_consistent_and_reports_progress() {
    let done = AtomicUsize::new(0);
    let srs = Srs::development(2500, &|n| {
        done.fetch_add(n, Ordering::Relaxed);
    });
    assert_eq!(done.load(Ordering::Relaxed), 2500);
    assert_eq!(srs.num_powers(), 2500);
    assert_eq!(Bn254::pairing(srs.g1[1], G2Affine::generator()), Bn254::pairing(G1Affine::generator(), srs.g2[1]));
    srs.verify_consistency(&mut rng()).unwrap();
}

#[test]
fn growing_equals_generating_and_keeps_the_digest() {
    let whole = Srs::development(1500, &quiet);
    let mut grown = Srs::development(1, &quiet);
    assert_eq!(grown.digest(), whole.digest());
    grown.grow(700, &quiet).unwrap();
    grown.grow(1500, &quiet).unwrap();
    grown.grow(10, &quiet).unwrap();
    assert_eq!(grown, whole);
    grown.truncate(700);
    assert_eq!(grown.g1, whole.g1[..700]);
}

#[test]
fn the_development_digest_never_changes() {
    let digest: String = Srs::development(1, &quiet).digest().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(digest, "3e1cecbcf512cb794dd88e0a20c601bcc0892389e2f0313a6257e5d18e0d7010");
}

#[test]
fn digest_depends_on_tau_and_origin() {
    let mut srs = imported(2);
    assert!(!srs.reference().development && Srs::development(2, &quiet).reference().development);
    let first = srs.digest();
    assert_ne!(first, Srs::development(2, &quiet).digest());
    srs.origin = Origin::Development;
    assert_ne!(first, srs.digest());
}

#[test]
fn imported_string_does_not_grow() {
    assert!(matches!(imported(4).grow(5, &quiet), Err(SrsError::CannotGrow { available: 4, needed: 5 })));
}

#[test]
fn file_round_trips_in_whole_and_in_part() {
    for num_powers in [1, 2, 4095, 4096, 4097, 9000] {
        let srs = imported(num_powers);
        let bytes = encode(&srs);
        assert_eq!(decode(&bytes, None).unwrap(), srs);
        let header = Header::read(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!((header.num_powers, header.digest), (num_powers as u64, srs.digest()));
        for part in [1, num_powers / 2, num_powers] {
            let mut expected = srs.clone();
            expected.truncate(part);
            assert_eq!(decode(&bytes, Some(part)).unwrap(), expected);
        }
        assert!(matches!(
            decode(&bytes, Some(num_powers + 1)),
            Err(SrsError::TooFewPowers { needed, available, .. }) if needed == available + 1
        ));
    }
}

#[test]
fn every_damaged_byte_of_a_file_is_noticed() {
    let bytes = encode(&imported(3));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(decode(&damaged, None).is_err(), "byte {at}");
    }
}

#[test]
fn truncated_and_extended_files_are_refused() {
    let bytes = encode(&imported(5000));
    for length in [0, 1, 8, 100, 343, 344, 400, bytes.len() - 1] {
        assert!(decode(&bytes[..length], Some(1)).is_err(), "{length} bytes");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(decode(&longer, None), Err(SrsError::WrongLength { .. })));
}

#[test]
fn damage_beyond_the_powers_read_does_not_disturb() {
    let mut bytes = encode(&imported(9000));
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    decode(&bytes, Some(4096)).unwrap();
    assert!(matches!(decode(&bytes, None), Err(SrsError::Checksum { what }) if what.contains("block 2")));
}

#[test]
fn blocks_of_another_file_are_noticed() {
    let (mut ours, other) = (encode(&Srs::development(2, &quiet)), encode(&imported(2)));
    ours[344..].copy_from_slice(&other[344..]);
    assert!(matches!(decode(&ours, None), Err(SrsError::Checksum { .. })));
}

#[test]
fn development_mark_must_be_honest() {
    let mut laundered = Srs::development(3, &quiet);
    laundered.origin = Origin::Imported;
    assert!(matches!(decode(&encode(&laundered), None), Err(SrsError::Inconsistent { what }) if what.contains("public")));
    let mut disguised = imported(3);
    disguised.origin = Origin::Development;
    assert!(matches!(decode(&encode(&disguised), None), Err(SrsError::Inconsistent { .. })));
}

#[test]
fn inconsistent_powers_are_rejected() {
    let good = imported(70);
    good.verify_consistency(&mut rng()).unwrap();
    let mut swapped = good.clone();
    swapped.g1.swap(20, 21);
    let mut last = good.clone();
    last.g1[69] = (last.g1[69] + G1Affine::generator()).into_affine();
    let mut other_tau = good.clone();
    other_tau.g2[1] = (other_tau.g2[1] + G2Affine::generator()).into_affine();
    for bad in [swapped, last, other_tau] {
        assert!(matches!(bad.verify_consistency(&mut rng()), Err(SrsError::Inconsistent { what }) if what.contains("successive")));
    }
    let mut scaled = good.clone();
    scaled.g1 = scaled.g1.iter().map(|p| (*p + p).into_affine()).collect();
    assert!(matches!(scaled.verify_consistency(&mut rng()), Err(SrsError::Inconsistent { what }) if what.contains("generator")));
    let mut infinite = good.clone();
    infinite.g1[5] = G1Affine::zero();
    assert!(matches!(infinite.verify_consistency(&mut rng()), Err(SrsError::InvalidPoint { what }) if what.contains("power 5")));
    let mut off_curve = good;
    off_curve.g1[6].x += ark_bn254::Fq::ONE;
    assert!(matches!(off_curve.verify_consistency(&mut rng()), Err(SrsError::InvalidPoint { what }) if what.contains("power 6")));
}

#[test]
fn imports_what_snarkjs_wrote() {
    let srs = import(PTAU, None).unwrap();
    assert_eq!(srs.num_powers(), 127);
    assert_eq!(Srs::ptau_powers(&mut Cursor::new(PTAU)).unwrap(), 127);
    assert_eq!(srs.origin, Origin::Imported);
    let part = import(PTAU, Some(10)).unwrap();
    assert_eq!(part.g1, srs.g1[..10]);
    assert_eq!(part.digest(), srs.digest());
    assert_eq!(decode(&encode(&srs), None).unwrap(), srs);
    assert!(matches!(import(PTAU, Some(128)), Err(SrsError::TooFewPowers { needed: 128, available: 127, .. })));
}

#[test]
fn damaged_ptau_points_are_rejected() {
    // tauG1 begins at byte 80: two section headers of 12 bytes, the file's 12 and the header section's 44.
    for (at, what) in [(80, "power 0"), (80 + 64 * 3 + 40, "power 3"), (80 + 127 * 64 + 12 + 128, "power 1 in G2")] {
        let mut damaged = PTAU.to_vec();
        damaged[at] ^= 1;
        assert!(matches!(import(&damaged, None), Err(SrsError::InvalidPoint { what: w }) if w.contains(what)), "{at}");
    }
    let mut swapped = PTAU.to_vec();
    swapped[80 + 64 * 7..80 + 64 * 9].rotate_left(64);
    assert!(matches!(import(&swapped, None), Err(SrsError::Inconsistent { .. })));
    let mut infinite = PTAU.to_vec();
    infinite[80 + 64 * 7..80 + 64 * 8].fill(0);
    assert!(matches!(import(&infinite, None), Err(SrsError::InvalidPoint { what }) if what.contains("power 7")));
}

#[test]
fn hostile_ptau_headers_are_rejected() {
    let patched = |at: usize, bytes: &[u8]| {
        let mut file = PTAU.to_vec();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        import(&file, None)
    };
    assert!(matches!(patched(0, b"zkey"), Err(SrsError::WrongMagic { .. })));
    assert!(matches!(patched(4, &[2]), Err(SrsError::UnsupportedVersion { found: 2, .. })));
    assert!(matches!(patched(8, &[0xff; 4]), Err(SrsError::InvalidHeader { .. })));
    assert!(matches!(patched(8, &[1]), Err(SrsError::InvalidHeader { what: "the set of sections", .. })));
    assert!(matches!(patched(16, &[0xff; 8]), Err(SrsError::WrongLength { .. })));
    assert!(matches!(patched(24, &[48]), Err(SrsError::InvalidHeader { what: "the size of a coordinate", .. })));
    assert!(matches!(patched(30, &[0]), Err(SrsError::InvalidHeader { what: "the curve", .. })));
    assert!(matches!(patched(60, &[0xff; 4]), Err(SrsError::InvalidHeader { what: "the power", .. })));
    // A power that the sections do not have: refused before its 2^29 points are allocated.
    assert!(matches!(patched(60, &[28]), Err(SrsError::WrongLength { .. })));
    assert!(matches!(patched(60, &[0]), Err(SrsError::WrongLength { .. })));
    for length in [0, 3, 11, 12, 20, 79, 5000, PTAU.len() - 1] {
        assert!(import(&PTAU[..length], Some(2)).is_err(), "{length} bytes");
    }
}
