//! Bounds on a program's description.

use super::{
    MAX_CARRIED, MAX_CONSTANTS, MAX_LINEAR_DEPTH, MAX_LINEAR_TERMS, MAX_NODES, MAX_PORTS, MAX_SCANS, MAX_TABLES, check_count, too_large,
};
use crate::error::Error;
use crate::program::{Op, Program, TensorId, Visibility};
use crate::system::MAX_ROWS;

/// Row groups besides the private inputs': public constants, private constants, witness.
const OTHER_GROUPS: usize = 3;

/// Bounds the size of a program's description and of what it unfolds to when it is mapped to relations.
///
/// # Errors
/// [`Error::TooLarge`] for a count beyond the limits of [`super`], [`Error::Invalid`] for too many private inputs.
pub fn check_structure(program: &Program) -> Result<(), Error> {
    check_count("scans", program.scans.len(), MAX_SCANS)?;
    let bodies = program.scans.iter().map(|s| &s.body);
    let mut nodes = 0usize;
    for body in bodies.chain([program]) {
        check_count("constants", body.constants.len(), MAX_CONSTANTS)?;
        check_count("tables", body.tables.len(), MAX_TABLES)?;
        check_count("inputs", body.inputs.len(), MAX_PORTS)?;
        check_count("outputs", body.outputs.len(), MAX_PORTS)?;
        nodes = nodes.saturating_add(body.nodes.len());
    }
    check_count("nodes", nodes, MAX_NODES)?;
    for scan in &program.scans {
        check_count("carried and captured tensors of a scan", scan.init.len().saturating_add(scan.captures.len()), MAX_CARRIED)?;
    }
    let private = program.inputs.iter().filter(|p| p.visibility == Visibility::Private).count();
    if private > MAX_ROWS - OTHER_GROUPS {
        return Err(Error::Invalid(format!(
            "{private} inputs are private; at most {} are supported, join some into one",
            MAX_ROWS - OTHER_GROUPS
        )));
    }
    let mut total = 0u64;
    let outer = unfold(program, &[], &mut total)?;
    for scan in &program.scans {
        let captured = |t: &TensorId| outer.get(t.index()).copied().unwrap_or(Unfolded::ATOM);
        // A carried tensor is its start plus its trajectory, shifted by one step.
        let carried = scan.init.iter().map(|_| Unfolded { terms: 2, depth: 1 });
        let ports: Vec<Unfolded> = carried.chain(scan.captures.iter().map(captured)).collect();
        unfold(&scan.body, &ports, &mut total)?;
    }
    Ok(())
}

/// What a tensor is a linear combination of.
#[derive(Clone, Copy)]
struct Unfolded {
    /// Committed or reduced tensors, with repetitions.
    terms: u64,
    /// Linear steps to the farthest.
    depth: usize,
}

impl Unfolded {
    const ATOM: Unfolded = Unfolded { terms: 1, depth: 0 };

    fn sum(parts: impl IntoIterator<Item = Unfolded>, own: u64) -> Unfolded {
        parts.into_iter().fold(Unfolded { terms: own, depth: 1 }, |sum, part| Unfolded {
            terms: sum.terms.saturating_add(part.terms),
            depth: sum.depth.max(part.depth.saturating_add(1)),
        })
    }
}

/// The linear combination behind every node; adds all their terms to `total`.
fn unfold(program: &Program, ports: &[Unfolded], total: &mut u64) -> Result<Vec<Unfolded>, Error> {
    let mut known: Vec<Unfolded> = Vec::with_capacity(program.nodes.len());
    for node in &program.nodes {
        let at = |t: &TensorId| known.get(t.index()).copied().unwrap_or(Unfolded::ATOM);
        let unfolded = match &node.op {
            Op::Input(i) => ports.get(*i).copied().unwrap_or(Unfolded::ATOM),
            Op::View { src, view } if program.nodes.get(src.index()).is_some_and(|s| view.is_free(&s.shape)) => Unfolded::sum([at(src)], 0),
            Op::Linear { terms, .. } => Unfolded::sum(terms.iter().map(|t| at(&t.0)), 0),
            // The remainder's limbs, and the tie.
            Op::RoundShift { x, .. } => Unfolded::sum([at(x)], 32),
            // The dividend minus a product; the divisor for the slack.
            Op::Rem { x, d } => Unfolded::sum([at(x), at(d)], 2),
            Op::Concat { parts, .. } => Unfolded { terms: parts.len() as u64, depth: 1 },
            _ => Unfolded::ATOM,
        };
        *total = total.saturating_add(unfolded.terms);
        if *total > MAX_LINEAR_TERMS {
            return Err(too_large("the sums behind this program's tensors, written out,", *total).at(&node.name));
        }
        if unfolded.depth > MAX_LINEAR_DEPTH {
            return Err(too_large("a chain of sums and views", unfolded.depth as u64).at(&node.name));
        }
        known.push(unfolded);
    }
    Ok(known)
}
