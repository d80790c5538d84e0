//! The container that all of these files share.

use std::io::{self, Read, Seek, SeekFrom, Write};

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger, PrimeField};

use crate::ceremony::CeremonyError;

/// More sections than any of these files has.
const MAX_SECTIONS: u32 = 64;

/// Begins a file.
pub(super) fn write_header(writer: &mut impl Write, magic: &[u8; 4], version: u32, sections: u32) -> io::Result<()> {
    writer.write_all(magic)?;
    writer.write_all(&version.to_le_bytes())?;
    writer.write_all(&sections.to_le_bytes())
}

/// Begins a section of so many bytes.
pub(super) fn begin(writer: &mut impl Write, kind: u32, length: u64) -> io::Result<()> {
    writer.write_all(&kind.to_le_bytes())?;
    writer.write_all(&length.to_le_bytes())
}

/// A whole section.
pub(super) fn write_section(writer: &mut impl Write, kind: u32, contents: &[u8]) -> io::Result<()> {
    begin(writer, kind, contents.len() as u64)?;
    writer.write_all(contents)
}

/// 32, and the field's order: how headers name a field.
pub(super) fn field_bytes<F: PrimeField>() -> Vec<u8> {
    let mut bytes = 32u32.to_le_bytes().to_vec();
    bytes.extend(F::MODULUS.to_bytes_le());
    bytes
}

/// The integer, in 32 bytes.
pub(super) fn canonical(value: &Fr) -> [u8; 32] {
    limbs(&value.into_bigint())
}

/// The integer of the Montgomery form, as it lies in memory.
pub(super) fn montgomery(value: &Fq) -> [u8; 32] {
    limbs(&value.0)
}

/// The Montgomery form of the Montgomery form: how proving keys hold coefficients.
pub(super) fn twice_montgomery(value: &Fr) -> [u8; 32] {
    // The Montgomery form of v is the integer v R; as a field element, its own Montgomery form is v R^2.
    limbs(&(*value * montgomery_radix()).0)
}

fn montgomery_radix() -> Fr {
    // R itself is what the Montgomery form of 1 holds.
    Fr::new(Fr::R)
}

fn limbs(integer: &BigInt<4>) -> [u8; 32] {
    let mut out = [0; 32];
    for (bytes, limb) in out.chunks_exact_mut(8).zip(integer.0) {
        bytes.copy_from_slice(&limb.to_le_bytes());
    }
    out
}

/// x, y in Montgomery form; zeros for the identity.
pub(super) fn g1(point: &G1Affine) -> [u8; 64] {
    let mut out = [0; 64];
    if let Some((x, y)) = point.xy() {
        out[..32].copy_from_slice(&montgomery(&x));
        out[32..].copy_from_slice(&montgomery(&y));
    }
    out
}

/// x.c0, x.c1, y.c0, y.c1 in Montgomery form; zeros for the identity.
pub(super) fn g2(point: &G2Affine) -> [u8; 128] {
    let mut out = [0; 128];
    if let Some((x, y)) = point.xy() {
        for (bytes, value) in out.chunks_exact_mut(32).zip([x.c0, x.c1, y.c0, y.c1]) {
            bytes.copy_from_slice(&montgomery(&value));
        }
    }
    out
}

/// Where a section's contents lie.
#[derive(Clone, Copy)]
pub(super) struct Section {
    pub(super) start: u64,
    pub(super) length: u64,
}

/// The sections of types 1 to N of a file, each of which occurs at most once and lies within the file.
pub(super) fn read_sections<const N: usize>(
    reader: &mut (impl Read + Seek),
    magic: &'static [u8; 4],
    kind: &'static str,
) -> Result<[Option<Section>; N], CeremonyError> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    reader.take(12).read_to_end(&mut start)?;
    if start.get(..4) != Some(magic) {
        start.truncate(4);
        return Err(CeremonyError::WrongMagic { expected: kind, found: start });
    }
    if start.len() < 12 {
        return Err(invalid("the header", "12 bytes long", format!("{} bytes long", start.len())));
    }
    let (version, num_sections) = (u32_at(&start, 4), u32_at(&start, 8));
    if version != 1 {
        return Err(invalid("the format version", "1", version));
    }
    if num_sections > MAX_SECTIONS {
        return Err(invalid("the number of sections", format!("at most {MAX_SECTIONS}"), num_sections));
    }
    let mut found = [None; N];
    let mut at = 12u64;
    for _ in 0..num_sections {
        let mut header = [0; 12];
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut header)?;
        let section = Section { start: at + 12, length: u64::from(u32_at(&header, 4)) | u64::from(u32_at(&header, 8)) << 32 };
        at = section.start.saturating_add(section.length);
        if at > length {
            return Err(invalid("the end of a section", format!("at most {length}"), at));
        }
        let index = (u32_at(&header, 0) as usize).wrapping_sub(1);
        if let Some(slot) = found.get_mut(index)
            && slot.replace(section).is_some()
        {
            return Err(invalid("the number of sections of one type", "1", "2"));
        }
    }
    Ok(found)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

pub(super) fn invalid(what: &'static str, expected: impl ToString, found: impl ToString) -> CeremonyError {
    CeremonyError::InvalidField { what, expected: expected.to_string(), found: found.to_string() }
}

/// An element from its canonical 32 bytes.
pub(super) fn decode_fr(bytes: &[u8; 32]) -> Option<Fr> {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(chunk.try_into().ok()?);
    }
    Fr::from_bigint(BigInt::new(limbs))
}
