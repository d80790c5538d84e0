//! The wrap circuit: the inner verifier's scalar half over [`Wire`]s, with the public inputs of a wrapped proof.
//!
//! ```text
//! public    binding, inputs' digest, outputs, opening digests (4), row challenges, alpha, zeta, eta, rho, evaluation
//! private   the bits of the public tensors, the inner proof, the hidden value of its transcript
//! fixed     the program: its digest, its plan, its tables and small constants
//! ```
//! The verifier that runs here is [`inner::verify`], the same code that checks a proof natively.

use super::packing;
use crate::inner::{self, Binding};
use crate::r1cs::{Builder, Element, Mode, Recorded, Wire, element};
use crate::{Error, Num, Publics, eq};
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use assay_core::Tensor;
use assay_core::system::{Plan, System};

/// Public inputs before the outputs.
const BEFORE_OUTPUTS: usize = 2;
/// Digests of Mercury's group elements.
const NUM_DIGESTS: usize = 4;
/// alpha, zeta, eta, rho, evaluation.
const NUM_OPENING: usize = 5;

/// What a wrapped proof says and knows.
#[derive(Clone, Debug)]
pub struct Assignment<'a> {
    /// What binds the proof to statement and commitments.
    pub binding: Fr,
    /// The inputs, in the order of the ports; `None` for a private one.
    pub inputs: Vec<Option<&'a Tensor>>,
    /// The outputs.
    pub outputs: Vec<&'a Tensor>,
    /// The inner proof's scalars.
    pub proof: &'a inner::Proof<Fr>,
    /// Digests of Mercury's group elements.
    pub opening: [Fr; 4],
    /// The hidden value of the transcript.
    pub hidden: Fr,
}

/// The number of public inputs of a program's wrapped proofs.
pub fn num_public(system: &System) -> usize {
    let program = &system.flat.program;
    let bytes = program.outputs.iter().map(|port| program.shape(port.tensor).num_elements() * port.dtype.num_bytes()).sum();
    BEFORE_OUTPUTS + packing::num_shown(bytes) + NUM_DIGESTS + system.layout.log_rows + NUM_OPENING
}

/// Records the circuit of a program, with the values of an assignment.
///
/// An assignment that fails a check is recorded like any other: see [`Recorded::failed`].
///
/// # Errors
/// [`Error::Length`] if the program commits to nothing, so that there is nothing to open, or if the assignment does not have the
/// program's shape.
///
/// # Soundness
/// The public inputs' owner must check the group equation of [`inner::Outside`], derive binding and digests from the statement and
/// the points themselves, and vouch for the program's digest.
pub fn record(mode: Mode, system: &System, plan: &Plan, program: Fr, assignment: &Assignment<'_>) -> Result<Recorded, Error> {
    Error::check_length("the opening that a wrap needs", 1, usize::from(!plan.openings.is_empty()))?;
    let builder = Builder::new(mode, num_public(system));
    let mut next = 0;
    let mut place = || {
        next += 1;
        next - 1
    };
    let binding = builder.public(place(), assignment.binding);

    let inputs: Vec<Option<Known>> = assignment.inputs.iter().map(|t| t.map(|t| Known::new(&builder, t))).collect();
    let input_bytes: Vec<Wire> = inputs.iter().flatten().flat_map(Known::bytes).collect();
    builder.expose(place(), &packing::digest(&packing::pack(&input_bytes)));
    let outputs: Vec<Known> = assignment.outputs.iter().map(|t| Known::new(&builder, t)).collect();
    let output_bytes: Vec<Wire> = outputs.iter().flat_map(Known::bytes).collect();
    for word in packing::shown(output_bytes.len(), packing::pack(&output_bytes)) {
        builder.expose(place(), &word);
    }
    let opening = assignment.opening.map(|digest| builder.public(place(), digest));

    let hidden = builder.witness(assignment.hidden);
    let binding = Binding::wrapped(Wire::constant(program), binding, hidden, opening);
    let proof = assignment.proof.map(&mut |value| builder.witness(*value));
    let publics = KnownValues { inputs, outputs };
    let outside = inner::verify(system, plan, &binding, &publics, &proof)?;
    let outside = outside.ok_or_else(|| Error::Length { what: "the opening that a wrap needs".into(), expected: 1, found: 0 })?;
    let opened = outside.opening;
    for wire in outside.rows.iter().chain([&opened.alpha, &opened.zeta, &opened.eta, &opened.rho, &opened.evaluation]) {
        builder.expose(place(), wire);
    }
    drop((publics, proof, binding));
    Ok(builder.finish())
}

/// A public tensor in the circuit.
struct Known {
    /// Valid elements in row-major order.
    elements: Vec<Element>,
    /// Values with their pads, which are zero.
    padded: Vec<Wire>,
}

impl Known {
    fn new(builder: &Builder, tensor: &Tensor) -> Self {
        let elements: Vec<Element> = tensor.valid().into_iter().map(|v| element(builder, tensor.data.dtype(), v)).collect();
        let mut padded = vec![Wire::constant(Fr::ZERO); tensor.shape.num_padded()];
        tensor.shape.for_each_row(|valid, pad, len| {
            for (slot, element) in padded[pad..pad + len].iter_mut().zip(&elements[valid..]) {
                *slot = element.value.clone();
            }
        });
        Known { elements, padded }
    }

    fn bytes(&self) -> impl Iterator<Item = Wire> + '_ {
        self.elements.iter().flat_map(|element| element.bytes.iter().cloned())
    }
}

struct KnownValues {
    inputs: Vec<Option<Known>>,
    outputs: Vec<Known>,
}

impl Publics<Wire> for KnownValues {
    fn input(&self, index: usize, point: &[Wire]) -> Result<Wire, Error> {
        match self.inputs.get(index) {
            Some(Some(known)) => eq::mle(&known.padded, point),
            _ => Err(Error::Length { what: format!("the public values of input {index}"), expected: 1, found: 0 }),
        }
    }

    fn output(&self, index: usize, point: &[Wire]) -> Result<Wire, Error> {
        match self.outputs.get(index) {
            Some(known) => eq::mle(&known.padded, point),
            None => Err(Error::Length { what: format!("the values of output {index}"), expected: 1, found: 0 }),
        }
    }
}
