//! Where everything stands in a key's file. All numbers are little-endian; elements are as in [`super::raw`].
//!
//! ```text
//! header    magic "ASYGRO16", version u32, 0 u32,
//!           u64 each: public variables (1 included), private variables, constraints,
//!           entries of A, B, C, points of the queries A, B, L
//! singles   alpha_1, beta_1, delta_1, beta_2, gamma_2, delta_2, K_i for each public variable
//! matrices  A, B, C: row starts u32 (one more than rows), columns u32, values
//! queries   A: variables u32, points in G1        B: variables u32, points in G1, points in G2
//!           L: variables u32, points in G1        H: domain - 1 points in G1
//! trailer   checksum
//! ```
//! Queries leave out points at infinity: each point comes with the variable that it belongs to, in ascending order.

use std::ops::Range;

use super::{Error, Shape, raw};

/// The first bytes of a key's file.
pub const MAGIC: &[u8; 8] = b"ASYGRO16";
/// The version of the format.
pub const VERSION: u32 = 1;
/// Bytes of the checksum at the end.
pub const CHECKSUM: usize = 32;
const NUM_COUNTS: usize = 9;
/// Bytes of the header.
pub const HEADER: usize = 16 + 8 * NUM_COUNTS;

/// The header's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Variables and constraints.
    pub shape: Shape,
    /// Entries of A, B and C.
    pub entries: [usize; 3],
    /// Points of the queries A, B and L.
    pub points: [usize; 3],
}

/// Where a matrix stands.
#[derive(Clone, Debug)]
pub struct MatrixLayout {
    pub starts: Range<usize>,
    pub columns: Range<usize>,
    pub values: Range<usize>,
}

/// Where everything stands.
#[derive(Clone, Debug)]
pub struct Layout {
    pub counts: Counts,
    pub singles_g1: Range<usize>,
    pub singles_g2: Range<usize>,
    pub gamma_abc: Range<usize>,
    pub matrices: [MatrixLayout; 3],
    pub a_variables: Range<usize>,
    pub a: Range<usize>,
    pub b_variables: Range<usize>,
    pub b_g1: Range<usize>,
    pub b_g2: Range<usize>,
    pub l_variables: Range<usize>,
    pub l: Range<usize>,
    pub h: Range<usize>,
    /// Bytes that the checksum covers: all before it.
    pub content: usize,
}

impl Counts {
    /// The header.
    pub fn header(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(0u32.to_le_bytes());
        let Shape { num_instance, num_witness, num_constraints } = self.shape;
        for count in [[num_instance, num_witness, num_constraints], self.entries, self.points].concat() {
            out.extend((count as u64).to_le_bytes());
        }
        out
    }

    /// The numbers of a header.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if !bytes.starts_with(MAGIC) {
            return Err(Error::NotAKey);
        }
        let Some(header) = bytes.get(..HEADER) else {
            return Err(Error::Length { expected: (HEADER + CHECKSUM) as u64, found: bytes.len() as u64 });
        };
        let version = raw::number(header, 2);
        if version != VERSION {
            return Err(Error::Version { found: version, expected: VERSION });
        }
        if raw::number(header, 3) != 0 {
            return Err(Error::Malformed("a reserved number that is not 0".into()));
        }
        let count = |index: usize| u64::from_le_bytes(header.as_chunks::<8>().0[2 + index]);
        let shape = Shape::new(count(0), count(1), count(2))?;
        let at_most = |what: &str, index: usize, most: u64| match count(index) {
            found if found > most => Err(Error::Malformed(format!("{found} {what}, where at most {most} can be"))),
            found => Ok(found as usize),
        };
        let entries = |index| at_most("entries of a matrix", index, u64::from(u32::MAX));
        let points = |index, most: usize| at_most("points of a query", index, most as u64);
        Ok(Self {
            shape,
            entries: [entries(3)?, entries(4)?, entries(5)?],
            points: [points(6, shape.num_variables())?, points(7, shape.num_variables())?, points(8, shape.num_witness)?],
        })
    }

    /// Where everything stands.
    pub fn layout(self) -> Layout {
        // Counts below 2^32 times at most 128 bytes: no sum of the few terms here comes near 2^64.
        let mut end = HEADER;
        let mut next = |count: usize, bytes: usize| {
            let start = end;
            end += count * bytes;
            start..end
        };
        let Counts { shape, entries, points } = self;
        Layout {
            counts: self,
            singles_g1: next(3, raw::G1),
            singles_g2: next(3, raw::G2),
            gamma_abc: next(shape.num_instance, raw::G1),
            matrices: entries.map(|entries| MatrixLayout {
                starts: next(shape.num_constraints + 1, 4),
                columns: next(entries, 4),
                values: next(entries, raw::FIELD),
            }),
            a_variables: next(points[0], 4),
            a: next(points[0], raw::G1),
            b_variables: next(points[1], 4),
            b_g1: next(points[1], raw::G1),
            b_g2: next(points[1], raw::G2),
            l_variables: next(points[2], 4),
            l: next(points[2], raw::G1),
            h: next(shape.domain() - 1, raw::G1),
            content: end,
        }
    }
}
