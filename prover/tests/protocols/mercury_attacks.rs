//! Provers that follow Mercury's transcript and deviate in one polynomial.
//!
//! Each attack comes in two forms: with the true values of its polynomials, where a broken identity shows in the scalar
//! half, and with h(alpha) chosen so that the scalar half is satisfied, where the group equation must refuse.

use crate::{
    dense::{assert_unequal, evaluate, mle, random, rng},
    mercury::{IDENTITY, Reference, start},
};
use ark_bn254::{Fr, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::{
    Error, eq,
    mercury::{Points, Proof, Scalars},
    points_digest,
};

const LOG_LEN: usize = 5;
const B1: usize = 8;
const B2: usize = 4;

/// The polynomials of one phase, with what a deviation may want to know.
struct Phase<'a> {
    alpha: Fr,
    gamma: Fr,
    eq1: &'a [Fr],
    eq2: &'a [Fr],
}

/// What a prover changes; each function is handed the honest polynomials of its phase.
struct Attack {
    /// Added to the true value in the claim.
    offset: Fr,
    h: fn(&mut Vec<Fr>, &Phase),
    division: fn([&mut Vec<Fr>; 2], &[Fr], &Phase),
    identity: fn([&mut Vec<Fr>; 2], &[Fr], &Phase),
    /// Claims for h(alpha) what satisfies the scalar identity.
    forge_h_alpha: bool,
}

const HONEST: Attack = Attack { offset: Fr::ZERO, h: |_, _| (), division: |_, _, _| (), identity: |_, _, _| (), forge_h_alpha: false };

fn fixture() -> (Reference, Vec<Fr>, Vec<Fr>) {
    // Room for polynomials of a degree higher than the honest prover's.
    (Reference::new(64, 1), random(B1 * B2 + 3, &mut rng(2)), random(LOG_LEN, &mut rng(3)))
}

/// Mercury by definition, deviating as `attack` says.
fn prove(reference: &Reference, f: &[Fr], point: &[Fr], attack: &Attack) -> (G1Projective, Fr, Proof) {
    let commitment = reference.commit(f);
    let mut transcript = start(commitment, point);
    let value = mle(&f[..B1 * B2], point) + attack.offset;
    let (u2, u1) = point.split_at(2);
    let (eq1, eq2) = (eq::eq_table(u1), eq::eq_table(u2));
    let mut phase = Phase { alpha: Fr::ZERO, gamma: Fr::ZERO, eq1: &eq1, eq2: &eq2 };
    let commit = |coefficients: &[Fr]| reference.commit(coefficients).into_affine();

    let mut h: Vec<Fr> = f.chunks(B1).map(|block| block.iter().zip(&eq1).map(|(f, e)| *f * e).sum()).collect();
    (attack.h)(&mut h, &phase);
    let h_point = commit(&h);
    transcript.absorb(&[value, points_digest([&h_point])]);
    phase.alpha = transcript.squeeze();

    let (mut q, mut g) = divide(f, B1, phase.alpha);
    (attack.division)([&mut q, &mut g], &h, &phase);
    let (q_point, g_point) = (commit(&q), commit(&g));
    transcript.absorb(&[points_digest([&q_point, &g_point])]);
    phase.gamma = transcript.squeeze();

    let mut s = positive_part(&g, &eq1);
    let of_h = positive_part(&h, &eq2);
    s.resize(s.len().max(of_h.len()), Fr::ZERO);
    for (s, c) in s.iter_mut().zip(&of_h) {
        *s += phase.gamma * c;
    }
    let mut d: Vec<Fr> = g.iter().rev().copied().collect();
    (attack.identity)([&mut s, &mut d], &g, &phase);
    let (s_point, d_point) = (commit(&s), commit(&d));
    transcript.absorb(&[points_digest([&s_point, &d_point])]);
    let zeta = transcript.squeeze();
    let inverse = zeta.inverse().unwrap();

    let both = |p: &[Fr]| [evaluate(p, zeta), evaluate(p, inverse)];
    let mut scalars = Scalars { g: both(&g), h: both(&h), s: both(&s), h_alpha: evaluate(&h, phase.alpha) };
    if attack.forge_h_alpha {
        let products = |values: [Fr; 2], e: &[Fr]| values[0] * evaluate(e, inverse) + values[1] * evaluate(e, zeta);
        let left = products(scalars.g, &eq1) + phase.gamma * products(scalars.h, &eq2);
        let rest = left - zeta * scalars.s[0] - inverse * scalars.s[1];
        scalars.h_alpha = rest * Fr::from(2u64).inverse().unwrap() - phase.gamma * value;
    }
    transcript.absorb(&scalars.to_array());
    let eta = transcript.squeeze();
    let scaled_q: Vec<Fr> = q.iter().map(|c| *c * (phase.alpha - zeta.pow([B1 as u64]))).collect();
    let mut first = combine(Fr::ONE, &[f, &scaled_q]);
    first = combine(eta, &[&first, &g, &h, &s, &d]);
    let points = Points {
        h: h_point,
        q: q_point,
        g: g_point,
        s: s_point,
        d: d_point,
        at_zeta: commit(&divide(&first, 1, zeta).0),
        at_inverse: commit(&divide(&combine(eta, &[&g, &h, &s]), 1, inverse).0),
        at_alpha: commit(&divide(&h, 1, phase.alpha).0),
    };
    (commitment, value, Proof { points, scalars })
}

