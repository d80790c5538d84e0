//! `.r1cs`: constraint systems, as circom writes them.
//!
//! ```text
//! 1 header       32, the scalar field's order, wires (4), public outputs (4), public inputs (4), private inputs (4),
//!                labels (8), constraints (4)
//! 2 constraints  A, B, C of each: number of terms (4), each: wire (4), coefficient (32)
//! 3 labels       8 bytes a wire
//! ```

use std::io::{BufReader, Read, Seek, SeekFrom, Write};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};
use assay_circuits::r1cs::{Matrix, R1cs};

use super::sections::{begin, canonical, decode_fr, field_bytes, invalid, read_sections, u32_at, write_header, write_section};
use crate::ceremony::{CeremonyError, log_domain};

/// Bytes of a term.
const TERM: u64 = 36;

/// Writes a constraint system; its public variables become public inputs.
///
/// # Errors
/// [`CeremonyError`]: the system is malformed, or the operating system refused to write.
pub fn write_r1cs(r1cs: &R1cs, writer: &mut impl Write) -> Result<(), CeremonyError> {
    log_domain(r1cs)?;
    let (wires, rows) = (r1cs.num_variables() as u32, r1cs.num_constraints());
    write_header(writer, b"r1cs", 1, 3)?;
    let mut header = field_bytes::<Fr>();
    for number in [wires, 0, r1cs.num_instance as u32 - 1, r1cs.num_witness as u32] {
        header.extend(number.to_le_bytes());
    }
    header.extend(u64::from(wires).to_le_bytes());
    header.extend((rows as u32).to_le_bytes());
    write_section(writer, 1, &header)?;
    let matrices = [&r1cs.a, &r1cs.b, &r1cs.c];
    let num_terms: usize = matrices.iter().map(|matrix| matrix.num_entries()).sum();
    begin(writer, 2, num_terms as u64 * TERM + 12 * rows as u64)?;
    for row in 0..rows {
        for matrix in matrices {
            writer.write_all(&(matrix.row(row).count() as u32).to_le_bytes())?;
            for (column, value) in matrix.row(row) {
                writer.write_all(&(column as u32).to_le_bytes())?;
                writer.write_all(&canonical(&value))?;
            }
        }
    }
    begin(writer, 3, 8 * u64::from(wires))?;
    for label in 0..u64::from(wires) {
        writer.write_all(&label.to_le_bytes())?;
    }
    Ok(())
}

/// Reads a constraint system; public outputs and inputs become public variables. Allocates no more than the file's
/// length warrants.
///
/// # Errors
/// [`CeremonyError`]: not such a file, another field, custom gates, damaged, truncated or malformed.
pub fn read_r1cs(reader: &mut (impl Read + Seek)) -> Result<R1cs, CeremonyError> {
    let [Some(header), Some(constraints), _, None, None] = read_sections::<5>(reader, b"r1cs", "a constraint system (.r1cs)")? else {
        return Err(invalid("the set of sections", "1 and 2, and neither 4 nor 5 (custom gates)", "something else"));
    };
    if header.length != 64 {
        return Err(invalid("the header section", "64 bytes long", format!("{} bytes long", header.length)));
    }
    let mut bytes = [0; 64];
    reader.seek(SeekFrom::Start(header.start))?;
    reader.read_exact(&mut bytes)?;
    if bytes[..36] != field_bytes::<Fr>() {
        return Err(invalid("the field", "BN254's scalar field", "another"));
    }
    let [wires, outputs, inputs] = [36, 40, 44].map(|at| u64::from(u32_at(&bytes, at)));
    let (public, rows) = (1 + outputs + inputs, u32_at(&bytes, 60));
    if public > wires {
        return Err(invalid("the number of public wires", format!("at most {wires}"), public));
    }
    if constraints.length < 12 * u64::from(rows) {
        let found = format!("{} bytes long", constraints.length);
        return Err(invalid("the section of constraints", format!("at least {} bytes long", 12 * u64::from(rows)), found));
    }
    reader.seek(SeekFrom::Start(constraints.start))?;
    let mut source = Terms { reader: BufReader::new(reader.take(constraints.length)), left: constraints.length, wires };
    let mut r1cs = R1cs { num_instance: public as usize, num_witness: (wires - public) as usize, ..R1cs::default() };
    for _ in 0..rows {
        for matrix in [&mut r1cs.a, &mut r1cs.b, &mut r1cs.c] {
            source.row(matrix)?;
        }
    }
    if source.left != 0 {
        return Err(invalid("what follows the constraints", "nothing", format!("{} bytes", source.left)));
    }
    log_domain(&r1cs)?;
    Ok(r1cs)
}

/// The terms of a constraint section.
struct Terms<R> {
    reader: R,
    left: u64,
    wires: u64,
}

impl<R: Read> Terms<R> {
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], CeremonyError> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.left = self.left.saturating_sub(N as u64);
        Ok(bytes)
    }

    fn row(&mut self, matrix: &mut Matrix) -> Result<(), CeremonyError> {
        let count = u64::from(u32::from_le_bytes(self.bytes()?));
        if count * TERM > self.left {
            return Err(invalid("the number of terms", format!("at most {}", self.left / TERM), count));
        }
        let mut terms: Vec<(u32, Fr)> = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let wire = u32::from_le_bytes(self.bytes()?);
            if u64::from(wire) >= self.wires {
                return Err(invalid("a wire", format!("below {}", self.wires), wire));
            }
            let value = decode_fr(&self.bytes()?).ok_or_else(|| invalid("a coefficient", "below the field's order", "above"))?;
            terms.push((wire, value));
        }
        terms.sort_by_key(|(wire, _)| *wire);
        terms.dedup_by(|(wire, value), (kept, sum)| {
            let same = wire == kept;
            *sum += if same { *value } else { Fr::ZERO };
            same
        });
        matrix.push(terms.into_iter().filter(|(_, value)| !value.is_zero()));
        Ok(())
    }
}
