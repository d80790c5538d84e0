//! Public tensors as field elements: what a wrapped proof's public inputs say of them.
//!
//! ```text
//! bytes    valid elements in row-major order, ports in order, each element big-endian in two's complement
//! words    31 bytes a word, the first the most significant; the last word is filled with zero bytes at its end
//! digest   Poseidon2 sponge over the words (domain "assay public tensors, version 1"), one squeeze
//! ```
//! How many bytes there are is the program's, so neither form needs a length. A contract reads byte i of a tensor as
//! `uint8(words[i / 31] >> 8 * (30 - i % 31))`.

use crate::{Num, Transcript};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_core::Tensor;

/// Bytes in a word: the most that always stay below the field's order.
pub const WORD_BYTES: usize = 31;

/// Outputs of up to this many bytes are public inputs themselves; longer ones are represented by their digest.
pub const MAX_SHOWN_BYTES: usize = 2 * WORD_BYTES;

/// The domain of the digest.
const DOMAIN: &str = "assay public tensors, version 1";

/// The bytes of tensors, concatenated.
pub fn tensor_bytes<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> Vec<u8> {
    let mut bytes = vec![];
    for tensor in tensors {
        let width = tensor.data.dtype().num_bytes();
        for value in tensor.valid() {
            bytes.extend_from_slice(value.to_be_bytes().get(8 - width..).unwrap_or_default());
        }
    }
    bytes
}

/// Packs bytes into words.
pub fn pack<N: Num>(bytes: &[N]) -> Vec<N> {
    let weights: Vec<Fr> = (0..WORD_BYTES).rev().map(|i| Fr::from(256u64).pow([i as u64])).collect();
    bytes.chunks(WORD_BYTES).map(|chunk| N::linear_combination(weights.iter().copied().zip(chunk))).collect()
}

/// The digest of words.
pub fn digest<N: Num>(words: &[N]) -> N {
    let mut transcript = Transcript::new(DOMAIN);
    transcript.absorb(words);
    transcript.squeeze()
}

/// What stands for outputs among the public inputs: the words themselves where they are few, otherwise their digest.
pub fn shown<N: Num>(num_bytes: usize, words: Vec<N>) -> Vec<N> {
    if num_bytes <= MAX_SHOWN_BYTES { words } else { vec![digest(&words)] }
}

/// The number of elements that [`shown`] returns for outputs of so many bytes.
pub fn num_shown(num_bytes: usize) -> usize {
    if num_bytes <= MAX_SHOWN_BYTES { num_bytes.div_ceil(WORD_BYTES) } else { 1 }
}

/// [`pack`] of known bytes.
pub fn pack_bytes(bytes: &[u8]) -> Vec<Fr> {
    let word = |chunk: &[u8]| {
        let filled = chunk.iter().copied().chain(std::iter::repeat_n(0, WORD_BYTES - chunk.len()));
        filled.fold(Fr::ZERO, |sum, byte| sum * Fr::from(256u64) + Fr::from(byte))
    };
    bytes.chunks(WORD_BYTES).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_core::{DType, tensor::Shape};

    #[test]
    fn bytes_are_big_endian_in_order_of_the_ports() {
        let a = Tensor::from_valid(Shape::new([3]).unwrap(), DType::I16, &[-2, 258, 0]).unwrap();
        let b = Tensor::from_valid(Shape::new([1, 2]).unwrap(), DType::U8, &[7, 255]).unwrap();
        assert_eq!(tensor_bytes([&a, &b]), [0xff, 0xfe, 1, 2, 0, 0, 7, 255]);
    }

    #[test]
    fn both_packings_agree_and_the_first_byte_is_the_most_significant() {
        let bytes: Vec<u8> = (1..=70).collect();
        let fields: Vec<Fr> = bytes.iter().map(|b| Fr::from(*b)).collect();
        let words = pack_bytes(&bytes);
        assert_eq!(words, pack(&fields));
        assert_eq!(words.len(), 3);
        assert_eq!(pack_bytes(&[1]), [Fr::from(256u64).pow([30])]);
        assert_eq!(shown(70, words.clone()), [digest(&words)]);
        assert_eq!(shown(62, words[..2].to_vec()), words[..2]);
        assert_eq!([num_shown(0), num_shown(31), num_shown(32), num_shown(62), num_shown(63)], [0, 1, 2, 2, 1]);
    }
}
