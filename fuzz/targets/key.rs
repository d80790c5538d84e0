//! Decoding and preparing a verifying key never panics; what is accepted encodes to the same bytes.
#![no_main]

use assay_core::limits::{self, Budget};
use assay_verifier::{PreparedKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(key) = VerifyingKey::decode(data) else { return };
    assert!(key.encode() == data, "two encodings of one key");
    let small = Budget { verifier_bytes: 64 << 20, prover_bytes: u64::MAX };
    if limits::check(&key.program, &small).is_ok() {
        let _ = PreparedKey::new(key);
    }
});
