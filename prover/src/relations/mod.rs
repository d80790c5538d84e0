//! The prover's half of [`assay_circuits::relations`]: the factor tables of each instance.

mod contract;
mod lookup;
mod merge;
mod mul;
mod view;

pub(crate) use lookup::LookupLeaves;

use crate::error::Error;
use crate::resident::Resident;
use crate::sumcheck::Factor;
use ark_bn254::Fr;
use assay_circuits::{Publics, Session};
use assay_core::system::{Instance, Reduction};
use assay_gpu::Backend;

/// What a relation's prover works with.
pub(crate) struct Context<'a, 's, B: Backend, P> {
    pub backend: &'a B,
    pub resident: &'a Resident<'a, B>,
    pub session: &'a Session<'s, Fr, P>,
}

impl<B: Backend, P: Publics<Fr>> Context<'_, '_, B, P> {
    /// The point of an instance's first claim.
    fn claim_point(&self, instance: &Instance) -> Result<Vec<Fr>, Error> {
        let atom = instance.claims.first().ok_or_else(|| Error::internal("a relation without a claim"))?;
        Ok(self.session.point(&self.session.plan.atom(*atom).point)?)
    }

    /// The eq tables of each axis of a point.
    fn axis_tables(&self, vars: &[usize], point: &[Fr]) -> Vec<B::Vector> {
        let mut rest = point;
        vars.iter()
            .map(|&n| {
                let (own, tail) = rest.split_at(n);
                rest = tail;
                self.backend.eq_table(own, Fr::from(1u64))
            })
            .collect()
    }
}

/// The factors of an instance: its private ones in the plan's order, and the public ones.
pub(crate) fn factors<B: Backend, P: Publics<Fr>>(
    context: &Context<'_, '_, B, P>,
    instance: &Instance,
    coefficients: &[Fr],
) -> Result<Vec<Factor<B>>, Error> {
    match instance.reduction {
        Reduction::Merge => merge::factors(context, instance, coefficients),
        Reduction::Contract => contract::factors(context, instance),
        Reduction::Mul => mul::factors(context, instance),
        Reduction::View => view::factors(context, instance),
    }
}
