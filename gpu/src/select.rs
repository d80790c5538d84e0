//! Which backend runs, decided once at start-up.

use std::{env, fmt};

/// The environment variable that names a backend.
pub const BACKEND_VARIABLE: &str = "ASSAY_BACKEND";

/// The environment variable that, unless it is empty or `0`, makes it an error not to compute on a GPU.
pub const REQUIRE_GPU_VARIABLE: &str = "ASSAY_REQUIRE_GPU";

/// The backends of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// [`crate::Portable`].
    Portable,
    /// [`crate::Ifma`].
    #[cfg(target_arch = "x86_64")]
    Ifma(crate::Ifma),
    /// [`crate::Cuda`].
    #[cfg(feature = "cuda")]
    Cuda(crate::Cuda),
}

/// Why no backend was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The backend exists, but not for this processor.
    #[error("ASSAY_BACKEND={0}: this processor lacks what that backend needs ({1}); unset the variable or use `portable`")]
    NotHere(String, &'static str),
    /// The backend exists, but this build leaves it out.
    #[error("{0}: this build has no `cuda` backend; unset the variable or use a build that has it")]
    NotBuiltIn(GpuWish),
    /// The CUDA backend finds no device that it can use.
    #[cfg(feature = "cuda")]
    #[error("{0}: {1}; unset the variable to compute on the processor")]
    NoGpu(GpuWish, crate::cuda::Unavailable),
    /// The two variables contradict each other.
    #[error("ASSAY_REQUIRE_GPU is set, but ASSAY_BACKEND={0} computes on the processor; unset one of them")]
    Contradiction(String),
    /// No backend has that name.
    #[error("ASSAY_BACKEND={0}: no such backend; the names are `auto`, `processor`, `portable`, `ifma` and `cuda`")]
    Unknown(String),
}

/// How a GPU was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuWish {
    /// By the backend's name.
    Named,
    /// By [`REQUIRE_GPU_VARIABLE`].
    Required,
}

impl fmt::Display for GpuWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named => "ASSAY_BACKEND=cuda",
            Self::Required => "ASSAY_REQUIRE_GPU is set",
        })
    }
}

/// What the environment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// This backend, and no other.
    For(Choice),
    /// Whatever is best here: `ASSAY_BACKEND` is unset, or `auto`.
    Best,
}

/// What `ASSAY_BACKEND` and `ASSAY_REQUIRE_GPU` ask for. A GPU is required by `ASSAY_BACKEND=cuda`, or by `ASSAY_REQUIRE_GPU=1`, which
/// any other way to compute contradicts.
///
/// # Errors
/// A variable asks for a backend that is unknown, not built in, or not usable on this machine; or they contradict each other.
pub fn wish() -> Result<Wish, SelectError> {
    let name = env::var_os(BACKEND_VARIABLE).map(|name| name.to_string_lossy().into_owned());
    decide(name.as_deref(), gpu_required())
}

/// The backend that the environment asks for, or the best one of this machine's processor where it leaves the choice.
///
/// A GPU is used where it is asked for only. Whoever would use one unasked sees [`wish`], and has the device tested before
/// (`Cuda::self_test`).
///
/// # Errors
/// Those of [`wish`].
pub fn select() -> Result<Choice, SelectError> {
    wish().map(|wish| match wish {
        Wish::For(choice) => choice,
        Wish::Best => processor(),
    })
}

/// Whether [`REQUIRE_GPU_VARIABLE`] asks for a GPU.
pub fn gpu_required() -> bool {
    env::var_os(REQUIRE_GPU_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

/// The best backend of this machine's processor: what computes where no GPU does.
pub fn processor() -> Choice {
    ifma().unwrap_or(Choice::Portable)
}

fn decide(name: Option<&str>, gpu_required: bool) -> Result<Wish, SelectError> {
    let choice = match name {
        Some("cuda") => cuda(GpuWish::Named),
        None | Some("auto") if gpu_required => cuda(GpuWish::Required),
        None | Some("auto") => return Ok(Wish::Best),
        Some(name @ ("processor" | "portable" | "ifma")) if gpu_required => Err(SelectError::Contradiction(name.to_owned())),
        Some("processor") => Ok(processor()),
        Some("portable") => Ok(Choice::Portable),
        Some("ifma") => ifma().ok_or_else(|| SelectError::NotHere("ifma".to_owned(), "AVX-512 F, IFMA, VL, BW, DQ and VBMI2")),
        Some(name) => Err(SelectError::Unknown(name.to_owned())),
    };
    choice.map(Wish::For)
}

fn ifma() -> Option<Choice> {
    #[cfg(target_arch = "x86_64")]
    return crate::Ifma::detect().map(Choice::Ifma);
    #[cfg(not(target_arch = "x86_64"))]
    None
}

fn cuda(wish: GpuWish) -> Result<Choice, SelectError> {
    #[cfg(feature = "cuda")]
    return crate::Cuda::detect().map(Choice::Cuda).map_err(|reason| SelectError::NoGpu(wish, reason));
    #[cfg(not(feature = "cuda"))]
    Err(SelectError::NotBuiltIn(wish))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_select_or_explain() {
        assert_eq!(decide(Some("portable"), false), Ok(Wish::For(Choice::Portable)));
        assert_eq!(decide(Some("processor"), false), Ok(Wish::For(processor())));
        match ifma() {
            Some(choice) => assert_eq!(decide(Some("ifma"), false), Ok(Wish::For(choice))),
            None => assert!(matches!(decide(Some("ifma"), false), Err(SelectError::NotHere(..)))),
        }
        assert_eq!(decide(Some(""), false), Err(SelectError::Unknown(String::new())));
        assert_eq!(decide(Some("abacus"), true), Err(SelectError::Unknown("abacus".to_owned())));
    }

    #[test]
    fn a_processor_contradicts_a_required_gpu() {
        for name in ["processor", "portable", "ifma"] {
            let error = decide(Some(name), true).expect_err("a contradiction");
            assert_eq!(error, SelectError::Contradiction(name.to_owned()));
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn the_choice_is_left_where_nothing_is_asked_for() {
        for name in [None, Some("auto")] {
            assert_eq!(decide(name, false), Ok(Wish::Best));
        }
    }

    #[test]
    fn a_gpu_is_used_or_its_absence_explained() {
        for (name, required, wish) in [
            (Some("cuda"), false, GpuWish::Named),
            (Some("cuda"), true, GpuWish::Named),
            (None, true, GpuWish::Required),
            (Some("auto"), true, GpuWish::Required),
        ] {
            let decision = decide(name, required);
            #[cfg(feature = "cuda")]
            match crate::Cuda::detect() {
                Ok(cuda) => assert_eq!(decision, Ok(Wish::For(Choice::Cuda(cuda)))),
                Err(reason) => {
                    let error = decision.expect_err("there is no device");
                    assert!(error.to_string().starts_with(&format!("{wish}: {reason}")), "{error}");
                    assert_eq!(error, SelectError::NoGpu(wish, reason));
                }
            }
            #[cfg(not(feature = "cuda"))]
            assert_eq!(decision, Err(SelectError::NotBuiltIn(wish)));
        }
    }
}
