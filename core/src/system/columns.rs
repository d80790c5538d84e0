//! Columns: what is committed, and where each lies in the committed address space.
//!
//! The address space is cut into rows of 2^m entries, one commitment each. Columns are aligned to their size, so an
//! evaluation of a column is an evaluation of the whole space with the high variables fixed to bits. Groups never share
//! a row: constants are committed once with the program, a private input can be registered once and used by many
//! receipts, everything else is committed anew by each proof.

use crate::error::Error;
use crate::program::TensorId;
use crate::tensor::log2_ceil;
use std::cmp::Reverse;

/// The most rows the address space is cut into, whatever its size.
pub const MAX_ROWS: usize = 36;

/// The most rows of a space of so many entries. The opening costs two multi-scalar multiplications of a row's length, the
/// verifier one term a row, and a contract 7,000 gas a row: small spaces can afford long rows. For large ones the row's length
/// counts: a power of two and a few more, so that small columns beside large ones do not double it.
const fn most_rows(entries: u64) -> usize {
    match entries {
        0..=0x8000 => 8,
        0x8001..=0x4_0000 => 12,
        _ => MAX_ROWS,
    }
}

/// The most committed entries: a proof of this size still fits a machine.
pub const MAX_LOG_ENTRIES: usize = 34;

/// Who commits to a column, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Public constants: with the program, without salt.
    Constants,
    /// Private constants: with the program, salted.
    PrivateConstants,
    /// A private input: salted, may be registered before the proof.
    PrivateInput(usize),
    /// Everything the prover computes.
    Witness,
}

/// Where the prover finds a column's entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A constant of the flat program.
    Constant(usize),
    /// A tensor of the trace.
    Tensor(TensorId),
    /// `((x + add) >> low) mod 2^width` of a tensor's entries.
    Limb {
        /// The tensor.
        tensor: TensorId,
        /// Added first.
        add: i64,
        /// The lowest bit.
        low: u32,
        /// The number of bits.
        width: u32,
    },
    /// Whether that limb is not zero.
    LimbNonZero {
        /// The tensor.
        tensor: TensorId,
        /// Added first.
        add: i64,
        /// The lowest bit.
        low: u32,
        /// The number of bits.
        width: u32,
    },
    /// `[(x + 2^(shift-1)) mod 2^(shift+1) > 2^shift]`: whether half-even rounding adds one.
    Tie {
        /// The tensor.
        tensor: TensorId,
        /// Binary logarithm of the divisor.
        shift: u32,
    },
    /// How often each entry of a table is looked up.
    Multiplicity(usize),
}

/// A committed column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// A name for people.
    pub name: String,
    /// Binary logarithm of its padded length.
    pub log_size: usize,
    /// Who commits to it.
    pub group: Group,
    /// What it holds.
    pub source: Source,
    /// Its first entry's address, a multiple of its length.
    pub offset: usize,
}

/// The rows of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// Whose rows.
    pub group: Group,
    /// The first row.
    pub first: usize,
    /// How many.
    pub count: usize,
}

/// The committed address space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The columns; wires refer to them by index.
    pub columns: Vec<Column>,
    /// Binary logarithm of a row's length.
    pub row_vars: usize,
    /// Binary logarithm of the number of row slots.
    pub log_rows: usize,
    /// The rows in use; every other slot is zero and has no commitment.
    pub groups: Vec<RowGroup>,
}

impl Layout {
    /// Places columns: the least row length that needs few enough rows, at most 8, 12 or [`MAX_ROWS`] by the number of entries.
    ///
    /// # Errors
    /// More than 2^34 entries, more than this machine has addresses for, or more groups than rows.
    pub fn new(columns: Vec<Column>) -> Result<Layout, Error> {
        let entries = columns.iter().map(|c| 1u64 << c.log_size).fold(0, u64::saturating_add);
        let too_large = || Error::TooLarge { what: "what this program commits to".into(), elements: entries };
        if entries > 1 << MAX_LOG_ENTRIES {
            return Err(too_large());
        }
        let mut groups: Vec<Group> = columns.iter().map(|c| c.group).collect();
        groups.sort_unstable();
        groups.dedup();
        if groups.len() > MAX_ROWS {
            return Err(Error::TooLarge {
                what: "the number of private inputs and other groups of commitments".into(),
                elements: groups.len() as u64,
            });
        }
        // Groups never share a row.
        let most = most_rows(entries).max(groups.len());
        let mut row_vars = 4;
        loop {
            let layout = Layout::with_row_vars(columns.clone(), row_vars).ok_or_else(too_large)?;
            if layout.groups.iter().map(|g| g.count).sum::<usize>() <= most {
                return Ok(layout);
            }
            row_vars += 1;
        }
    }

