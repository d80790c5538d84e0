//! A folder in which the tests run the command line, with a cache of its own.

// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::process::{self, Command, Output};

/// A fresh folder, removed at the end; the cache lies in `.cache` in it.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Makes the folder.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("assay-cli-{}-{name}", process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    /// The command, not yet run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(arguments).current_dir(&self.0).env("ASSAY_CACHE", self.0.join(".cache"));
        command
    }

    /// Runs the command.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the command runs")
    }

    /// Runs the command, which must succeed; its standard output and standard error.
    pub fn succeeds(&self, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        (stdout, stderr)
    }

    /// Runs the command, which must succeed; the object that it prints.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let (stdout, _) = self.succeeds(&[arguments, &["--json"]].concat());
        serde_json::from_str(&stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {stdout}"))
    }

    /// Runs the command, which must refuse with one sentence that contains `sentence`, with and without `--json`.
    pub fn refuses(&self, arguments: &[&str], sentence: &str) {
        let output = self.run(arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(sentence), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.trim_end().lines().count() == 1, "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let output = self.run(&[arguments, &["--json"]].concat());
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("an object");
        assert!(object["error"].as_str().is_some_and(|e| e.contains(sentence)), "{arguments:?}: {object}");
        assert_eq!(output.status.code(), Some(2));
    }

    /// Writes a file in the folder.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).expect("a file");
    }

    /// Reads a file in the folder.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).expect("a file")
    }

    /// The names of the files in the folder, hidden ones included, the cache excepted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder");
        let name = |e: std::io::Result<fs::DirEntry>| e.expect("an entry").file_name().to_string_lossy().into_owned();
        entries.map(name).filter(|name| name != ".cache").collect()
    }

    /// Whether nothing was left behind.
    pub fn is_empty(&self) -> bool {
        self.names().is_empty()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
