//! The inner proof: the scalar half of its verifier, over native values or circuit variables alike.
//!
//! ```text
//! absorb      what binds the proof: digests of program, statement, commitments
//! lookups     alpha, beta; fractional-sum tree                       ->  its point
//! anchor      extra coordinates; evaluations sent; leaves, equalities and outputs checked
//! waves       gamma; batched sumcheck; evaluations sent; each relation's product checked
//! openings    gamma; sumcheck of sum_i gamma^i eq(p_i, x) F(x)       ->  F at one point
//! Mercury     opening of the row combination at the low variables
//! ```
//! What is left to the caller is the group equation: [`Outside`].

use crate::relations::{self, lookup};
use crate::{Error, Num, Publics, Session, Transcript, eq, logup, mercury, sumcheck};
use ark_bn254::Fr;
use ark_ff::Field;
use assay_core::system::{Plan, System};

/// The domain of the transcript of a proof that is sent as it is: protocol and version.
pub const DOMAIN: &str = "assay inner proof, version 2";

/// The domain of the transcript of a proof that is to be wrapped.
pub const WRAPPED_DOMAIN: &str = "assay wrapped proof, version 1";

/// What a proof is bound to.
#[derive(Clone, Debug)]
pub struct Binding<N> {
    /// [`DOMAIN`] or [`WRAPPED_DOMAIN`].
    pub domain: &'static str,
    /// Digests that cover program, statement and commitments: absorbed before the first challenge.
    pub words: Vec<N>,
    /// A uniform value that only the prover knows, absorbed before the opening. The challenges behind it are public in a
    /// wrapped proof, and without it whoever guesses the witness could compute them and confirm the guess.
    pub hidden: Option<N>,
    /// Digests of Mercury's group elements, one a phase.
    pub opening: [N; 4],
}

impl<N: Clone> Binding<N> {
    /// The binding of a proof that is sent as it is: digests of the program with its constants' commitments, of the statement's
    /// encoding, and of the commitments to the witness (those to private inputs are part of the statement).
    pub fn plain(program: N, statement: N, commitments: N, opening: [N; 4]) -> Self {
        Binding { domain: DOMAIN, words: vec![program, statement, commitments], hidden: None, opening }
    }

    /// The binding of a proof that is to be wrapped: the program's digest, and one that covers statement and commitments.
    pub fn wrapped(program: N, statement: N, hidden: N, opening: [N; 4]) -> Self {
        Binding { domain: WRAPPED_DOMAIN, words: vec![program, statement], hidden: Some(hidden), opening }
    }
}

/// The scalars of an inner proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof<N> {
    /// The fractional-sum tree; absent if the program looks nothing up.
    pub lookups: Option<logup::Proof<N>>,
    /// The evaluations at the anchor.
    pub evaluations: Vec<N>,
    /// The batched sumchecks.
    pub waves: Vec<WaveProof<N>>,
    /// The opening of the committed columns; absent if there are none.
    pub opening: Option<OpeningProof<N>>,
}

/// One batched sumcheck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaveProof<N> {
    /// Its rounds.
    pub rounds: sumcheck::Proof<N>,
    /// The evaluations sent after it.
    pub evaluations: Vec<N>,
}

/// The opening of all evaluations of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningProof<N> {
    /// The sumcheck that reduces them to one.
    pub rounds: sumcheck::Proof<N>,
    /// The committed space at its point.
    pub value: N,
    /// Mercury's scalars.
    pub mercury: mercury::Scalars<N>,
}

/// What the group equation needs.
#[derive(Clone, Debug)]
pub struct Outside<N> {
    /// The high variables of the opened point: row j has weight `eq(rows, j)`.
    pub rows: Vec<N>,
    /// The rest.
    pub opening: mercury::Opening<N>,
}

impl<N: Clone> Proof<N> {
    /// A proof of the plan's shape, every number of it `value`.
    pub fn filled(system: &System, plan: &Plan, value: &N) -> Self {
        let many = |count: usize| vec![value.clone(); count];
        let pair = || [value.clone(), value.clone()];
        let rounds = |count: usize, degree: usize| sumcheck::Proof { rounds: vec![many(degree); count] };
        let layer = |vars: usize| logup::Layer { rounds: rounds(vars, logup::DEGREE), p: pair(), q: pair() };
        Proof {
            lookups: (!plan.leaves.is_empty()).then(|| logup::Proof { root: pair(), layers: (0..plan.leaf_vars).map(layer).collect() }),
            evaluations: many(plan.sent.len()),
            waves: plan
                .waves
                .iter()
                .map(|wave| WaveProof { rounds: rounds(wave.num_vars, wave.degree), evaluations: many(wave.sent.len()) })
                .collect(),
            opening: (!plan.openings.is_empty()).then(|| OpeningProof {
                rounds: rounds(system.layout.num_vars(), 2),
                value: value.clone(),
                mercury: mercury::Scalars::from_array(core::array::from_fn(|_| value.clone())),
            }),
        }
    }

    /// The same proof over another kind of number.
    pub fn map<M: Clone>(&self, f: &mut impl FnMut(&N) -> M) -> Proof<M> {
        Proof {
            lookups: self.lookups.as_ref().map(|l| l.map(f)),
            evaluations: self.evaluations.iter().map(&mut *f).collect(),
            waves: self
                .waves
                .iter()
                .map(|w| WaveProof { rounds: w.rounds.map(f), evaluations: w.evaluations.iter().map(&mut *f).collect() })
                .collect(),
            opening: self.opening.as_ref().map(|o| OpeningProof { rounds: o.rounds.map(f), value: f(&o.value), mercury: o.mercury.map(f) }),
        }
    }
}

