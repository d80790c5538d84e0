//! Keys: a program made ready for proving, once.

use crate::error::Error;
use crate::kzg;
use crate::srs::Srs;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::UniformRand;
use assay_circuits::mercury::{self, SALT_WIDTH};
use assay_core::Program;
use assay_core::flatten::flatten;
use assay_core::system::{Group, Plan, Source, System};
use assay_gpu::{Backend, IntSlice, IntSum};
use assay_verifier::{PreparedKey, VerifyingKey};
use rand::{CryptoRng, RngCore};
use std::collections::BTreeMap;

/// A program with its constants, its mapping, and the salts of its private constants.
#[derive(Debug)]
pub struct ProvingKey {
    /// What verifies the receipts.
    pub verifying: PreparedKey,
    /// The mapped program, constants included.
    pub system: System,
    /// The plan of its proofs.
    pub plan: Plan,
    /// The salt of each row of private constants, in the order of the layout's rows.
    pub salts: Vec<Fr>,
}

impl ProvingKey {
    /// The powers of tau that proving needs: one row and its salts.
    pub fn num_powers(&self) -> usize {
        num_powers(&self.system)
    }
}

/// See [`ProvingKey::num_powers`].
pub fn num_powers(system: &System) -> usize {
    mercury::num_powers(system.layout.row_vars)
}

/// Maps a program and commits to its constants. `srs` is asked for the powers that the mapping turns out to need.
///
/// # Errors
/// A program that cannot be mapped, or a reference string that is too short.
pub fn compile<B: Backend, R: RngCore + CryptoRng>(
    backend: &B,
    program: &Program,
    srs: impl FnOnce(usize) -> Result<Srs, Error>,
    rng: &mut R,
) -> Result<(ProvingKey, Srs), Error> {
    let system = System::new(flatten(program)?)?;
    let plan = Plan::new(&system);
    let needed = num_powers(&system);
    let srs = srs(needed)?;
    srs.require(needed)?;
    let bases = backend.prepare_bases(&srs.g1[..needed]);
    let salts: Vec<Fr> = (0..system.layout.num_rows(|g| g == Group::PrivateConstants)).map(|_| Fr::rand(rng)).collect();
    let mut columns = BTreeMap::new();
    for (index, column) in system.layout.columns.iter().enumerate() {
        if let Source::Constant(c) = column.source {
            let constant = &system.flat.program.constants[c];
            let values = constant.values.as_ref().ok_or_else(|| {
                Error::Input(format!("the values of constant `{}` are missing; compile from the model itself", constant.name))
            })?;
            columns.insert(index, backend.upload_ints(IntSlice::from(values)));
        }
    }
    let get = |column: usize| columns.get(&column).ok_or_else(|| Error::internal("a constant has no entries"));
    let mut rows = commit_rows(backend, &bases, &system, |g| g == Group::Constants, &[], get)?;
    let each: Vec<Vec<Fr>> = salts.iter().map(|salt| vec![*salt]).collect();
    let private = commit_rows(backend, &bases, &system, |g| g == Group::PrivateConstants, &each, get)?;
    let order: Vec<Group> =
        system.layout.groups.iter().map(|g| g.group).filter(|g| matches!(g, Group::Constants | Group::PrivateConstants)).collect();
    if order.first() == Some(&Group::PrivateConstants) {
        rows.splice(0..0, private);
    } else {
        rows.extend(private);
    }
    let reference = srs.reference();
    let vk = VerifyingKey { program: program.stripped(), constant_rows: rows, reference };
    let verifying = PreparedKey::new(vk).map_err(|e| Error::Input(e.to_string()))?;
    Ok((ProvingKey { verifying, system, plan, salts }, srs))
}

/// Commits to the rows of the groups that `wanted` selects, in the order of the layout, each with its salts (or none at all).
///
/// # Errors
/// A column without entries.
pub(crate) fn commit_rows<'c, B: Backend>(
    backend: &B,
    bases: &B::Bases,
    system: &System,
    wanted: impl Fn(Group) -> bool,
    salts: &[Vec<Fr>],
    column: impl Fn(usize) -> Result<&'c B::Ints, Error>,
) -> Result<Vec<G1Affine>, Error>
where
    B::Ints: 'c,
{
    let row_len = 1usize << system.layout.row_vars;
    let rows: Vec<_> = system.layout.rows().filter(|(group, _)| wanted(*group)).collect();
    // The columns of all rows, for the backend to compute in whichever order suits it.
    let (mut positions, mut sums) = (vec![], vec![]);
    for (position, (group, row)) in rows.iter().enumerate() {
        let (first, end) = (row * row_len, (row + 1) * row_len);
        for (index, c) in system.layout.columns.iter().enumerate().filter(|(_, c)| c.group == *group) {
            let (start, stop) = (c.offset.max(first), (c.offset + (1 << c.log_size)).min(end));
            if start < stop {
                positions.push(position);
                sums.push(IntSum { offset: start - first, ints: column(index)?, start: start - c.offset, len: stop - start });
            }
        }
    }
    let mut points = vec![G1Projective::default(); rows.len()];
    for (position, sum) in positions.into_iter().zip(backend.msm_ints_each(bases, &sums)) {
        points[position] += sum;
    }
    for (point, salts) in points.iter_mut().zip(salts) {
        for (block, salts) in salts.chunks(SALT_WIDTH).enumerate() {
            let offset = mercury::salt_offset(system.layout.row_vars, block * SALT_WIDTH);
            *point += kzg::commit_at(backend, bases, row_len + offset, salts);
        }
    }
    Ok(G1Projective::normalize_batch(&points))
}
