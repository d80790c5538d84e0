//! The fixed keys and receipts that the committed Solidity fixtures are made of.

use super::{BUDGET, DIGEST, Form, LEAST, PRIVATE, Setup};
use assay_contracts::abi::{hex, number_word};

/// The forms and seeds; the names are those of the files.
pub const FIXTURES: [(&str, Form, u64); 4] =
    [("BudgetVerifier", BUDGET, 1), ("PrivateVerifier", PRIVATE, 2), ("LeastVerifier", LEAST, 3), ("DigestVerifier", DIGEST, 4)];

/// The context of every fixture's receipt.
pub const CONTEXT: &[u8] = b"a fixture's context";

/// Where the Solidity tests put the escrow, and who delivers there, for `Delivery.json`: a receipt of `BudgetVerifier`'s key.
pub const ESCROW: [u8; 20] = [0xe5; 20];
/// See [`ESCROW`].
pub const PROVIDER: [u8; 20] = [0xb0; 20];
/// The chain id of forge's and anvil's chains.
pub const TEST_CHAIN: usize = 31337;

/// The context of job 1 on the test chain.
pub fn delivery_context() -> Vec<u8> {
    assay_contracts::context_bytes(&number_word(TEST_CHAIN), &ESCROW, &number_word(1), &PROVIDER).to_vec()
}

/// The setup of a fixture.
pub fn setup(name: &str) -> Setup {
    let (_, form, seed) = FIXTURES.iter().find(|(known, ..)| *known == name).expect("a known fixture");
    Setup::new(*form, *seed)
}

/// The arguments of a call as a file for the Solidity tests.
pub fn json(call: &assay_contracts::Call) -> String {
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