/// Checks everything about a proof but the group equation. `None`: nothing is committed, nothing is left to check.
///
/// # Errors
/// The first check that fails, by name.
///
/// # Soundness
/// The caller must have derived `binding` from the receipt itself (see each field), must compare the statement's shapes with the
/// program's, and must check the group equation of [`Outside`].
pub fn verify<N: Num, P: Publics<N>>(
    system: &System,
    plan: &Plan,
    binding: &Binding<N>,
    publics: &P,
    proof: &Proof<N>,
) -> Result<Option<Outside<N>>, Error> {
    let mut transcript = Transcript::new(binding.domain);
    transcript.absorb(&binding.words);
    let mut session = Session::new(system, plan, publics);

    Error::check_length("the lookup argument", usize::from(!plan.leaves.is_empty()), usize::from(proof.lookups.is_some()))?;
    let mut tree = None;
    if let Some(lookups) = &proof.lookups {
        let challenges = lookup::Challenges { alpha: transcript.squeeze(), beta: transcript.squeeze() };
        tree = Some((challenges, logup::verify(lookups, plan.leaf_vars, &mut transcript)?));
    }
    session.challenges = transcript.squeeze_many(plan.extension);
    session.challenges.extend(tree.iter().flat_map(|t| t.1.point.iter().cloned()));
    session.receive(&plan.sent, &proof.evaluations)?;
    transcript.absorb(&proof.evaluations);
    if let Some((challenges, tree)) = &tree {
        lookup::check(&mut session, challenges, tree)?;
    }
    for (a, b) in &plan.equal {
        session.evaluate(a)?.assert_eq(&session.evaluate(b)?, "two tensors that the program equates")?;
    }
    for (index, (output, point)) in plan.outputs.iter().enumerate() {
        let stated = publics.output(index, &session.point(point)?)?;
        session.evaluate(output)?.assert_eq(&stated, &format!("output {index}"))?;
    }

    Error::check_length("the batched sumchecks", plan.waves.len(), proof.waves.len())?;
    for (wave, sent) in plan.waves.iter().zip(&proof.waves) {
        let gammas = powers(&transcript.squeeze(), wave.instances.iter().map(|i| i.claims.len()).sum());
        let mut rest = &gammas[..];
        let mut coefficients = Vec::with_capacity(wave.instances.len());
        let mut terms = Vec::with_capacity(wave.instances.len());
        for instance in &wave.instances {
            let (own, tail) = rest.split_at(instance.claims.len());
            rest = tail;
            terms.push((outer(own), relations::claim(&mut session, instance, own)?, instance.num_vars));
            coefficients.push(own);
        }
        let claim = sumcheck::combined_claim(wave.num_vars, terms.iter().map(|(c, v, n)| (c, v, *n)))?;
        let reduced = sumcheck::verify(&sent.rounds, wave.num_vars, wave.degree, &claim, &mut transcript)?;
        session.challenges.extend(reduced.point);
        session.receive(&wave.sent, &sent.evaluations)?;
        transcript.absorb(&sent.evaluations);
        let mut products = Vec::with_capacity(wave.instances.len());
        for (instance, own) in wave.instances.iter().zip(coefficients) {
            products.push(outer(own).mul(&relations::value(&mut session, instance, own)?));
        }
        N::sum(products).assert_eq(&reduced.value, "the relations of a batched sumcheck")?;
    }

    Error::check_length("the opening", usize::from(!plan.openings.is_empty()), usize::from(proof.opening.is_some()))?;
    let Some(opening) = &proof.opening else { return Ok(None) };
    transcript.absorb(binding.hidden.as_slice());
    let gammas = powers(&transcript.squeeze(), plan.openings.len());
    let mut claims = Vec::with_capacity(gammas.len());
    for item in &plan.openings {
        claims.push(session.atom(item.atom)?);
    }
    let vars = system.layout.num_vars();
    let reduced = sumcheck::verify(&opening.rounds, vars, 2, &N::dot(&gammas, &claims), &mut transcript)?;
    let mut weights = Vec::with_capacity(gammas.len());
    for (item, gamma) in plan.openings.iter().zip(&gammas) {
        let point = opening_point(&session, item)?;
        weights.push(gamma.mul(&eq::eq(&point, &reduced.point)?));
    }
    N::sum(weights).mul(&opening.value).assert_eq(&reduced.value, "the batched opening")?;
    let (rows, low) = reduced.point.split_at(system.layout.log_rows);
    let opened = mercury::verify(&opening.mercury, &binding.opening, low, &opening.value, &mut transcript)?;
    Ok(Some(Outside { rows: rows.to_vec(), opening: opened }))
}

/// 1, x, x^2, ...
pub fn powers<N: Num>(x: &N, count: usize) -> Vec<N> {
    std::iter::successors(Some(N::constant(Fr::ONE)), |p| Some(p.mul(x))).take(count).collect()
}

/// The coefficient of an instance among the others: a merge carries its coefficients inside.
pub fn outer<N: Num>(coefficients: &[N]) -> N {
    match coefficients {
        [one] => one.clone(),
        _ => N::constant(Fr::ONE),
    }
}

/// The point of the whole committed space that an evaluation of a column is at.
///
/// # Errors
/// A plan that does not fit.
pub fn opening_point<N: Num, P: Publics<N>>(session: &Session<'_, N, P>, opening: &assay_core::system::Opening) -> Result<Vec<N>, Error> {
    let layout = &session.system.layout;
    let column = &layout.columns[opening.column];
    let high = layout.num_vars().saturating_sub(column.log_size);
    let prefix = (0..high).map(|i| N::constant(Fr::from(column.offset >> (column.log_size + high - 1 - i) & 1 == 1)));
    Ok(prefix.chain(session.point(&session.plan.atom(opening.atom).point)?).collect())
}
