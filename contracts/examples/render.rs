//! Prints the Solidity source of a key's verifier: `cargo run -p assay-contracts --example render -- KEY > AssayVerifier.sol`.

use assay_verifier::WrapKey;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: render KEY")?;
    let key = WrapKey::decode(&std::fs::read(path)?)?;
    print!("{}", assay_contracts::render(&key)?);
    Ok(())
}
