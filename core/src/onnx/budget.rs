//! What an import may spend: a small hostile file must not cost much memory or time.

use super::error::Fault;
use super::value::{Int, Value};

/// The most elements of all constants that the import adds to a program.
const MAX_CONSTANT_ELEMENTS: usize = 1 << 28;
/// The most elements of all constants that are computed at import.
const MAX_FOLDED_ELEMENTS: usize = 1 << 27;
/// The most functions of two tensors, each of which is searched for integer arithmetic.
const MAX_PAIRS: usize = 1 << 11;
/// The most entries of all tables that are computed at import.
const MAX_TABLE_ENTRIES: usize = 1 << 26;
/// The most channels, of all nodes, for which multipliers are sought.
const MAX_ALL_CELLS: usize = 1 << 22;

/// What was spent.
#[derive(Default)]
pub(super) struct Budget {
    constant_elements: usize,
    folded_elements: usize,
    table_entries: usize,
    cells: usize,
    pairs: usize,
}

impl Budget {
    /// Counts the elements of a constant of the program.
    pub fn count_constant(&mut self, elements: usize) -> Result<(), Fault> {
        self.constant_elements = self.constant_elements.saturating_add(elements);
        if self.constant_elements > MAX_CONSTANT_ELEMENTS {
            return Err(Fault::invalid(format!("the program's constants would exceed {MAX_CONSTANT_ELEMENTS} elements")));
        }
        Ok(())
    }

    /// Counts what a node computed at import.
    pub fn count_result(&mut self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Const(c) => self.folded_elements = self.folded_elements.saturating_add(c.array.len()),
            Value::Coded(coded) => self.count_table(coded.table.len())?,
            Value::Int(Int { table: Some(table), .. }) => self.count_table(table.values.len())?,
            _ => {}
        }
        if self.folded_elements > MAX_FOLDED_ELEMENTS {
            return Err(Fault::invalid(format!("constant expressions would exceed {MAX_FOLDED_ELEMENTS} elements in all")));
        }
        Ok(())
    }

    /// Counts the entries of a table.
    pub fn count_table(&mut self, entries: usize) -> Result<(), Fault> {
        self.table_entries = self.table_entries.saturating_add(entries);
        if self.table_entries > MAX_TABLE_ENTRIES {
            return Err(Fault::invalid(format!("the model's tables would exceed {MAX_TABLE_ENTRIES} entries in all")));
        }
        Ok(())
    }

    /// Counts channels for which multipliers are sought.
    pub fn count_cells(&mut self, cells: usize) -> Result<(), Fault> {
        self.cells = self.cells.saturating_add(cells);
        if self.cells > MAX_ALL_CELLS {
            return Err(Fault::invalid(format!("the model has more than {MAX_ALL_CELLS} differently scaled channels in all")));
        }
        Ok(())
    }

    /// Counts a function of two tensors.
    pub fn count_pair(&mut self) -> Result<(), Fault> {
        self.pairs += 1;
        if self.pairs > MAX_PAIRS {
            return Err(Fault::invalid(format!("the model has more than {MAX_PAIRS} functions of two tensors")));
        }
        Ok(())
    }
}
