//! PROGRAM arguments: an ONNX file, a compiled program, a job file, or a built-in with its sizes.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use assay_prover::key_file::MAGIC;

/// The longest axis of a built-in; the product of the axes is for the program's own limits to judge.
const MAX_EXTENT: usize = 1 << 20;

/// The built-in programs, each with the form of its name.
const BUILT_INS: [(&str, &str); 3] = [("matmul", "matmul:MxKxN"), ("heat2d", "heat2d:HxWxSTEPS"), ("hardswish", "hardswish:HxWxC")];

/// Where a program comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A quantised network.
    Onnx(PathBuf),
    /// A proving key, as `assay compile` makes it.
    Compiled(PathBuf),
    /// A job that the library knows by name.
    BuiltIn(String),
}

impl Source {
    /// Reads a PROGRAM argument that is not a job file. Relative paths start at `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self> {
        let path = folder.join(text);
        if path.is_dir() {
            return Ok(Source::Compiled(path.join("pk")));
        }
        let Some((name, sizes)) = text.split_once(':').filter(|_| !path.exists()) else {
            return Ok(if is_proving_key(&path) { Source::Compiled(path) } else { Source::Onnx(path) });
        };
        match BUILT_INS.iter().find(|(built_in, _)| *built_in == name) {
            Some((_, form)) => check_sizes(text, sizes, form).map(|()| Source::BuiltIn(text.to_owned())),
            None => {
                let forms: Vec<&str> = BUILT_INS.iter().map(|b| b.1).collect();
                bail!("`{text}` is neither a file nor a built-in program ({})", forms.join(", "))
            }
        }
    }

    /// Whether a missing input is filled with made-up data.
    pub fn has_demo_inputs(&self) -> bool {
        matches!(self, Source::BuiltIn(_))
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Onnx(path) | Source::Compiled(path) => write!(f, "{}", path.display()),
            Source::BuiltIn(text) => f.write_str(text),
        }
    }
}

/// Whether a file begins as proving keys do.
fn is_proving_key(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).map(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == MAGIC
}

fn check_sizes(text: &str, sizes: &str, form: &str) -> Result<()> {
    let parsed: Option<Vec<usize>> = sizes.split('x').map(|size| size.parse().ok()).collect();
    match parsed.as_deref() {
        Some([a, b, c]) if [a, b, c].iter().all(|size| (1..=MAX_EXTENT).contains(*size)) => Ok(()),
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
        assert_eq!(parse("matmul:3x5x7"), Ok(Source::BuiltIn("matmul:3x5x7".into())));
        assert_eq!(parse("heat2d:8x8x2"), Ok(Source::BuiltIn("heat2d:8x8x2".into())));
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
