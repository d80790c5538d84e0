//! Reference strings on disk, laid out so that the first n powers are read without the rest.
//!
//! ```text
//! bytes  0..8    "assaysrs"
//!        8..12   version, 1            12..16  origin: 1 development, 2 imported      (little-endian)
//!       16..24   number of powers      24..56  digest
//!       56..312  [1]_2, [tau]_2       312..344 keccak256 of the bytes before
//! then blocks of up to 4096 powers in G1, 64 bytes each, followed by
//!       keccak256(header's checksum || block number || block)
//! ```
//!
//! Checksums find damage, not malice: [`Srs::verify_consistency`] finds that.

use std::io::{Read, Seek, SeekFrom, Write};

use ark_bn254::{G1Affine, G2Affine};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use super::encoding::{Form, G1_BYTES, G2_BYTES, decode_g1, decode_g2, encode_g1, encode_g2};
use super::{Origin, Srs, SrsError, consistency, digest, require};

const MAGIC: &[u8; 8] = b"assaysrs";
const VERSION: u32 = 1;
const KIND: &str = "an Assay reference string";
const SUMMED_BYTES: usize = 312;
const HEADER_BYTES: usize = SUMMED_BYTES + 32;
/// Powers a block.
const BLOCK: usize = 4096;
/// Blocks read and checked together: 16 MiB.
const BLOCKS_A_READ: usize = 64;

/// What a file says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who knows tau.
    pub origin: Origin,
    /// Powers in G1.
    pub num_powers: u64,
    /// [`Srs::digest`].
    pub digest: [u8; 32],
}

impl Header {
    /// Reads and checks the header, and the file's length against it.
    ///
    /// # Errors
    /// [`SrsError`] for a file that is not a reference string, is damaged, truncated or too long.
    pub fn read(reader: &mut (impl Read + Seek)) -> Result<Self, SrsError> {
        Ok(read_header(reader)?.0)
    }
}

/// The header's fields, the points in G2, and the checksum that blocks carry on.
fn read_header(reader: &mut (impl Read + Seek)) -> Result<(Header, [G2Affine; 2], [u8; 32]), SrsError> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::with_capacity(HEADER_BYTES);
    reader.take(HEADER_BYTES as u64).read_to_end(&mut bytes)?;
    let magic = &bytes[..bytes.len().min(8)];
    if magic != MAGIC {
        return Err(SrsError::WrongMagic { expected: KIND, found: magic.to_vec() });
    }
    if bytes.len() < HEADER_BYTES {
        return Err(wrong_length("its header", HEADER_BYTES as u64, bytes.len() as u64));
    }
    let version = u32_at(&bytes, 8);
    if version != VERSION {
        return Err(SrsError::UnsupportedVersion { what: KIND, expected: VERSION, found: version });
    }
    let sum: [u8; 32] = Keccak256::digest(&bytes[..SUMMED_BYTES]).into();
    if sum != bytes[SUMMED_BYTES..] {
        return Err(SrsError::Checksum { what: "the reference string's header".into() });
    }
    let origin = Origin::from_code(u32_at(&bytes, 12)).ok_or_else(|| invalid("the origin", "1 or 2", u32_at(&bytes, 12).to_string()))?;
    let num_powers = u64::from(u32_at(&bytes, 16)) | u64::from(u32_at(&bytes, 20)) << 32;
    if num_powers == 0 {
        return Err(invalid("the number of powers", "at least 1", "0".into()));
    }
    let mut g2 = [G2Affine::default(); 2];
    for (index, (point, chunk)) in g2.iter_mut().zip(bytes[56..SUMMED_BYTES].chunks_exact(G2_BYTES)).enumerate() {
        *point = decode_g2(chunk, Form::Canonical).ok_or_else(|| SrsError::InvalidPoint { what: format!("power {index} in G2") })?;
    }
    let header = Header { origin, num_powers, digest: digest(origin, &g2) };
    if header.digest != bytes[24..56] {
        return Err(SrsError::Checksum { what: "the reference string's digest".into() });
    }
    let expected =
        file_length(num_powers).ok_or_else(|| invalid("the number of powers", "a number that fits a file", num_powers.to_string()))?;
    if expected != length {
        return Err(wrong_length("a string of its number of powers", expected, length));
    }
    Ok((header, g2, sum))
}

