//! Import of the `.ptau` files that ceremonies publish and snarkjs writes.
//!
//! ```text
//! "ptau", version 1, number of sections; each section: type (4 bytes), length (8 bytes), contents   (little-endian)
//! 1 header  bytes a coordinate (32), the base field's order, power p, power of the ceremony
//! 2 tauG1   [tau^i]_1 for i < 2^(p+1) - 1          3 tauG2   [tau^i]_2 for i < 2^p
//! ```
//!
//! Points are affine, their coordinates in Montgomery form. Sections 4 to 6 (alpha, beta) and the Lagrange forms that
//! `preparephase2` adds are for [`crate::ceremony`]. The import checks that the points are powers of one tau.
//! That some contributor was honest is for the ceremony's own verification (`snarkjs powersoftau verify`).

use std::io::{Read, Seek, SeekFrom};

use ark_bn254::{G1Affine, G2Affine};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;

use super::encoding::{Form, G1_BYTES, G2_BYTES, decode_g1, decode_g2, modulus_bytes};
use super::{Origin, Progress, Srs, SrsError};

const KIND: &str = "a powers-of-tau (.ptau) file";
const VERSION: u32 = 1;
/// snarkjs writes 7 sections, `preparephase2` up to 15; more means that the header is not one.
const MAX_SECTIONS: u32 = 64;
/// The largest power that BN254's group order has roots of unity for.
const MAX_POWER: u32 = 28;
/// Points read and checked together: 16 MiB.
const POINTS_A_READ: usize = 1 << 18;

/// Where a section's contents lie.
#[derive(Clone, Copy)]
pub(crate) struct Section {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// The sections that this build knows, by type.
pub(crate) type Sections = [Option<Section>; 16];

impl Srs {
    /// The number of powers of tau in G1 that a `.ptau` file has.
    ///
    /// # Errors
    /// [`SrsError`]: not such a file, another curve, damaged or truncated.
    pub fn ptau_powers(reader: &mut (impl Read + Seek)) -> Result<u64, SrsError> {
        Ok(Contents::read(reader)?.num_powers)
    }

    /// Imports the first `num_powers` powers of a `.ptau` file, or all 2^(p+1) - 1, and checks them as
    /// [`Srs::verify_consistency`] does. Lengths are compared with the file's before anything is allocated.
    ///
    /// # Errors
    /// [`SrsError`]: not such a file, another curve, damaged, truncated, too few powers, or not powers of one tau.
    ///
    /// # Soundness
    /// See [`Srs::verify_consistency`].
    pub fn import_ptau(
        reader: &mut (impl Read + Seek),
        num_powers: Option<usize>,
        rng: &mut (impl RngCore + CryptoRng),
        progress: Progress<'_>,
    ) -> Result<Self, SrsError> {
        let contents = Contents::read(reader)?;
        let wanted = num_powers.map_or(contents.num_powers, |n| n.max(1) as u64);
        if wanted > contents.num_powers {
            return Err(SrsError::TooFewPowers { needed: wanted, available: contents.num_powers, origin: Origin::Imported });
        }
        let srs = Srs {
            g2: read_g2(reader, contents.g2)?,
            g1: read_g1(reader, contents.g1, wanted as usize, progress)?,
            origin: Origin::Imported,
        };
        srs.verify_consistency(rng)?;
        Ok(srs)
    }
}

/// Where the powers lie, their number checked against the sections' lengths, and those against the file's.
struct Contents {
    num_powers: u64,
    g1: Section,
    g2: Section,
}

impl Contents {
    fn read(reader: &mut (impl Read + Seek)) -> Result<Self, SrsError> {
        let sections = read_sections(reader)?;
        let [Some(header), Some(g1), Some(g2)] = [sections[1], sections[2], sections[3]] else {
            return Err(invalid("the set of sections", "1, 2 and 3 (header, tauG1, tauG2)".into(), "incomplete"));
        };
        let power = read_power(reader, header)?;
        let num_powers = (2u64 << power) - 1;
        check_length("the section of powers in G1", num_powers * G1_BYTES as u64, g1.length)?;
        check_length("the section of powers in G2", (1u64 << power) * G2_BYTES as u64, g2.length)?;
        Ok(Contents { num_powers, g1, g2 })
    }
}

/// Finds the sections, each of which must occur at most once and lie within the file.
pub(crate) fn read_sections(reader: &mut (impl Read + Seek)) -> Result<Sections, SrsError> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let mut magic = Vec::new();
    reader.take(4).read_to_end(&mut magic)?;
    if magic != b"ptau" {
        return Err(SrsError::WrongMagic { expected: KIND, found: magic });
    }
    check_room("its header", 12, length)?;
    let version = read_u32(reader)?;
    if version != VERSION {
        return Err(SrsError::UnsupportedVersion { what: KIND, expected: VERSION, found: version });
    }
    let num_sections = read_u32(reader)?;
    if num_sections > MAX_SECTIONS {
        return Err(invalid("the number of sections", format!("at most {MAX_SECTIONS}"), num_sections));
    }
    let mut found = [None; 16];
    let mut at = 12u64;
    for _ in 0..num_sections {
        check_room("a section's header", at.saturating_add(12), length)?;
        reader.seek(SeekFrom::Start(at))?;
        let kind = read_u32(reader)?;
        let section = Section { start: at + 12, length: read_u64(reader)? };
        at = section.start.saturating_add(section.length);
        check_room("the sections that it lists", at, length)?;
        if let Some(slot) = found.get_mut(kind as usize) {
            if slot.is_some() {
                return Err(invalid("the number of sections of one type", "1".into(), format!("2 of type {kind}")));
            }
            *slot = Some(section);
        }
    }
    Ok(found)
}