/// Quotient and remainder by X^power - a.
fn divide(f: &[Fr], power: usize, a: Fr) -> (Vec<Fr>, Vec<Fr>) {
    let mut rest = f.to_vec();
    let mut quotient = vec![Fr::ZERO; f.len().saturating_sub(power)];
    for k in (power..f.len()).rev() {
        quotient[k - power] = rest[k];
        let carried = a * rest[k];
        rest[k - power] += carried;
    }
    rest.truncate(power);
    (quotient, rest)
}

/// The coefficients of X, X^2, .. of a(X) p(1/X) + a(1/X) p(X), over X.
fn positive_part(a: &[Fr], p: &[Fr]) -> Vec<Fr> {
    let n = a.len().max(p.len());
    let mut sum = vec![Fr::ZERO; n - 1];
    for (i, a) in a.iter().enumerate() {
        for (j, p) in p.iter().enumerate() {
            if i != j {
                sum[i.abs_diff(j) - 1] += *a * p;
            }
        }
    }
    sum
}

fn combine(by: Fr, polynomials: &[&[Fr]]) -> Vec<Fr> {
    let mut sum = vec![Fr::ZERO; polynomials.iter().map(|p| p.len()).max().unwrap()];
    let mut power = Fr::ONE;
    for polynomial in polynomials {
        for (sum, c) in sum.iter_mut().zip(*polynomial) {
            *sum += power * c;
        }
        power *= by;
    }
    sum
}

fn attempt(attack: &Attack) -> Result<(), Error> {
    let (reference, f, point) = fixture();
    let (commitment, value, proof) = prove(&reference, &f, &point, attack);
    reference.check(commitment, &point, value, &proof)
}

/// Both forms of an attack that breaks the inner-product identity.
#[track_caller]
fn refused_by_identity_and_by_group(attack: Attack) {
    assert_unequal(attempt(&attack), IDENTITY);
    assert_eq!(attempt(&Attack { forge_h_alpha: true, ..attack }), Err(Error::Opening));
}

#[test]
fn the_reference_prover_is_honest() {
    attempt(&HONEST).unwrap();
    attempt(&Attack { forge_h_alpha: true, ..HONEST }).unwrap();
    let (reference, f, point) = fixture();
    let (commitment, value, proof) = prove(&reference, &f, &point, &HONEST);
    let vector = assay_gpu::Backend::upload(&assay_gpu::Portable, &f);
    let ours = assay_prover::mercury::open(&assay_gpu::Portable, &reference.bases, &vector, &point, value, &mut start(commitment, &point));
    assert_eq!(ours, proof);
}

