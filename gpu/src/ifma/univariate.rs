//! Univariate polynomials by coefficients, from the constant up: values, and divisions by binomials.

mod divide;
mod evaluate;

pub use divide::divide;
pub use evaluate::evaluate;
