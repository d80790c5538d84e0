//! Building the stand-in for the CUDA driver.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// The library, built anew where a source in `gpu/cuda` is newer; or why it cannot be built here.
pub fn built(sources: &Path) -> Result<PathBuf, String> {
    let flags = env::var("ASSAY_SHIM_FLAGS").unwrap_or_default();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cuda_shim{}", flags.replace(['/', ' '], "_")));
    let library = folder.join("libcuda.so");
    let written = fs::metadata(&library).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    if written > newest(sources) {
        return Ok(library);
    }
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if Command::new(&compiler).arg("--version").output().is_err() {
        return Err(format!("there is no C++ compiler `{compiler}` to build the stand-in with"));
    }
    fs::create_dir_all(&folder).expect("a folder for the stand-in");
    let status = Command::new(sources.join("shim/build.sh")).arg(&library).args(flags.split_whitespace()).status();
    assert!(status.expect("the build script runs").success(), "the stand-in does not build");
    Ok(library)
}

fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).expect("the sources");
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            if path.is_dir() { newest(&path) } else { fs::metadata(&path).and_then(|data| data.modified()).expect("a time") }
        })
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
