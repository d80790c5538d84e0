//! False statements, each told by a prover that follows the protocol and departs from the program once, and proofs changed
//! after the fact. Each must be rejected, and by the check that is there for it.

mod challenges;
mod contractions;
mod division;
mod everything;
mod forgery;
#[path = "../programs/harness.rs"]
mod harness;
mod lookups;
mod pads;
mod private;
mod products;
mod rounding;
mod scans;
mod statements;
mod structure;
mod tampering;
mod views;
