//! Contractions: each operand folded at the claim's own axes, which leaves tables over the summed and shared axes.

use super::Context;
use crate::error::Error;
use crate::sumcheck::Factor;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::Publics;
use assay_core::system::{Instance, WireId, WireKind, summed};
use assay_gpu::Backend;

pub(super) fn factors<B: Backend, P: Publics<Fr>>(context: &Context<'_, '_, B, P>, instance: &Instance) -> Result<Vec<Factor<B>>, Error> {
    let system = context.session.system;
    let wire = system.wire(instance.wire);
    let WireKind::Contract { x, y, x_axes, y_axes, out_axes, masked } = &wire.kind else {
        return Err(Error::internal("a contraction that is none"));
    };
    let point = context.claim_point(instance)?;
    let tables = context.axis_tables(&wire.shape.axis_vars(), &point);
    let order = summed(x_axes, y_axes, out_axes);
    let fold = |operand: WireId, axes: &[u8]| -> Result<B::Vector, Error> {
        let weights: Vec<Option<&B::Vector>> =
            axes.iter().map(|l| if order.contains(l) { None } else { out_axes.iter().position(|o| o == l).map(|a| &tables[a]) }).collect();
        let folded = context.backend.weigh(context.resident.wire(operand)?, &system.wire(operand).shape.padded(), &weights);
        let kept: Vec<u8> = axes.iter().copied().filter(|l| order.contains(l)).collect();
        let padded = system.wire(operand).shape.padded();
        let sizes = axes.iter().zip(&padded).filter(|(l, _)| order.contains(l)).map(|(_, n)| *n).collect::<Vec<_>>();
        Ok(permute(context.backend, folded, &kept, &sizes, &order))
    };
    let mut factors = vec![Factor::Field(fold(*x, x_axes)?), Factor::Field(fold(*y, y_axes)?)];
    let x_shape = &system.wire(*x).shape;
    let axis = |label: u8| x_axes.iter().position(|l| *l == label).unwrap_or(0);
    let dims: Vec<usize> = order.iter().map(|&l| x_shape.padded()[axis(l)]).collect();
    if order.iter().any(|l| out_axes.contains(l)) {
        let weights: Vec<Option<Vec<Fr>>> =
            order.iter().map(|l| out_axes.iter().position(|o| o == l).map(|a| context.backend.download(&tables[a]))).collect();
        factors.push(Factor::Field(outer(context.backend, &dims, &weights)));
    }
    if !masked.is_empty() {
        let valid = |label: u8| {
            (0..x_shape.padded()[axis(label)]).map(|i| if i < x_shape.extents()[axis(label)] { Fr::ONE } else { Fr::ZERO }).collect()
        };
        let weights: Vec<Option<Vec<Fr>>> = order.iter().map(|&l| masked.contains(&l).then(|| valid(l))).collect();
        factors.push(Factor::Field(outer(context.backend, &dims, &weights)));
    }
    Ok(factors)
}

/// The outer product of per-axis weights; an axis without weights repeats.
pub(super) fn outer<B: Backend>(backend: &B, dims: &[usize], weights: &[Option<Vec<Fr>>]) -> B::Vector {
    let mut table = vec![Fr::ONE];
    for (&n, weights) in dims.iter().zip(weights) {
        table = table.iter().flat_map(|t| (0..n).map(move |i| weights.as_ref().map_or(*t, |w| *t * w[i]))).collect();
    }
    backend.upload(&table)
}

/// Reorders the axes `from` of a small folded table to `to`.
fn permute<B: Backend>(backend: &B, values: B::Vector, from: &[u8], sizes: &[usize], to: &[u8]) -> B::Vector {
    if from == to {
        return values;
    }
    let values = backend.download(&values);
    let stride = |label: u8| -> usize {
        let at = from.iter().position(|l| *l == label).unwrap_or(0);
        sizes[at + 1..].iter().product()
    };
    let size = |label: u8| from.iter().position(|l| *l == label).map_or(1, |a| sizes[a]);
    let mut offsets = vec![0usize];
    for &label in to {
        offsets = offsets.iter().flat_map(|o| (0..size(label)).map(move |i| o + i * stride(label))).collect();
    }
    backend.upload(&offsets.into_iter().map(|o| values[o]).collect::<Vec<_>>())
}
