//! The scalar half of Mercury's verifier.

use super::{Scalars, split};
use crate::{Error, Num, Transcript, eq};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

/// What the KZG equation outside needs from the scalar half.
///
/// ```text
/// A = [f] - (zeta^b1 - alpha) [q] + eta [g] + eta^2 [h] + eta^3 [S] + eta^4 [D]
///   + rho ([g] + eta [h] + eta^2 [S]) + rho^2 [h]
///   + zeta [at_zeta] + rho zeta^-1 [at_inverse] + rho^2 alpha [at_alpha] - evaluation [1]
/// e(A, [1]_2) = e([at_zeta] + rho [at_inverse] + rho^2 [at_alpha], [tau]_2)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<N> {
    /// Where h alone is opened.
    pub alpha: N,
    /// Where everything but f's parts is opened, with its inverse.
    pub zeta: N,
    /// 1/zeta.
    pub zeta_inverse: N,
    /// zeta^b1 - alpha: what multiplies q.
    pub divisor: N,
    /// Batches the polynomials of one point.
    pub eta: N,
    /// Batches the three points.
    pub rho: N,
    /// The sum of all claimed values with their powers of eta and rho.
    pub evaluation: N,
}

/// Checks the scalar identities of an opening `f~(point) = value`; `digests` are those of [`super::Points::digests`].
///
/// # Transcript
/// Absorbs value, digest 1; squeezes alpha; absorbs digest 2; squeezes gamma; absorbs digest 3; squeezes zeta; absorbs the seven
/// scalars; squeezes eta; absorbs digest 4; squeezes rho.
///
/// # Errors
/// [`Error::Unequal`] if the inner-product identity fails at zeta; [`Error::Zero`] if zeta is zero.
///
/// # Soundness
/// The caller must have bound the commitment of f and the point to the transcript, and must check the KZG equation of
/// [`Opening`] over the group elements whose digests these are. See the [module](super) for the bound.
pub fn verify<N: Num>(
    scalars: &Scalars<N>,
    digests: &[N; 4],
    point: &[N],
    value: &N,
    transcript: &mut Transcript<N>,
) -> Result<Opening<N>, Error> {
    let [h_digest, division_digest, identity_digest, quotients_digest] = digests;
    transcript.absorb(&[value.clone(), h_digest.clone()]);
    let alpha = transcript.squeeze();
    transcript.absorb(core::slice::from_ref(division_digest));
    let gamma = transcript.squeeze();
    transcript.absorb(core::slice::from_ref(identity_digest));
    let zeta = transcript.squeeze();
    transcript.absorb(&scalars.to_array());
    let eta = transcript.squeeze();
    transcript.absorb(core::slice::from_ref(quotients_digest));
    let rho = transcript.squeeze();

    let (log_b1, log_b2) = split(point.len());
    let (u2, u1) = point.split_at(log_b2);
    let zeta_inverse = zeta.inverse("Mercury's zeta")?;
    let powers = eq::squarings(&zeta, log_b1 + 1);
    let inverse_powers = eq::squarings(&zeta_inverse, log_b1);
    let [g, g_inverse] = &scalars.g;
    let [h, h_inverse] = &scalars.h;
    let [s, s_inverse] = &scalars.s;

    let p1 = [eq::eq_univariate(u1, &powers)?, eq::eq_univariate(u1, &inverse_powers)?];
    let p2 = [eq::eq_univariate(u2, &powers)?, eq::eq_univariate(u2, &inverse_powers)?];
    let products = |a: [&N; 2], p: &[N; 2]| a[0].mul(&p[1]).add(&a[1].mul(&p[0]));
    let left = products([g, g_inverse], &p1).add(&gamma.mul(&products([h, h_inverse], &p2)));
    let constant = scalars.h_alpha.add(&gamma.mul(value)).mul_constant(Fr::ONE.double());
    let right = N::sum([constant, zeta.mul(s), zeta_inverse.mul(s_inverse)]);
    left.assert_eq(&right, "Mercury's inner-product identity")?;

    let power = last(&powers)?;
    let d = power.mul(&zeta_inverse).mul(g_inverse);
    // at zeta: f - divisor q takes the value g(zeta)
    let at_zeta = combine(&eta, &[g, g, h, s, &d]);
    let at_inverse = combine(&eta, &[g_inverse, h_inverse, s_inverse]);
    let evaluation = combine(&rho, &[&at_zeta, &at_inverse, &scalars.h_alpha]);
    Ok(Opening { divisor: power.sub(&alpha), alpha, zeta, zeta_inverse, eta, rho, evaluation })
}

/// `sum_i by^i values_i` by Horner.
fn combine<N: Num>(by: &N, values: &[&N]) -> N {
    let mut terms = values.iter().rev();
    let last = terms.next().map_or_else(|| N::constant(Fr::from(0u64)), |value| (*value).clone());
    terms.fold(last, |sum, value| sum.mul(by).add(value))
}

fn last<N>(powers: &[N]) -> Result<&N, Error> {
    powers.last().ok_or_else(|| Error::Length { what: "the powers of zeta".into(), expected: 1, found: 0 })
}
