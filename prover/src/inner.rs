//! The inner proof: execution, commitments, lookups, batched sumchecks, openings; the twin of [`assay_circuits::inner`].

use crate::error::Error;
use crate::keys::commit_rows;
use crate::opening;
use crate::relations::{Context, LookupLeaves, factors};
use crate::resident::Resident;
use crate::witness::Witness;
use crate::workplace::Workplace;
use crate::{logup, sumcheck};
use ark_bn254::Fr;
use ark_ff::{Field, UniformRand};
use assay_circuits::inner::{Binding, Proof, WaveProof, outer, powers};
use assay_circuits::mercury::NUM_SALTS;
use assay_circuits::relations::{self, lookup::Challenges};
use assay_circuits::{Publics, Session, Transcript, points_digest};
use assay_core::Tensor;
use assay_core::limits::Economy;
use assay_core::program::Visibility;
use assay_core::system::{AtomId, Coord, Expr, Group};
use assay_gpu::Backend;
use assay_verifier::wrap::WrappedStatement;
use assay_verifier::{InnerProof, InputValue, Receipt, Statement};
use rand::{CryptoRng, RngCore};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A part of the work, for progress reports and timings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Running the program.
    Execute,
    /// Deriving and committing to columns.
    Commit,
    /// The lookup argument.
    Lookups,
    /// The batched sumchecks.
    Relations,
    /// The opening of the columns.
    Opening,
    /// Proving the inner verifier's circuit.
    Wrap,
    /// Verifying the finished proof.
    Verify,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Phase; 7] =
        [Phase::Execute, Phase::Commit, Phase::Lookups, Phase::Relations, Phase::Opening, Phase::Wrap, Phase::Verify];

    /// A name for people.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Execute => "execute",
            Phase::Commit => "commit",
            Phase::Lookups => "lookups",
            Phase::Relations => "relations",
            Phase::Opening => "opening",
            Phase::Wrap => "wrap",
            Phase::Verify => "verify",
        }
    }
}

/// Called when a phase begins.
pub type Progress<'a> = &'a dyn Fn(Phase);

/// What goes into a proof besides the program and its inputs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Opaque bytes that the proof is bound to.
    pub context: Vec<u8>,
    /// How much of it is held at a time.
    pub economy: Economy,
}

/// How long each phase took.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    phases: Vec<(Phase, Duration)>,
}

impl Timings {
    /// The time of a phase.
    pub fn get(&self, phase: Phase) -> Duration {
        self.phases.iter().filter(|p| p.0 == phase).map(|p| p.1).sum()
    }

    /// Adds to the time of a phase.
    pub fn add(&mut self, phase: Phase, time: Duration) {
        self.phases.push((phase, time));
    }

    /// Making the inner proof: everything between execution and the wrap.
    pub fn proving(&self) -> Duration {
        [Phase::Commit, Phase::Lookups, Phase::Relations, Phase::Opening].into_iter().map(|p| self.get(p)).sum()
    }
}

/// A receipt and what its making cost.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The receipt.
    pub receipt: Receipt,
    /// The outputs, as in the statement.
    pub outputs: Vec<Tensor>,
    /// The time of each phase.
    pub timings: Timings,
}

struct Clock<'a> {
    timings: Timings,
    progress: Progress<'a>,
    current: Option<(Phase, Instant)>,
}

impl Clock<'_> {
    fn enter(&mut self, phase: Phase) {
        self.leave();
        (self.progress)(phase);
        self.current = Some((phase, Instant::now()));
    }

    fn leave(&mut self) {
        if let Some((phase, start)) = self.current.take() {
            self.timings.phases.push((phase, start.elapsed()));
        }
    }
}

/// Runs the program and proves that it gave its outputs. The receipt is verified before it is returned.
///
/// # Errors
/// Inputs that do not fit the program, or a fault that verification caught.
pub fn prove<B: Backend, R: RngCore + CryptoRng>(
    place: &Workplace<'_, B>,
    inputs: &[Tensor],
    options: &Options,
    rng: &mut R,
    progress: Progress<'_>,
) -> Result<Proven, Error> {
    progress(Phase::Execute);
    let start = Instant::now();
    let run = place.run(inputs)?;
    let execution = start.elapsed();
    let mut proven = prove_run(place, inputs, run, options, rng, progress)?;
    proven.timings.phases.insert(0, (Phase::Execute, execution));
    Ok(proven)
}

/// Proves what a witness says. The receipt is verified before it is returned.
///
/// # Errors
/// [`Error::Unverified`] if the witness is not one of the program's runs on these inputs.
pub fn prove_witness<B: Backend, R: RngCore + CryptoRng>(
    place: &Workplace<'_, B>,
    inputs: &[Tensor],
    witness: Witness,
    options: &Options,
    rng: &mut R,
    progress: Progress<'_>,
) -> Result<Proven, Error> {
    prove_run(place, inputs, place.take(witness), options, rng, progress)
}

