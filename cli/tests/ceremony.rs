//! A ceremony by the command line: three people, a beacon, and someone who cheats.

mod scratch;

use scratch::Folder;

const PTAU: &[u8] = include_bytes!("../../prover/src/srs/fixtures/power6.ptau");
/// The order of BN254's scalar field.
const ORDER: &str = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

/// A `.r1cs` file: x x = y with y public, and so often x y = z for a fresh z.
fn circuit(products: u32) -> Vec<u8> {
    let order = (0..32).rev().map(|i| u8::from_str_radix(&ORDER[2 * i..2 * i + 2], 16).unwrap());
    let mut header = [&32u32.to_le_bytes()[..], &order.collect::<Vec<u8>>()].concat();
    let wires = 3 + products;
    header.extend([wires, 0, 1, 1 + products].iter().flat_map(|number| number.to_le_bytes()));
    header.extend(u64::from(wires).to_le_bytes());
    header.extend((1 + products).to_le_bytes());
    let mut constraints = Vec::new();
    for row in [[2, 2, 1]].into_iter().chain((0..products).map(|i| [2, 1, 3 + i])) {
        for wire in row {
            constraints.extend([1u32, wire, 1].iter().flat_map(|number| number.to_le_bytes()));
            constraints.extend([0; 28]);
        }
    }
    let section = |kind: u32, contents: &[u8]| [&kind.to_le_bytes()[..], &(contents.len() as u64).to_le_bytes(), contents].concat();
    [&b"r1cs"[..], &[1, 0, 0, 0, 2, 0, 0, 0], &section(1, &header), &section(2, &constraints)].concat()
}

fn setting(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("pot.ptau", PTAU);
    folder.write("circuit.r1cs", &circuit(2));
    folder
}

/// `assay ceremony COMMAND` with the powers and the circuit of the folder.
fn command<'a>(command: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["ceremony", command, "--ptau", "pot.ptau", "--circuit", "circuit.r1cs"], arguments].concat()
}

fn contribute(folder: &Folder, from: &str, to: &str, name: &str) -> String {
    let printed = folder.json(&["ceremony", "contribute", from, "-o", to, "--name", name, "--entropy", "circuit.r1cs"]);
    printed["hash"].as_str().unwrap().to_owned()
}

#[test]
fn three_people_and_a_beacon_make_keys() {
    let folder = setting("ceremony");
    let begun = folder.json(&command("new", &["-o", "0"]));
    let hashes = [contribute(&folder, "0", "1", "Ada"), contribute(&folder, "1", "2", "Ben"), contribute(&folder, "2", "3", "Cy")];
    let checked = folder.json(&command("verify", &["0", "1", "2", "3"]));
    assert_eq!(checked["valid"], true);
    for (i, hash) in hashes.iter().enumerate() {
        assert_eq!(checked["contributions"][i]["hash"], hash.as_str());
    }
    assert_eq!(checked["contributions"][1]["name"], "Ben");
    folder.refuses(&command("finalize", &["3", "-o", "final"]), "its last contribution is not a beacon");
    let names = ["-o", "final", "--key", "key", "--zkey", "zkey", "--vkey", "vkey.json"];
    let finished = folder.json(&[command("finalize", &["3", "--beacon", "0xC0FFEE"]), names.to_vec()].concat());
    assert_eq!(finished["circuit"], begun["circuit"]);
    assert_eq!(finished["contributions"][3]["beacon"]["value"], "c0ffee");
    let key: serde_json::Value = serde_json::from_slice(&folder.read("vkey.json")).unwrap();
    assert_eq!((&key["nPublic"], key["IC"].as_array().unwrap().len()), (&serde_json::json!(1), 2));
    assert_eq!(folder.read("zkey")[..4], *b"zkey");
    assert!(!folder.read("key").is_empty());
    folder.succeeds(&command("verify", &["3", "final"]));
    // A finished file gives the same keys again, and takes no more contributions.
    folder.succeeds(&command("finalize", &["final", "--zkey", "again"]));
    assert_eq!(folder.read("again"), folder.read("zkey"));
    folder.refuses(&["ceremony", "contribute", "final", "-o", "late"], "nothing may follow it");
}

#[test]
fn cheats_are_found_out() {
    let folder = setting("cheats");
    folder.succeeds(&command("new", &["-o", "0"]));
    contribute(&folder, "0", "1", "Ada");
    contribute(&folder, "1", "2", "Ben");
    // The coordinator replaces Ben's contribution by one of their own.
    contribute(&folder, "1", "3", "Mallory");
    let output = folder.run(&command("verify", &["1", "2", "3"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("contribution 2 was dropped or replaced"));
    // Another circuit of the same size.
    let mut other = circuit(2);
    let last = other.len() - 32;
    other[last] = 5;
    folder.write("other.r1cs", &other);
    let output = folder.run(&["ceremony", "verify", "--ptau", "pot.ptau", "--circuit", "other.r1cs", "2"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("for another circuit"));
}

#[test]
fn unreadable_files_are_named() {
    let folder = setting("unreadable");
    folder.refuses(&command("verify", &["missing"]), "missing does not exist");
    folder.write("damaged", b"assaycer, or so it says");
    folder.refuses(&command("verify", &["damaged"]), "damaged: ");
    folder.refuses(&command("finalize", &["damaged", "--beacon", "xyz", "-o", "final"]), "hexadecimal");
    folder.write("large.r1cs", &circuit(80));
    folder.refuses(&["ceremony", "new", "--ptau", "pot.ptau", "--circuit", "large.r1cs", "-o", "0"], "powers-of-tau file of power 7");
    assert!(!folder.names().contains(&"0".to_owned()));
}
