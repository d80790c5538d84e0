//! One run of a plan: the challenges so far and the evaluations known so far.
//!
//! Prover and verifier hold the same session; what differs is where the sent evaluations come from.

use crate::{Error, Num, eq};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_core::system::{AtomId, Coord, Expr, Plan, System, TableSpec, WireKind};

/// The values that the verifier knows without a proof.
pub trait Publics<N: Num> {
    /// The MLE of a public input, pads zero, at a point.
    ///
    /// # Errors
    /// The input is not public, or has another shape.
    fn input(&self, index: usize, point: &[N]) -> Result<N, Error>;

    /// The MLE of an output, pads zero, at a point.
    ///
    /// # Errors
    /// The output has another shape.
    fn output(&self, index: usize, point: &[N]) -> Result<N, Error>;

    /// The MLE of constant values, the rest of the hypercube zero, at a point.
    ///
    /// # Errors
    /// More values than the hypercube has corners.
    fn constants(&self, values: &mut dyn ExactSizeIterator<Item = i64>, point: &[N]) -> Result<N, Error> {
        let values: Vec<Fr> = values.map(Fr::from).collect();
        eq::weigh_constants(values.into_iter(), &eq::eq_table(point))
    }
}

/// What is known in the course of a proof.
pub struct Session<'a, N, P> {
    /// The mapped program.
    pub system: &'a System,
    /// Its plan.
    pub plan: &'a Plan,
    /// The statement's values.
    pub publics: &'a P,
    /// Challenges that are coordinates of points, in the plan's numbering.
    pub challenges: Vec<N>,
    atoms: Vec<Option<N>>,
}

impl<'a, N: Num, P: Publics<N>> Session<'a, N, P> {
    /// A session that knows nothing yet.
    pub fn new(system: &'a System, plan: &'a Plan, publics: &'a P) -> Self {
        Session { system, plan, publics, challenges: Vec::with_capacity(plan.num_challenges), atoms: vec![None; plan.atoms.len()] }
    }

    /// The values of a point's coordinates.
    ///
    /// # Errors
    /// A challenge that is not drawn yet: a plan that does not fit.
    pub fn point(&self, point: &[Coord]) -> Result<Vec<N>, Error> {
        point
            .iter()
            .map(|c| match *c {
                Coord::Bit(bit) => Ok(N::constant(Fr::from(bit))),
                Coord::Challenge(i) => self.challenges.get(i as usize).cloned().ok_or_else(|| not_drawn(i as usize, self.challenges.len())),
            })
            .collect()
    }

    /// Takes in evaluations that the prover sent.
    ///
    /// # Errors
    /// Another number of evaluations than the plan's.
    pub fn receive(&mut self, sent: &[AtomId], values: &[N]) -> Result<(), Error> {
        Error::check_length("the evaluations of a step", sent.len(), values.len())?;
        for (atom, value) in sent.iter().zip(values) {
            self.atoms[atom.index()] = Some(value.clone());
        }
        Ok(())
    }

    /// The value of an atom: sent before, or computed from the statement.
    ///
    /// # Errors
    /// An evaluation that was not sent yet: a plan that does not fit.
    pub fn atom(&mut self, atom: AtomId) -> Result<N, Error> {
        if let Some(known) = &self.atoms[atom.index()] {
            return Ok(known.clone());
        }
        let definition = self.plan.atom(atom);
        let point = self.point(&definition.point)?;
        let value = match self.system.wire(definition.wire).kind {
            WireKind::Input(index) => self.publics.input(index, &point)?,
            WireKind::Inline(index) => {
                let constant = &self.system.flat.program.constants[index];
                let values = constant.values.as_ref().ok_or_else(|| Error::Length {
                    what: format!("the values of constant `{}`", constant.name),
                    expected: constant.shape.num_padded(),
                    found: 0,
                })?;
                self.publics.constants(&mut values.to_i64().into_iter(), &point)?
            }
            _ => return Err(not_drawn(atom.index(), 0)),
        };
        self.atoms[atom.index()] = Some(value.clone());
        Ok(value)
    }

    /// The value of a linear combination of atoms.
    ///
    /// # Errors
    /// As [`Session::atom`].
    pub fn evaluate(&mut self, expr: &Expr) -> Result<N, Error> {
        let mut terms = Vec::with_capacity(expr.terms.len());
        for &(atom, coef) in &expr.terms {
            terms.push(self.atom(atom)?.mul_constant(coef));
        }
        Ok(N::sum(terms).add_constant(expr.constant))
    }