#[test]
fn rejects_a_wrong_value() {
    refused_by_identity_and_by_group(Attack { offset: Fr::ONE, ..HONEST });
}

#[test]
fn rejects_an_h_that_fits_a_wrong_value() {
    // <h, eq(u2)> is the false claim: but then h(alpha) is not <g, eq(u1)>.
    refused_by_identity_and_by_group(Attack { offset: Fr::ONE, h: |h, phase| h[0] += phase.eq2[0].inverse().unwrap(), ..HONEST });
}

#[test]
fn rejects_a_claim_that_reads_the_salt() {
    // Salt moved from its own block of h into a block that the claim reads.
    refused_by_identity_and_by_group(Attack {
        offset: Fr::ZERO,
        h: |h, _| {
            let salt = h[B2];
            h[0] += salt;
            h[B2] = Fr::ZERO;
        },
        ..HONEST
    });
    // The value of all blocks, as if the salt were the first block once more.
    let (reference, f, point) = fixture();
    let eq1 = eq::eq_table(&point[2..]);
    let eq2 = eq::eq_table(&point[..2]);
    let salt: Fr = f[B1 * B2..].iter().zip(&eq1).map(|(f, e)| *f * e).sum();
    for forge_h_alpha in [false, true] {
        let attack = Attack { offset: salt * eq2[0], forge_h_alpha, ..HONEST };
        let (commitment, value, proof) = prove(&reference, &f, &point, &attack);
        assert!(reference.check(commitment, &point, value, &proof).is_err());
    }
}

#[test]
fn rejects_a_broken_division() {
    // g stays right, so the scalars are honest: f - (zeta^b1 - alpha) q is not g(zeta).
    assert_eq!(attempt(&Attack { division: |[q, _], _, _| q[1] += Fr::ONE, ..HONEST }), Err(Error::Opening));
    // q stays right and g is wrong.
    refused_by_identity_and_by_group(Attack { division: |[_, g], _, _| g[1] += Fr::ONE, ..HONEST });
}

#[test]
fn rejects_a_remainder_of_high_degree() {
    // h fits a false claim, and g + c (X^b1 - alpha), q - c fits h(alpha): every identity but the degree of g holds.
    let attack = Attack {
        offset: Fr::ONE,
        h: |h, phase| h[0] += phase.eq2[0].inverse().unwrap(),
        division: |[q, g], h, phase| {
            let product: Fr = g.iter().zip(phase.eq1).map(|(g, e)| *g * e).sum();
            let c = (product - evaluate(h, phase.alpha)) * (phase.alpha * phase.eq1[0]).inverse().unwrap();
            q[0] -= c;
            g[0] -= c * phase.alpha;
            g.push(c);
        },
        ..HONEST
    };
    assert_eq!(attempt(&attack), Err(Error::Opening));
    // D as close as a polynomial gets: X^(b1-1) g(1/X) without its term of X^(-1).
    let truncated = Attack { identity: |[_, d], _, _| *d = d.split_off(1), ..attack };
    assert_eq!(attempt(&truncated), Err(Error::Opening));
}

#[test]
fn rejects_a_wrong_s() {
    // A constant term, which would have to stand for the false claim's 2 gamma.
    refused_by_identity_and_by_group(Attack { offset: Fr::ONE, identity: |[s, _], _, phase| s[0] -= phase.gamma.double(), ..HONEST });
    refused_by_identity_and_by_group(Attack { identity: |[s, _], _, _| s[3] += Fr::ONE, ..HONEST });
}

#[test]
fn rejects_a_wrong_d() {
    assert_eq!(attempt(&Attack { identity: |[_, d], _, _| d[2] += Fr::ONE, ..HONEST }), Err(Error::Opening));
    assert_eq!(attempt(&Attack { identity: |[_, d], g, _| *d = g.to_vec(), ..HONEST }), Err(Error::Opening));
}
