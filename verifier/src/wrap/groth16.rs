//! Groth16 verification (Groth, eprint 2016/260) with gamma = 1.
//!
//! ```text
//! e(A, B) = e(alpha, beta) e(IC_0 + sum_i x_i IC_i, [1]_2) e(C, delta)
//! ```
//! With gamma = 1 (as in Bowe, Gabizon, Miers, eprint 2017/1050, and in every phase-2 ceremony) a contract can merge the
//! public inputs' pairing with another one against `[1]_2`.

use crate::elements::{read_g1, read_g1_list, read_g2, write_g1, write_g1_list, write_g2};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM, pairing::Pairing};
use ark_ff::Zero;
use assay_core::encode::{Reader, Writer};

/// The most public inputs of a wrapped proof.
const MAX_PUBLIC_INPUTS: usize = 64;

/// What verifies Groth16 proofs of one circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groth16Key {
    /// `[alpha]_1`.
    pub alpha_g1: G1Affine,
    /// `[beta]_2`.
    pub beta_g2: G2Affine,
    /// `[delta]_2`.
    pub delta_g2: G2Affine,
    /// The public inputs' points; the first goes with the constant 1.
    pub ic: Vec<G1Affine>,
}

/// A Groth16 proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groth16Proof {
    /// `[A]_1`.
    pub a: G1Affine,
    /// `[B]_2`.
    pub b: G2Affine,
    /// `[C]_1`.
    pub c: G1Affine,
}

type Read<T> = Result<T, assay_core::Error>;

impl Groth16Key {
    /// The number of public inputs.
    pub fn num_public(&self) -> usize {
        self.ic.len().saturating_sub(1)
    }

    /// Whether a proof holds for these public inputs; false if there is another number of them.
    pub fn accepts(&self, proof: &Groth16Proof, public: &[Fr]) -> bool {
        let Some((first, rest)) = self.ic.split_first() else { return false };
        if rest.len() != public.len() {
            return false;
        }
        let inputs = (*first + G1Projective::msm_unchecked(rest, public)).into_affine();
        let left = [(-proof.a.into_group()).into_affine(), self.alpha_g1, inputs, proof.c];
        let right = [proof.b, self.beta_g2, G2Affine::generator(), self.delta_g2];
        Bn254::multi_pairing(left, right).is_zero()
    }

    pub(super) fn write(&self, out: &mut Writer) {
        write_g1(out, &self.alpha_g1);
        write_g2(out, &self.beta_g2);
        write_g2(out, &self.delta_g2);
        write_g1_list(out, &self.ic);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Groth16Key> {
        Ok(Groth16Key {
            alpha_g1: read_g1(reader)?,
            beta_g2: read_g2(reader)?,
            delta_g2: read_g2(reader)?,
            ic: read_g1_list(reader, MAX_PUBLIC_INPUTS + 1, "points of public inputs")?,
        })
    }
}

impl Groth16Proof {
    pub(super) fn write(&self, out: &mut Writer) {
        write_g1(out, &self.a);
        write_g2(out, &self.b);
        write_g1(out, &self.c);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Groth16Proof> {
        Ok(Groth16Proof { a: read_g1(reader)?, b: read_g2(reader)?, c: read_g1(reader)? })
    }
}
