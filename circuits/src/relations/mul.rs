//! Elementwise products.
//!
//! ```text
//! Z(p) = sum_x eq(p, x) A(x) B(x)
//! ```

use super::claim_point;
use crate::{Error, Num, Publics, Session, eq};
use assay_core::system::Instance;

/// `eq(p, rho)`.
///
/// # Errors
/// A plan that does not fit.
pub fn public<N: Num, P: Publics<N>>(session: &Session<'_, N, P>, instance: &Instance) -> Result<N, Error> {
    eq::eq(&claim_point(session, instance)?, &session.point(&instance.point)?)
}
