//! Values as the EVM has them: big-endian words.

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use sha3::{Digest, Keccak256};

/// Bytes of a word.
pub const WORD: usize = 32;
/// Bytes of a point of G1.
pub const POINT: usize = 64;

/// A word.
pub type Word = [u8; WORD];

/// A scalar.
pub fn scalar_word(value: &Fr) -> Word {
    to_word(&value.into_bigint().to_bytes_be())
}

/// A small number.
pub fn number_word(value: usize) -> Word {
    to_word(&(value as u64).to_be_bytes())
}

/// A coordinate.
pub fn coordinate_word(value: &Fq) -> Word {
    to_word(&value.into_bigint().to_bytes_be())
}

/// The coordinates of a point; zeros at infinity.
pub fn g1_words(point: &G1Affine) -> [Word; 2] {
    point.xy().map_or([[0; WORD]; 2], |(x, y)| [coordinate_word(&x), coordinate_word(&y)])
}

/// The coordinates of a point as the pairing's precompile takes them: of each the second component first.
pub fn g2_words(point: &G2Affine) -> [Word; 4] {
    point.xy().map_or([[0; WORD]; 4], |(x, y)| [x.c1, x.c0, y.c1, y.c0].map(|c| coordinate_word(&c)))
}

/// keccak256.
pub fn keccak(bytes: &[u8]) -> Word {
    Keccak256::digest(bytes).into()
}

/// The first four bytes of a signature's hash: what names a function or an error.
pub fn selector(signature: &str) -> [u8; 4] {
    let [a, b, c, d, ..] = keccak(signature.as_bytes());
    [a, b, c, d]
}

/// Lower-case hexadecimal without a prefix.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Right-aligns at most 32 bytes.
fn to_word(bytes: &[u8]) -> Word {
    let mut word = [0; WORD];
    for (to, from) in word.iter_mut().rev().zip(bytes.iter().rev()) {
        *to = *from;
    }
    word
}
