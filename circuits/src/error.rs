//! Why a proof was rejected.

use ark_bn254::Fr;
use ark_ff::PrimeField;

/// The first check that failed.
///
/// Checks are named by what they compare, so that a rejected proof points at the relation it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two values that a relation equates differ.
    #[error("{what}: expected {}, found {}", hex(expected), hex(found))]
    Unequal {
        /// The check.
        what: String,
        /// The value that the verifier computed.
        expected: Fr,
        /// The value that the proof claims.
        found: Fr,
    },
    /// A value that must have an inverse is zero.
    #[error("{what} is zero")]
    Zero {
        /// The value.
        what: String,
    },
    /// A part of a proof, or an argument that goes with it, has the wrong number of entries.
    #[error("{what}: expected {expected} entries, found {found}")]
    Length {
        /// The list.
        what: String,
        /// The number that the statement dictates.
        expected: usize,
        /// The number present.
        found: usize,
    },
    /// A group element does not lie on the curve.
    #[error("{what} is not a point of the curve")]
    OffCurve {
        /// The group element.
        what: String,
    },
    /// The batched KZG equation fails: some polynomial does not take the value claimed for it.
    #[error("the KZG opening equation does not hold")]
    Opening,
}

/// Hexadecimal. Decimals would bring arithmetic of arbitrary precision into a browser's module.
fn hex(value: &Fr) -> String {
    let [a, b, c, d] = value.into_bigint().0;
    format!("0x{d:016x}{c:016x}{b:016x}{a:016x}")
}

impl Error {
    /// Checks a length that the statement dictates.
    ///
    /// # Errors
    /// [`Error::Length`] if the two differ.
    pub fn check_length(what: &str, expected: usize, found: usize) -> Result<(), Self> {
        if expected == found {
            return Ok(());
        }
        Err(Self::Length { what: what.into(), expected, found })
    }
}
