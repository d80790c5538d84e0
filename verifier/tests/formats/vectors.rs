//! Frozen receipts with their keys: `(name, receipt, key, program)`.

use assay_verifier::{Receipt, VerifyingKey};

macro_rules! vector {
    ($name:literal) => {
        Vector {
            name: $name,
            receipt: include_bytes!(concat!("../vectors/receipt/", $name)),
            key: include_bytes!(concat!("../vectors/key/", $name)),
            program: include_bytes!(concat!("../vectors/program/", $name)),
        }
    };
}

pub struct Vector {
    pub name: &'static str,
    pub receipt: &'static [u8],
    pub key: &'static [u8],
    pub program: &'static [u8],
}

pub const ALL: [Vector; 3] = [vector!("public"), vector!("private"), vector!("scan")];

impl Vector {
    pub fn receipt(&self) -> Receipt {
        Receipt::decode(self.receipt).unwrap()
    }

    pub fn key(&self) -> VerifyingKey {
        VerifyingKey::decode(self.key).unwrap()
    }
}

/// Frozen wrapped receipts with their keys.
pub const WRAPPED: [(&str, &[u8], &[u8]); 3] = [
    ("public", include_bytes!("../vectors/wrapped-receipt/public"), include_bytes!("../vectors/wrapped-key/public")),
    ("private", include_bytes!("../vectors/wrapped-receipt/private"), include_bytes!("../vectors/wrapped-key/private")),
    ("scan", include_bytes!("../vectors/wrapped-receipt/scan"), include_bytes!("../vectors/wrapped-key/scan")),
];
