//! Where keys and reference strings are kept between runs.
//!
//! ```text
//! $ASSAY_CACHE, or the system's cache folder + /assay
//!   srs/development.srs, srs/NAME.srs                     reference strings
//!   keys/PROGRAM_ID-REFERENCE.vk, keys/CONTENT.pk         keys of the programs proven here
//!   keys/PROGRAM_ID-REFERENCE.wrap.{pk,vk}, KEY.wrap.vk   development keys that wrap their proofs; keys that verify those
//!   gpu/UUID.json                                         what came of a GPU's self-test
//! ```

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};
use assay_verifier::{VerifyingKey, WrapKey};

use crate::engine::MAX_PROVING_KEY_BYTES;
use crate::files;
use crate::output::{Output, hex, sentence};

/// The cache folder, which need not exist yet.
pub fn folder() -> Result<PathBuf> {
    match locate(|name| env::var_os(name)) {
        Some(folder) => Ok(folder),
        None => bail!("no cache folder: set ASSAY_CACHE (or HOME) to say where keys and reference strings are kept"),
    }
}

fn locate(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set("ASSAY_CACHE") {
        return Some(folder);
    }
    if cfg!(windows) {
        return Some(set("LOCALAPPDATA")?.join("assay").join("cache"));
    }
    if cfg!(target_os = "macos") {
        return Some(set("HOME")?.join("Library/Caches/assay"));
    }
    // The XDG specification: a relative path is invalid and ignored.
    let xdg = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    Some(xdg.or_else(|| Some(set("HOME")?.join(".cache")))?.join("assay"))
}

/// The folder of reference strings.
pub fn srs_folder() -> Result<PathBuf> {
    Ok(folder()?.join("srs"))
}

/// The keys of programs that were proven here.
///
/// ```text
/// PROGRAM_ID-REFERENCE.vk    so that `assay verify` works without `--vk`; whoever trusts the id may trust the key,
///                            since the id is a digest of it
/// CONTENT.pk                 for programs with private weights, whose id depends on salts that must not be lost
/// ```
pub struct Keyring {
    folder: PathBuf,
}

impl Keyring {
    /// The key folder, which need not exist yet.
    pub fn open() -> Result<Self> {
        Ok(Keyring { folder: folder()?.join("keys") })
    }

    /// Keeps a verifying key. Failing to is no reason to fail.
    pub fn store_verifying(&self, key: &VerifyingKey, output: &Output) {
        let path = self.verifying_path(&key.program_id(), &key.reference.digest);
        let bytes = key.encode();
        // A damaged file is replaced, a good one left alone.
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            return;
        }
        let stored = files::create_folder(&self.folder, "the cache folder").and_then(|()| files::write(&path, &bytes, "the verifying key"));
        if let Err(error) = stored {
            output.warn(sentence(&error));
        }
    }

    /// Where the verifying key of a program under a reference string lies.
    pub fn verifying_key(&self, program_id: &[u8; 32], reference: &[u8; 32]) -> Result<PathBuf> {
        let path = self.verifying_path(program_id, reference);
        if !path.exists() {
            bail!("no verifying key for program {} here: give --vk FILE (`assay compile` makes it)", hex(program_id));
        }
        Ok(path)
    }

    /// The proving key of a program with private weights, if it is here.
    pub fn proving_key(&self, content: &[u8; 32]) -> Result<Option<Vec<u8>>> {
        let path = self.proving_path(content);
        if !path.exists() {
            return Ok(None);
        }
        files::read(&path, MAX_PROVING_KEY_BYTES, "the proving key").map(Some)
    }

    /// Keeps a proving key. Failing to is a failure: the program could not be proven under the same id again.
    pub fn store_proving(&self, content: &[u8; 32], bytes: &[u8]) -> Result<()> {
        files::create_folder(&self.folder, "the cache folder")?;
        files::write_secret(&self.proving_path(content), bytes, "the proving key")
    }

    /// Where a proving key lies.
    pub fn proving_path(&self, content: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}.pk", hex(content)))
    }

    /// Where the keys that wrap a program's proofs lie: proving and verifying.
    pub fn wrap_paths(&self, program_id: &[u8; 32], reference: &[u8; 32]) -> (PathBuf, PathBuf) {
        let path = |end: &str| self.folder.join(format!("{}-{}.wrap.{end}", hex(program_id), hex(&reference[..8])));
        (path("pk"), path("vk"))
    }

    /// Where the key lies that verifies wrapped receipts, by the digest that they name.
    pub fn wrap_verifying_path(&self, digest: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}.wrap.vk", hex(digest)))
    }

    /// Keeps a key of wrapped receipts. Failing to is no reason to fail.
    pub fn store_wrap_verifying(&self, key: &WrapKey, output: &Output) {
        let (path, bytes) = (self.wrap_verifying_path(&key.digest()), key.encode());
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            return;
        }
        let stored = files::create_folder(&self.folder, "the cache folder").and_then(|()| files::write(&path, &bytes, "the wrap's key"));
        if let Err(error) = stored {
            output.warn(sentence(&error));
        }
    }

    fn verifying_path(&self, program_id: &[u8; 32], reference: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}-{}.vk", hex(program_id), hex(&reference[..8])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(variables: &[(&str, &str)]) -> Option<PathBuf> {
        locate(|name| variables.iter().find(|v| v.0 == name).map(|v| v.1.into()))
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn follows_the_xdg_specification() {
        assert_eq!(located(&[]), None);
        assert_eq!(located(&[("HOME", "/h")]), Some("/h/.cache/assay".into()));
        assert_eq!(located(&[("HOME", "/h"), ("XDG_CACHE_HOME", "rel")]), Some("/h/.cache/assay".into()));
        assert_eq!(located(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]), Some("/x/assay".into()));
        assert_eq!(located(&[("HOME", "/h"), ("ASSAY_CACHE", "here")]), Some("here".into()));
        assert_eq!(located(&[("HOME", "/h"), ("ASSAY_CACHE", "")]), Some("/h/.cache/assay".into()));
    }
}
