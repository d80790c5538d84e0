//! Contractions (Thaler, "Time-optimal interactive proofs", section 5: matrix multiplication, for any einsum of two operands).
//!
//! ```text
//! Z(p_b, p_m, p_n) = sum over (b, k) of eq(p_b, b) valid(k) X(b, p_m, k) Y(b, k, p_n)
//! ```
//! b: axes of both operands and the result; k: summed axes; m, n: axes of one operand and the result. `valid` is there only for
//! summed axes on which neither operand is known to be zero beyond its extent.

use super::{claim_point, missing};
use crate::session::less_than;
use crate::{Error, Num, Publics, Session, eq};
use ark_bn254::Fr;
use ark_ff::Field;
use assay_core::system::{Instance, WireKind, summed};

/// `eq(p_b, rho_b) * prod valid(rho_k)`.
///
/// # Errors
/// A plan that does not fit.
pub fn public<N: Num, P: Publics<N>>(session: &Session<'_, N, P>, instance: &Instance) -> Result<N, Error> {
    let system = session.system;
    let wire = system.wire(instance.wire);
    let WireKind::Contract { x, x_axes, y_axes, out_axes, masked, .. } = &wire.kind else { return Err(missing("a contraction")) };
    let (claim, rho) = (claim_point(session, instance)?, session.point(&instance.point)?);
    let x_shape = &system.wire(*x).shape;
    let out_vars = wire.shape.axis_vars();
    let (mut public, mut start) = (N::constant(Fr::ONE), 0);
    for label in summed(x_axes, y_axes, out_axes) {
        let axis = x_axes.iter().position(|l| *l == label).ok_or_else(|| missing("an axis of a contraction"))?;
        let vars = x_shape.axis_vars()[axis];
        let here = rho.get(start..start + vars).ok_or_else(|| missing("the point of a contraction"))?;
        start += vars;
        if let Some(out) = out_axes.iter().position(|l| *l == label) {
            let first: usize = out_vars[..out].iter().sum();
            let there = claim.get(first..first + vars).ok_or_else(|| missing("the claim of a contraction"))?;
            public = public.mul(&eq::eq(there, here)?);
        } else if masked.contains(&label) {
            public = public.mul(&less_than(here, x_shape.extents()[axis]));
        }
    }
    Ok(public)
}
