//! Frozen wrapped receipts: they verify, and nothing that was changed does.

use crate::vectors::WRAPPED;
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_verifier::{Error, WrapKey, WrappedReceipt};

#[test]
fn frozen_wrapped_receipts_verify() {
    for (name, receipt, key) in WRAPPED {
        let (decoded, key_decoded) = (WrappedReceipt::decode(receipt).unwrap(), WrapKey::decode(key).unwrap());
        assert_eq!((decoded.encode().as_slice(), key_decoded.encode().as_slice()), (receipt, key), "{name}");
        let verified = key_decoded.verify(&decoded).unwrap();
        assert!(verified.development);
        assert_eq!(verified.statement.context, b"to whom it may concern");
    }
}

#[test]
fn three_hundred_mutations_of_each_are_refused() {
    let mut rng = StdRng::seed_from_u64(7);
    for (name, receipt, key) in WRAPPED {
        let key = WrapKey::decode(key).unwrap();
        for _ in 0..300 {
            let mut changed = receipt.to_vec();
            let at = rng.gen_range(0..changed.len());
            changed[at] ^= rng.gen_range(1..=255u8);
            let accepted = WrappedReceipt::decode(&changed).is_ok_and(|receipt| key.verify(&receipt).is_ok());
            assert!(!accepted, "{name} is accepted with byte {at} changed");
        }
    }
}

#[test]
fn a_key_of_another_program_is_named() {
    let receipt = WrappedReceipt::decode(WRAPPED[0].1).unwrap();
    let other = WrapKey::decode(WRAPPED[1].2).unwrap();
    assert!(matches!(other.verify(&receipt), Err(Error::Program { .. })));
}

#[test]
fn damaged_keys_are_refused_or_verify_nothing() {
    let mut rng = StdRng::seed_from_u64(8);
    let (_, receipt, key) = WRAPPED[1];
    let receipt = WrappedReceipt::decode(receipt).unwrap();
    for _ in 0..300 {
        let mut changed = key.to_vec();
        let at = rng.gen_range(0..changed.len());
        changed[at] ^= rng.gen_range(1..=255u8);
        let accepted = WrapKey::decode(&changed).is_ok_and(|key| key.verify(&receipt).is_ok());
        assert!(!accepted, "a key is accepted with byte {at} changed");
        assert!(WrapKey::decode(&key[..at]).is_err());
    }
}
