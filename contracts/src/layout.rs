//! Where each part of a receipt lies in the calldata of `verify`.
//!
//! ```text
//! 0x00  4   function selector
//! 0x04  32  inputs
//! 0x24  32  offset of hidden   = 0xa0
//! 0x44  32  offset of outputs
//! 0x64  32  context hash
//! 0x84  32  offset of seal
//! 0xa4  32  bytes of hidden, then 64 a row
//!       32  words of outputs, then the words
//!       32  bytes of seal, then
//!           4    the key's selector
//!           64   A      128  B, the second component of a coordinate first      64  C
//!           64 w rows of the witness
//!           512  Mercury's points
//!           32 k row challenges      160  alpha, zeta, eta, rho, evaluation      32  1/zeta
//!           28   zeros, to fill the last word
//! ```
//! All lengths are the program's, so every position is a constant, and there is one calldata for a receipt.

use crate::abi::{POINT, WORD};
use assay_verifier::WrapKey;
use assay_verifier::wrap::RowSource;

/// Bytes of a selector.
pub const SELECTOR: usize = 4;
/// Where `inputs` is.
pub const INPUTS: usize = SELECTOR;
/// Where the context hash is.
pub const CONTEXT: usize = SELECTOR + 3 * WORD;
/// Where the number of hidden bytes is.
pub const HIDDEN_LENGTH: usize = SELECTOR + 5 * WORD;
/// Scalars behind the row challenges: alpha, zeta, eta, rho, evaluation, 1/zeta.
pub const NUM_TAIL_SCALARS: usize = 6;
/// Mercury's points.
pub const NUM_POINTS: usize = 8;
/// Bytes of the Groth16 proof.
pub const GROTH16: usize = 4 * POINT;
/// Zero bytes behind the seal, which is a selector longer than whole words.
pub const PADDING: usize = WORD - SELECTOR;

/// The counts that fix every position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Rows of private inputs.
    pub hidden_rows: usize,
    /// Output words.
    pub outputs: usize,
    /// Rows of the witness.
    pub witness_rows: usize,
    /// Row challenges.
    pub row_challenges: usize,
}

impl Layout {
    /// The layout of receipts that a key verifies.
    pub fn new(key: &WrapKey) -> Layout {
        let hidden = |source| matches!(source, RowSource::Private(_));
        Layout {
            hidden_rows: key.rows.iter().filter(|row| hidden(row.source)).count(),
            outputs: assay_circuits::wrap::packing::num_shown(key.output_bytes()),
            witness_rows: key.num_witness_rows(),
            row_challenges: key.log_rows,
        }
    }

    /// Where the hidden rows begin.
    pub const fn hidden(&self) -> usize {
        HIDDEN_LENGTH + WORD
    }

    /// Bytes of the hidden rows.
    pub const fn hidden_bytes(&self) -> usize {
        self.hidden_rows * POINT
    }

    /// Where the output words begin.
    pub const fn outputs(&self) -> usize {
        self.hidden() + self.hidden_bytes() + WORD
    }

    /// Where the seal begins.
    pub const fn seal(&self) -> usize {
        self.outputs() + self.outputs * WORD + WORD
    }

    /// Where the Groth16 proof begins.
    pub const fn groth16(&self) -> usize {
        self.seal() + SELECTOR
    }

    /// Where the witness's rows begin.
    pub const fn rows(&self) -> usize {
        self.groth16() + GROTH16
    }

    /// Where Mercury's points begin.
    pub const fn points(&self) -> usize {
        self.rows() + self.witness_rows * POINT
    }

    /// Where the row challenges begin, and behind them the other scalars.
    pub const fn challenges(&self) -> usize {
        self.points() + NUM_POINTS * POINT
    }

    /// Where alpha is, and behind it zeta, eta, rho, the evaluation and 1/zeta.
    pub const fn tail(&self) -> usize {
        self.challenges() + self.row_challenges * WORD
    }

    /// Where the seal ends.
    pub const fn seal_end(&self) -> usize {
        self.tail() + NUM_TAIL_SCALARS * WORD
    }

    /// Bytes of the seal.
    pub const fn seal_bytes(&self) -> usize {
        self.seal_end() - self.seal()
    }

    /// Bytes of all calldata.
    pub const fn size(&self) -> usize {
        self.seal_end() + PADDING
    }
}
