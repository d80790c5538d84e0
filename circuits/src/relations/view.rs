//! Views that are not mere relabellings.
//!
//! ```text
//! V(p) = fill + sum_u A(p, u) (X(u) - fill),     A(p, u) = prod over bound blocks of A_b(p_b, u_b)
//! A_b(p, u) = sum over valid outputs o of the block that show entry u, of eq(p, o)
//! ```
//! u runs over the source's bound axes; its free axes are fixed by p. The verifier evaluates A_b directly: its cost is the
//! number of a block's outputs, which is the length of an axis times the taps, however large the tensor.

use super::{claim_point, missing};
use crate::{Error, Num, Publics, Session, eq};
use ark_bn254::Fr;
use ark_ff::Field;
use assay_core::system::{Instance, WireKind, bound_axes};
use assay_core::tensor::Shape;
use assay_core::view::{Block, View};

/// The coordinates of a block's output axes within a point of the view.
pub fn block_point<N: Clone>(view: &View, block: &Block, point: &[N]) -> Option<Vec<N>> {
    let vars = view.shape.axis_vars();
    let mut out = vec![];
    for &axis in &block.out_axes {
        let start: usize = vars[..axis].iter().sum();
        out.extend_from_slice(point.get(start..start + vars[axis])?);
    }
    Some(out)
}

/// The bound blocks of a view.
pub fn bound_blocks<'a>(view: &'a View, src: &'a Shape) -> impl Iterator<Item = &'a Block> {
    view.blocks.iter().filter(|b| view.relabel(b, src).is_none())
}

/// The claim on `sum_u A(p, u) X(u)` that a claim on V(p) amounts to.
///
/// # Errors
/// A plan that does not fit.
pub fn claim<N: Num, P: Publics<N>>(session: &Session<'_, N, P>, instance: &Instance, value: &N) -> Result<N, Error> {
    let (src, view) = parts(session, instance)?;
    if view.fill == 0 {
        return Ok(value.clone());
    }
    let point = claim_point(session, instance)?;
    let mut shown = N::constant(Fr::ONE);
    for block in bound_blocks(view, src) {
        let weights = eq::eq_table(&block_point(view, block, &point).ok_or_else(|| missing("the claim of a view"))?);
        let valid = view.address_table(block, src).into_iter().zip(weights).filter(|e| e.0.is_some());
        shown = shown.mul(&N::sum(valid.map(|e| e.1)));
    }
    // V = fill + sum A X - fill sum A
    let fill = Fr::from(view.fill);
    Ok(value.add(&shown.mul_constant(fill)).add_constant(-fill))
}

/// `A(p, rho)`.
///
/// # Errors
/// A plan that does not fit.
pub fn public<N: Num, P: Publics<N>>(session: &Session<'_, N, P>, instance: &Instance) -> Result<N, Error> {
    let (src, view) = parts(session, instance)?;
    let (point, rho) = (claim_point(session, instance)?, session.point(&instance.point)?);
    let axes = bound_axes(view, src);
    let vars = src.axis_vars();
    let mut product = N::constant(Fr::ONE);
    for block in bound_blocks(view, src) {
        let mut here = vec![];
        for axis in &block.src_axes {
            let start: usize = axes.iter().take_while(|a| *a != axis).map(|a| vars[*a]).sum();
            here.extend_from_slice(rho.get(start..start + vars[*axis]).ok_or_else(|| missing("the point of a view"))?);
        }
        let there = block_point(view, block, &point).ok_or_else(|| missing("the claim of a view"))?;
        let (out, source) = (eq::eq_table(&there), eq::eq_table(&here));
        let shown = view.address_table(block, src);
        let pairs = shown.iter().zip(&out).filter_map(|(address, weight)| Some((weight, source.get((*address)?)?)));
        product = product.mul(&N::sum(pairs.map(|(a, b)| a.mul(b))));
    }
    Ok(product)
}

fn parts<'a, N: Num, P: Publics<N>>(session: &Session<'a, N, P>, instance: &Instance) -> Result<(&'a Shape, &'a View), Error> {
    match &session.system.wire(instance.wire).kind {
        WireKind::View { src, view } => Ok((&session.system.wire(*src).shape, view)),
        _ => Err(missing("a view")),
    }
}
