//! Broken and hostile models: an error that says where, never a panic, never an endless run.

use assay_core::onnx::{Error, ImportOptions, import};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A small generator, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

fn models() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/onnx/fixtures");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path().join("model.onnx")).collect();
    paths.sort();
    paths.into_iter().filter_map(|p| std::fs::read(&p).ok().map(|bytes| (p, bytes))).collect()
}

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => bytes.truncate(at),
            3 => bytes.insert(at, random.next() as u8),
            4 => {
                let end = (at + random.below(16)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let from = random.below(bytes.len());
                let piece: Vec<u8> = bytes[from..(from + random.below(32)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
        }
    }
}

#[test]
fn mutated_models_never_panic_or_hang() {
    // More rounds for a longer search: ASSAY_HOSTILE_ROUNDS=5000.
    let rounds = std::env::var("ASSAY_HOSTILE_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(60);
    let models = models();
    let (mut imported, mut refused, mut slowest) = (0, 0, (Duration::ZERO, PathBuf::new(), 0));
    for (index, (path, original)) in models.iter().enumerate() {
        for round in 0..rounds {
            let seed = (index << 32 | round) as u64;
            let mut bytes = original.clone();
            mutate(&mut Random(seed), &mut bytes);
            let start = Instant::now();
            match import(&bytes, &ImportOptions::default()) {
                Ok(_) => imported += 1,
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
            if start.elapsed() > slowest.0 {
                slowest = (start.elapsed(), path.clone(), seed);
            }
        }
    }
    println!("{imported} imported, {refused} refused; the slowest took {:?}: {} with seed {}", slowest.0, slowest.1.display(), slowest.2);
    assert!(imported > 0 && refused > 0);
    assert!(slowest.0 < Duration::from_secs(20), "{slowest:?}");
}

#[test]
fn random_bytes_are_refused() {
    let mut random = Random(7);
    for len in 0..2000 {
        let bytes: Vec<u8> = (0..len % 97).map(|_| random.next() as u8).collect();
        assert!(import(&bytes, &ImportOptions::default()).is_err());
    }
}

#[test]
fn truncated_models_name_the_byte() {
    let (_, bytes) = &models()[0];
    for len in 0..bytes.len() - 1 {
        let error = import(&bytes[..len], &ImportOptions::default()).unwrap_err();
        assert!(!error.to_string().is_empty());
    }
    let error = import(b"\x3a\xff\xff\xff\xff\x0f", &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Encoding { offset: 6, .. }), "{error}");
}
