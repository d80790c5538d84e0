//! Matrix multiplication of 8-bit integers.

use crate::builder::Builder;
use crate::error::Error;
use crate::program::Program;
use crate::tensor::DType;

/// `c[m, n] = sum_k a[m, k] b[k, n]` for int8 a and b and int32 c.
///
/// # Errors
/// Extents so large that a sum could leave 32 bits (k > 131,071).
pub fn matmul(m: usize, k: usize, n: usize) -> Result<Program, Error> {
    let mut p = Builder::new(&format!("matmul:{m}x{k}x{n}"));
    let a = p.input("a", DType::I8, &[m, k])?;
    let b = p.input("b", DType::I8, &[k, n])?;
    let c = p.scope("c").contract("mk,kn->mn", a, b)?;
    p.output("c", c, DType::I32)?;
    p.finish()
}
