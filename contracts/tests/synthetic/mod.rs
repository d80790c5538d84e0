//! Keys and receipts that hold, without a prover: whoever knows a setup's secrets can make them.
//!
//! ```text
//! points          multiples of the generators by random numbers that are kept
//! KZG             the evaluation is solved for in the group equation, with tau known
//! Groth16         random A = a, B = b; C = (a b - alpha beta - sum_i x_i ic_i) / delta: the simulator of its zero-knowledge proof
//! ```
//! To the verifiers nothing tells such a receipt from a proven one.
#![allow(dead_code, reason = "each test uses its own part")]

pub mod fixtures;

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use assay_circuits::mercury::{Points, split};
use assay_core::program::{Port, TensorId, Visibility};
use assay_core::tensor::Shape;
use assay_core::{DType, Tensor};
use assay_verifier::Reference;
use assay_verifier::wrap::{Groth16Key, Groth16Proof, Row, RowSource, WrapKey, WrapPort, WrappedProof, WrappedReceipt, WrappedStatement};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// What a program looks like to its verifier.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub constant: usize,
    /// Rows of each private input.
    pub private: &'static [usize],
    pub witness: usize,
    pub log_rows: usize,
    pub row_vars: usize,
    pub output_bytes: usize,
}

/// 15 public inputs: the form that the gas budget speaks of.
pub const BUDGET: Form = Form { constant: 2, private: &[], witness: 4, log_rows: 3, row_vars: 17, output_bytes: 10 };
/// Private inputs, two output words, a row length that is an even power.
pub const PRIVATE: Form = Form { constant: 1, private: &[1, 2], witness: 3, log_rows: 4, row_vars: 12, output_bytes: 40 };
/// No output and a single row.
pub const LEAST: Form = Form { constant: 0, private: &[], witness: 1, log_rows: 0, row_vars: 0, output_bytes: 0 };
/// Outputs so long that their digest stands for them, and nothing constant.
pub const DIGEST: Form = Form { constant: 0, private: &[2], witness: 5, log_rows: 3, row_vars: 9, output_bytes: 100 };

/// A key and the secrets of its setup.
pub struct Setup {
    pub key: WrapKey,
    tau: Fr,
    alpha: Fr,
    beta: Fr,
    delta: Fr,
    ic: Vec<Fr>,
    constants: Vec<Fr>,
    rng: ChaCha20Rng,
}

fn g1(log: Fr) -> G1Affine {
    (G1Affine::generator() * log).into_affine()
}

fn g2(log: Fr) -> G2Affine {
    (G2Affine::generator() * log).into_affine()
}

impl Setup {
    pub fn new(form: Form, seed: u64) -> Setup {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let r = &mut rng;
        let [tau, alpha, beta, delta] = [(); 4].map(|()| Fr::rand(r));
        let constants: Vec<Fr> = (0..form.constant).map(|_| Fr::rand(r)).collect();

        let private = form.private.iter().enumerate().flat_map(|(i, rows)| vec![RowSource::Private(i); *rows]);
        let sources: Vec<RowSource> = constants
            .iter()
            .map(|log| RowSource::Constant(g1(*log)))
            .chain(private)
            .chain(vec![RowSource::Witness; form.witness])
            .collect();
        // Slots out of order and with gaps, as long as there are enough.
        let mut slots: Vec<usize> = (0..1 << form.log_rows).collect();
        for i in (1..slots.len()).rev() {
            slots.swap(i, r.gen_range(0..=i));
        }
        let rows = sources.into_iter().zip(slots).map(|(source, slot)| Row { slot, source }).collect();

        let port = |name: &str, visibility, bytes: usize| WrapPort {
            port: Port { name: name.into(), tensor: TensorId(0), dtype: DType::I8, quantization: None, visibility },
            shape: Shape::new([bytes]).unwrap(),
        };
        let mut inputs = vec![port("x", Visibility::Public, 4)];
        inputs.extend((0..form.private.len()).map(|i| port(&format!("secret {i}"), Visibility::Private, 4)));
        let outputs = (form.output_bytes > 0).then(|| port("y", Visibility::Public, form.output_bytes));
        let mut key = WrapKey {
            name: "synthetic".into(),
            program_id: r.r#gen(),
            reference: Reference::new([G2Affine::generator(), g2(tau)], true),
            development: true,
            row_vars: form.row_vars,
            log_rows: form.log_rows,
            rows,
            inputs,
            outputs: outputs.into_iter().collect(),
            groth16: Groth16Key { alpha_g1: g1(alpha), beta_g2: g2(beta), delta_g2: g2(delta), ic: vec![] },
        };
        let ic: Vec<Fr> = (0..=key.num_public()).map(|_| Fr::rand(r)).collect();
        key.groth16.ic = ic.iter().map(|log| g1(*log)).collect();
        key.check().expect("a consistent key");
        Setup { key, tau, alpha, beta, delta, ic, constants, rng }
    }

