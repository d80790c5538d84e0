//! Files in and out: reading is bounded, writing is all or nothing.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, anyhow, bail};

use crate::interrupt;

/// Reads a file of at most `limit` bytes; a device or a pipe without end is cut off there too.
pub fn read(path: &Path, limit: u64, what: &str) -> Result<Vec<u8>> {
    let file = open(path, what)?;
    let mut bytes = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|e| describe(&e, "read", path, what))?;
    if bytes.len() as u64 > limit {
        bail!("{what} {} is larger than {limit} bytes, the most that is read", path.display());
    }
    Ok(bytes)
}

/// Opens a file for reading.
pub fn open(path: &Path, what: &str) -> Result<File> {
    let file = File::open(path).map_err(|e| describe(&e, "read", path, what))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        bail!("{what} {} is a folder, not a file", path.display());
    }
    Ok(file)
}

/// Says what went wrong with a file, and what to do where that is known.
fn describe(error: &io::Error, verb: &str, path: &Path, what: &str) -> anyhow::Error {
    let path = path.display();
    match error.kind() {
        ErrorKind::NotFound if verb == "read" => anyhow!("{what} {path} does not exist"),
        ErrorKind::NotFound => anyhow!("cannot write {what} {path}: its folder does not exist"),
        ErrorKind::PermissionDenied => anyhow!("cannot {verb} {what} {path}: permission denied"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            anyhow!("cannot write {what} {path}: the disk is full; free some space or choose another folder")
        }
        _ => anyhow!("cannot {verb} {what} {path}: {error}"),
    }
}

/// A file that appears under its name only when it is complete.
///
/// Written beside its destination under a temporary name, flushed to the disk, renamed. Dropped or interrupted before
/// [`PendingFile::finish`], it leaves nothing behind and the old file untouched. Making one before a long job finds
/// out early that the result cannot be stored.
pub struct PendingFile {
    what: String,
    target: PathBuf,
    /// Absent for devices and pipes, which are written to directly.
    temporary: Option<PathBuf>,
    writer: BufWriter<File>,
}

impl PendingFile {
    /// Prepares to write `target`; `what` names it in errors.
    pub fn create(target: &Path, what: &str) -> Result<Self> {
        PendingFile::create_with(target, what, &mut OpenOptions::new())
    }

    /// The same for a file that only its owner may read.
    pub fn create_secret(target: &Path, what: &str) -> Result<Self> {
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        PendingFile::create_with(target, what, &mut options)
    }

    fn create_with(target: &Path, what: &str, options: &mut OpenOptions) -> Result<Self> {
        // A link keeps pointing where it points, and the file there is replaced.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let kind = fs::metadata(&target).ok();
        if kind.as_ref().is_some_and(|m| m.is_dir()) || target.file_name().is_none() {
            bail!("cannot write {what} {}: it is a folder; give a file name", target.display());
        }
        let direct = kind.is_some_and(|m| !m.is_file());
        let fail = |e: io::Error| describe(&e, "write", &target, what);
        let (file, temporary) = if direct {
            (OpenOptions::new().write(true).open(&target).map_err(fail)?, None)
        } else {
            let temporary = temporary_name(&target);
            interrupt::begin(&temporary);
            let file = options.write(true).create_new(true).open(&temporary);
            let file = file.inspect_err(|_| interrupt::end(&temporary)).map_err(fail)?;
            (file, Some(temporary))
        };
        Ok(PendingFile { what: what.to_owned(), writer: BufWriter::new(file), temporary, target })
    }

    /// Writes through `write`, makes it durable, and gives the file its name.
    pub fn finish(mut self, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
        let written = write(&mut self.writer).and_then(|()| Ok(self.writer.flush()?)).and_then(|()| match &self.temporary {
            Some(temporary) => {
                self.writer.get_ref().sync_all()?;
                Ok(fs::rename(temporary, &self.target)?)
            }
            None => Ok(()),
        });
        written.map_err(|error| match error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) => describe(cause, "write", &self.target, &self.what),
            None => error,
        })?;
        if let Some(temporary) = self.temporary.take() {
            interrupt::end(&temporary);
        }
        Ok(())
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
            interrupt::end(temporary);
        }
    }
}

/// Writes a whole file, or nothing.
pub fn write(path: &Path, bytes: &[u8], what: &str) -> Result<()> {
    PendingFile::create(path, what)?.finish(|writer| Ok(writer.write_all(bytes)?))
}

/// The same for a file that only its owner may read.
pub fn write_secret(path: &Path, bytes: &[u8], what: &str) -> Result<()> {
    PendingFile::create_secret(path, what)?.finish(|writer| Ok(writer.write_all(bytes)?))
}

/// Creates a folder and those above it.
pub fn create_folder(path: &Path, what: &str) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create {what} {}", path.display()))
}

/// `.NAME.PID-COUNTER.tmp` in the same folder, so that renaming never crosses a file system.
fn temporary_name(target: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}-{}.tmp", process::id(), COUNTER.fetch_add(1, Ordering::Relaxed)));
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("assay-files-{}-{name}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect()
    }

    #[test]
    fn a_failed_write_keeps_the_old_file_and_leaves_nothing() {
        let folder = folder("failed");
        let path = folder.join("x");
        write(&path, b"old", "the file").unwrap();
        let failed = PendingFile::create(&path, "the file").unwrap().finish(|writer| {
            writer.write_all(b"new")?;
            bail!("stopped")
        });
        assert_eq!(failed.unwrap_err().to_string(), "stopped");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(&folder), ["x"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_dropped_file_leaves_nothing() {
        let folder = folder("dropped");
        drop(PendingFile::create(&folder.join("x"), "the file").unwrap());
        assert!(names(&folder).is_empty());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_said_plainly() {
        let error = write(Path::new("/dev/full"), b"x", "the receipt").unwrap_err().to_string();
        assert_eq!(error, "cannot write the receipt /dev/full: the disk is full; free some space or choose another folder");
    }

    #[test]
    #[cfg(unix)]
    fn a_link_is_followed_not_replaced() {
        let folder = folder("link");
        write(&folder.join("x"), b"old", "the file").unwrap();
        std::os::unix::fs::symlink(folder.join("x"), folder.join("link")).unwrap();
        write(&folder.join("link"), b"new", "the file").unwrap();
        assert_eq!(fs::read(folder.join("x")).unwrap(), b"new");
        assert!(fs::symlink_metadata(folder.join("link")).unwrap().is_symlink());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_endless_device_is_cut_off() {
        let error = read(Path::new("/dev/zero"), 1000, "the receipt").unwrap_err().to_string();
        assert_eq!(error, "the receipt /dev/zero is larger than 1000 bytes, the most that is read");
    }

    #[test]
    fn folders_are_not_files() {
        let folder = folder("folder");
        assert!(read(&folder, 10, "the input").unwrap_err().to_string().ends_with("is a folder, not a file"));
        assert!(write(&folder, b"", "the receipt").unwrap_err().to_string().contains("give a file name"));
        fs::remove_dir_all(folder).unwrap();
    }
}
