//! The wrap circuit over real inner proofs.

mod counts;
#[path = "../programs/harness.rs"]
mod harness;
