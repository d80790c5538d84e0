//! The file that contributors pass on.
//!
//! ```text
//! "assaycer", version 1 (4 bytes)                                                   (integers little-endian)
//! digests of circuit (32) and powers of tau (32), hash of the initial parameters (64)
//! [delta]_1, [delta]_2, number of L (4), number of H (4), L, H                     64 bytes a point of G1, 128 of G2
//! number of contributions (4), each: [delta]_1, s, s x, r x, transcript hash (64), length of name (1), name,
//!     length of beacon (1), and unless that is 0: log2 of iterations (1), value
//! keccak256 of all bytes before
//! ```
//!
//! Points are canonical; zeros stand for the identity, which only L may hold. The checksum finds damage, not malice.

use std::io::{Read, Seek, SeekFrom, Write};

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use super::contribution::check_name;
use super::{Beacon, CeremonyError, Contribution, State};
use crate::srs::encoding::{Form, G1_BYTES, G2_BYTES, decode_g1, decode_g2, encode_g1, encode_g2};

const MAGIC: &[u8; 8] = b"assaycer";
const VERSION: u32 = 1;
const KIND: &str = "an Assay ceremony file";
/// Bytes of a contribution with an empty name and no beacon.
const MIN_CONTRIBUTION: u64 = 3 * G1_BYTES as u64 + G2_BYTES as u64 + 64 + 2;
/// Points decoded together.
const POINTS_A_READ: usize = 1 << 16;

impl State {
    /// Writes the file. The caller makes it atomic: write to a temporary name, then rename.
    ///
    /// # Errors
    /// [`CeremonyError::Io`], a full disk included.
    pub fn write(&self, writer: &mut impl Write) -> Result<(), CeremonyError> {
        let mut hasher = Keccak256::new();
        let mut put = |bytes: &[u8]| {
            hasher.update(bytes);
            writer.write_all(bytes)
        };
        put(MAGIC)?;
        put(&VERSION.to_le_bytes())?;
        put(&self.circuit)?;
        put(&self.phase1)?;
        put(&self.parameters)?;
        put(&encode_g1(&self.delta_g1))?;
        put(&encode_g2(&self.delta_g2))?;
        for count in [self.l.len(), self.h.len()] {
            put(&(count as u32).to_le_bytes())?;
        }
        for point in self.l.iter().chain(&self.h) {
            put(&if point.is_zero() { [0; G1_BYTES] } else { encode_g1(point) })?;
        }
        put(&(self.contributions.len() as u32).to_le_bytes())?;
        for contribution in &self.contributions {
            for point in [&contribution.delta_g1, &contribution.s, &contribution.sx] {
                put(&encode_g1(point))?;
            }
            put(&encode_g2(&contribution.rx))?;
            put(&contribution.transcript)?;
            put(&[contribution.name.len() as u8])?;
            put(contribution.name.as_bytes())?;
            match &contribution.beacon {
                Some(beacon) => {
                    put(&[beacon.value().len() as u8, beacon.log_iterations()])?;
                    put(beacon.value())?;
                }
                None => put(&[0])?,
            }
        }
        Ok(writer.write_all(&hasher.finalize())?)
    }

    /// Reads a file; its points are on their curves and in their groups, which says nothing about their values: see
    /// [`verify`](super::verify). Allocates no more than the file's length warrants.
    ///
    /// # Errors
    /// [`CeremonyError`]: not a ceremony file, damaged, truncated, or too long.
    pub fn read(reader: &mut (impl Read + Seek)) -> Result<Self, CeremonyError> {
        let length = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        let mut source = Source { reader, left: length, hasher: Keccak256::new() };
        source.magic()?;
        let version = source.u32()?;
        if version != VERSION {
            return Err(invalid("the format version", VERSION, version));
        }
        let (circuit, phase1, parameters) = (source.array()?, source.array()?, source.array()?);
        let delta_g1 = source.g1("[delta]_1")?;
        let delta_g2 = source.g2("[delta]_2")?;
        let (num_l, num_h) = (source.u32()? as usize, source.u32()? as usize);
        source.room((num_l as u64 + num_h as u64) * G1_BYTES as u64, "the L and H queries")?;
        let l = source.points(num_l, "L", true)?;
        let h = source.points(num_h, "H", false)?;
        let num_contributions = source.u32()?;
        source.room(u64::from(num_contributions) * MIN_CONTRIBUTION, "the contributions")?;
        let contributions = (0..num_contributions).map(|_| source.contribution()).collect::<Result<_, _>>()?;
        source.end()?;
        Ok(State { circuit, phase1, parameters, delta_g1, delta_g2, l, h, contributions })
    }
}

