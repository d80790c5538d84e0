//! Wrapped proofs: the circuit over real inner proofs, keys, receipts, and what they must refuse.

mod attacks;
mod counts;
#[path = "../soundness/everything.rs"]
#[allow(dead_code)]
mod everything;
#[allow(dead_code)]
#[path = "../programs/harness.rs"]
mod harness;
mod privacy;
mod receipts;
mod session;
