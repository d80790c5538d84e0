//! Answers over bytes of all kinds.

mod answers;
mod hostile;
mod synthetic;

use std::path::{Path, PathBuf};

/// A receipt and its key.
struct Pair {
    name: &'static str,
    receipt: Vec<u8>,
    key: Vec<u8>,
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// Frozen receipts of both kinds.
fn pairs() -> Vec<Pair> {
    let read = |path: PathBuf| std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let inner = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut pairs: Vec<Pair> = ["public", "private", "scan"]
        .into_iter()
        .map(|name| Pair { name, receipt: read(inner.join("receipt").join(name)), key: read(inner.join("key").join(name)) })
        .collect();
    for (name, folder) in [("wrapped", "development"), ("wrapped, of a ceremony", "ceremony")] {
        let folder = vectors().join(folder);
        pairs.push(Pair { name, receipt: read(folder.join("receipt")), key: read(folder.join("key")) });
    }
    pairs
}

fn parse(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer).unwrap_or_else(|e| panic!("{e}: {answer}"))
}