fn prove_run<B: Backend, R: RngCore + CryptoRng>(
    place: &Workplace<'_, B>,
    inputs: &[Tensor],
    run: Resident<'_, B>,
    options: &Options,
    rng: &mut R,
    progress: Progress<'_>,
) -> Result<Proven, Error> {
    let key = place.key;
    let unverified = argue(place, inputs, run, Form::Plain, options, rng, progress)?;
    let Unverified { statement, proof, mut timings, .. } = unverified;
    let outputs = statement.outputs.clone();
    let receipt = Receipt { statement, proof, reference: key.verifying.key().reference.digest };
    progress(Phase::Verify);
    let start = Instant::now();
    key.verifying.verify(&receipt).map_err(|e| Error::Unverified(e.to_string()))?;
    timings.add(Phase::Verify, start.elapsed());
    Ok(Proven { receipt, outputs, timings })
}

/// What a proof is made for, which decides what binds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// To be sent as it is.
    Plain,
    /// To be wrapped: with as much salt as hides its opening.
    Wrapped,
}

/// A proof that nobody has checked yet.
#[derive(Clone, Debug)]
pub struct Unverified {
    /// What it claims.
    pub statement: Statement,
    /// The proof.
    pub proof: InnerProof,
    /// The digest that binds a wrapped proof to its statement and commitments, and the hidden value of its transcript.
    pub wrapped: Option<(Fr, Fr)>,
    /// The time of each phase.
    pub timings: Timings,
}

/// Makes the proof that a run calls for, true or not.
///
/// # Errors
/// Inputs that do not fit, or a plan that does not.
pub fn argue<B: Backend, R: RngCore + CryptoRng>(
    place: &Workplace<'_, B>,
    inputs: &[Tensor],
    mut resident: Resident<'_, B>,
    form: Form,
    options: &Options,
    rng: &mut R,
    progress: Progress<'_>,
) -> Result<Unverified, Error> {
    let Workplace { backend, key, bases, .. } = place;
    let (backend, key) = (*backend, *key);
    let (system, plan) = (&key.system, &key.plan);
    let mut clock = Clock { timings: Timings::default(), progress, current: None };
    clock.enter(Phase::Commit);
    let results = std::mem::take(&mut resident.outputs);
    let column = |index: usize| resident.column(index);
    // What is computed from private values must not be open to guessing: then every row of the witness is salted too, and
    // one of them so much that the opening shows nothing either.
    let private = system.layout.groups.iter().any(|g| matches!(g.group, Group::PrivateConstants | Group::PrivateInput(_)));
    let mut salt = |count: usize| -> Vec<Fr> { (0..count).map(|_| Fr::rand(rng)).collect() };
    let witness_rows = if private || form == Form::Wrapped { system.layout.num_rows(|g| g == Group::Witness) } else { 0 };
    let witness_salts: Vec<Vec<Fr>> = (0..witness_rows).map(|row| salt(if row == 0 { NUM_SALTS } else { 1 })).collect();
    let rows = commit_rows(backend, bases, system, |g| g == Group::Witness, &witness_salts, column)?;
    let (mut stated, mut input_salts) = (vec![], vec![]);
    for (index, (port, tensor)) in system.flat.program.inputs.iter().zip(inputs).enumerate() {
        stated.push(match port.visibility {
            Visibility::Public => InputValue::Public(tensor.retyped(port.dtype)?),
            Visibility::Private => {
                let group = Group::PrivateInput(index);
                let salts: Vec<Vec<Fr>> = (0..system.layout.num_rows(|g| g == group)).map(|_| salt(1)).collect();
                let rows = commit_rows(backend, bases, system, |g| g == group, &salts, column)?;
                input_salts.push((index, salts));
                InputValue::Private(rows)
            }
        });
    }
    let verifying = &key.verifying;
    let statement = Statement { program_id: verifying.program_id(), inputs: stated, outputs: results, context: options.context.clone() };
    let reference = verifying.key().reference.digest;
    let publics = verifying.publics(&statement);
    let program = verifying.program_digest();
    let wrapped = (form == Form::Wrapped).then(|| (WrappedStatement::of(&statement).binding(&reference, &rows), Fr::rand(rng)));
    // The digests of the opening are absorbed as it is made.
    let binding = match wrapped {
        None => Binding::plain(program, statement.digest(&reference), points_digest(&rows), [Fr::default(); 4]),
        Some((digest, hidden)) => Binding::wrapped(program, digest, hidden, [Fr::default(); 4]),
    };
    let mut transcript = Transcript::new(binding.domain);
    transcript.absorb(&binding.words);
    let mut session = Session::new(system, plan, &publics);
    let mut evaluator = Evaluator { backend, resident: &resident, tables: HashMap::new() };

    clock.enter(Phase::Lookups);
    let mut lookups = None;
    if !plan.leaves.is_empty() {
        let challenges = Challenges { alpha: transcript.squeeze(), beta: transcript.squeeze() };
        let leaves = LookupLeaves::new(system, plan, &resident, &challenges)?;
        lookups = Some(logup::prove(backend, &leaves, plan.leaf_vars, options.economy, &mut transcript));
    }
    session.challenges = transcript.squeeze_many(plan.extension);
    session.challenges.extend(lookups.iter().flat_map(|l| l.1.point.iter().copied()));
    let evaluations = evaluator.all(&session, &plan.sent, &HashMap::new())?;
    session.receive(&plan.sent, &evaluations)?;
    transcript.absorb(&evaluations);

    clock.enter(Phase::Relations);
    let mut waves = vec![];
    for wave in &plan.waves {
        let gammas = powers(&transcript.squeeze(), wave.instances.iter().map(|i| i.claims.len()).sum());
        let mut rest = &gammas[..];
        let mut instances = vec![];
        for instance in &wave.instances {
            let (own, tail) = rest.split_at(instance.claims.len());
            rest = tail;
            let claim = relations::claim(&mut session, instance, own)?;
            let context = Context { backend, resident: &resident, session: &session };
            instances.push(sumcheck::Instance { coefficient: outer(own), claim, factors: factors(&context, instance, own)? });
        }
        let proven = sumcheck::prove(backend, instances, &mut transcript);
        session.challenges.extend(&proven.point);
        let known = known_finals(&wave.instances, &proven.finals);
        let evaluations = evaluator.all(&session, &wave.sent, &known)?;
        session.receive(&wave.sent, &evaluations)?;
        transcript.absorb(&evaluations);
        waves.push(WaveProof { rounds: proven.proof, evaluations });
    }

    clock.enter(Phase::Opening);
    let mut opened = None;
    if !plan.openings.is_empty() {
        transcript.absorb(binding.hidden.as_slice());
        let salts = opening::salts(&system.layout, &key.salts, &witness_salts, &input_salts);
        opened = Some(opening::prove(backend, bases, &mut session, &resident, &salts, &options.economy, &mut transcript)?);
    }
    let (scalars, points) = opened.unzip();
    let scalars = Proof { lookups: lookups.map(|l| l.0), evaluations, waves, opening: scalars };
    clock.leave();
    Ok(Unverified { statement, proof: InnerProof { rows, opening: points, scalars }, wrapped, timings: clock.timings })
}

