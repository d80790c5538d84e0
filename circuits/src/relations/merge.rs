//! Several evaluations of one wire become one.
//!
//! ```text
//! sum_i gamma_i F(p_i) = sum_x F(x) sum_i gamma_i eq(p_i, x)
//! ```

use crate::{Error, Num, Publics, Session, eq};
use assay_core::system::Instance;

/// `sum_i gamma_i eq(p_i, rho)`.
///
/// # Errors
/// A plan that does not fit.
pub fn public<N: Num, P: Publics<N>>(session: &Session<'_, N, P>, instance: &Instance, coefficients: &[N]) -> Result<N, Error> {
    let rho = session.point(&instance.point)?;
    let mut terms = Vec::with_capacity(instance.claims.len());
    for (atom, coefficient) in instance.claims.iter().zip(coefficients) {
        terms.push(coefficient.mul(&eq::eq(&session.point(&session.plan.atom(*atom).point)?, &rho)?));
    }
    Ok(N::sum(terms))
}
