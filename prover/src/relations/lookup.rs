//! Lookups: the leaves of the fractional-sum tree.

use crate::error::Error;
use crate::logup::Leaves;
use crate::ranges::{within, zeros};
use crate::resident::Resident;
use crate::witness::expand;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::relations::lookup::Challenges;
use assay_core::Ints;
use assay_core::system::{Leaf, Plan, System, TableSpec};
use assay_gpu::Backend;
use std::ops::Range;

/// The leaves of all lookups and tables, one block after the other.
pub(crate) struct LookupLeaves<'a, B: Backend> {
    blocks: Vec<Block<'a, B>>,
}

struct Block<'a, B: Backend> {
    offset: usize,
    len: usize,
    fractions: Fractions<'a, B>,
}

enum Fractions<'a, B: Backend> {
    Lookup(Lookup<'a, B>),
    /// -counts / denominators.
    Table {
        counts: &'a Ints,
        denominators: Vec<Fr>,
    },
}

/// 1 / (constant + sum_j coef_j entries_j).
struct Lookup<'a, B: Backend> {
    terms: Vec<(&'a B::Ints, Fr)>,
    constant: Fr,
}

impl<B: Backend> Lookup<'_, B> {
    /// Writes `scale q + shift` for some of the denominators q.
    fn write(&self, backend: &B, own: Range<usize>, target: &mut B::Vector, at: usize, scale: Fr, shift: Fr) {
        let entries: Vec<B::Ints> = self.terms.iter().map(|(ints, _)| backend.slice_ints(ints, own.start, own.len())).collect();
        let terms: Vec<(&B::Ints, Fr)> = entries.iter().zip(&self.terms).map(|(ints, (_, coef))| (ints, *coef * scale)).collect();
        backend.combine_ints(target, at, self.constant * scale + shift, &terms);
    }
}

impl<'a, B: Backend> LookupLeaves<'a, B> {
    /// The leaves that a plan lists, for a run.
    ///
    /// # Errors
    /// A lookup of what the run did not keep.
    pub(crate) fn new(system: &System, plan: &Plan, run: &'a Resident<'_, B>, challenges: &Challenges<Fr>) -> Result<Self, Error> {
        let (beta, beta_squared) = (challenges.beta, challenges.beta.square());
        let block = |slot: &assay_core::system::LeafSlot| {
            let fractions = match &slot.leaf {
                Leaf::Lookup { table, .. } => {
                    let lookup = &system.lookups[slot.index];
                    let (terms, constant) = expand(system, lookup.x);
                    let mut entries = vec![];
                    for (wire, coef) in terms {
                        entries.push((run.wire(wire)?, -beta * coef));
                    }
                    if let Some(y) = lookup.y {
                        entries.push((run.wire(y)?, -beta_squared));
                    }
                    let constant = challenges.alpha - Fr::from(*table as u64) - beta * constant;
                    Fractions::Lookup(Lookup { terms: entries, constant })
                }
                Leaf::Table { table, .. } => {
                    let constant = challenges.alpha - Fr::from(*table as u64);
                    let denominator = |(x, y): (i64, i64)| constant - beta * Fr::from(x) - beta_squared * Fr::from(y);
                    Fractions::Table {
                        counts: run.counts(*table)?,
                        denominators: table_entries(system, *table).into_iter().map(denominator).collect(),
                    }
                }
            };
            Ok(Block { offset: slot.offset, len: 1 << slot.log_size, fractions })
        };
        Ok(LookupLeaves { blocks: plan.leaves.iter().map(block).collect::<Result<_, Error>>()? })
    }

    /// The blocks that some ranges take leaves from: which of its leaves, and where they stand among all of the ranges'.
    fn parts<'r>(&'r self, ranges: &'r [Range<usize>]) -> impl Iterator<Item = (&'r Block<'a, B>, Range<usize>, usize)> {
        within(ranges, &self.blocks, |block| block.offset..block.offset + block.len)
            .map(|(addresses, at, block)| (block, addresses.start - block.offset..addresses.end - block.offset, at))
    }
}

impl<B: Backend> Leaves<B> for LookupLeaves<'_, B> {
    fn num_leaves(&self) -> usize {
        self.blocks.iter().map(|b| b.len).sum()
    }

    fn read(&self, backend: &B, ranges: &[Range<usize>]) -> (B::Vector, B::Vector) {
        let mut q = zeros(backend, ranges);
        let mut p = vec![Fr::ONE; backend.len(&q)];
        for (block, own, at) in self.parts(ranges) {
            match &block.fractions {
                Fractions::Lookup(lookup) => lookup.write(backend, own, &mut q, at, Fr::ONE, Fr::ZERO),
                Fractions::Table { counts, denominators } => {
                    backend.add_scaled(&mut q, at, &backend.upload(&denominators[own.clone()]), Fr::ONE);
                    own.zip(&mut p[at..]).for_each(|(index, p)| *p = -Fr::from(counts.get(index)));
                }
            }
        }
        (backend.upload_vec(p), q)
    }

    fn are_units(&self, range: &Range<usize>) -> bool {
        self.parts(std::slice::from_ref(range)).all(|(block, ..)| matches!(block.fractions, Fractions::Lookup(_)))
    }

    fn denominators(&self, backend: &B, ranges: &[Range<usize>], scale: Fr, shift: Fr) -> B::Vector {
        let mut q = zeros(backend, ranges);
        for (block, own, at) in self.parts(ranges) {
            match &block.fractions {
                Fractions::Lookup(lookup) => lookup.write(backend, own, &mut q, at, scale, shift),
                Fractions::Table { .. } => unreachable!("a table's numerators are its counts"),
            }
        }
        q
    }
}

/// (argument, value) of every entry of a table; the value is 0 in one-column tables.
fn table_entries(system: &System, table: usize) -> Vec<(i64, i64)> {
    let size = 1i64 << system.table_vars(table);
    match &system.tables[table] {
        TableSpec::Range { .. } => (0..size).map(|x| (x, 0)).collect(),
        TableSpec::Tie { .. } => (0..size).map(|x| (x, i64::from(x > size / 2))).collect(),
        TableSpec::NonZero { .. } => (0..size).map(|x| (x, i64::from(x != 0))).collect(),
        TableSpec::TieAny { .. } => (0..size).map(|x| (x, i64::from(x & 1 == 1 && x > 1))).collect(),
        TableSpec::Function { table } => {
            let t = &system.flat.program.tables[*table];
            let last = t.values.len() - 1;
            // Behind the last entry, it is repeated: nothing else may be looked up there.
            (0..size).map(|i| (i as usize).min(last)).map(|i| (t.lo + i as i64, i64::from(t.values[i]))).collect()
        }
    }
}
