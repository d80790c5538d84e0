//! Importing a model never panics; what is imported encodes and decodes.
#![no_main]

use assay_core::onnx::{ImportOptions, import};
use assay_core::{Program, limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(program) = import(data, &ImportOptions::default()) else { return };
    if limits::check_structure(&program).is_ok() {
        assert!(Program::decode(&program.encode()).is_ok_and(|p| p == program), "an imported program does not come back");
    }
});