/// The header's power, once the curve is known to be BN254.
pub(crate) fn read_power(reader: &mut (impl Read + Seek), header: Section) -> Result<u32, SrsError> {
    check_length("the header section", 44, header.length)?;
    reader.seek(SeekFrom::Start(header.start))?;
    let num_bytes = read_u32(reader)?;
    if num_bytes != 32 {
        return Err(invalid("the size of a coordinate", "32 bytes (BN254)".into(), num_bytes));
    }
    let mut order = [0u8; 32];
    reader.read_exact(&mut order)?;
    if order[..] != modulus_bytes() {
        return Err(invalid("the curve", "BN254 (snarkjs calls it bn128)".into(), "another"));
    }
    let power = read_u32(reader)?;
    if power > MAX_POWER {
        return Err(invalid("the power", format!("at most {MAX_POWER}"), power));
    }
    Ok(power)
}

fn read_g2(reader: &mut (impl Read + Seek), section: Section) -> Result<[G2Affine; 2], SrsError> {
    let mut bytes = [0u8; 2 * G2_BYTES];
    check_room("two points in G2", bytes.len() as u64, section.length)?;
    reader.seek(SeekFrom::Start(section.start))?;
    reader.read_exact(&mut bytes)?;
    let mut points = [G2Affine::default(); 2];
    for (index, (point, chunk)) in points.iter_mut().zip(bytes.chunks_exact(G2_BYTES)).enumerate() {
        *point = decode_g2(chunk, Form::Montgomery).ok_or_else(|| SrsError::InvalidPoint { what: format!("power {index} in G2") })?;
    }
    Ok(points)
}

fn read_g1(reader: &mut (impl Read + Seek), section: Section, count: usize, progress: Progress<'_>) -> Result<Vec<G1Affine>, SrsError> {
    reader.seek(SeekFrom::Start(section.start))?;
    let mut points = Vec::with_capacity(count);
    let mut buffer = Vec::new();
    while points.len() < count {
        let batch = (count - points.len()).min(POINTS_A_READ);
        buffer.resize(batch * G1_BYTES, 0);
        reader.read_exact(&mut buffer)?;
        let first = points.len();
        let decoded: Vec<G1Affine> = buffer
            .par_chunks(G1_BYTES)
            .enumerate()
            .map(|(i, chunk)| {
                decode_g1(chunk, Form::Montgomery).ok_or_else(|| SrsError::InvalidPoint { what: format!("power {} in G1", first + i) })
            })
            .collect::<Result<_, _>>()?;
        points.extend(decoded);
        progress(batch);
    }
    Ok(points)
}

fn read_u32(reader: &mut impl Read) -> Result<u32, SrsError> {
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn read_u64(reader: &mut impl Read) -> Result<u64, SrsError> {
    let mut bytes = [0; 8];
    reader.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// The file or section must be at least as long as what lies in it.
fn check_room(what: &'static str, needed: u64, length: u64) -> Result<(), SrsError> {
    if length < needed {
        return Err(SrsError::WrongLength { what, expected: needed, found: length });
    }
    Ok(())
}

pub(crate) fn check_length(what: &'static str, expected: u64, found: u64) -> Result<(), SrsError> {
    if expected != found {
        return Err(SrsError::WrongLength { what, expected, found });
    }
    Ok(())
}

pub(crate) fn invalid(what: &'static str, expected: String, found: impl ToString) -> SrsError {
    SrsError::InvalidHeader { what, expected, found: found.to_string() }
}
