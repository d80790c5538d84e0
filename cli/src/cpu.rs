//! Whether this processor can run this binary.
//!
//! `.cargo/config.toml` turns on BMI2 and ADX, which arkworks' assembly needs at compile time; without them a processor
//! would stop at the first such instruction with a bare "illegal instruction". The check asks the processor itself:
//! `is_x86_feature_detected!` answers from the compile-time setting.

/// An error is the sentence to print.
#[inline(never)]
pub fn check() -> Result<(), &'static str> {
    if cfg!(all(target_arch = "x86_64", target_feature = "bmi2", target_feature = "adx")) && !has_bmi2_and_adx() {
        return Err("this build of assay needs a processor with BMI2 and ADX, which this one lacks; \
             build one without them from the source: RUSTFLAGS= cargo build --release");
    }
    Ok(())
}

#[cfg(target_arch = "x86_64")]
fn has_bmi2_and_adx() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    const BMI2: u32 = 1 << 8;
    const ADX: u32 = 1 << 19;
    // SAFETY: every x86-64 processor has CPUID. (Newer compilers know, and call the block needless.)
    #[allow(unused_unsafe)]
    let features = unsafe { if __cpuid(0).eax < 7 { 0 } else { __cpuid_count(7, 0).ebx } };
    features & (BMI2 | ADX) == BMI2 | ADX
}

#[cfg(not(target_arch = "x86_64"))]
fn has_bmi2_and_adx() -> bool {
    true
}
