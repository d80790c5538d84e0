//! The two prime fields of BN254, eight elements at a time, with AVX-512 IFMA.
//!
//! Functions here are compiled for these instructions; they are safe among themselves and `unsafe` to call from code
//! that is not, which must hold an [`super::Ifma`]: there is none where the processor lacks them.

mod fixed;
mod lanes;
mod memory;
mod modulus;
mod product;

/// Compiles free functions for AVX-512 with IFMA.
macro_rules! avx512 {
    ($($function:item)*) => {$(
        #[target_feature(enable = "avx512f,avx512ifma,avx512vl,avx512bw,avx512dq,avx512vbmi2")]
        $function
    )*};
}
pub(in crate::ifma) use avx512;

pub use fixed::*;
pub use lanes::*;
pub use memory::*;
pub use modulus::{MASK, Modulus, multiples, narrow};
pub use product::*;

#[cfg(test)]
mod tests;
