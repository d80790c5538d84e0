//! What a proof of a program will be, before any is made: the plan fixes the number of every element it consists of.

use anyhow::Result;
use assay_core::Program;
use assay_core::flatten::flatten;
use assay_core::limits::{self, Economy, device_bytes};
use assay_core::system::{Group, Plan, System};
use assay_verifier::elements::{G1_BYTES, SCALAR_BYTES};

/// Coefficients sent in a round of the lookups' sumchecks.
const LOOKUP_COEFFICIENTS: usize = 2;

/// What proving a program takes and gives.
pub struct Estimate {
    /// Committed columns.
    pub columns: usize,
    /// Committed rows, one commitment each: constants', private inputs', the witness's.
    pub rows: [usize; 3],
    /// Binary logarithm of a row's length.
    pub row_vars: usize,
    /// Powers of tau.
    pub powers: usize,
    /// Lookups, padded.
    pub lookups: u64,
    /// Tables that they go to.
    pub tables: usize,
    /// Batched sumchecks after the lookups'.
    pub waves: usize,
    /// Rounds of all sumchecks.
    pub rounds: usize,
    /// Bytes of the proof, exactly.
    pub proof_bytes: usize,
    /// Bytes of memory to prove and to verify, roughly.
    pub memory: [u64; 2],
    /// Bytes of a GPU's memory to prove, roughly: with all at once, and in the way that holds least.
    pub gpu_memory: [u64; 2],
}

/// Maps a program and counts.
pub fn estimate(program: &Program) -> Result<Estimate> {
    let system = System::new(flatten(program)?)?;
    let plan = Plan::new(&system);
    let layout = &system.layout;
    let constants = layout.num_rows(|g| matches!(g, Group::Constants | Group::PrivateConstants));
    let inputs = layout.num_rows(|g| matches!(g, Group::PrivateInput(_)));
    let witness = layout.num_rows(|g| g == Group::Witness);
    let opened = !plan.openings.is_empty();
    let tree = if plan.leaves.is_empty() { 0 } else { plan.leaf_vars };
    let rounds = tree * tree.saturating_sub(1) / 2
        + plan.waves.iter().map(|w| w.num_vars).sum::<usize>()
        + if opened { layout.num_vars() } else { 0 };
    let cost = limits::cost(program);
    Ok(Estimate {
        columns: layout.columns.len(),
        rows: [constants, inputs, witness],
        row_vars: layout.row_vars,
        powers: assay_prover::keys::num_powers(&system),
        lookups: system.lookups.iter().map(|l| 1u64 << system.wire(l.x).shape.num_vars()).sum(),
        tables: system.tables.len(),
        waves: plan.waves.len(),
        rounds,
        proof_bytes: proof_bytes(&plan, witness, layout.num_vars()),
        memory: [limits::prover_bytes(&system), cost.verifier.bytes],
        gpu_memory: [device_bytes(&system, &Economy::WHOLE, true).usual, device_bytes(&system, &Economy::LEAST, false).least],
    })
}

/// The size of a proof's encoding ([`assay_verifier::receipt`]).
fn proof_bytes(plan: &Plan, witness_rows: usize, num_vars: usize) -> usize {
    let list = |items: usize, bytes: usize| 4 + items * bytes;
    let rounds = |count: usize, coefficients: usize| list(count, 1 + coefficients * SCALAR_BYTES);
    let lookups = |layers: usize| {
        let layer = |variables: usize| rounds(variables, LOOKUP_COEFFICIENTS) + 4 * SCALAR_BYTES;
        2 * SCALAR_BYTES + 4 + (0..layers).map(layer).sum::<usize>()
    };
    let wave = |w: &assay_core::system::Wave| rounds(w.num_vars, w.degree) + list(w.sent.len(), SCALAR_BYTES);
    let opening = |points: usize, scalars: usize| points * G1_BYTES + rounds(num_vars, 2) + (1 + scalars) * SCALAR_BYTES;
    // The flags of what may be absent: Mercury's points, the lookups, the opening.
    3 + list(witness_rows, G1_BYTES)
        + if plan.leaves.is_empty() { 0 } else { lookups(plan.leaf_vars) }
        + list(plan.sent.len(), SCALAR_BYTES)
        + 4
        + plan.waves.iter().map(wave).sum::<usize>()
        + if plan.openings.is_empty() { 0 } else { opening(8, 7) }
}
