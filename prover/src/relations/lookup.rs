//! Lookups: the leaves of the fractional-sum tree.

use crate::error::Error;
use crate::witness::Resident;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::relations::lookup::Challenges;
use assay_core::system::{Leaf, LeafSlot, Plan, System, TableSpec};
use assay_gpu::Backend;

/// Numerators and denominators of all leaf blocks, one after the other.
pub(crate) fn leaves<B: Backend>(
    backend: &B,
    system: &System,
    plan: &Plan,
    resident: &Resident<'_, B>,
    challenges: &Challenges<Fr>,
) -> Result<(B::Vector, B::Vector), Error> {
    let total: usize = plan.leaves.iter().map(|l| 1usize << l.log_size).sum();
    let (beta, beta_squared) = (challenges.beta, challenges.beta.square());
    let mut p = vec![Fr::ONE; total];
    let mut q = backend.upload(&vec![Fr::ZERO; total]);
    for slot in &plan.leaves {
        let LeafSlot { leaf, index, offset, log_size } = slot;
        let range = *offset..offset + (1usize << log_size);
        match leaf {
            Leaf::Lookup { table, .. } => {
                let lookup = &system.lookups[*index];
                let (terms, constant) = resident.expand(lookup.x);
                let mut columns = vec![];
                for (wire, coef) in terms {
                    columns.push((resident.wire(wire)?, -beta * coef));
                }
                if let Some(y) = lookup.y {
                    columns.push((resident.wire(y)?, -beta_squared));
                }
                let constant = challenges.alpha - Fr::from(*table as u64) - beta * constant;
                backend.combine_ints(&mut q, *offset, constant, &columns);
            }
            Leaf::Table { table, .. } => {
                let entries = table_entries(system, *table);
                let fingerprint =
                    |(x, y): &(i64, i64)| challenges.alpha - Fr::from(*table as u64) - beta * Fr::from(*x) - beta_squared * Fr::from(*y);
                let values: Vec<Fr> = entries.iter().map(fingerprint).collect();
                backend.add_scaled(&mut q, *offset, &backend.upload(&values), Fr::ONE);
                let column = system.layout.multiplicities(*table).ok_or_else(|| Error::internal("a table has no multiplicities"))?;
                let counts = backend.download(&backend.ints_to_field(resident.column(column)?));
                p[range].iter_mut().zip(counts).for_each(|(p, c)| *p = -c);
            }
        }
    }
    Ok((backend.upload(&p), q))
}

/// (argument, value) of every entry of a table; the value is 0 in one-column tables.
pub(crate) fn table_entries(system: &System, table: usize) -> Vec<(i64, i64)> {
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
