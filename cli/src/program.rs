//! PROGRAM arguments: an ONNX file, a job file, or a built-in with its sizes.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The longest axis of a built-in; the product of the axes is for the program's own limits to judge.
const MAX_EXTENT: usize = 1 << 20;

/// Where a program comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A quantised network.
    Onnx(PathBuf),
    /// `[M, K] x [K, N]`, int8 operands.
    Matmul {
        /// Rows, shared axis, columns.
        sizes: [usize; 3],
    },
    /// The heat equation on an H x W grid, explicit steps.
    Heat2d {
        /// Height, width, steps.
        sizes: [usize; 3],
    },
}

impl Source {
    /// Reads a PROGRAM argument that is not a job file. Relative paths start at `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self> {
        let path = folder.join(text);
        let Some((name, sizes)) = text.split_once(':').filter(|_| !path.exists()) else {
            return Ok(Source::Onnx(path));
        };
        match name {
            "matmul" => Ok(Source::Matmul { sizes: parse_sizes(text, sizes, "matmul:MxKxN")? }),
            "heat2d" => Ok(Source::Heat2d { sizes: parse_sizes(text, sizes, "heat2d:HxWxSTEPS")? }),
            _ => bail!("`{text}` is neither a file nor a built-in program (matmul:MxKxN, heat2d:HxWxSTEPS)"),
        }
    }

    /// Whether a missing input is filled with made-up data.
    pub fn has_demo_inputs(&self) -> bool {
        !matches!(self, Source::Onnx(_))
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Onnx(path) => write!(f, "{}", path.display()),
            Source::Matmul { sizes: [m, k, n] } => write!(f, "matmul:{m}x{k}x{n}"),
            Source::Heat2d { sizes: [h, w, steps] } => write!(f, "heat2d:{h}x{w}x{steps}"),
        }
    }
}

fn parse_sizes(text: &str, sizes: &str, form: &str) -> Result<[usize; 3]> {
    let parsed: Option<Vec<usize>> = sizes.split('x').map(|size| size.parse().ok()).collect();
    match parsed.as_deref() {
        Some(&[a, b, c]) if [a, b, c].iter().all(|size| (1..=MAX_EXTENT).contains(size)) => Ok([a, b, c]),
        _ => bail!("`{text}` is not of the form {form} with sizes from 1 to {MAX_EXTENT}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Source, String> {
        Source::parse(text, Path::new("jobs")).map_err(|e| e.to_string())
    }

    #[test]
    fn tells_files_from_built_ins() {
        assert_eq!(parse("a/b.onnx"), Ok(Source::Onnx("jobs/a/b.onnx".into())));
        assert_eq!(parse("/a/b"), Ok(Source::Onnx("/a/b".into())));
        assert_eq!(parse("matmul:3x5x7"), Ok(Source::Matmul { sizes: [3, 5, 7] }));
        assert_eq!(parse("heat2d:8x8x2"), Ok(Source::Heat2d { sizes: [8, 8, 2] }));
        assert_eq!(parse("heat2d:8x8x2").unwrap().to_string(), "heat2d:8x8x2");
    }

    #[test]
    fn says_what_is_wrong_with_a_built_in() {
        for text in ["matmul:3x5", "matmul:0x1x1", "matmul:axbxc", "matmul:1x2x3x4", "matmul:99999999999999999999x1x1", "matmul:-1x1x1"] {
            assert!(parse(text).unwrap_err().contains("is not of the form matmul:MxKxN"), "{text}");
        }
        assert!(parse("sort:5").unwrap_err().contains("neither a file nor a built-in"));
    }
}
