//! Stands in for a prover where only the chain's side is tried: `synthetic_prover KEY` writes a key, and without an argument
//! it answers as `e2e/anvil.sh` asks, with a receipt under $ASSAY_CONTEXT in $ASSAY_RECEIPT.

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut setup = synthetic::fixtures::setup("DigestVerifier");
    if let Some(path) = std::env::args().nth(1) {
        return Ok(std::fs::write(path, setup.key.encode())?);
    }
    let (context, path) = (std::env::var("ASSAY_CONTEXT")?, std::env::var("ASSAY_RECEIPT")?);
    let bytes: Result<Vec<u8>, _> = (0..context.len()).step_by(2).map(|i| u8::from_str_radix(&context[i..i + 2], 16)).collect();
    let private: Vec<_> = setup.key.private_rows().iter().map(|rows| vec![3u64.into(); *rows]).collect();
    let receipt = setup.receipt_for(11u64.into(), &private, &bytes?);
    Ok(std::fs::write(path, receipt.encode())?)
}
