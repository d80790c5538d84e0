//! Products: both factors' entries and the eq table of the claim.

use super::Context;
use crate::error::Error;
use crate::sumcheck::Factor;
use ark_bn254::Fr;
use assay_circuits::Publics;
use assay_core::system::{Instance, WireKind};
use assay_gpu::Backend;

pub(super) fn factors<B: Backend, P: Publics<Fr>>(context: &Context<'_, '_, B, P>, instance: &Instance) -> Result<Vec<Factor<B>>, Error> {
    let WireKind::Mul { a, b } = context.session.system.wire(instance.wire).kind else {
        return Err(Error::internal("a product that is none"));
    };
    let eq = context.backend.eq_table(&context.claim_point(instance)?, Fr::from(1u64));
    let len = 1 << instance.num_vars;
    Ok(vec![Factor::Ints(context.resident.shared(a)?, len), Factor::Ints(context.resident.shared(b)?, len), Factor::Field(eq)])
}