/// Bytes that are hashed as they are read, with a count of those left.
struct Source<'a, R> {
    reader: &'a mut R,
    left: u64,
    hasher: Keccak256,
}

impl<R: Read> Source<'_, R> {
    fn room(&self, needed: u64, what: &'static str) -> Result<(), CeremonyError> {
        if self.left < needed {
            return Err(invalid(what, format!("{needed} bytes long"), format!("cut off after {}", self.left)));
        }
        Ok(())
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), CeremonyError> {
        self.room(buffer.len() as u64, "a part of the file")?;
        self.reader.read_exact(buffer)?;
        self.left -= buffer.len() as u64;
        self.hasher.update(buffer);
        Ok(())
    }

    fn magic(&mut self) -> Result<(), CeremonyError> {
        let mut found = vec![0; self.left.min(8) as usize];
        self.fill(&mut found)?;
        if found != MAGIC {
            return Err(CeremonyError::WrongMagic { expected: KIND, found });
        }
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CeremonyError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<u32, CeremonyError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn g1(&mut self, what: &str) -> Result<G1Affine, CeremonyError> {
        decode_g1(&self.array::<G1_BYTES>()?, Form::Canonical).ok_or_else(|| CeremonyError::InvalidPoint { what: what.to_owned() })
    }

    fn g2(&mut self, what: &str) -> Result<G2Affine, CeremonyError> {
        decode_g2(&self.array::<G2_BYTES>()?, Form::Canonical).ok_or_else(|| CeremonyError::InvalidPoint { what: what.to_owned() })
    }

    /// Points of G1, identities among them only if `sparse`; the caller has seen that there is room.
    fn points(&mut self, count: usize, what: &str, sparse: bool) -> Result<Vec<G1Affine>, CeremonyError> {
        let mut points = Vec::with_capacity(count);
        let mut buffer = Vec::new();
        while points.len() < count {
            buffer.resize((count - points.len()).min(POINTS_A_READ) * G1_BYTES, 0);
            self.fill(&mut buffer)?;
            let done = points.len();
            let decode = |(i, bytes): (usize, &[u8])| {
                if sparse && bytes.iter().all(|byte| *byte == 0) {
                    return Ok(G1Affine::zero());
                }
                decode_g1(bytes, Form::Canonical)
                    .ok_or_else(|| CeremonyError::InvalidPoint { what: format!("point {} of {what}", done + i) })
            };
            let decoded: Result<Vec<G1Affine>, _> = buffer.par_chunks(G1_BYTES).enumerate().map(decode).collect();
            points.extend(decoded?);
        }
        Ok(points)
    }

    fn contribution(&mut self) -> Result<Contribution, CeremonyError> {
        let delta_g1 = self.g1("a contribution's delta")?;
        let (s, sx) = (self.g1("a contribution's s")?, self.g1("a contribution's s x")?);
        let rx = self.g2("a contribution's r x")?;
        let transcript = self.array()?;
        let [length] = self.array()?;
        let mut name = vec![0; usize::from(length)];
        self.fill(&mut name)?;
        let name = String::from_utf8(name).map_err(|_| invalid("a contributor's name", "UTF-8 text", "something else"))?;
        check_name(&name)?;
        let [length] = self.array()?;
        let beacon = match usize::from(length) {
            0 => None,
            length => {
                let [log_iterations] = self.array()?;
                let mut value = vec![0; length];
                self.fill(&mut value)?;
                Some(Beacon::new(value, log_iterations)?)
            }
        };
        Ok(Contribution { delta_g1, s, sx, rx, transcript, name, beacon })
    }

    /// The checksum, and nothing after it.
    fn end(mut self) -> Result<(), CeremonyError> {
        let expected: [u8; 32] = self.hasher.finalize_reset().into();
        if self.left != 32 {
            return Err(invalid("what follows the contributions", "32 bytes long", format!("{} bytes long", self.left)));
        }
        if self.array::<32>()? != expected {
            return Err(CeremonyError::Checksum);
        }
        Ok(())
    }
}

fn invalid(what: &'static str, expected: impl ToString, found: impl ToString) -> CeremonyError {
    CeremonyError::InvalidField { what, expected: expected.to_string(), found: found.to_string() }
}