    /// The columns of a lookup table at a point: the argument, and the value if the table has one.
    ///
    /// # Errors
    /// None for a plan's own tables.
    pub fn table(&self, table: usize, point: &[N]) -> Result<(N, Option<N>), Error> {
        let index = |bits: &[N]| {
            let weights = (0..bits.len()).rev().map(|i| Fr::from(2u64).pow([i as u64]));
            N::linear_combination(weights.zip(bits))
        };
        let any = |bits: &[N]| {
            let none = bits.iter().fold(N::constant(Fr::ONE), |product, b| product.mul(&N::constant(Fr::ONE).sub(b)));
            N::constant(Fr::ONE).sub(&none)
        };
        let x = index(point);
        Ok(match &self.system.tables[table] {
            TableSpec::Range { .. } => (x, None),
            TableSpec::NonZero { .. } => (x, Some(any(point))),
            TableSpec::Tie { .. } => {
                let (top, low) = point.split_first().ok_or_else(|| not_drawn(0, 0))?;
                (x, Some(top.mul(&any(low))))
            }
            TableSpec::TieAny { .. } => {
                let (low, high) = point.split_last().ok_or_else(|| not_drawn(0, 0))?;
                (x, Some(low.mul(&any(high))))
            }
            TableSpec::Function { table } => {
                let table = &self.system.flat.program.tables[*table];
                let last = table.values.last().copied().unwrap_or(0);
                let missing = (1usize << point.len()).saturating_sub(table.values.len());
                let values: Vec<i64> = table.values.iter().copied().chain(std::iter::repeat_n(last, missing)).map(i64::from).collect();
                let x = clamped_index(point, table.values.len()).add_constant(Fr::from(table.lo));
                (x, Some(self.publics.constants(&mut values.into_iter(), point)?))
            }
        })
    }
}

/// `sum_(i < n) eq(point, i)`: the MLE of "the index is valid".
pub fn less_than<N: Num>(point: &[N], n: usize) -> N {
    if n >= 1 << point.len() {
        return N::constant(Fr::ONE);
    }
    // From the low end: below(k) = value of the last k bits is below that of n's last k bits.
    let mut below = N::constant(Fr::ZERO);
    for (k, p) in point.iter().rev().enumerate() {
        let q = N::constant(Fr::ONE).sub(p);
        below = if n >> k & 1 == 1 { q.add(&p.mul(&below)) } else { q.mul(&below) };
    }
    below
}

/// `sum_i eq(point, i) min(i, n - 1)`, for n >= 1: the MLE of the index, where indices past the n-th entry stand for the last.
pub fn clamped_index<N: Num>(point: &[N], n: usize) -> N {
    let weight = |k: usize| Fr::from(2u64).pow([k as u64]);
    let all = N::linear_combination((0..point.len()).rev().map(weight).zip(point));
    if n >= 1 << point.len() {
        return all;
    }
    // From the low end, over the last k bits: the sum of all indices, of those below n's last k bits, and their weight.
    let (mut all, mut sum, mut below) = (N::constant(Fr::ZERO), N::constant(Fr::ZERO), N::constant(Fr::ZERO));
    for (k, p) in point.iter().rev().enumerate() {
        let q = N::constant(Fr::ONE).sub(p);
        let bit = n >> k & 1 == 1;
        sum = if bit { q.mul(&all).add(&p.mul(&sum.add(&below.mul_constant(weight(k))))) } else { q.mul(&sum) };
        below = if bit { q.add(&p.mul(&below)) } else { q.mul(&below) };
        all = all.add(&p.mul_constant(weight(k)));
    }
    let rest = N::constant(Fr::ONE).sub(&below);
    sum.add(&rest.mul_constant(Fr::from(n as u64 - 1)))
}

fn not_drawn(expected: usize, found: usize) -> Error {
    Error::Length { what: "the challenges or evaluations known at this step".into(), expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;
    use ark_std::rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn indices_past_the_end_stand_for_the_last() {
        let mut rng = StdRng::seed_from_u64(5);
        for vars in 0..5 {
            let point: Vec<Fr> = (0..vars).map(|_| Fr::rand(&mut rng)).collect();
            for n in 1..=1usize << vars {
                let values = (0..1 << vars).map(|i: usize| Fr::from(i.min(n - 1) as u64));
                let want: Fr = values.zip(eq::eq_table(&point)).map(|(v, w)| v * w).sum();
                assert_eq!(clamped_index(&point, n), want, "{n} of 2^{vars}");
                let valid: Fr = eq::eq_table(&point)[..n].iter().sum();
                assert_eq!(less_than(&point, n), valid);
            }
        }
    }
}
