//! Proving keys as files: what a key cannot be recomputed from is kept, the rest is mapped again.
//!
//! ```text
//! pk          magic "ASYPROVE", version, program (constants included), salts, constant rows, development?, [tau]_2,
//!             keccak256 of all before
//! ```
//! The salts of private constants decide their commitments and so the program id: whoever loses them can prove the same
//! model under a new id only. The file is as secret as the constants in it.

use crate::error::Error;
use crate::keys::ProvingKey;
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use assay_core::Program;
use assay_core::encode::{Reader, Writer};
use assay_core::flatten::flatten;
use assay_core::program::{Constant, Visibility};
use assay_core::system::{Group, MAX_ROWS, Plan, System};
use assay_verifier::elements::{SCALAR_BYTES, read_g1_list, read_g2, read_scalar, write_g1_list, write_g2, write_scalar};
use assay_verifier::{PreparedKey, Reference, VerifyingKey};
use sha3::{Digest, Keccak256};

/// The first bytes of a proving key's file.
pub const MAGIC: &[u8; 8] = b"ASYPROVE";
const VERSION: u32 = 1;
const DIGEST_DOMAIN: &[u8] = b"assay program content, version 1";
const CHECKSUM_BYTES: usize = 32;

/// What a proving key consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyFile {
    /// The program, with its constants' values.
    pub program: Program,
    /// The salt of each row of private constants, in the order of the layout's rows.
    pub salts: Vec<Fr>,
    /// Commitments to the rows of constants, in that order too.
    pub constant_rows: Vec<G1Affine>,
    /// The end of the reference string that they were made with.
    pub reference: Reference,
}

impl KeyFile {
    /// What is to be kept of a key and of the program that it was compiled from.
    pub fn new(program: &Program, key: &ProvingKey) -> KeyFile {
        let verifying = key.verifying.key();
        KeyFile {
            program: program.clone(),
            salts: key.salts.clone(),
            constant_rows: verifying.constant_rows.clone(),
            reference: verifying.reference.clone(),
        }
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.header(MAGIC, VERSION);
        self.program.write(&mut out);
        out.list(self.salts.iter(), write_scalar);
        write_g1_list(&mut out, &self.constant_rows);
        out.flag(self.reference.development);
        write_g2(&mut out, &self.reference.g2[1]);
        let mut bytes = out.finish();
        let checksum = Keccak256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// The key of an encoding. Allocates no more than a multiple of the bytes given.
    ///
    /// # Errors
    /// Bytes that are not the canonical encoding of a key, or that are damaged; a program beyond
    /// [`assay_core::limits`].
    pub fn decode(bytes: &[u8]) -> Result<KeyFile, Error> {
        let mut head = Reader::new(bytes);
        head.header(MAGIC, VERSION, "a proving key")?;
        let (content, checksum) = bytes.split_at(bytes.len().saturating_sub(CHECKSUM_BYTES));
        if Keccak256::digest(content).as_slice() != checksum {
            return Err(Error::Input("the proving key does not match its checksum: it is truncated or damaged; compile it again".into()));
        }
        let mut reader = Reader::new(content);
        reader.header(MAGIC, VERSION, "a proving key")?;
        let program = Program::read(&mut reader)?;
        let salts = reader.list(SCALAR_BYTES, read_scalar)?;
        let constant_rows = read_g1_list(&mut reader, MAX_ROWS, "rows of constants")?;
        let development = reader.flag()?;
        let reference = Reference::new([G2Affine::generator(), read_g2(&mut reader)?], development);
        reader.finish()?;
        Ok(KeyFile { program, salts, constant_rows, reference })
    }

    /// The key, ready for proving.
    ///
    /// # Errors
    /// A program that cannot be mapped, or salts and commitments that are not one a row.
    pub fn to_key(&self) -> Result<ProvingKey, Error> {
        let system = System::new(flatten(&self.program)?)?;
        let plan = Plan::new(&system);
        let needed = system.layout.num_rows(|g| g == Group::PrivateConstants);
        if self.salts.len() != needed {
            return Err(Error::Input(format!("the proving key has {} salts where its program needs {needed}", self.salts.len())));
        }
        let vk =
            VerifyingKey { program: self.program.stripped(), constant_rows: self.constant_rows.clone(), reference: self.reference.clone() };
        let verifying = PreparedKey::new(vk).map_err(|e| Error::Input(e.to_string()))?;
        Ok(ProvingKey { verifying, system, plan, salts: self.salts.clone() })
    }
}

/// Whether any constant of a program is private, so that its keys have salts.
pub fn has_private_constants(program: &Program) -> bool {
    let private = |constants: &[Constant]| constants.iter().any(|c| c.visibility == Visibility::Private);
    private(&program.constants) || program.scans.iter().any(|s| private(&s.body.constants))
}

/// Names a program, constants included, under a reference string; unlike the program id it is the same for every salt.
pub fn content_digest(program: &Program, reference: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    hasher.update(DIGEST_DOMAIN);
    hasher.update(reference);
    hasher.update(program.encode());
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::compile;
    use crate::srs::Srs;
    use assay_core::{Builder, DType};
    use assay_gpu::Portable;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    fn private_model() -> Program {
        let mut p = Builder::new("private");
        let x = p.input("x", DType::I8, &[3, 5]).unwrap();
        let values: Vec<i64> = (0..20).map(|i| i * 7 % 23 - 11).collect();
        let w = p.constant_of("w", &[5, 4], &values, Visibility::Public).unwrap();
        let y = p.contract("mk,kn->mn", x, w).unwrap();
        p.output("y", y, DType::I32).unwrap();
        p.finish().unwrap().with_visibility(&[], true).unwrap()
    }

    fn file() -> (KeyFile, ProvingKey) {
        let program = private_model();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (key, _) = compile(&Portable, &program, |n| Ok(Srs::development(n, &|_| ())), &mut rng).unwrap();
        (KeyFile::new(&program, &key), key)
    }

    #[test]
    fn a_key_survives_its_file() {
        let (file, key) = file();
        assert!(has_private_constants(&file.program) && !file.salts.is_empty());
        let read = KeyFile::decode(&file.encode()).unwrap();
        assert_eq!(read, file);
        let again = read.to_key().unwrap();
        assert_eq!(again.verifying.program_id(), key.verifying.program_id());
        assert_eq!(again.salts, key.salts);
    }

    #[test]
    fn every_damaged_byte_is_found() {
        let bytes = file().0.encode();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(KeyFile::decode(&damaged).is_err(), "byte {at}");
        }
        for len in 0..bytes.len() {
            assert!(KeyFile::decode(&bytes[..len]).is_err(), "{len} bytes");
        }
        assert!(KeyFile::decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_missing_salt_is_found() {
        let mut file = file().0;
        file.salts.pop();
        assert!(file.to_key().unwrap_err().to_string().contains("salts"));
    }

    #[test]
    fn the_content_decides_the_digest_salts_do_not() {
        let (one, two) = (private_model(), private_model());
        assert_eq!(content_digest(&one, &[0; 32]), content_digest(&two, &[0; 32]));
        assert_ne!(content_digest(&one, &[0; 32]), content_digest(&one, &[1; 32]));
    }
}
