//! Wrapped receipts from the command line: keys, proofs, verdicts, contracts, and what is refused.

mod scratch;

use scratch::Folder;
use std::fs;

const JOB: [&str; 4] = ["matmul:4x8x2", "--private", "a", "--quiet"];

#[test]
fn a_private_product_is_wrapped_verified_and_exported() {
    let folder = Folder::new("wrap");
    folder.succeeds(&["setup", "matmul:4x8x2", "--private", "a", "-o", "keys"]);
    let proven =
        folder.json(&["prove", "matmul:4x8x2", "--private", "a", "--wrap", "--wrap-key", "keys", "--context", "0xc0ffee", "-o", "r"]);
    assert!(proven["receipt_bytes"].as_u64().unwrap() <= 1536, "{proven}");
    assert_eq!(proven["zero_knowledge"], true);
    // By the cache's key, and by the file's.
    for vk in [&[][..], &["--vk", "keys/wrap.vk"]] {
        let verdict = folder.json(&[&["verify", "r"], vk].concat());
        assert_eq!((&verdict["valid"], &verdict["wrapped"], &verdict["development"]), (&true.into(), &true.into(), &true.into()));
        assert_eq!(verdict["statement"]["context"], "c0ffee");
        assert_eq!(verdict["statement"]["input_digest"], proven["input_digest"]);
    }
    assert_eq!(folder.json(&["inspect", "r"])["kind"], "wrapped receipt");
    assert_eq!(folder.json(&["inspect", "keys/wrap.vk"])["kind"], "key of wrapped receipts");
    let exported = folder.json(&["export-verifier", "keys/wrap.vk", "-o", "V.sol"]);
    let source = fs::read_to_string(folder.0.join("V.sol")).unwrap();
    assert!(source.contains("contract AssayVerifier") && source.contains(exported["selector"].as_str().unwrap()));

    let mut bytes = fs::read(folder.0.join("r")).unwrap();
    let last = bytes.len() - 1;
    bytes[last - 40] ^= 1;
    folder.write("forged", &bytes);
    assert_ne!(folder.run(&["verify", "forged", "--vk", "keys/wrap.vk"]).status.code(), Some(0));
    folder.write("short", &bytes[..100]);
    assert_eq!(folder.run(&["verify", "short", "--vk", "keys/wrap.vk"]).status.code(), Some(2));
}

#[test]
fn the_first_wrap_makes_development_keys_and_the_next_finds_them() {
    let folder = Folder::new("wrap-cache");
    let prove = [&["prove"], &JOB[..], &["--wrap", "-o", "r"]].concat();
    folder.succeeds(&prove);
    let first = folder.json(&["verify", "r"])["statement"]["key"].clone();
    folder.succeeds(&prove);
    assert_eq!(folder.json(&["verify", "r"])["statement"]["key"], first);
}

#[test]
fn keys_of_other_programs_and_programs_without_commitments_are_refused() {
    let folder = Folder::new("wrap-wrong");
    folder.succeeds(&["setup", "matmul:4x8x2", "--private", "a", "-o", "keys"]);
    let other = ["prove", "matmul:4x8x4", "--private", "a", "--wrap", "--wrap-key", "keys", "-o", "r"];
    folder.refuses(&other, "the wrap key's program is");
    folder.refuses(&["setup", "matmul:4x8x2", "-o", "none"], "cannot be wrapped");
    folder.refuses(&["prove", "matmul:4x8x2", "--private", "a", "--wrap", "--wrap-key", "nowhere", "-o", "r"], "wrap");
    folder.refuses(&["setup", "matmul:4096x64x64", "--private", "b", "-o", "big"], "constraints");
    let pk = folder.0.join("keys/wrap.pk");
    let bytes = fs::read(&pk).unwrap();
    fs::write(&pk, &bytes[..bytes.len() / 2]).unwrap();
    folder.refuses(&["prove", "matmul:4x8x2", "--private", "a", "--wrap", "--wrap-key", "keys", "-o", "r"], "truncated or damaged");
    assert!(!folder.0.join("r").exists());
}
