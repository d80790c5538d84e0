//! The committed space F and the weights E of the batched opening, both as long as all columns together: if that is long, they
//! are made a piece at a time until a first challenge has halved them.

use crate::error::Error;
use crate::ranges::{within, zeros};
use crate::resident::Resident;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::{Publics, Session, eq};
use assay_core::limits::Economy;
use assay_core::system::Column;
use assay_gpu::Backend;
use std::collections::HashMap;
use std::ops::Range;

/// What is opened, and where.
pub(crate) struct Space<'a, B: Backend> {
    num_vars: usize,
    log_piece: usize,
    /// Whether it is better not to have all of it at once: pieces are made twice, once for each thing done with them.
    in_pieces: bool,
    /// Where the last row ends.
    rows_end: usize,
    /// Where it lies, and its entries.
    columns: Vec<(Range<usize>, &'a B::Ints)>,
    claims: Vec<Claim>,
    /// `eq(point, .)` of the last coordinates of claims' points.
    tables: Vec<B::Vector>,
}

/// A column at a point, with its power of gamma.
struct Claim {
    offset: usize,
    len: usize,
    table: usize,
    /// By piece of the column: gamma^i eq(the first coordinates, the piece's number).
    scales: Vec<Fr>,
}

impl<'a, B: Backend> Space<'a, B> {
    /// The space of a run, and the weights of a plan's openings.
    ///
    /// # Errors
    /// A column without entries, or a point that is not known.
    pub(crate) fn new<P: Publics<Fr>>(
        backend: &B,
        session: &Session<'_, Fr, P>,
        run: &'a Resident<'_, B>,
        gammas: &[Fr],
        economy: &Economy,
    ) -> Result<Self, Error> {
        let log_piece = economy.log_space_piece();
        let (layout, plan) = (&session.system.layout, session.plan);
        let extent = |c: &Column| c.offset..c.offset + (1 << c.log_size);
        let columns = layout.columns.iter().enumerate().map(|(index, c)| Ok((extent(c), run.column(index)?)));
        let (mut tables, mut numbers) = (vec![], HashMap::new());
        let mut claims = Vec::with_capacity(plan.openings.len());
        for (opening, gamma) in plan.openings.iter().zip(gammas) {
            let point = session.point(&plan.atom(opening.atom).point)?;
            let (high, low) = point.split_at(point.len().saturating_sub(log_piece));
            let table = *numbers.entry(low.to_vec()).or_insert_with(|| {
                tables.push(backend.eq_table(low, Fr::ONE));
                tables.len() - 1
            });
            let scales = eq::eq_table(high).into_iter().map(|weight| weight * gamma).collect();
            claims.push(Claim { offset: layout.columns[opening.column].offset, len: 1 << point.len(), table, scales });
        }
        let rows_end = layout.rows().map(|(_, row)| row + 1).max().unwrap_or(0) << layout.row_vars;
        let num_vars = layout.num_vars();
        let in_pieces = economy.cuts_space(num_vars);
        Ok(Space { num_vars, log_piece, in_pieces, rows_end, columns: columns.collect::<Result<_, Error>>()?, claims, tables })
    }

    /// Whether it is better not to have all of it at once.
    pub(crate) fn in_pieces(&self) -> bool {
        self.in_pieces
    }

    /// Entries of F, one range after the other. Ranges begin and end at multiples of a piece, or are everything.
    fn entries(&self, backend: &B, ranges: &[Range<usize>]) -> B::Vector {
        let mut vector = zeros(backend, ranges);
        for (own, at, (extent, ints)) in within(ranges, &self.columns, |column| column.0.clone()) {
            let ints = backend.slice_ints(ints, own.start - extent.start, own.len());
            backend.combine_ints(&mut vector, at, Fr::ZERO, &[(&ints, Fr::ONE)]);
        }
        vector
    }

    /// Entries of E, as [`Space::entries`].
    fn weights(&self, backend: &B, ranges: &[Range<usize>]) -> B::Vector {
        let mut vector = zeros(backend, ranges);
        for (own, at, claim) in within(ranges, &self.claims, |claim| claim.offset..claim.offset + claim.len) {
            let table = &self.tables[claim.table];
            let step = backend.len(table);
            for start in own.clone().step_by(step) {
                let scale = claim.scales[(start - claim.offset) / step];
                backend.add_scaled(&mut vector, at + start - own.start, table, scale);
            }
        }
        vector
    }

    /// The whole of F and E, up to the last row; zeros behind it are implied.
    pub(crate) fn whole(&self, backend: &B) -> [B::Vector; 2] {
        let all = 0..self.rows_end;
        let all = std::slice::from_ref(&all);
        [self.entries(backend, all), self.weights(backend, all)]
    }

    /// The round polynomial of `sum_x F(x) E(x)` in variable 0, at 0 and 2.
    pub(crate) fn round(&self, backend: &B) -> [Fr; 2] {
        let pairs = self.pairs();
        let parts = backend.pieces(pairs.len(), |k| {
            let (f, e) = (self.entries(backend, &pairs[k]), self.weights(backend, &pairs[k]));
            backend.product_round(&[&f, &e], self.log_piece + 1)
        });
        [0, 1].map(|j| parts.iter().map(|part| part[j]).sum())
    }

    /// F and E with variable 0 bound to a challenge.
    pub(crate) fn fold(&self, backend: &B, challenge: Fr) -> [B::Vector; 2] {
        let (half, pairs) = (1 << (self.num_vars - 1), self.pairs());
        backend.assemble([half; 2], 1 << self.log_piece, |k| {
            [self.entries(backend, &pairs[k]), self.weights(backend, &pairs[k])].map(|mut piece| {
                backend.fold_tailed(&mut piece, self.log_piece + 1, Fr::ZERO, challenge);
                piece
            })
        })
    }

    /// Pieces of the lower half, each with its partner, unless that lies behind the space's end.
    fn pairs(&self) -> Vec<Vec<Range<usize>>> {
        let (half, piece) = (1usize << (self.num_vars - 1), 1usize << self.log_piece);
        let end = self.columns.iter().map(|(extent, _)| extent.end).max().unwrap_or(0);
        let pair = move |start: usize| {
            let partner = half + start;
            let ranges = [start..start + piece, partner..partner + piece];
            ranges.into_iter().take(if partner < end { 2 } else { 1 }).collect()
        };
        (0..half).step_by(piece).map(pair).collect()
    }
}
