//! Temporary.
#![allow(missing_docs)]
use crate::*;
use ark_bn254::{Fr, G1Projective};
use ark_ff::PrimeField;
use assay_circuits::{Error as CError, Publics, eq, inner, phase_digest, points_digest};
use assay_core::{Tensor, flatten::flatten, system::*};
pub struct PreparedKey {
    pub vk: VerifyingKey,
    system: System,
    plan: Plan,
}
pub struct P<'a>(&'a Statement);
fn mle(t: &Tensor, p: &[Fr]) -> Result<Fr, CError> {
    eq::weigh_constants(t.data.to_i64().into_iter().map(Fr::from).collect::<Vec<_>>().into_iter(), &eq::eq_table(p))
}
impl Publics<Fr> for P<'_> {
    fn input(&self, i: usize, p: &[Fr]) -> Result<Fr, CError> {
        match &self.0.inputs[i] {
            InputValue::Public(t) => mle(t, p),
            _ => panic!(),
        }
    }
    fn output(&self, i: usize, p: &[Fr]) -> Result<Fr, CError> {
        mle(&self.0.outputs[i], p)
    }
}
impl Statement {
    pub fn digest(&self, r: &[u8; 32]) -> Fr {
        phase_digest(format!("{self:?}{r:?}").as_bytes())
    }
}
impl PreparedKey {
    pub fn new(vk: VerifyingKey) -> Result<Self, assay_core::Error> {
        let system = System::new(flatten(&vk.program)?)?;
        let plan = Plan::new(&system);
        Ok(PreparedKey { vk, system, plan })
    }
    pub fn program_id(&self) -> [u8; 32] {
        [7; 32]
    }
    pub fn program_digest(&self) -> Fr {
        Fr::from_be_bytes_mod_order(&[7; 32])
    }
    pub fn publics<'a>(&self, s: &'a Statement) -> P<'a> {
        P(s)
    }
    pub fn verify(&self, r: &Receipt) -> Result<(), CError> {
        let digests = r.proof.opening.map(|p| p.digests()).unwrap_or_default();
        let binding = inner::Binding {
            program: self.program_digest(),
            statement: r.statement.digest(&r.reference),
            commitments: points_digest(&r.proof.rows),
            opening: digests,
        };
        let Some(out) = inner::verify(&self.system, &self.plan, &binding, &P(&r.statement), &r.proof.scalars)? else { return Ok(()) };
        let w = eq::eq_table(&out.rows);
        let mut c = self.vk.constant_rows.iter();
        let mut x = r.proof.rows.iter();
        let mut ins: Vec<_> = r
            .statement
            .inputs
            .iter()
            .map(|i| match i {
                InputValue::Private(v) => v.iter(),
                _ => [].iter(),
            })
            .collect();
        let mut sum = G1Projective::default();
        for (g, slot) in self.system.layout.rows() {
            let p = match g {
                Group::Constants | Group::PrivateConstants => c.next(),
                Group::Witness => x.next(),
                Group::PrivateInput(i) => ins[i].next(),
            }
            .unwrap();
            sum += *p * w[slot];
        }
        kzg::verify(
            &kzg::Powers { g1: ark_ec::AffineRepr::generator(), g2: self.vk.reference.g2[0], tau_g2: self.vk.reference.g2[1] },
            sum,
            &r.proof.opening.unwrap(),
            &out.opening,
        )
    }
}
