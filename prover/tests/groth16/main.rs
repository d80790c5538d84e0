//! The Groth16 prover against arkworks' own, and the key's file against damage.

mod equality;
mod key_file;
mod refusals;
mod samples;
