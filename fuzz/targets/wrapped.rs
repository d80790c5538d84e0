//! Wrapped receipts and their keys: decoders and verifier must not panic, and what decodes encodes back to the same bytes.
#![no_main]

use assay_verifier::{WrapKey, WrappedReceipt};
use std::sync::LazyLock;

/// A key that verifies what the fuzzer makes of its receipts.
static KEY: LazyLock<WrapKey> = LazyLock::new(|| WrapKey::decode(include_bytes!("../seeds/wrapped/public-key")).unwrap());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = WrapKey::decode(bytes) {
        assert_eq!(key.encode(), bytes);
    }
    if let Ok(mut receipt) = WrappedReceipt::decode(bytes) {
        assert_eq!(receipt.encode(), bytes);
        receipt.key = KEY.digest();
        receipt.statement.program_id = KEY.program_id;
        let _ = KEY.verify(&receipt);
    }
});
