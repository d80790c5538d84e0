//! Lookups: the leaves of the fractional-sum tree (LogUp, Haboeck, eprint 2022/1530).
//!
//! ```text
//! sum over lookups of 1 / (alpha - f(x, y)) - sum over table entries of m / (alpha - f(entry)) = 0
//! f(x, y) = table + beta x + beta^2 y          (y absent in one-column tables)
//! ```
//! The blocks lie one after the other, largest first; leaves behind them are 0/1. A fingerprint is never a packing in a fixed
//! radix: x need not be bounded before the lookup bounds it.

use crate::{Error, Num, Publics, Session, logup};
use ark_bn254::Fr;
use ark_ff::Field;
use assay_core::system::Leaf;

/// The two challenges of the fingerprints.
#[derive(Clone, Debug)]
pub struct Challenges<N> {
    /// Where the fractions are evaluated.
    pub alpha: N,
    /// What combines the columns.
    pub beta: N,
}

/// Checks the tree's claims on its leaves against the evaluations of the columns.
///
/// # Errors
/// [`Error::Unequal`] if they differ.
pub fn check<N: Num, P: Publics<N>>(
    session: &mut Session<'_, N, P>,
    challenges: &Challenges<N>,
    tree: &logup::Reduced<N>,
) -> Result<(), Error> {
    let plan = session.plan;
    let Challenges { alpha, beta } = challenges;
    let beta_squared = beta.mul(beta);
    let (mut numerators, mut denominators, mut covered) = (vec![], vec![], vec![]);
    for slot in &plan.leaves {
        let (prefix, point) = tree.point.split_at(tree.point.len().saturating_sub(slot.log_size));
        let bits = prefix.iter().enumerate().map(|(i, p)| {
            let bit = slot.offset >> (slot.log_size + prefix.len() - 1 - i) & 1;
            if bit == 1 { p.clone() } else { N::constant(Fr::ONE).sub(p) }
        });
        let here = bits.reduce(|a, b| a.mul(&b)).unwrap_or_else(|| N::constant(Fr::ONE));
        let (numerator, table, x, y) = match &slot.leaf {
            Leaf::Lookup { table, x, y } => {
                let y = y.as_ref().map(|y| session.evaluate(y)).transpose()?;
                (None, *table, session.evaluate(x)?, y)
            }
            Leaf::Table { table, multiplicity } => {
                let (x, y) = session.table(*table, point)?;
                (Some(session.evaluate(multiplicity)?), *table, x, y)
            }
        };
        let mut fingerprint = beta.mul(&x).add_constant(Fr::from(table as u64));
        if let Some(y) = y {
            fingerprint = fingerprint.add(&beta_squared.mul(&y));
        }
        denominators.push(here.mul(&alpha.sub(&fingerprint)));
        numerators.push(match numerator {
            None => here.clone(),
            Some(m) => N::constant(-Fr::ONE).mul(&here.mul(&m)),
        });
        covered.push(here);
    }
    N::sum(numerators).assert_eq(&tree.p, "the numerators of the lookups")?;
    let rest = N::constant(Fr::ONE).sub(&N::sum(covered));
    N::sum(denominators).add(&rest).assert_eq(&tree.q, "the denominators of the lookups")
}