impl Srs {
    /// Reads the first `num_powers` powers, or all, checking checksums, curve membership and the ends of the string.
    /// Allocates no more than the file's length.
    ///
    /// # Errors
    /// [`SrsError`]: damaged, truncated, not a reference string, or too few powers in the file.
    pub fn read(reader: &mut (impl Read + Seek), num_powers: Option<usize>) -> Result<Self, SrsError> {
        let (header, g2, sum) = read_header(reader)?;
        let wanted = num_powers.map_or(header.num_powers, |n| n.max(1) as u64);
        require(header.origin, header.num_powers, usize::try_from(wanted).unwrap_or(usize::MAX))?;
        // Whole blocks, since a checksum covers a block; the surplus is dropped at the end.
        let to_read = wanted.next_multiple_of(BLOCK as u64).min(header.num_powers);
        let mut g1 = Vec::new();
        let mut buffer = Vec::new();
        let mut done = 0;
        while done < to_read {
            let powers = (to_read - done).min((BLOCK * BLOCKS_A_READ) as u64);
            let num_bytes = powers as usize * G1_BYTES + (powers as usize).div_ceil(BLOCK) * 32;
            buffer.resize(num_bytes, 0);
            reader.read_exact(&mut buffer)?;
            let first_block = done / BLOCK as u64;
            let blocks: Vec<Vec<G1Affine>> = buffer
                .par_chunks(BLOCK * G1_BYTES + 32)
                .enumerate()
                .map(|(i, bytes)| read_block(&sum, first_block + i as u64, bytes))
                .collect::<Result<_, _>>()?;
            g1.extend(blocks.into_iter().flatten());
            done += powers;
        }
        g1.truncate(wanted as usize);
        consistency::check_ends(&g1, &g2, header.origin)?;
        Ok(Srs { g1, g2, origin: header.origin })
    }

    /// Writes the whole string. The caller makes it atomic: write to a temporary name, then rename.
    ///
    /// # Errors
    /// [`SrsError::Io`], a full disk included.
    pub fn write(&self, writer: &mut impl Write) -> Result<(), SrsError> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&VERSION.to_le_bytes());
        header.extend_from_slice(&u32::from(self.origin.code()).to_le_bytes());
        header.extend_from_slice(&(self.g1.len() as u64).to_le_bytes());
        header.extend_from_slice(&self.digest());
        header.extend(self.g2.iter().flat_map(encode_g2));
        let sum: [u8; 32] = Keccak256::digest(&header).into();
        header.extend_from_slice(&sum);
        writer.write_all(&header)?;
        for (group, points) in self.g1.chunks(BLOCK * BLOCKS_A_READ).enumerate() {
            let blocks: Vec<Vec<u8>> = points
                .par_chunks(BLOCK)
                .enumerate()
                .map(|(i, block)| {
                    let mut bytes: Vec<u8> = block.iter().flat_map(encode_g1).collect();
                    let sum = block_sum(&sum, (group * BLOCKS_A_READ + i) as u64, &bytes);
                    bytes.extend_from_slice(&sum);
                    bytes
                })
                .collect();
            for block in blocks {
                writer.write_all(&block)?;
            }
        }
        Ok(())
    }
}

fn read_block(header_sum: &[u8; 32], number: u64, bytes: &[u8]) -> Result<Vec<G1Affine>, SrsError> {
    let (points, sum) = bytes.split_at(bytes.len() - 32);
    if block_sum(header_sum, number, points) != sum {
        return Err(SrsError::Checksum { what: format!("block {number} of the reference string") });
    }
    let decode = |(i, chunk)| {
        decode_g1(chunk, Form::Canonical)
            .ok_or_else(|| SrsError::InvalidPoint { what: format!("power {} in G1", number * BLOCK as u64 + i as u64) })
    };
    points.chunks_exact(G1_BYTES).enumerate().map(decode).collect()
}

fn block_sum(header_sum: &[u8; 32], number: u64, bytes: &[u8]) -> [u8; 32] {
    Keccak256::new().chain_update(header_sum).chain_update(number.to_le_bytes()).chain_update(bytes).finalize().into()
}

/// The length of a file of `num_powers` powers, if it is one that a file can have.
fn file_length(num_powers: u64) -> Option<u64> {
    let points = num_powers.checked_mul(G1_BYTES as u64)?;
    points.checked_add(num_powers.div_ceil(BLOCK as u64) * 32)?.checked_add(HEADER_BYTES as u64)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn invalid(what: &'static str, expected: &str, found: String) -> SrsError {
    SrsError::InvalidHeader { what, expected: expected.into(), found }
}

fn wrong_length(what: &'static str, expected: u64, found: u64) -> SrsError {
    SrsError::WrongLength { what, expected, found }
}
