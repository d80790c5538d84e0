use std::{fs, path::PathBuf};

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInteger, PrimeField};
use assay_gpu::Portable;
use assay_prover::groth16::{Error, PreparedKey, prove_with_blinding};
use sha3::{Digest, Keccak256};

use crate::samples::small;

fn bytes(key: &PreparedKey) -> Vec<u8> {
    let mut out = Vec::new();
    key.write(&mut out).unwrap();
    out
}

/// Gives changed contents a checksum that matches.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let content = bytes.len() - 32;
    let mut root = Keccak256::new();
    root.update(b"assay groth16 key 1");
    root.update((content as u64).to_le_bytes());
    bytes[..content].chunks(1 << 20).for_each(|chunk| root.update(Keccak256::digest(chunk)));
    bytes[content..].copy_from_slice(&root.finalize());
    bytes
}

/// A file that goes away again.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("assay-groth16-{}-{name}", std::process::id()));
        fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_key_survives_its_file() {
    let (r1cs, z, key) = small(20);
    let file = Scratch::new("survives", &bytes(&key));
    let opened = PreparedKey::open(&file.0).unwrap();
    assert_eq!(opened.r1cs(), r1cs);
    assert_eq!(opened.digest(), key.digest());
    assert_eq!(opened.shape(), key.shape());
    assert_eq!(opened.verifying_key(), key.verifying_key());
    assert_eq!(opened.num_bytes() as u64, fs::metadata(&file.0).unwrap().len());
    let (r, s) = (Fr::from(5), Fr::from(6));
    assert_eq!(prove_with_blinding(&Portable, &opened, &z, r, s).unwrap(), prove_with_blinding(&Portable, &key, &z, r, s).unwrap());
}

#[test]
fn a_key_survives_arkworks_form() {
    let (r1cs, _, key) = small(21);
    let ark = key.to_ark();
    let again = PreparedKey::from_ark(&ark, &r1cs).unwrap();
    assert_eq!(bytes(&again), bytes(&key));
    assert_eq!(again.to_ark(), ark);
    assert!(ark.a_query.iter().any(ark_ec::AffineRepr::is_zero), "a query with points at infinity");
}

#[test]
fn every_damaged_byte_is_found() {
    let good = bytes(&small(22).2);
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 0x10;
        let error = PreparedKey::from_bytes(damaged).err().unwrap_or_else(|| panic!("byte {at} passed"));
        let expected = match at {
            0..8 => matches!(error, Error::NotAKey),
            8..12 => matches!(error, Error::Version { .. }),
            88.. => matches!(error, Error::Checksum),
            _ => true,
        };
        assert!(expected, "byte {at}: {error}");
    }
}

#[test]
fn every_other_length_is_found() {
    let good = bytes(&small(23).2);
    for len in 0..good.len() {
        let error = PreparedKey::from_bytes(good[..len].to_vec()).err().unwrap_or_else(|| panic!("{len} bytes passed"));
        assert!(matches!(error, Error::NotAKey | Error::Length { .. }), "{len} bytes: {error}");
    }
    assert!(matches!(PreparedKey::from_bytes([&good[..], &[0]].concat()), Err(Error::Length { .. })));
    let file = Scratch::new("empty", &[]);
    assert!(PreparedKey::open(&file.0).is_err());
    assert!(matches!(PreparedKey::open(&file.0.with_extension("none")), Err(Error::Io(_))));
}

/// With a checksum that matches, every part is still looked at: nothing panics, and what was let through does not lead
/// to a proof unless it is a good one.
#[test]
fn sealed_changes_yield_no_panic_and_no_false_proof() {
    let (_, z, key) = small(24);
    let good = bytes(&key);
    let ours = prove_with_blinding(&Portable, &key, &z, Fr::from(5), Fr::from(6)).unwrap();
    let (mut tried, mut passed) = (0, 0);
    for at in (8..good.len() - 32).step_by(13) {
        tried += 1;
        let mut changed = good.clone();
        changed[at] ^= 0x81;
        let changed = PreparedKey::from_bytes(sealed(changed));
        if let Ok(proof) = changed.and_then(|key| prove_with_blinding(&Portable, &key, &z, Fr::from(5), Fr::from(6))) {
            // Only what this assignment does not use may differ.
            assert_eq!(proof, ours, "byte {at}");
            passed += 1;
        }
    }
    assert!(passed * 5 < tried, "{passed} of {tried} changes without effect");
}

#[test]
fn elements_beyond_the_modulus_are_refused() {
    let good = bytes(&small(25).2);
    let singles = 88;
    for at in [singles, singles + 32, singles + 3 * 64, good.len() - 64, good.len() - 96] {
        let mut changed = good.clone();
        changed[at..at + 32].copy_from_slice(&Fq::MODULUS.to_bytes_le());
        assert!(matches!(PreparedKey::from_bytes(sealed(changed)), Err(Error::Malformed(_))), "byte {at}");
    }
}

#[test]
fn points_of_the_verifying_key_are_checked() {
    let good = bytes(&small(26).2);
    for at in [88, 88 + 3 * 64, 88 + 3 * 64 + 3 * 128] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        let error = PreparedKey::from_bytes(sealed(changed)).err().expect("a refusal");
        assert!(error.to_string().contains("outside its group"), "{error}");
    }
}
