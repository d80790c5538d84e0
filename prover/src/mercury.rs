//! The prover's half of [`assay_circuits::mercury`]: opens a multilinear extension over KZG.
//!
//! Two commitments are as long as the polynomial (q and the quotient at zeta); all else is of the order of its square
//! root and is computed on the host.

use crate::kzg;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field, Zero};
use assay_circuits::{
    Transcript,
    mercury::{Points, Proof, SALT_BLOCKS, Scalars, split},
    points_digest,
};
use assay_gpu::Backend;

/// Opens `f~(point) = value`, where f~ extends the first 2^`point.len()` coefficients of `f`; the others are salt.
///
/// # Memory
/// Up to four vectors of the length of `f`, which is one of them.
///
/// # Transcript
/// As [`assay_circuits::mercury::verify`]; the caller has absorbed what binds the commitment of f and the point.
///
/// # Panics
/// If `f` has fewer than 2^m coefficients or more than its salt blocks hold, or `bases` fewer than `f`; or if a challenge is zero, which
/// happens with probability 2^-254.
pub fn open<B: Backend>(backend: &B, bases: &B::Bases, f: &B::Vector, point: &[Fr], value: Fr, transcript: &mut Transcript<Fr>) -> Proof {
    let (log_b1, log_b2) = split(point.len());
    let (b1, b2) = (1 << log_b1, 1 << log_b2);
    let len = backend.len(f);
    assert!((b1 * b2..=b1 * (b2 + SALT_BLOCKS)).contains(&len), "{len} coefficients for {} variables", point.len());
    let (u2, u1) = point.split_at(log_b2);
    let commit = |coefficients: &[Fr]| kzg::commit(backend, bases, &backend.upload(coefficients));

    let eq1 = backend.eq_table(u1, Fr::ONE);
    let h = fold_blocks(backend, f, [b2, b1], &eq1);
    let [h_point] = normalize([commit(&h)]);
    transcript.absorb(&[value, points_digest([&h_point])]);
    let alpha = transcript.squeeze();

    let (q, g) = backend.divide(f, b1, alpha);
    let g = backend.download(&g);
    // A short sum keeps few cores busy: beside a long one it takes no time of its own.
    let (q_sum, g_sum) = rayon::join(|| kzg::commit(backend, bases, &q), || commit(&g));
    let [q_point, g_point] = normalize([q_sum, g_sum]);
    transcript.absorb(&[points_digest([&q_point, &g_point])]);
    let gamma = transcript.squeeze();

    let (p1, p2) = (backend.download(&eq1), backend.download(&backend.eq_table(u2, Fr::ONE)));
    let s = inner_products(backend, [(&g, &p1, Fr::ONE), (&h, &p2, gamma)]);
    let d: Vec<Fr> = g.iter().rev().copied().collect();
    let (s_sum, d_sum) = rayon::join(|| commit(&s), || commit(&d));
    let [s_point, d_point] = normalize([s_sum, d_sum]);
    transcript.absorb(&[points_digest([&s_point, &d_point])]);
    let zeta = transcript.squeeze();
    let zeta_inverse = zeta.inverse().expect("a challenge is zero with probability 2^-254");

    let at_both = |polynomial: &[Fr]| [evaluate(polynomial, zeta), evaluate(polynomial, zeta_inverse)];
    let scalars = Scalars { g: at_both(&g), h: at_both(&h), s: at_both(&s), h_alpha: evaluate(&h, alpha) };
    transcript.absorb(&scalars.to_array());
    let eta = transcript.squeeze();

    // f - (zeta^b1 - alpha) q + eta g + eta^2 h + eta^3 S + eta^4 D
    let mut batch = backend.duplicate(f);
    backend.add_scaled(&mut batch, 0, &q, alpha - zeta.pow([b1 as u64]));
    drop(q);
    let small = combine(eta, &[&[], &g, &h, &s, &d]);
    let batch = add_short(backend, batch, &small);
    let (quotient, _) = backend.divide(&batch, 1, zeta);
    drop(batch);
    let short = || rayon::join(|| commit(&divide(&combine(eta, &[&g, &h, &s]), zeta_inverse)), || commit(&divide(&h, alpha)));
    let (zeta_sum, (inverse_sum, alpha_sum)) = rayon::join(|| kzg::commit(backend, bases, &quotient), short);
    let [at_zeta, at_inverse, at_alpha] = normalize([zeta_sum, inverse_sum, alpha_sum]);
    transcript.absorb(&[points_digest([&at_zeta, &at_inverse, &at_alpha])]);
    // The verifier's last challenge: squeezed, so that both transcripts go on from one state.
    transcript.squeeze();

    let points = Points { h: h_point, q: q_point, g: g_point, s: s_point, d: d_point, at_zeta, at_inverse, at_alpha };
    Proof { points, scalars }
}

