//! Decoding a receipt never panics; what is accepted encodes to the same bytes.
#![no_main]

use assay_verifier::Receipt;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(receipt) = Receipt::decode(data) {
        assert!(receipt.encode() == data, "two encodings of one receipt");
    }
});
