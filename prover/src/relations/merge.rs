//! Merging: the wire's entries times a random combination of eq tables.

use super::Context;
use crate::error::Error;
use crate::sumcheck::Factor;
use ark_bn254::Fr;
use assay_circuits::Publics;
use assay_core::system::Instance;
use assay_gpu::Backend;

pub(super) fn factors<B: Backend, P: Publics<Fr>>(
    context: &Context<'_, '_, B, P>,
    instance: &Instance,
    coefficients: &[Fr],
) -> Result<Vec<Factor<B>>, Error> {
    let mut weights: Option<B::Vector> = None;
    for (atom, coefficient) in instance.claims.iter().zip(coefficients) {
        let point = context.session.point(&context.session.plan.atom(*atom).point)?;
        let table = context.backend.eq_table(&point, *coefficient);
        match &mut weights {
            None => weights = Some(table),
            Some(sum) => context.backend.add_scaled(sum, 0, &table, Fr::from(1u64)),
        }
    }
    let weights = weights.ok_or_else(|| Error::internal("a merge of nothing"))?;
    Ok(vec![Factor::Ints(context.resident.shared(instance.wire)?, 1 << instance.num_vars), Factor::Field(weights)])
}
