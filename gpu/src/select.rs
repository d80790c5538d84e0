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
    /// [`crate::Ifma`].
    #[cfg(target_arch = "x86_64")]
    Ifma(crate::Ifma),
}

/// Why no backend was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The backend exists, but not for this processor.
    #[error("ASSAY_BACKEND={0}: this processor lacks what that backend needs ({1}); unset the variable or use `portable`")]
    NotHere(String, &'static str),
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
        Err(VarError::NotPresent) => Ok(ifma().unwrap_or(Choice::Portable)),
        Err(VarError::NotUnicode(name)) => Err(SelectError::Unknown(name.to_string_lossy().into_owned())),
    }
}

fn named(name: &str) -> Result<Choice, SelectError> {
    match name {
        "portable" => Ok(Choice::Portable),
        "ifma" => ifma().ok_or_else(|| SelectError::NotHere(name.to_owned(), "AVX-512 F, IFMA, VL, BW, DQ and VBMI2")),
        "cuda" => Err(SelectError::NotBuiltIn(name.to_owned())),
        _ => Err(SelectError::Unknown(name.to_owned())),
    }
}

fn ifma() -> Option<Choice> {
    #[cfg(target_arch = "x86_64")]
    return crate::Ifma::detect().map(Choice::Ifma);
    #[cfg(not(target_arch = "x86_64"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_select_or_explain() {
        assert_eq!(named("portable"), Ok(Choice::Portable));
        match ifma() {
            Some(choice) => assert_eq!(named("ifma"), Ok(choice)),
            None => assert!(matches!(named("ifma"), Err(SelectError::NotHere(..)))),
        }
        assert_eq!(named("cuda"), Err(SelectError::NotBuiltIn("cuda".to_owned())));
        assert_eq!(named(""), Err(SelectError::Unknown(String::new())));
    }
}
