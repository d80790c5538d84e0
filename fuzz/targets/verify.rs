//! A valid receipt or its key, changed: the verifier neither panics nor accepts anything but the original.
//!
//! The input is a seed's number and a list of edits, six bytes each: receipt or key and kind of edit, offset (4), value.
#![no_main]

use assay_core::limits::{self, Budget};
use assay_verifier::{PreparedKey, Receipt, VerifyingKey};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

/// Valid receipts with their keys.
const SEEDS: [(&[u8], &[u8]); 3] = [
    (include_bytes!("../seeds/receipt/public"), include_bytes!("../seeds/key/public")),
    (include_bytes!("../seeds/receipt/private"), include_bytes!("../seeds/key/private")),
    (include_bytes!("../seeds/receipt/scan"), include_bytes!("../seeds/key/scan")),
];

/// The seeds' keys, prepared once.
fn prepared(index: usize) -> &'static PreparedKey {
    static KEYS: [OnceLock<PreparedKey>; 3] = [const { OnceLock::new() }; 3];
    KEYS[index].get_or_init(|| PreparedKey::new(VerifyingKey::decode(SEEDS[index].1).expect("a seed")).expect("a seed"))
}

fn edit(bytes: &mut Vec<u8>, kind: u8, at: u32, value: u8) {
    let at = at as usize % bytes.len().max(1);
    match kind {
        0 => bytes[at] = value,
        1 => bytes[at] ^= 1 << (value % 8),
        2 => bytes.truncate(at),
        3 => bytes.insert(at, value),
        4 => drop(bytes.remove(at)),
        5 => {
            let end = (at + 32).min(bytes.len());
            bytes[at..end].fill(value);
        }
        6 => {
            // One scalar or point over another.
            let from = (at + 32 * usize::from(value)) % bytes.len();
            let len = 32.min(bytes.len() - at).min(bytes.len() - from);
            let copy = bytes[from..from + len].to_vec();
            bytes[at..at + len].copy_from_slice(&copy);
        }
        _ => bytes[at] = bytes[at].wrapping_add(1),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&seed, edits)) = data.split_first() else { return };
    let index = usize::from(seed) % SEEDS.len();
    let (receipt, key) = SEEDS[index];
    let (mut changed_receipt, mut changed_key) = (receipt.to_vec(), key.to_vec());
    for chunk in edits.chunks_exact(6).take(16) {
        let target = if chunk[0] & 0x80 == 0 { &mut changed_receipt } else { &mut changed_key };
        if !target.is_empty() {
            edit(target, chunk[0] & 0x07, u32::from_le_bytes([chunk[1], chunk[2], chunk[3], chunk[4]]), chunk[5]);
        }
    }
    let Ok(receipt_now) = Receipt::decode(&changed_receipt) else { return };
    let accepted = if changed_key == key {
        prepared(index).verify(&receipt_now).is_ok()
    } else {
        let Ok(key_now) = VerifyingKey::decode(&changed_key) else { return };
        let small = Budget { verifier_bytes: 64 << 20, prover_bytes: u64::MAX };
        limits::check(&key_now.program, &small).is_ok() && PreparedKey::new(key_now).is_ok_and(|key| key.verify(&receipt_now).is_ok())
    };
    let original = changed_receipt == receipt && changed_key == key;
    assert!(accepted == original, "accepted: {accepted}, unchanged: {original}");
});
