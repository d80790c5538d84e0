//! `.wtns`: an assignment to all wires.

use std::io::{self, Write};

use ark_bn254::Fr;

use super::sections::{begin, canonical, field_bytes, write_header, write_section};

/// Writes `z = (1, public.., private..)`.
///
/// # Errors
/// What the operating system says.
pub fn write_wtns(z: &[Fr], writer: &mut impl Write) -> io::Result<()> {
    write_header(writer, b"wtns", 2, 2)?;
    let mut header = field_bytes::<Fr>();
    header.extend((z.len() as u32).to_le_bytes());
    write_section(writer, 1, &header)?;
    begin(writer, 2, 32 * z.len() as u64)?;
    z.iter().try_for_each(|value| writer.write_all(&canonical(value)))
}