/// Evaluations that a sumcheck ended with: those that are one atom and nothing else.
fn known_finals(instances: &[assay_core::system::Instance], finals: &[Vec<Fr>]) -> HashMap<AtomId, Fr> {
    let mut known = HashMap::new();
    for (instance, finals) in instances.iter().zip(finals) {
        for (Expr { terms, constant }, value) in instance.factors.exprs.iter().zip(finals) {
            if let [(atom, coef)] = terms[..]
                && let Some(inverse) = coef.inverse()
            {
                known.insert(atom, (*value - constant) * inverse);
            }
        }
    }
    known
}

/// Evaluates wires at points, with the eq tables of points that recur.
struct Evaluator<'a, B: Backend> {
    backend: &'a B,
    resident: &'a Resident<'a, B>,
    tables: HashMap<Vec<Coord>, B::Vector>,
}

impl<B: Backend> Evaluator<'_, B> {
    fn all<P: Publics<Fr>>(
        &mut self,
        session: &Session<'_, Fr, P>,
        atoms: &[AtomId],
        known: &HashMap<AtomId, Fr>,
    ) -> Result<Vec<Fr>, Error> {
        atoms.iter().map(|a| known.get(a).map_or_else(|| self.one(session, *a), |v| Ok(*v))).collect()
    }

    fn one<P: Publics<Fr>>(&mut self, session: &Session<'_, Fr, P>, atom: AtomId) -> Result<Fr, Error> {
        let definition = session.plan.atom(atom);
        let (high, low) = definition.point.split_at(definition.point.len() / 2);
        for part in [high, low] {
            if !self.tables.contains_key(part) {
                self.tables.insert(part.to_vec(), self.backend.eq_table(&session.point(part)?, Fr::ONE));
            }
        }
        self.resident.evaluate(definition.wire, &self.tables[high], &self.tables[low])
    }
}