    /// A receipt that holds.
    pub fn receipt(&mut self, context: &[u8]) -> WrappedReceipt {
        let inputs = Fr::rand(&mut self.rng);
        let private: Vec<Vec<Fr>> = self.key.private_rows().into_iter().map(|n| self.scalars(n)).collect();
        self.receipt_for(inputs, &private, context)
    }

    /// A receipt whose Groth16 proof holds, and whose evaluation is wrong by `error`.
    pub fn receipt_with_error(&mut self, context: &[u8], error: Fr) -> WrappedReceipt {
        let mut receipt = self.receipt(context);
        receipt.proof.evaluation += error;
        receipt.proof.groth16 = self.simulate(&self.key.public_inputs(&receipt.statement, &receipt.proof));
        receipt
    }

    /// The secret that C is multiplied by.
    pub fn delta(&self) -> Fr {
        self.delta
    }

    /// A receipt for these inputs, private ones by the logarithms of their rows.
    pub fn receipt_for(&mut self, inputs: Fr, private: &[Vec<Fr>], context: &[u8]) -> WrappedReceipt {
        let bytes = self.key.output_bytes();
        let values: Vec<i64> = (0..bytes).map(|_| self.rng.gen_range(-128..128)).collect();
        let outputs = self.key.outputs.iter().map(|port| Tensor::from_valid(port.shape.clone(), DType::I8, &values).unwrap()).collect();
        let statement = WrappedStatement {
            program_id: self.key.program_id,
            inputs,
            private: private.iter().map(|rows| rows.iter().map(|log| g1(*log)).collect()).collect(),
            outputs,
            context: context.to_vec(),
        };
        let proof = self.prove(&statement, private);
        WrappedReceipt { key: self.key.digest(), statement, proof }
    }

    fn scalars(&mut self, count: usize) -> Vec<Fr> {
        (0..count).map(|_| Fr::rand(&mut self.rng)).collect()
    }

    fn prove(&mut self, statement: &WrappedStatement, private: &[Vec<Fr>]) -> WrappedProof {
        let rows = self.scalars(self.key.num_witness_rows());
        let points: [Fr; 8] = self.scalars(8).try_into().unwrap();
        let row_challenges = self.scalars(self.key.log_rows);
        let [alpha, zeta, eta, rho]: [Fr; 4] = self.scalars(4).try_into().unwrap();
        let mut proof = WrappedProof {
            groth16: Groth16Proof { a: G1Affine::generator(), b: G2Affine::generator(), c: G1Affine::generator() },
            rows: rows.iter().map(|log| g1(*log)).collect(),
            points: Points::from_array(points.map(g1)),
            row_challenges,
            alpha,
            zeta,
            eta,
            rho,
            evaluation: Fr::ZERO,
        };
        proof.evaluation = self.evaluation(&proof, &rows, private, points);
        proof.groth16 = self.simulate(&self.key.public_inputs(statement, &proof));
        proof
    }

    /// What makes the group equation hold, written out from its definition.
    fn evaluation(&self, proof: &WrappedProof, witness: &[Fr], private: &[Vec<Fr>], points: [Fr; 8]) -> Fr {
        let (alpha, zeta, eta, rho) = (proof.alpha, proof.zeta, proof.eta, proof.rho);
        let mut constants = self.constants.iter();
        let mut witness = witness.iter();
        let mut private: Vec<_> = private.iter().map(|rows| rows.iter()).collect();
        let mut f = Fr::ZERO;
        for row in &self.key.rows {
            let log = match row.source {
                RowSource::Constant(_) => constants.next(),
                RowSource::Private(i) => private[i].next(),
                RowSource::Witness => witness.next(),
            };
            let bit = |i: usize| row.slot >> (self.key.log_rows - 1 - i) & 1 == 1;
            let weight: Fr = proof.row_challenges.iter().enumerate().map(|(i, c)| if bit(i) { *c } else { Fr::ONE - c }).product();
            f += weight * log.unwrap();
        }
        let [h, q, g, s, d, at_zeta, at_inverse, at_alpha] = points;
        let (log_b1, _) = split(self.key.row_vars);
        let batch = |values: &[Fr]| values.iter().rev().fold(Fr::ZERO, |sum, value| sum * eta + value);
        let at_first = batch(&[f - (zeta.pow([1 << log_b1]) - alpha) * q, g, h, s, d]) + at_zeta * (zeta - self.tau);
        let at_second = batch(&[g, h, s]) + at_inverse * (zeta.inverse().unwrap() - self.tau);
        let at_third = h + at_alpha * (alpha - self.tau);
        at_first + rho * (at_second + rho * at_third)
    }

    fn simulate(&mut self, public: &[Fr]) -> Groth16Proof {
        let [a, b]: [Fr; 2] = self.scalars(2).try_into().unwrap();
        let inputs: Fr = self.ic[0] + public.iter().zip(&self.ic[1..]).map(|(x, ic)| *x * ic).sum::<Fr>();
        let c = (a * b - self.alpha * self.beta - inputs) * self.delta.inverse().unwrap();
        Groth16Proof { a: g1(a), b: g2(b), c: g1(c) }
    }
}
