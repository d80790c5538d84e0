//! Verification of wrapped receipts.

use super::{RowSource, WrapKey, WrappedProof, WrappedReceipt, WrappedStatement};
use crate::error::{Error, hex};
use crate::kzg;
use crate::verify::row_weight;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, VariableBaseMSM};
use ark_ff::Field;
use assay_circuits::mercury::{Opening, split};

/// A wrapped receipt that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapVerified<'r> {
    /// What it proves.
    pub statement: &'r WrappedStatement,
    /// Whether the reference string or the Groth16 key is a development one: somebody can forge such receipts.
    pub development: bool,
}

impl WrapKey {
    /// Verifies a receipt.
    ///
    /// ```text
    /// 1  the receipt names this key and this program
    /// 2  outputs have the ports' shapes and types; every row has its commitment
    /// 3  the Groth16 proof holds for the public inputs that follow from statement and points
    /// 4  the group equation over the combination of rows
    /// ```
    ///
    /// # Errors
    /// The first thing found wrong.
    ///
    /// # Soundness
    /// The caller must know that the key is the one of the program it has in mind, and must compare the statement's inputs
    /// with those it asked for ([`WrappedStatement::digest_inputs`], [`WrappedStatement::private`]).
    pub fn verify<'r>(&self, receipt: &'r WrappedReceipt) -> Result<WrapVerified<'r>, Error> {
        let (statement, proof) = (&receipt.statement, &receipt.proof);
        if statement.program_id != self.program_id {
            return Err(Error::Program { expected: hex(&self.program_id), found: hex(&statement.program_id) });
        }
        let own = self.digest();
        if receipt.key != own {
            return Err(Error::WrapKey { expected: hex(&own), found: hex(&receipt.key) });
        }
        statement.check(&self.outputs)?;
        let private = self.private_rows();
        Error::check_count("the private inputs", private.len(), statement.private.len())?;
        for (index, (expected, rows)) in private.iter().zip(&statement.private).enumerate() {
            Error::check_count(format!("the commitments to private input {index}"), *expected, rows.len())?;
        }
        Error::check_count("the commitments to the witness", self.num_witness_rows(), proof.rows.len())?;
        Error::check_count("the row challenges", self.log_rows, proof.row_challenges.len())?;
        check_curve(statement, proof)?;

        if !self.groth16.accepts(&proof.groth16, &self.public_inputs(statement, proof)) {
            return Err(Error::Groth16);
        }
        let zeta_inverse = proof.zeta.inverse().ok_or_else(|| assay_circuits::Error::Zero { what: "Mercury's zeta".into() })?;
        let (log_b1, _) = split(self.row_vars);
        let opening = Opening {
            alpha: proof.alpha,
            zeta: proof.zeta,
            zeta_inverse,
            divisor: proof.zeta.pow([1u64 << log_b1]) - proof.alpha,
            eta: proof.eta,
            rho: proof.rho,
            evaluation: proof.evaluation,
        };
        let (bases, weights) = self.weighted_rows(statement, proof)?;
        let [g2, tau_g2] = self.reference.g2;
        let powers = kzg::Powers { g1: G1Affine::generator(), g2, tau_g2 };
        kzg::verify(&powers, G1Projective::msm_unchecked(&bases, &weights), &proof.points, &opening)?;
        Ok(WrapVerified { statement, development: self.is_development() })
    }

    /// The public inputs of the Groth16 proof, in order.
    pub fn public_inputs(&self, statement: &WrappedStatement, proof: &WrappedProof) -> Vec<Fr> {
        let mut public = vec![statement.binding(&self.reference.digest, &proof.rows), statement.inputs];
        public.extend(statement.output_words());
        public.extend(proof.points.digests());
        public.extend(&proof.row_challenges);
        public.extend([proof.alpha, proof.zeta, proof.eta, proof.rho, proof.evaluation]);
        public
    }

    /// Every commitment with its weight.
    fn weighted_rows(&self, statement: &WrappedStatement, proof: &WrappedProof) -> Result<(Vec<G1Affine>, Vec<Fr>), Error> {
        let mut witness = proof.rows.iter();
        let mut private: Vec<std::slice::Iter<'_, G1Affine>> = statement.private.iter().map(|rows| rows.iter()).collect();
        let (mut bases, mut weights) = (vec![], vec![]);
        for row in &self.rows {
            let point = match row.source {
                RowSource::Constant(point) => Some(point),
                RowSource::Private(index) => private.get_mut(index).and_then(Iterator::next).copied(),
                RowSource::Witness => witness.next().copied(),
            };
            bases.push(point.ok_or(Error::BadKey("a row has no commitment"))?);
            weights.push(row_weight(&proof.row_challenges, row.slot));
        }
        Ok((bases, weights))
    }
}

/// A receipt need not come from its encoding. BN254's G1 has prime order; the point of G2 must be in the subgroup.
fn check_curve(statement: &WrappedStatement, proof: &WrappedProof) -> Result<(), Error> {
    let off = |what: &str| Err(assay_circuits::Error::OffCurve { what: what.into() }.into());
    if !statement.private.iter().flatten().chain(&proof.rows).all(G1Affine::is_on_curve) {
        return off("a commitment");
    }
    let (a, b, c) = (proof.groth16.a, proof.groth16.b, proof.groth16.c);
    if !a.is_on_curve() || !c.is_on_curve() || !b.is_on_curve() || !b.is_in_correct_subgroup_assuming_on_curve() {
        return off("an element of the Groth16 proof");
    }
    Ok(())
}
