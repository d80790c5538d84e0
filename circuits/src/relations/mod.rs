//! The relations of the batched sumchecks, each in a file of its own with what its verifier computes.
//!
//! An instance turns one claim (several for [`merge`]) into `sum_x public(x) * prod_j factor_j(x)`. Its file gives the
//! claim that the sumcheck starts from and the public factor's value at the end; the other factors are evaluations that
//! the prover sends, which later relations or openings take up.

pub mod contract;
pub mod lookup;
pub mod merge;
pub mod mul;
pub mod view;

use crate::{Error, Num, Publics, Session};
use assay_core::system::{Instance, Reduction};

/// The claim that an instance enters its sumcheck with; `coefficients` holds one power of the wave's challenge for each of
/// its evaluations, and stays outside unless the instance merges several.
///
/// # Errors
/// A plan that does not fit.
pub fn claim<N: Num, P: Publics<N>>(session: &mut Session<'_, N, P>, instance: &Instance, coefficients: &[N]) -> Result<N, Error> {
    let values = instance.claims.iter().map(|a| session.atom(*a)).collect::<Result<Vec<_>, _>>()?;
    match instance.reduction {
        Reduction::Merge => Ok(N::dot(coefficients, &values)),
        Reduction::View => view::claim(session, instance, first(&values)?),
        Reduction::Contract | Reduction::Mul => first(&values).cloned(),
    }
}

/// The product of all factors of an instance at the end of its sumcheck.
///
/// # Errors
/// A plan that does not fit.
pub fn value<N: Num, P: Publics<N>>(session: &mut Session<'_, N, P>, instance: &Instance, coefficients: &[N]) -> Result<N, Error> {
    let mut product = match instance.reduction {
        Reduction::Merge => merge::public(session, instance, coefficients)?,
        Reduction::Contract => contract::public(session, instance)?,
        Reduction::Mul => mul::public(session, instance)?,
        Reduction::View => view::public(session, instance)?,
    };
    for factor in &instance.factors.exprs {
        product = product.mul(&session.evaluate(factor)?);
    }
    Ok(product)
}

/// The point of an instance's first claim.
pub(crate) fn claim_point<N: Num, P: Publics<N>>(session: &Session<'_, N, P>, instance: &Instance) -> Result<Vec<N>, Error> {
    let atom = instance.claims.first().ok_or_else(|| missing("the claims of a relation"))?;
    session.point(&session.plan.atom(*atom).point)
}

pub(crate) fn missing(what: &str) -> Error {
    Error::Length { what: what.into(), expected: 1, found: 0 }
}

fn first<N>(values: &[N]) -> Result<&N, Error> {
    values.first().ok_or_else(|| missing("the claims of a relation"))
}
