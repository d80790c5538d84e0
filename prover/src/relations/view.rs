//! Bound views: the source folded at its free axes, and the index map's weights over the bound ones.

use super::Context;
use crate::error::Error;
use crate::sumcheck::Factor;
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use assay_circuits::Publics;
use assay_circuits::eq::eq_table;
use assay_circuits::relations::view::{block_point, bound_blocks};
use assay_core::system::{Instance, WireKind, bound_axes};
use assay_core::view::Bit;
use assay_gpu::Backend;

pub(super) fn factors<B: Backend, P: Publics<Fr>>(context: &Context<'_, '_, B, P>, instance: &Instance) -> Result<Vec<Factor<B>>, Error> {
    let system = context.session.system;
    let WireKind::View { src, view } = &system.wire(instance.wire).kind else { return Err(Error::internal("a view that is none")) };
    let shape = &system.wire(*src).shape;
    let point = context.claim_point(instance)?;
    let out_vars = view.shape.axis_vars();
    let start = |axis: usize| out_vars[..axis].iter().sum::<usize>();
    let mut free: Vec<Option<B::Vector>> = (0..shape.num_axes()).map(|_| None).collect();
    for block in &view.blocks {
        let Some(bits) = view.relabel(block, shape) else { continue };
        let mut coords = bits.iter().map(|b| match *b {
            Bit::Fixed(value) => Fr::from(value),
            Bit::Out { axis, bit } => point[start(axis) + bit],
        });
        for &axis in &block.src_axes {
            let own: Vec<Fr> = coords.by_ref().take(shape.axis_vars()[axis]).collect();
            free[axis] = Some(context.backend.eq_table(&own, Fr::from(1u64)));
        }
    }
    let weights: Vec<Option<&B::Vector>> = free.iter().map(Option::as_ref).collect();
    let folded = context.backend.weigh(context.resident.wire(*src)?, &shape.padded(), &weights);

    let axes = bound_axes(view, shape);
    let padded = shape.padded();
    let mut table = vec![Fr::from(1u64); axes.iter().map(|&a| padded[a]).product()];
    for block in bound_blocks(view, shape) {
        let own = block_point(view, block, &point).ok_or_else(|| Error::internal("the claim of a view has another shape"))?;
        let mut shown = vec![Fr::ZERO; block.src_axes.iter().map(|&a| padded[a]).product()];
        for (address, weight) in view.address_table(block, shape).into_iter().zip(eq_table(&own)) {
            if let Some(address) = address {
                shown[address] += weight;
            }
        }
        for (index, entry) in table.iter_mut().enumerate() {
            let position = |axis: &usize| {
                let below: usize = axes.iter().skip_while(|a| *a != axis).skip(1).map(|&a| padded[a]).product();
                index / below % padded[*axis]
            };
            *entry *= shown[block.src_axes.iter().fold(0, |acc, axis| acc * padded[*axis] + position(axis))];
        }
    }
    Ok(vec![Factor::Field(folded), Factor::Field(context.backend.upload(&table))])
}
