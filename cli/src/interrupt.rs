//! Ctrl-C (and SIGTERM, SIGHUP): unfinished files are removed before the process ends.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};

/// The exit code of a process that a user interrupted: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of paths is whole between any two operations, so a panic elsewhere does not spoil it.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Handles signals from now on.
pub fn install() -> Result<()> {
    let handler = || {
        // The lock is kept until the end, so that no file is begun meanwhile.
        let paths = unfinished();
        for path in paths.iter() {
            let _ = fs::remove_file(path);
        }
        process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(handler).context("cannot handle signals")
}

/// `path` is about to be created and not yet finished.
pub fn begin(path: &Path) {
    unfinished().insert(path.to_owned());
}

/// `path` is finished, renamed or removed.
pub fn end(path: &Path) {
    unfinished().remove(path);
}
