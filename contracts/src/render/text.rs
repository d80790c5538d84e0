//! Filling in a template, and spelling constants in Solidity.

use crate::abi::{hex, selector};

/// Source with `$NAME$` where something is to be filled in.
pub(super) struct Template(String);

impl Template {
    pub(super) fn new(text: &str) -> Template {
        Template(text.into())
    }

    /// Fills in every place of this name.
    pub(super) fn set(&mut self, name: &str, value: impl AsRef<str>) {
        self.0 = self.0.replace(&format!("${name}$"), value.as_ref());
    }

    pub(super) fn finish(self) -> String {
        debug_assert!(!self.0.contains('$'), "a place of the template was not filled in");
        self.0
    }
}

/// A position in memory or calldata.
pub(super) fn at(position: usize) -> String {
    format!("0x{position:02x}")
}

/// The word whose first four bytes name an error.
pub(super) fn error_word(signature: &str) -> String {
    format!("shl(224, 0x{})", hex(&selector(signature)))
}

/// A program's name is whatever its author wrote: what could end a comment, or mislead its reader, becomes a low line.
pub(super) fn name_for_comment(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-. ,:".contains(c) { c } else { '_' };
    name.chars().take(80).map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_comment_or_name_a_place() {
        assert_eq!(name_for_comment("a\n*/ contract $R$ \u{202e}x\""), "a___ contract _R_ _x_");
    }

    #[test]
    fn an_error_is_named_by_its_first_four_bytes() {
        // keccak256("Error(string)") begins with 08c379a0.
        assert_eq!(error_word("Error(string)"), "shl(224, 0x08c379a0)");
    }
}