    /// None if the address space, filled up to a power of two, would have addresses that are no `usize`.
    fn with_row_vars(mut columns: Vec<Column>, row_vars: usize) -> Option<Layout> {
        let power = |vars: usize| 1usize.checked_shl(vars.try_into().ok()?);
        let mut groups: Vec<Group> = vec![];
        for column in &columns {
            if !groups.contains(&column.group) {
                groups.push(column.group);
            }
        }
        let largest =
            |g: &Group, columns: &[Column]| columns.iter().filter(|c| c.group == *g).map(|c| c.log_size).max().unwrap_or(0).max(row_vars);
        groups.sort_unstable_by_key(|g| (Reverse(largest(g, &columns)), *g));
        let (mut cursor, mut rows) = (0usize, vec![]);
        for group in groups {
            let start = cursor.checked_next_multiple_of(power(largest(&group, &columns))?)?;
            cursor = start;
            let mut members: Vec<usize> = (0..columns.len()).filter(|i| columns[*i].group == group).collect();
            members.sort_unstable_by_key(|i| (Reverse(columns[*i].log_size), *i));
            for member in members {
                columns[member].offset = cursor;
                cursor = cursor.checked_add(power(columns[member].log_size)?)?;
            }
            cursor = cursor.checked_next_multiple_of(power(row_vars)?)?;
            rows.push(RowGroup { group, first: start >> row_vars, count: (cursor - start) >> row_vars });
        }
        let log_rows = log2_ceil(cursor.checked_next_power_of_two()?.checked_shr(row_vars.try_into().ok()?)?.max(1));
        Some(Layout { columns, row_vars, log_rows, groups: rows })
    }

    /// The column that counts the lookups of a table.
    pub fn multiplicities(&self, table: usize) -> Option<usize> {
        self.columns.iter().position(|c| c.source == Source::Multiplicity(table))
    }

    /// The variables of the whole address space.
    pub fn num_vars(&self) -> usize {
        self.row_vars + self.log_rows
    }

    /// The row slots in use, in order of their groups.
    pub fn rows(&self) -> impl Iterator<Item = (Group, usize)> + '_ {
        self.groups.iter().flat_map(|g| (g.first..g.first + g.count).map(|row| (g.group, row)))
    }

    /// The rows of the groups that `wanted` selects, counted.
    pub fn num_rows(&self, wanted: impl Fn(Group) -> bool) -> usize {
        self.groups.iter().filter(|g| wanted(g.group)).map(|g| g.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(sizes: &[(usize, Group)]) -> Vec<Column> {
        let column = |&(log_size, group)| Column { name: String::new(), log_size, group, source: Source::Constant(0), offset: 0 };
        sizes.iter().map(column).collect()
    }

    #[test]
    fn spaces_without_addresses_are_refused() {
        let refused = |sizes: &[(usize, Group)]| matches!(Layout::new(columns(sizes)), Err(Error::TooLarge { .. }));
        assert!(refused(&[(MAX_LOG_ENTRIES, Group::Witness), (0, Group::Witness)]));
        // Their sum wraps to zero in 64 bits.
        assert!(refused(&[(63, Group::Witness), (63, Group::Witness)]));
        assert!(refused(&[(32, Group::Witness); 5]));
    }

    #[test]
    fn groups_begin_at_rows_of_their_own() {
        let layout = Layout::new(columns(&[(6, Group::Witness), (3, Group::Constants), (5, Group::Witness)])).unwrap();
        assert_eq!((layout.row_vars, layout.log_rows), (4, 3));
        assert_eq!(layout.columns.iter().map(|c| c.offset).collect::<Vec<_>>(), [0, 96, 64]);
        assert_eq!(layout.num_rows(|_| true), 7);
    }
}
