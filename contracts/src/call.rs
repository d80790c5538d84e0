//! A receipt as a call of `IAssayVerifier.verify`.

use crate::abi::{WORD, Word, g1_words, hex, keccak, number_word, scalar_word, selector};
use crate::error::Error;
use crate::layout::{CONTEXT, INPUTS, Layout, PADDING, SELECTOR};
use crate::seal::encode_seal;
use assay_verifier::wrap::WrappedStatement;
use assay_verifier::{WrapKey, WrappedReceipt};

/// The function that checks a receipt.
pub const VERIFY_SIGNATURE: &str = "verify(uint256,bytes,uint256[],bytes32,bytes)";

/// Words of the head: one for each argument.
const HEAD_WORDS: usize = 5;

/// The arguments of `verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Poseidon2 digest of the public inputs.
    pub inputs: Word,
    /// Commitments to the private inputs' rows, 64 bytes each.
    pub hidden: Vec<u8>,
    /// Words of packed outputs, or their digest.
    pub outputs: Vec<Word>,
    /// keccak256 of the statement's context.
    pub context_hash: Word,
    /// The proof.
    pub seal: Vec<u8>,
}

impl Call {
    /// The call that a receipt stands for.
    ///
    /// The receipt is verified first, so what is returned is accepted by the contract that [`crate::render()`] makes of `key`:
    /// nobody pays gas for a receipt that could have been refused at home.
    ///
    /// # Errors
    /// A receipt that the key does not accept.
    pub fn new(key: &WrapKey, receipt: &WrappedReceipt) -> Result<Call, Error> {
        key.verify(receipt)?;
        Call::unverified(key, receipt)
    }

    /// The call that a receipt stands for, without verifying it.
    ///
    /// # Errors
    /// A receipt of another key, or of another form than the key's.
    pub fn unverified(key: &WrapKey, receipt: &WrappedReceipt) -> Result<Call, Error> {
        let own = key.digest();
        if receipt.key != own {
            return Err(Error::OtherKey { expected: hex(&own), found: hex(&receipt.key) });
        }
        let statement = &receipt.statement;
        let rows = statement.private.iter().flatten();
        Ok(Call {
            inputs: scalar_word(&statement.inputs),
            hidden: rows.flat_map(|row| g1_words(row).concat()).collect(),
            outputs: statement.output_words().iter().map(scalar_word).collect(),
            context_hash: keccak(&statement.context),
            seal: encode_seal(key, &receipt.proof)?,
        })
    }

    /// What names the inputs in an escrowed job: keccak256(inputs || hidden).
    pub fn input_digest(&self) -> Word {
        keccak(&[self.inputs.as_slice(), &self.hidden].concat())
    }

    /// What the escrow keeps of a completed job's outputs: keccak256 of the words.
    pub fn outputs_hash(&self) -> Word {
        keccak(self.outputs.as_flattened())
    }

    /// Whether this is a call with the outputs and inputs of a statement, under its context: what who sees a call on a chain
    /// compares with what it has in mind.
    pub fn speaks_of(&self, statement: &WrappedStatement) -> bool {
        let outputs: Vec<Word> = statement.output_words().iter().map(scalar_word).collect();
        self.outputs == outputs && self.input_digest() == statement.input_digest() && self.context_hash == keccak(&statement.context)
    }

    /// The calldata of `verify`.
    pub fn calldata(&self) -> Vec<u8> {
        let mut bytes = selector(VERIFY_SIGNATURE).to_vec();
        let hidden = HEAD_WORDS * WORD;
        let outputs = hidden + WORD + self.hidden.len().next_multiple_of(WORD);
        let seal = outputs + WORD + self.outputs.len() * WORD;
        let head = [self.inputs, number_word(hidden), number_word(outputs), self.context_hash, number_word(seal)];
        bytes.extend(head.as_flattened());
        extend_bytes(&mut bytes, &self.hidden);
        bytes.extend(number_word(self.outputs.len()));
        bytes.extend(self.outputs.as_flattened());
        extend_bytes(&mut bytes, &self.seal);
        bytes
    }
}

/// Reads what [`Call::calldata`] writes, in the one form that the key's contract takes.
///
/// # Errors
/// Any other bytes. That the receipt holds is not checked.
pub fn decode_calldata(key: &WrapKey, bytes: &[u8]) -> Result<Call, Error> {
    let layout = Layout::new(key);
    Error::check_count("bytes of calldata", layout.size(), bytes.len())?;
    let part = |start: usize, length: usize| bytes.get(start..start + length).unwrap_or_default();
    let word = |start: usize| part(start, WORD).try_into().unwrap_or_default();
    let call = Call {
        inputs: word(INPUTS),
        hidden: part(layout.hidden(), layout.hidden_bytes()).to_vec(),
        outputs: (0..layout.outputs).map(|i| word(layout.outputs() + i * WORD)).collect(),
        context_hash: word(CONTEXT),
        seal: part(layout.seal(), layout.seal_bytes()).to_vec(),
    };
    // Selector, offsets, lengths and filling are right if they are what is written for these parts.
    if call.calldata() == bytes && call.seal.starts_with(&key.selector()) { Ok(call) } else { Err(Error::NotCanonical) }
}

/// A verified receipt as the calldata of `verify`.
///
/// # Errors
/// See [`Call::new`].
pub fn encode_calldata(key: &WrapKey, receipt: &WrappedReceipt) -> Result<Vec<u8>, Error> {
    Ok(Call::new(key, receipt)?.calldata())
}

/// Appends a length and the bytes, filled with zeros to whole words.
fn extend_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(number_word(bytes.len()));
    out.extend(bytes);
    out.resize(out.len() + bytes.len().next_multiple_of(WORD) - bytes.len(), 0);
}

// The layout's constant and the encoding above speak of the same filling.
const _: () = assert!(SELECTOR + PADDING == WORD);
