//! Verification of receipts.

use crate::error::{Error, hex};
use crate::key::{VerifyingKey, id_scalar, program_id};
use crate::kzg;
use crate::publics::PublicValues;
use crate::receipt::Receipt;
use crate::statement::{InputValue, Statement};
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, VariableBaseMSM};
use ark_ff::Field;
use assay_circuits::inner::{self, Binding, Outside};
use assay_circuits::points_digest;
use assay_core::Program;
use assay_core::flatten::flatten;
use assay_core::limits::{self, Budget};
use assay_core::system::{Group, Layout, Plan, System};

/// Verifies a receipt and returns the statement that it proves.
///
/// # Errors
/// The first thing found wrong with the key or the receipt.
///
/// # Soundness
/// The caller must know that the key is the one of the program it has in mind, and must read the statement: the values of
/// its inputs and outputs, and its context. A development reference string proves nothing: see
/// [`Verified::development`].
pub fn verify<'r>(receipt: &'r Receipt, vk: &VerifyingKey) -> Result<&'r Statement, Error> {
    Ok(PreparedKey::new(vk.clone())?.verify(receipt)?.statement)
}

/// A key and what follows from it, for the verification of many receipts.
#[derive(Debug)]
pub struct PreparedKey {
    key: VerifyingKey,
    id: [u8; 32],
    system: System,
    plan: Plan,
}

/// A receipt that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'r> {
    /// What it proves.
    pub statement: &'r Statement,
    /// Whether the reference string is a development one: anyone can forge such receipts.
    pub development: bool,
}

impl PreparedKey {
    /// Checks a key and maps its program to relations.
    ///
    /// # Errors
    /// A key that is not consistent, or whose program would take more than [`Budget::VERIFIER`] to verify.
    pub fn new(mut key: VerifyingKey) -> Result<PreparedKey, Error> {
        key.reference.check()?;
        if !key.program.is_stripped() {
            key.program = key.program.stripped();
        }
        // A key need not come from its encoding: what inference says of the program is found out here, not believed.
        let encoding = key.program.encode();
        if Program::decode(&encoding)? != key.program {
            return Err(Error::BadKey("its bounds are not those that follow from its operations"));
        }
        limits::check(&key.program, &Budget::VERIFIER)?;
        let system = System::new(flatten(&key.program)?)?;
        let rows = system.layout.num_rows(|g| matches!(g, Group::Constants | Group::PrivateConstants));
        Error::check_count("the commitments to constants", rows, key.constant_rows.len())?;
        check_points("a commitment to constants", &key.constant_rows)?;
        let plan = Plan::new(&system);
        Ok(PreparedKey { id: program_id(&encoding, &key.constant_rows), key, system, plan })
    }

    /// The key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The id of the key's program.
    pub fn program_id(&self) -> [u8; 32] {
        self.id
    }

    /// The program id as the transcript absorbs it.
    pub fn program_digest(&self) -> Fr {
        id_scalar(&self.id)
    }

    /// The public values of a statement, for the evaluations that both sides compute.
    pub fn publics<'s>(&self, statement: &'s Statement) -> PublicValues<'s> {
        PublicValues { inputs: &statement.inputs, outputs: &statement.outputs }
    }

    /// The mapped program.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The plan of its proofs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Verifies a receipt.
    ///
    /// ```text
    /// 1  the receipt speaks of this program and this reference string
    /// 2  inputs and outputs have the ports' shapes and types; every row has its commitment
    /// 3  all scalar checks of the inner proof, bound to program, statement and commitments
    /// 4  the group equation over the combination of rows sum_j eq(rows, j) C_j
    /// ```
    ///
    /// # Errors
    /// The first thing found wrong.
    ///
    /// # Soundness
    /// As [`verify`].
    pub fn verify<'r>(&self, receipt: &'r Receipt) -> Result<Verified<'r>, Error> {
        let (statement, proof, reference) = (&receipt.statement, &receipt.proof, &self.key.reference);
        if statement.program_id != self.id {
            return Err(Error::Program { expected: hex(&self.id), found: hex(&statement.program_id) });
        }
        if receipt.reference != reference.digest {
            return Err(Error::Reference { expected: hex(&reference.digest), found: hex(&receipt.reference) });
        }
        statement.check(&self.key.program)?;
        let rows = self.rows(receipt)?;
        Error::check_count("the opening's group elements", usize::from(!self.plan.openings.is_empty()), proof.opening.iter().len())?;

        let opening = proof.opening.as_ref().map(|points| points.digests()).unwrap_or_default();
        let binding = Binding::plain(self.program_digest(), statement.digest(&reference.digest), points_digest(&proof.rows), opening);
        let outside = inner::verify(&self.system, &self.plan, &binding, &self.publics(statement), &proof.scalars)?;

        if let (Some(Outside { rows: point, opening }), Some(points)) = (outside, &proof.opening) {
            let (bases, weights): (Vec<G1Affine>, Vec<Fr>) = rows.iter().map(|(slot, row)| (*row, row_weight(&point, *slot))).unzip();
            let [g2, tau_g2] = reference.g2;
            let powers = kzg::Powers { g1: G1Affine::generator(), g2, tau_g2 };
            kzg::verify(&powers, G1Projective::msm_unchecked(&bases, &weights), points, &opening)?;
        }
        Ok(Verified { statement, development: reference.development })
    }

    /// Every commitment with its row slot.
    fn rows(&self, receipt: &Receipt) -> Result<Vec<(usize, G1Affine)>, Error> {
        let layout = &self.system.layout;
        let mut placed = Vec::new();
        let constant = |g: Group| matches!(g, Group::Constants | Group::PrivateConstants);
        place(&mut placed, layout, constant, "the commitments to constants", &self.key.constant_rows)?;
        for (index, (port, input)) in self.key.program.inputs.iter().zip(&receipt.statement.inputs).enumerate() {
            if let InputValue::Private(rows) = input {
                let what = format!("the commitments to input `{}`", port.name);
                place(&mut placed, layout, |g| g == Group::PrivateInput(index), &what, rows)?;
            }
        }
        place(&mut placed, layout, |g| g == Group::Witness, "the commitments to the witness", &receipt.proof.rows)?;
        Error::check_count("the commitments in all", layout.rows().count(), placed.len())?;
        Ok(placed)
    }
}

/// Pairs the rows of the groups that `wanted` selects with their slots.
fn place(
    placed: &mut Vec<(usize, G1Affine)>,
    layout: &Layout,
    wanted: impl Fn(Group) -> bool,
    what: &str,
    rows: &[G1Affine],
) -> Result<(), Error> {
    Error::check_count(what, layout.num_rows(&wanted), rows.len())?;
    check_points(what, rows)?;
    let slots = layout.rows().filter(|(g, _)| wanted(*g)).map(|(_, slot)| slot);
    placed.extend(slots.zip(rows.iter().copied()));
    Ok(())
}

/// BN254's G1 has prime order: to be on the curve is to be in the group.
fn check_points(what: &str, points: &[G1Affine]) -> Result<(), Error> {
    match points.iter().all(G1Affine::is_on_curve) {
        true => Ok(()),
        false => Err(assay_circuits::Error::OffCurve { what: what.into() }.into()),
    }
}

/// `eq(point, slot)`; entry 0 of the point goes with the most significant bit of the slot.
pub(crate) fn row_weight(point: &[Fr], slot: usize) -> Fr {
    let bits = (0..point.len()).rev().map(|i| slot >> i & 1 == 1);
    point.iter().zip(bits).map(|(p, bit)| if bit { *p } else { Fr::ONE - p }).product()
}
