use crate::{pairs, parse, synthetic, vectors};
use assay_wasm::{describe, verify};
use serde_json::{Value, json};

/// With `ASSAY_REGENERATE=1` the files are written anew: the explicit step after a change of format.
#[test]
fn the_wrapped_vectors_are_the_synthetic_receipts() {
    for (folder, development) in [("development", true), ("ceremony", false)] {
        let (receipt, key) = synthetic::receipt(development);
        assert_eq!(key.verify(&receipt).unwrap().development, development);
        for (name, bytes) in [("receipt", receipt.encode()), ("key", key.encode())] {
            let path = vectors().join(folder).join(name);
            if std::env::var_os("ASSAY_REGENERATE").is_some() {
                std::fs::write(&path, &bytes).unwrap();
            }
            assert!(std::fs::read(&path).unwrap() == bytes, "{} is out of date", path.display());
        }
    }
}

#[test]
fn receipts_of_both_kinds_are_valid_with_their_keys_only() {
    let pairs = pairs();
    for (i, with_receipt) in pairs.iter().enumerate() {
        for (j, with_key) in pairs.iter().enumerate() {
            let answer = parse(&verify(&with_receipt.receipt, &with_key.key));
            let what = format!("receipt {}, key {}: {answer}", with_receipt.name, with_key.name);
            assert_eq!(answer["valid"], i == j, "{what}");
            assert_eq!(answer["reason"].is_null(), i == j, "{what}");
            let wrapped = |name: &str| name.starts_with("wrapped");
            assert_eq!(answer["zero_knowledge"], wrapped(with_receipt.name), "{what}");
            let fault = match (i == j, wrapped(with_receipt.name) == wrapped(with_key.name)) {
                (true, _) => Value::Null,
                (_, true) => "match".into(),
                (_, false) => "key".into(),
            };
            assert_eq!(answer["fault"], fault, "{what}");
        }
    }
}

#[test]
fn a_wrapped_answer_says_what_the_key_names() {
    let pairs = pairs();
    let wrapped = pairs.iter().find(|p| p.name == "wrapped").unwrap();
    let answer = parse(&verify(&wrapped.receipt, &wrapped.key));
    assert_eq!(answer["kind"], "wrapped");
    assert_eq!(answer["program"], "synthetic");
    assert_eq!(answer["development"], true);
    let statement = &answer["statement"];
    assert_eq!(statement["program_id"], "07".repeat(32));
    assert_eq!(statement["context"], "6a6f62203137");
    let output = json!({
        "name": "scores", "dtype": "int8", "shape": [1, 3], "values": [-3, 41, 7],
        "quantization": { "scale": 0.25, "zero_point": -1 }, "reals": [-0.5, 10.5, 2.0], "class": 1,
    });
    // Integers and floats of one value differ for the parser, not for JavaScript.
    let mut found = statement["outputs"][0].clone();
    found["reals"] = found["reals"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert_eq!(found, output);
    let inputs = json!([
        { "name": "image", "dtype": "int8", "shape": [1, 8] },
        { "name": "weights", "dtype": "int8", "shape": [8, 3], "private": true, "commitments": 1 },
    ]);
    assert_eq!(statement["inputs"], inputs);
}

#[test]
fn an_inner_answer_shows_the_statement_even_without_a_usable_key() {
    for pair in pairs().iter().filter(|p| !p.name.starts_with("wrapped")) {
        let valid = parse(&verify(&pair.receipt, &pair.key));
        let bare = parse(&verify(&pair.receipt, b"no key"));
        assert_eq!(bare["fault"], "key");
        assert_eq!(bare["statement"]["outputs"][0]["values"], valid["statement"]["outputs"][0]["values"]);
        assert_eq!(bare["statement"]["outputs"][0]["name"], Value::Null);
        assert!(valid["statement"]["outputs"][0]["name"].is_string());
        assert_eq!(parse(&describe(&pair.receipt))["statement"], bare["statement"]);
    }
}

#[test]
fn every_file_is_described() {
    for pair in pairs() {
        let (receipt, key) = (parse(&describe(&pair.receipt)), parse(&describe(&pair.key)));
        let wrapped = pair.name.starts_with("wrapped");
        assert_eq!(receipt["kind"], if wrapped { "wrapped" } else { "inner" });
        assert_eq!(key["kind"], if wrapped { "wrap key" } else { "verifying key" });
        assert_eq!(key["program_id"], receipt["statement"]["program_id"]);
        assert_eq!(key["development"], pair.name != "wrapped, of a ceremony");
        assert_eq!((&receipt["reason"], &key["reason"]), (&Value::Null, &Value::Null));
        let swapped = parse(&verify(&pair.key, &pair.receipt));
        assert_eq!((swapped["valid"].clone(), swapped["fault"].clone()), (false.into(), "receipt".into()));
    }
    let other = parse(&describe(b"something"));
    assert_eq!((&other["kind"], other["reason"].is_string()), (&Value::Null, true));
}

#[test]
fn files_beyond_the_limit_are_refused_unread() {
    let long = vec![0; assay_wasm::MAX_BYTES + 1];
    let pair = &pairs()[0];
    assert_eq!(parse(&verify(&long, &pair.key))["fault"], "receipt");
    assert_eq!(parse(&verify(&pair.receipt, &long))["fault"], "key");
    assert!(parse(&describe(&long))["reason"].as_str().unwrap().contains("at most"));
}
