//! Writes the Solidity fixtures anew: `cargo run -p assay-contracts --example regenerate`, then `contracts/build.sh`.
//!
//! ```text
//! solidity/test/fixtures/NAME.sol    the verifier of a synthetic key
//! solidity/test/fixtures/NAME.json   arguments of a receipt that it accepts
//! solidity/test/fixtures/Delivery.json    arguments of a receipt for an escrowed job
//! ```

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use assay_contracts::{Call, render};
use std::path::Path;
use synthetic::fixtures::{CONTEXT, FIXTURES, delivery_context, setup};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("solidity/test/fixtures");
    for (name, ..) in FIXTURES {
        let mut setup = setup(name);
        let receipt = setup.receipt(CONTEXT);
        let call = Call::new(&setup.key, &receipt)?;
        std::fs::write(folder.join(format!("{name}.sol")), render(&setup.key)?)?;
        std::fs::write(folder.join(format!("{name}.json")), synthetic::fixtures::json(&call))?;
        println!("{name}: {} bytes of calldata", call.calldata().len());
    }
    let mut setup = setup("BudgetVerifier");
    let receipt = setup.receipt(&delivery_context());
    let call = Call::new(&setup.key, &receipt)?;
    std::fs::write(folder.join("Delivery.json"), synthetic::fixtures::json(&call))?;
    Ok(())
}
