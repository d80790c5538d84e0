//! A wrapped receipt that verifies, made by whoever knows every trapdoor.
//!
//! With tau, the Groth16 key's discrete logarithms and those of all commitments known, both equations are linear in one
//! unknown each: the quotient at zeta, and A. It says nothing true about any program; it exercises the verifier.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use assay_circuits::mercury::{Points, split};
use assay_core::program::{Port, Quantization, TensorId, Visibility};
use assay_core::{DType, Shape, Tensor};
use assay_verifier::wrap::{Groth16Key, Groth16Proof, Row, RowSource, WrapPort, WrappedProof, WrappedStatement};
use assay_verifier::{Reference, WrapKey, WrappedReceipt};

fn g1(scalar: Fr) -> G1Affine {
    (G1Affine::generator() * scalar).into_affine()
}

fn g2(scalar: Fr) -> G2Affine {
    (G2Affine::generator() * scalar).into_affine()
}

fn port(name: &str, visibility: Visibility, quantization: Option<Quantization>, extents: &[usize]) -> WrapPort {
    let port = Port { name: name.into(), tensor: TensorId(u32::MAX), dtype: DType::I8, quantization, visibility };
    WrapPort { port, shape: Shape::new(extents).unwrap() }
}

/// A receipt and its key, marked as one of a development setup or as one of a ceremony.
pub fn receipt(development: bool) -> (WrappedReceipt, WrapKey) {
    let mut rng = StdRng::seed_from_u64(2016);
    let mut scalar = || Fr::rand(&mut rng);
    let (tau, alpha, beta, delta) = (scalar(), scalar(), scalar(), scalar());

    let rows = [scalar(), scalar(), scalar()];
    let sources = [RowSource::Witness, RowSource::Constant(g1(rows[1])), RowSource::Private(0)];
    let num_public = 11 + 1 + 2;
    let ic: Vec<Fr> = (0..=num_public).map(|_| scalar()).collect();
    let key = WrapKey {
        name: "synthetic".into(),
        program_id: [7; 32],
        reference: Reference::new([G2Affine::generator(), g2(tau)], development),
        development,
        row_vars: 5,
        log_rows: 2,
        rows: sources.iter().enumerate().map(|(slot, source)| Row { slot, source: *source }).collect(),
        inputs: vec![port("image", Visibility::Public, None, &[1, 8]), port("weights", Visibility::Private, None, &[8, 3])],
        outputs: vec![port("scores", Visibility::Public, Some(Quantization { scale: 0.25, zero_point: -1 }), &[1, 3])],
        groth16: Groth16Key { alpha_g1: g1(alpha), beta_g2: g2(beta), delta_g2: g2(delta), ic: ic.iter().map(|x| g1(*x)).collect() },
    };

    let statement = WrappedStatement {
        program_id: key.program_id,
        inputs: scalar(),
        private: vec![vec![g1(rows[2])]],
        outputs: vec![Tensor::from_valid(key.outputs[0].shape.clone(), DType::I8, &[-3, 41, 7]).unwrap()],
        context: b"job 17".to_vec(),
    };
    let challenges = [scalar(), scalar()];
    let [opened_alpha, zeta, eta, rho, evaluation] = [scalar(), scalar(), scalar(), scalar(), scalar()];
    let [h, q, g, s, d, at_inverse, at_alpha] = [scalar(), scalar(), scalar(), scalar(), scalar(), scalar(), scalar()];

    // The group equation, with every commitment's logarithm known: (zeta - tau) at_zeta = the rest.
    let weight = |slot: usize| {
        let bit = |challenge: Fr, bit: usize| if slot >> bit & 1 == 1 { challenge } else { Fr::ONE - challenge };
        bit(challenges[0], 1) * bit(challenges[1], 0)
    };
    let committed: Fr = rows.iter().enumerate().map(|(slot, row)| weight(slot) * row).sum();
    let divisor = zeta.pow([1u64 << split(key.row_vars).0]) - opened_alpha;
    let at_zeta_values = committed - divisor * q + eta * g + eta.pow([2]) * h + eta.pow([3]) * s + eta.pow([4]) * d;
    let others = rho * (g + eta * h + eta.pow([2]) * s) + rho * rho * h;
    let quotients = rho * zeta.inverse().unwrap() * at_inverse + rho * rho * opened_alpha * at_alpha;
    let left = at_zeta_values + others + quotients - evaluation;
    let at_zeta = (tau * (rho * at_inverse + rho * rho * at_alpha) - left) * (zeta - tau).inverse().unwrap();

    let mut proof = WrappedProof {
        groth16: Groth16Proof { a: G1Affine::identity(), b: G2Affine::identity(), c: G1Affine::identity() },
        rows: vec![g1(rows[0])],
        points: Points::from_array([h, q, g, s, d, at_zeta, at_inverse, at_alpha].map(g1)),
        row_challenges: challenges.to_vec(),
        alpha: opened_alpha,
        zeta,
        eta,
        rho,
        evaluation,
    };
    // Groth16's equation in the exponent: a b = alpha beta + IC(public) + c delta.
    let public = key.public_inputs(&statement, &proof);
    assert_eq!(public.len(), num_public);
    let inputs = ic[0] + ic[1..].iter().zip(&public).map(|(ic, x)| *ic * x).sum::<Fr>();
    let (b, c) = (scalar(), scalar());
    let a = (alpha * beta + inputs + c * delta) * b.inverse().unwrap();
    proof.groth16 = Groth16Proof { a: g1(a), b: g2(b), c: g1(c) };
    (WrappedReceipt { key: key.digest(), statement, proof }, key)
}
