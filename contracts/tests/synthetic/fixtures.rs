//! The fixed keys and receipts that the committed Solidity fixtures are made of.

use super::{BUDGET, DIGEST, Form, LEAST, PRIVATE, Setup};

/// The forms and seeds; the names are those of the files.
pub const FIXTURES: [(&str, Form, u64); 4] =
    [("BudgetVerifier", BUDGET, 1), ("PrivateVerifier", PRIVATE, 2), ("LeastVerifier", LEAST, 3), ("DigestVerifier", DIGEST, 4)];

/// The context of every fixture's receipt.
pub const CONTEXT: &[u8] = b"a fixture's context";

/// The setup of a fixture.
pub fn setup(name: &str) -> Setup {
    let (_, form, seed) = FIXTURES.iter().find(|(known, ..)| *known == name).expect("a known fixture");
    Setup::new(*form, *seed)
}

/// The arguments of a call as a file for the Solidity tests.
pub fn json(call: &assay_contracts::Call) -> String {
    use assay_contracts::abi::hex;
    let outputs: Vec<String> = call.outputs.iter().map(|word| format!("0x{}", hex(word))).collect();
    let value = serde_json::json!({
        "inputs": format!("0x{}", hex(&call.inputs)),
        "hidden": format!("0x{}", hex(&call.hidden)),
        "outputs": outputs,
        "contextHash": format!("0x{}", hex(&call.context_hash)),
        "seal": format!("0x{}", hex(&call.seal)),
    });
    format!("{value:#}\n")
}
