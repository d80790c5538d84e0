//! Decoding a program never panics; what is accepted encodes to the same bytes and can be mapped, unless it is too large.
#![no_main]

use assay_core::Program;
use assay_core::flatten::flatten;
use assay_core::limits::{self, Budget};
use assay_core::system::{Plan, System};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(program) = Program::decode(data) else { return };
    assert!(program.encode() == data, "two encodings of one program");
    let stripped = program.stripped();
    assert!(Program::decode(&stripped.encode()).is_ok_and(|p| p == stripped), "a stripped program does not come back");
    let small = Budget { verifier_bytes: 64 << 20, prover_bytes: u64::MAX };
    if limits::check(&program, &small).is_ok()
        && let Ok(flat) = flatten(&program)
        && let Ok(system) = System::new(flat)
    {
        Plan::new(&system);
    }
});
