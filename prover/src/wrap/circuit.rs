//! The wrap circuit of a program, and the assignment that an inner proof gives it.
//!
//! The circuit follows from the verifying key alone: it is what the native verifier would check.

use super::Error;
use crate::inner::Unverified;
use crate::keys::ProvingKey;
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use assay_circuits::inner::Proof;
use assay_circuits::r1cs::{Mode, R1cs, Recorded};
use assay_circuits::wrap::circuit::{Assignment, record};
use assay_core::program::{Port, Visibility};
use assay_core::{Program, Tensor, limits};
use assay_verifier::InputValue;

/// The most constraints: what a key of a few gigabytes serves.
const MOST_CONSTRAINTS: u64 = 1 << 22;
/// Constraints of a byte of a public tensor: its bits, its share of a hash, its share of an evaluation.
const CONSTRAINTS_A_BYTE: u64 = 12;

/// The constraints of a program's wrap circuit. They do not depend on any proof.
///
/// # Errors
/// A program without commitments, or one whose circuit would be too large.
pub fn circuit(key: &ProvingKey) -> Result<R1cs, Error> {
    let (system, plan) = (key.verifying.system(), key.verifying.plan());
    let program = &system.flat.program;
    check_size(program)?;
    let zeros = |port: &Port| {
        let shape = program.shape(port.tensor).clone();
        let values = vec![0; shape.num_elements()];
        Tensor::from_valid(shape, port.dtype, &values).map_err(crate::Error::from)
    };
    let public = |port: &Port| (port.visibility == Visibility::Public).then(|| zeros(port)).transpose();
    let inputs: Vec<Option<Tensor>> = program.inputs.iter().map(public).collect::<Result<_, _>>()?;
    let outputs: Vec<Tensor> = program.outputs.iter().map(zeros).collect::<Result<_, _>>()?;
    let assignment = Assignment {
        binding: Fr::ZERO,
        inputs: inputs.iter().map(Option::as_ref).collect(),
        outputs: outputs.iter().collect(),
        proof: &Proof::filled(system, plan, &Fr::ZERO),
        opening: [Fr::ZERO; 4],
        hidden: Fr::ZERO,
    };
    Ok(record(Mode::Record, system, plan, key.verifying.program_digest(), &assignment)?.system)
}

/// What an inner proof assigns to the circuit's variables; in [`Mode::Record`] with the constraints, for tests.
///
/// # Errors
/// A proof that was not made to be wrapped, or of another program.
pub fn assign(key: &ProvingKey, proof: &Unverified, mode: Mode) -> Result<Recorded, Error> {
    let missing = |what: &str| assay_circuits::Error::Length { what: what.into(), expected: 1, found: 0 };
    let (binding, hidden) = proof.wrapped.ok_or_else(|| missing("the binding of a wrapped proof"))?;
    let points = proof.proof.opening.as_ref().ok_or_else(|| missing("the opening that a wrap needs"))?;
    let assignment = Assignment {
        binding,
        inputs: proof
            .statement
            .inputs
            .iter()
            .map(|input| match input {
                InputValue::Public(tensor) => Some(tensor),
                InputValue::Private(_) => None,
            })
            .collect(),
        outputs: proof.statement.outputs.iter().collect(),
        proof: &proof.proof.scalars,
        opening: points.digests(),
        hidden,
    };
    Ok(record(mode, key.verifying.system(), key.verifying.plan(), key.verifying.program_digest(), &assignment)?)
}

/// Refuses programs with large public tensors or index maps before their circuit takes all memory.
fn check_size(program: &Program) -> Result<(), Error> {
    let bytes = |ports: &[Port]| -> u64 {
        let public = ports.iter().filter(|port| port.visibility == Visibility::Public);
        public.map(|port| (program.shape(port.tensor).num_elements() * port.dtype.num_bytes()) as u64).sum()
    };
    let tensors = (bytes(&program.inputs) + bytes(&program.outputs)).saturating_mul(CONSTRAINTS_A_BYTE);
    let maps = limits::cost(program).verifier_work;
    let constraints = tensors.saturating_add(maps);
    if constraints <= MOST_CONSTRAINTS {
        return Ok(());
    }
    let what = if tensors > maps { "public tensors (private inputs cost nothing here)" } else { "tables and views" };
    Err(Error::TooLarge { constraints, most: MOST_CONSTRAINTS, what })
}
