//! Where keys and reference strings are kept between runs.
//!
//! ```text
//! $ASSAY_CACHE, or the system's cache folder + /assay
//!   srs/development.srs, srs/NAME.srs                     reference strings
//!   keys/PROGRAM_ID-SRS.pk, keys/PROGRAM_ID-SRS.vk        program keys; SRS: the digest's first 16 digits
//! ```

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};

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