/// `h_i2 = <block i2 of f, eq(u1)>`: one value a block, the last blocks being salt and the very last possibly short.
fn fold_blocks<B: Backend>(backend: &B, f: &B::Vector, [b2, b1]: [usize; 2], eq1: &B::Vector) -> Vec<Fr> {
    let salt = backend.len(f) - b1 * b2;
    if salt == 0 {
        return backend.download(&backend.weigh_field(f, &[b2, b1], &[None, Some(eq1)]));
    }
    let values = backend.slice(f, 0, b1 * b2);
    let mut h = backend.download(&backend.weigh_field(&values, &[b2, b1], &[None, Some(eq1)]));
    for start in (0..salt).step_by(b1) {
        let len = b1.min(salt - start);
        h.push(backend.dot(&backend.slice(f, b1 * b2 + start, len), &backend.slice(eq1, 0, len)));
    }
    h
}

/// The coefficients of X^1, X^2, .. of `sum_j c_j (a_j(X) p_j(1/X) + a_j(1/X) p_j(X))`, over X.
///
/// With n at least every length, `a(X) X^(n-1) p(1/X)` has the coefficient of X^k of `a(X) p(1/X)` at n - 1 + k.
fn inner_products<B: Backend>(backend: &B, terms: [(&[Fr], &[Fr], Fr); 2]) -> Vec<Fr> {
    let n = terms.iter().map(|(a, p, _)| a.len().max(p.len())).max().unwrap_or(1);
    let size = (2 * n - 1).next_power_of_two();
    let transform = |values: &mut dyn Iterator<Item = Fr>| {
        let mut padded: Vec<Fr> = values.collect();
        padded.resize(size, Fr::ZERO);
        let mut vector = backend.upload(&padded);
        backend.ntt(&mut vector, false);
        backend.download(&vector)
    };
    let mut products = vec![Fr::ZERO; size];
    for (a, p, scale) in terms {
        let a = transform(&mut a.iter().copied());
        let padding = core::iter::repeat_n(Fr::ZERO, n - p.len());
        let reversed = transform(&mut padding.chain(p.iter().rev().copied()));
        for ((product, a), p) in products.iter_mut().zip(&a).zip(&reversed) {
            *product += scale * a * p;
        }
    }
    let mut products = backend.upload(&products);
    backend.ntt(&mut products, true);
    let products = backend.download(&products);
    (1..n).map(|k| products[n - 1 + k] + products[n - 1 - k]).collect()
}

/// `sum_i by^i polynomials_i`.
fn combine(by: Fr, polynomials: &[&[Fr]]) -> Vec<Fr> {
    let len = polynomials.iter().map(|polynomial| polynomial.len()).max().unwrap_or(0);
    let mut sum = vec![Fr::ZERO; len];
    let mut power = Fr::ONE;
    for polynomial in polynomials {
        for (sum, coefficient) in sum.iter_mut().zip(*polynomial) {
            *sum += power * coefficient;
        }
        power *= by;
    }
    sum
}

/// Adds a polynomial of about the square root's length, which for the smallest sizes can be the longer one.
fn add_short<B: Backend>(backend: &B, mut long: B::Vector, short: &[Fr]) -> B::Vector {
    if short.len() > backend.len(&long) {
        return backend.upload(&combine(Fr::ONE, &[&backend.download(&long), short]));
    }
    backend.add_scaled(&mut long, 0, &backend.upload(short), Fr::ONE);
    long
}

fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::zero(), |value, c| value * x + c)
}

/// The quotient by X - x.
fn divide(coefficients: &[Fr], x: Fr) -> Vec<Fr> {
    let mut quotient = coefficients.get(1..).unwrap_or_default().to_vec();
    let mut above = Fr::ZERO;
    for value in quotient.iter_mut().rev() {
        *value += x * above;
        above = *value;
    }
    quotient
}

fn normalize<const N: usize>(points: [G1Projective; N]) -> [G1Affine; N] {
    let affine = G1Projective::normalize_batch(&points);
    core::array::from_fn(|i| affine[i])
}
