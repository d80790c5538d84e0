//! Sumcheck, LogUp and Mercury, prover against verifier: completeness, one attack a test, and every number tampered with.

mod dense;
mod logup;
mod mercury;
mod mercury_attacks;
mod sumcheck;
mod timings;
