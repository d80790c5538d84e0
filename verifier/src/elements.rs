//! Field and group elements as bytes: one value, one byte string.
//!
//! A scalar is 32 little-endian bytes of an integer below the group's order. A point is its x coordinate, little-endian,
//! with the sign of y in bit 7 and infinity in bit 6 of the last byte, as arkworks compresses it. What does not encode
//! back to the same bytes (a coordinate beyond the modulus, stray flags) is rejected.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use assay_core::Error;
use assay_core::encode::{Reader, Writer};

/// Bytes of a scalar.
pub const SCALAR_BYTES: usize = 32;
/// Bytes of a compressed point of G1.
pub const G1_BYTES: usize = 32;
/// Bytes of a compressed point of G2.
pub const G2_BYTES: usize = 64;

fn write<T: CanonicalSerialize, const N: usize>(out: &mut Writer, value: &T) {
    let mut bytes = [0; N];
    // The buffers have the types' own sizes, so writing into them cannot fail; if it did, the zeros would not verify.
    let _ = value.serialize_compressed(&mut bytes[..]);
    out.bytes(&bytes);
}

fn read<T: CanonicalSerialize + CanonicalDeserialize, const N: usize>(reader: &mut Reader<'_>, what: &str) -> Result<T, Error> {
    let bytes = reader.array::<N>()?;
    let invalid = || reader.error(format!("{what} is not valid or not in canonical form"));
    let value = T::deserialize_compressed(&bytes[..]).map_err(|_| invalid())?;
    let mut again = [0; N];
    value.serialize_compressed(&mut again[..]).map_err(|_| invalid())?;
    if again == bytes { Ok(value) } else { Err(invalid()) }
}

/// Writes a scalar.
pub fn write_scalar(out: &mut Writer, value: &Fr) {
    write::<_, SCALAR_BYTES>(out, value);
}

/// Reads a scalar below the group's order.
///
/// # Errors
/// Fewer bytes, or an integer that is not reduced.
pub fn read_scalar(reader: &mut Reader<'_>) -> Result<Fr, Error> {
    read::<_, SCALAR_BYTES>(reader, "a scalar")
}

/// Writes a point of G1.
pub fn write_g1(out: &mut Writer, point: &G1Affine) {
    write::<_, G1_BYTES>(out, point);
}

/// Reads a point of G1, on the curve.
///
/// # Errors
/// Fewer bytes, or none of the curve's points in its canonical form.
pub fn read_g1(reader: &mut Reader<'_>) -> Result<G1Affine, Error> {
    read::<_, G1_BYTES>(reader, "a point of G1")
}

/// Writes a point of G2.
pub fn write_g2(out: &mut Writer, point: &G2Affine) {
    write::<_, G2_BYTES>(out, point);
}

/// Reads a point of G2, on the curve and in the subgroup of prime order.
///
/// # Errors
/// As [`read_g1`].
pub fn read_g2(reader: &mut Reader<'_>) -> Result<G2Affine, Error> {
    read::<_, G2_BYTES>(reader, "a point of G2")
}

/// Reads a list of at most `most` points of G1.
///
/// # Errors
/// As [`read_g1`], or a longer list.
pub fn read_g1_list(reader: &mut Reader<'_>, most: usize, what: &str) -> Result<Vec<G1Affine>, Error> {
    let mut read = 0;
    reader.list(G1_BYTES, |reader| {
        read += 1;
        if read > most {
            return Err(reader.error(format!("more than {most} {what}")));
        }
        read_g1(reader)
    })
}

/// Writes a list of points of G1.
pub fn write_g1_list(out: &mut Writer, points: &[G1Affine]) {
    out.list(points.iter(), write_g1);
}
