//! Reference strings in the cache: found by name, generated and extended on demand.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use assay_prover::srs::{Header, Origin, Srs, SrsError};

use crate::cache;
use crate::files::{self, PendingFile};
use crate::output::Output;

/// The name of the string that everyone has.
pub const DEVELOPMENT: &str = "development";

/// What is said of every receipt under it.
pub const NOT_FOR_PRODUCTION: &str =
    "development reference string: its tau is public, so that anyone can forge such receipts; not for production";

const WHAT: &str = "the reference string";

/// Which reference string a command uses.
pub struct Selection {
    path: PathBuf,
    /// The cached development string: generated, extended and repaired as needed.
    managed: bool,
}

impl Selection {
    /// The development string in the cache.
    pub fn development() -> Result<Self> {
        Ok(Selection { managed: true, ..Selection::named(DEVELOPMENT)? })
    }

    /// A string in the cache.
    pub fn named(name: &str) -> Result<Self> {
        Ok(Selection { path: cache::srs_folder()?.join(format!("{}.srs", check_name(name)?)), managed: false })
    }

    /// `--srs`: a name in the cache, or the path of a file.
    pub fn parse(text: &str) -> Result<Self> {
        if text == DEVELOPMENT {
            return Selection::development();
        }
        if check_name(text).is_ok() {
            let named = Selection::named(text)?;
            if named.path.exists() {
                return Ok(named);
            }
        }
        let path = PathBuf::from(text);
        if !path.exists() {
            bail!("no reference string `{text}`: it is neither in the cache (see `assay srs list`) nor a file");
        }
        Ok(Selection { path, managed: false })
    }

    /// Where it lies, or will.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The first `num_powers` powers; the development string is made to have as many.
    pub fn load(&self, num_powers: usize, output: &Output) -> Result<Srs> {
        if !self.managed {
            return self.read(Some(num_powers)).with_context(|| self.path.display().to_string());
        }
        let mut srs = match self.read_managed(num_powers) {
            Ok(Some(srs)) if srs.num_powers() >= num_powers => return Ok(srs),
            Ok(found) => found,
            Err(error) => {
                // It is the same for everyone, so a damaged copy is simply replaced.
                output.warn(format_args!("generating {} again: {error:#}", self.path.display()));
                None
            }
        };
        let srs = match srs.take() {
            Some(mut shorter) => {
                let bar = output.progress("extending powers of tau", (num_powers - shorter.num_powers()) as u64);
                let grown = shorter.grow(num_powers, &|n| bar.inc(n as u64));
                bar.finish_and_clear();
                grown?;
                shorter
            }
            None => generate(num_powers, output),
        };
        if let Err(error) = self.store(&srs) {
            // The job can go on without a cache; only the next one pays.
            output.warn(format_args!("{error:#}"));
        }
        Ok(srs)
    }

    /// All powers, without generating any.
    pub fn load_whole(&self) -> Result<Srs> {
        self.read(None).with_context(|| self.path.display().to_string())
    }

    fn read(&self, num_powers: Option<usize>) -> Result<Srs> {
        let mut file = files::open(&self.path, WHAT)?;
        Srs::read(&mut file, num_powers).map_err(explain)
    }

    /// The cached development string: enough of it, or all of it, or nothing yet.
    fn read_managed(&self, num_powers: usize) -> Result<Option<Srs>> {
        if !self.path.exists() {
            return Ok(None);
        }
        let header = Header::read(&mut files::open(&self.path, WHAT)?)?;
        if header.origin != Origin::Development {
            bail!("it is not a development string");
        }
        let enough = header.num_powers >= num_powers as u64;
        self.read(enough.then_some(num_powers)).map(Some)
    }

    fn store(&self, srs: &Srs) -> Result<()> {
        files::create_folder(&cache::srs_folder()?, "the cache folder")?;
        PendingFile::create(&self.path, WHAT)?.finish(|writer| Ok(srs.write(writer)?))
    }
}

/// The development string, generated under a progress bar.
pub fn generate(num_powers: usize, output: &Output) -> Srs {
    let bar = output.progress("generating powers of tau", num_powers as u64);
    let srs = Srs::development(num_powers, &|n| bar.inc(n as u64));
    bar.finish_and_clear();
    srs
}

/// Names and paths of the strings in the cache, in alphabetical order.
pub fn cached(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(anyhow!("cannot read the cache folder {}: {error}", folder.display())),
    };
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "srs"))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect();
    found.sort();
    Ok(found)
}

/// A name that is safe as a file's.
pub fn check_name(name: &str) -> Result<&str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(allowed) {
        bail!("`{name}` cannot name a reference string: use letters, digits, `-`, `_` and `.`, at most 100");
    }
    Ok(name)
}

/// An error of the library, with what a user of the command line may have mistaken.
fn explain(error: SrsError) -> anyhow::Error {
    match error {
        SrsError::WrongMagic { found, .. } if found.starts_with(b"ptau") => {
            anyhow!("this is a ceremony file: import it with `assay srs import FILE.ptau`")
        }
        other => other.into(),
    }
}
