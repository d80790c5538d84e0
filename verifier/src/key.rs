//! Verifying keys: a program without its large constants, commitments in their place, and the reference string's end.
//!
//! ```text
//! key         magic "ASYVERKY", version, program (stripped), constant rows, development?, [tau]_2
//! program id  keccak256("assay program id, version 1" || program (stripped) || rows, 64 bytes each as on the EVM)
//! ```

use crate::elements::{read_g1_list, read_g2, write_g1_list, write_g2};
use crate::error::Error;
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::PrimeField;
use assay_circuits::point_bytes;
use assay_core::Program;
use assay_core::encode::{Reader, Writer};
use assay_core::system::MAX_ROWS;
use sha3::{Digest, Keccak256};

const MAGIC: &[u8; 8] = b"ASYVERKY";
const VERSION: u32 = 1;
const ID_DOMAIN: &[u8] = b"assay program id, version 1";
const REFERENCE_DOMAIN: &[u8] = b"assay srs 1";

/// What the verifier needs of a universal reference string (powers of tau).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `[1]_2` and `[tau]_2`; `[1]_1` is the curve's generator.
    pub g2: [G2Affine; 2],
    /// Names the reference string; independent of how many powers are known.
    pub digest: [u8; 32],
    /// Whether tau is public: fit for trials, worthless as evidence.
    pub development: bool,
}

impl Reference {
    /// The reference string that ends in these points, `[1]_2` and `[tau]_2`.
    ///
    /// Its digest is keccak256(`"assay srs 1"` || 1 for development, 2 for imported || `[1]_2` || `[tau]_2`), each
    /// point as x.c0, x.c1, y.c0, y.c1 in 32 little-endian bytes.
    pub fn new(g2: [G2Affine; 2], development: bool) -> Reference {
        let mut hasher = Keccak256::new();
        hasher.update(REFERENCE_DOMAIN);
        hasher.update([if development { 1 } else { 2 }]);
        for point in &g2 {
            for coordinate in [point.x.c0, point.x.c1, point.y.c0, point.y.c1] {
                for limb in coordinate.into_bigint().0 {
                    hasher.update(limb.to_le_bytes());
                }
            }
        }
        Reference { g2, digest: hasher.finalize().into(), development }
    }

    /// Checks that the points are those of a reference string and that the digest is theirs.
    ///
    /// # Errors
    /// [`Error::BadReference`].
    pub fn check(&self) -> Result<(), Error> {
        let [one, tau] = &self.g2;
        if *one != G2Affine::generator() {
            return Err(Error::BadReference("[1]_2 is not the generator"));
        }
        if tau.is_zero() || !tau.is_on_curve() || !tau.is_in_correct_subgroup_assuming_on_curve() {
            return Err(Error::BadReference("[tau]_2 is not a point of the group, or zero"));
        }
        if *self != Reference::new(self.g2, self.development) {
            return Err(Error::BadReference("its digest is another one's"));
        }
        Ok(())
    }
}

/// What suffices to verify receipts of one program.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyingKey {
    /// The program; the values of constants that are committed play no part.
    pub program: Program,
    /// Commitments to the rows of public and private constants, in the order of the layout's rows.
    pub constant_rows: Vec<G1Affine>,
    /// The reference string's end.
    pub reference: Reference,
}

impl VerifyingKey {
    /// Whether these bytes begin as a verifying key does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The canonical encoding. Values that commitments stand for are left out.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.header(MAGIC, VERSION);
        self.program.stripped().write(&mut out);
        write_g1_list(&mut out, &self.constant_rows);
        out.flag(self.reference.development);
        write_g2(&mut out, &self.reference.g2[1]);
        out.finish()
    }

    /// The key of an encoding.
    ///
    /// # Errors
    /// Bytes that are not the canonical encoding of a key; a program that is not well formed or beyond
    /// [`assay_core::limits`].
    pub fn decode(bytes: &[u8]) -> Result<VerifyingKey, Error> {
        let mut reader = Reader::new(bytes);
        reader.header(MAGIC, VERSION, "a verifying key")?;
        let program = Program::read_stripped(&mut reader)?;
        let constant_rows = read_g1_list(&mut reader, MAX_ROWS, "rows of constants")?;
        let development = reader.flag()?;
        let reference = Reference::new([G2Affine::generator(), read_g2(&mut reader)?], development);
        reader.finish()?;
        reference.check()?;
        Ok(VerifyingKey { program, constant_rows, reference })
    }

    /// The id of the key's program.
    pub fn program_id(&self) -> [u8; 32] {
        program_id(&self.program.stripped().encode(), &self.constant_rows)
    }
}

/// The id of a program, from the encoding of its stripped form and the commitments to its constants.
pub fn program_id(stripped: &[u8], constant_rows: &[G1Affine]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    hasher.update(ID_DOMAIN);
    hasher.update(stripped);
    constant_rows.iter().for_each(|row| hasher.update(point_bytes(row)));
    hasher.finalize().into()
}

/// A program id as the transcript absorbs it: modulo 2^253.
pub fn id_scalar(id: &[u8; 32]) -> Fr {
    let mut bytes = *id;
    bytes[0] &= 0x1f;
    Fr::from_be_bytes_mod_order(&bytes)
}
