//! Programs proven and verified end to end: every operation, odd shapes, private values.

mod completeness;
mod economies;
mod harness;
mod networks;
mod refusals;
mod repeated;
