//! Which backend runs, decided once at start-up.

use std::env::{self, VarError};

/// The environment variable that forces a backend.
pub const BACKEND_VARIABLE: &str = "ASSAY_BACKEND";

/// The backends of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// [`crate::Portable`].
    Portable,
}

/// Why no backend was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The backend exists, but this build leaves it out.
    #[error("ASSAY_BACKEND={0}: this build has no {0} backend; unset the variable or use `portable`")]
    NotBuiltIn(String),
    /// No backend has that name.
    #[error("ASSAY_BACKEND={0}: no such backend; the names are `portable`, `ifma` and `cuda`")]
    Unknown(String),
}

/// The backend that `ASSAY_BACKEND` names, or the best one of this machine where it is unset.
///
/// # Errors
/// The variable names a backend that is unknown or not built in.
pub fn select() -> Result<Choice, SelectError> {
    match env::var(BACKEND_VARIABLE) {
        Ok(name) => named(&name),
        Err(VarError::NotPresent) => Ok(Choice::Portable),
        Err(VarError::NotUnicode(name)) => Err(SelectError::Unknown(name.to_string_lossy().into_owned())),
    }
}

fn named(name: &str) -> Result<Choice, SelectError> {
    match name {
        "portable" => Ok(Choice::Portable),
        "ifma" | "cuda" => Err(SelectError::NotBuiltIn(name.to_owned())),
        _ => Err(SelectError::Unknown(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_select_or_explain() {
        assert_eq!(named("portable"), Ok(Choice::Portable));
        assert_eq!(named("cuda"), Err(SelectError::NotBuiltIn("cuda".to_owned())));
        assert_eq!(named(""), Err(SelectError::Unknown(String::new())));
    }
}
