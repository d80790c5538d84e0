//! The batched opening: all evaluations of columns become one evaluation of the committed space.
//!
//! ```text
//! sum_i gamma^i F(p_i) = sum_x F(x) E(x),    E = sum_i gamma^i eq(p_i, .)
//! ```
//! The high variables, which select the row, are bound first: the folded F at that moment is the row combination that the
//! KZG opening is about.

use crate::error::Error;
use crate::resident::Resident;
use crate::space::Space;
use crate::sumcheck;
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use assay_circuits::inner::{OpeningProof, powers};
use assay_circuits::mercury::{Points, salt_offset};
use assay_circuits::sumcheck::Proof as Rounds;
use assay_circuits::{Publics, Session, Transcript, eq};
use assay_core::limits::Economy;
use assay_core::system::Group;
use assay_gpu::Backend;

/// The salts of the rows that have some, by row slot.
pub(crate) type Salts = Vec<(usize, Vec<Fr>)>;

pub(crate) fn prove<B: Backend, P: Publics<Fr>>(
    backend: &B,
    bases: &B::Bases,
    session: &mut Session<'_, Fr, P>,
    run: &Resident<'_, B>,
    salts: &Salts,
    economy: &Economy,
    transcript: &mut Transcript<Fr>,
) -> Result<(OpeningProof<Fr>, Points), Error> {
    let (layout, plan) = (&session.system.layout, session.plan);
    let gammas = powers(&transcript.squeeze(), plan.openings.len());
    let mut claim = Fr::ZERO;
    for (opening, gamma) in plan.openings.iter().zip(&gammas) {
        claim += *gamma * session.atom(opening.atom)?;
    }
    let space = Space::new(backend, session, run, &gammas, economy)?;
    let (mut rounds, mut point): (Vec<Vec<Fr>>, Vec<Fr>) = (vec![], vec![]);
    // A single row is opened as it is, and must be there.
    let mut vectors = (!space.in_pieces() || layout.log_rows == 0).then(|| space.whole(backend));
    let mut row = None;
    for round in 0..layout.num_vars() {
        let unbound = layout.num_vars() - round;
        let values = match (&mut vectors, point.last()) {
            (Some([f, e]), None) => backend.product_round(&[f, e], unbound),
            (Some([f, e]), Some(challenge)) => backend.fold_product_round(&mut [f, e], unbound + 1, *challenge),
            (None, None) => space.round(backend).to_vec(),
            (None, Some(challenge)) => {
                let [f, e] = vectors.insert(space.fold(backend, *challenge));
                backend.product_round(&[f, e], unbound)
            }
        };
        if round == layout.log_rows {
            row = vectors.as_ref().map(|[f, _]| backend.duplicate(f));
        }
        let coefficients = sumcheck::interpolate(&[values[0], claim - values[0], values[1]]);
        let (c1, c2) = (coefficients[1], coefficients[2]);
        transcript.absorb(&[c1, c2]);
        let challenge = transcript.squeeze();
        claim = values[0] + challenge * (c1 + challenge * c2);
        rounds.push(vec![c1, c2]);
        point.push(challenge);
    }
    let [mut f, _] = vectors.ok_or_else(|| Error::internal("the committed space has no entries"))?;
    if let Some(challenge) = point.last() {
        backend.fold(&mut f, *challenge);
    }
    let value = backend.get(&f, 0);
    drop((f, space));
    let mut row = row.ok_or_else(|| Error::internal("the committed space has no rows"))?;
    let (high, low) = point.split_at(layout.log_rows);
    if !salts.is_empty() {
        let table = eq::eq_table(high);
        let mut values = backend.download(&row);
        let most = salts.iter().map(|(_, salts)| salts.len()).max().unwrap_or(0);
        values.resize(values.len() + most.checked_sub(1).map_or(0, |last| salt_offset(layout.row_vars, last) + 1), Fr::ZERO);
        for (slot, salts) in salts {
            for (index, salt) in salts.iter().enumerate() {
                values[(1 << layout.row_vars) + salt_offset(layout.row_vars, index)] += table[*slot] * salt;
            }
        }
        row = backend.upload(&values);
    }
    let opened = crate::mercury::open(backend, bases, &row, low, value, transcript);
    Ok((OpeningProof { rounds: Rounds { rounds }, value, mercury: opened.scalars }, opened.points))
}

/// The salts of rows: those of the key's constants, of the witness and of the inputs, where they have one.
pub(crate) fn salts(layout: &assay_core::system::Layout, constants: &[Fr], witness: &[Vec<Fr>], inputs: &[(usize, Vec<Vec<Fr>>)]) -> Salts {
    let (mut constants, mut witness) = (constants.iter(), witness.iter().cloned());
    let mut inputs: Vec<_> = inputs.iter().map(|(i, s)| (*i, s.iter().cloned())).collect();
    let of = |(group, slot): (Group, usize)| {
        let salt = match group {
            Group::PrivateConstants => constants.next().map(|s| vec![*s]),
            Group::PrivateInput(i) => inputs.iter_mut().find(|x| x.0 == i).and_then(|x| x.1.next()),
            Group::Witness => witness.next(),
            Group::Constants => None,
        };
        salt.map(|s| (slot, s))
    };
    layout.rows().filter_map(of).collect()
}
