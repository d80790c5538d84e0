//! What a file is, by its first bytes.

use assay_verifier::{Receipt, VerifyingKey, WrapKey, WrappedReceipt};

/// The most bytes of a receipt or a key. What is made of them takes a small multiple, and a page has 4 GiB of addresses.
pub const MAX_BYTES: usize = 32 << 20;

/// The kinds of files that a page may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Inner,
    Wrapped,
    VerifyingKey,
    WrapKey,
    Unknown,
}

impl Kind {
    /// The kind of a file.
    pub fn of(bytes: &[u8]) -> Kind {
        match bytes {
            b if Receipt::is_one(b) => Kind::Inner,
            b if WrappedReceipt::is_one(b) => Kind::Wrapped,
            b if VerifyingKey::is_one(b) => Kind::VerifyingKey,
            b if WrapKey::is_one(b) => Kind::WrapKey,
            _ => Kind::Unknown,
        }
    }

    /// Its name in answers.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Kind::Inner => Some("inner"),
            Kind::Wrapped => Some("wrapped"),
            Kind::VerifyingKey => Some("verifying key"),
            Kind::WrapKey => Some("wrap key"),
            Kind::Unknown => None,
        }
    }

    /// Its name in sentences.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Inner => "a receipt",
            Kind::Wrapped => "a wrapped receipt",
            Kind::VerifyingKey => "a verifying key",
            Kind::WrapKey => "a wrap key",
            Kind::Unknown => "something else",
        }
    }
}

/// Why a file is refused by its size.
pub fn too_long(bytes: &[u8]) -> Option<String> {
    (bytes.len() > MAX_BYTES).then(|| format!("it has {} bytes; this page reads files of at most {MAX_BYTES}", bytes.len()))
}
