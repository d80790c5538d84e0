//! Records what a verifier does as a constraint system, and the values of its variables.

use super::{Matrix, R1cs, Wire};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use std::cell::RefCell;
use std::rc::Rc;

/// What a [`Builder`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Constraints and values.
    Record,
    /// Values only: several times faster, for a system that is known already.
    Assign,
}

/// A constraint system under construction; clones share it.
#[derive(Clone, Debug)]
pub struct Builder(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    mode: Mode,
    system: R1cs,
    /// Every variable's value, the constant 1 first.
    values: Vec<Fr>,
    /// Rows that state a check, with its name; ascending.
    labels: Vec<(usize, String)>,
    /// The first check that the values fail.
    failed: Option<String>,
}

/// A finished system and the values that were computed on the way.
#[derive(Debug)]
pub struct Recorded {
    /// The constraints; empty in [`Mode::Assign`].
    pub system: R1cs,
    /// `z = (1, public.., witness..)`.
    pub assignment: Vec<Fr>,
    /// The first check that the assignment fails, by name; `None`: it satisfies the system.
    pub failed: Option<String>,
    labels: Vec<(usize, String)>,
}

impl Recorded {
    /// The name of the check that a constraint belongs to: the next one that was stated at or after it.
    pub fn label(&self, constraint: usize) -> Option<&str> {
        let next = self.labels.partition_point(|(row, _)| *row < constraint);
        self.labels.get(next).map(|(_, name)| name.as_str())
    }
}

impl Builder {
    /// A system with `num_public` public inputs, whose values are given later.
    pub fn new(mode: Mode, num_public: usize) -> Self {
        let system = R1cs { num_instance: 1 + num_public, ..R1cs::default() };
        let mut values = vec![Fr::ZERO; 1 + num_public];
        values[0] = Fr::ONE;
        Builder(Rc::new(RefCell::new(State { mode, system, values, labels: vec![], failed: None })))
    }

    /// The public input `index`, counted from 0, with its value.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn public(&self, index: usize, value: Fr) -> Wire {
        let mut state = self.0.borrow_mut();
        assert!(index + 1 < state.system.num_instance, "public input {index}");
        state.values[index + 1] = value;
        Wire::variable(self.clone(), state.mode, index as u32 + 1, value)
    }

    /// Makes a wire public input `index`.
    ///
    /// # Panics
    /// As [`Builder::public`].
    pub fn expose(&self, index: usize, wire: &Wire) {
        let public = self.public(index, wire.value());
        self.constrain(wire.clone(), Wire::one(), public, Some("a public input"));
    }

    /// A new private variable. Nothing constrains it yet.
    pub fn witness(&self, value: Fr) -> Wire {
        let mut state = self.0.borrow_mut();
        let index = state.values.len() as u32;
        state.values.push(value);
        state.system.num_witness += 1;
        Wire::variable(self.clone(), state.mode, index, value)
    }

    /// Requires `a b = c`; `what` names the check that this is, if it is one by itself.
    pub fn constrain(&self, a: Wire, b: Wire, c: Wire, what: Option<&str>) {
        let mut state = self.0.borrow_mut();
        if a.value() * b.value() != c.value() && state.failed.is_none() {
            state.failed = Some(what.unwrap_or("a product").to_owned());
        }
        if state.mode == Mode::Assign {
            return;
        }
        if let Some(what) = what {
            let row = state.system.num_constraints();
            state.labels.push((row, what.to_owned()));
        }
        push(&mut state.system.a, &a);
        push(&mut state.system.b, &b);
        push(&mut state.system.c, &c);
    }

    /// The system and its values.
    ///
    /// # Panics
    /// If the builder is used further by one of its wires.
    pub fn finish(self) -> Recorded {
        let mut state = self.0.borrow_mut();
        Recorded {
            system: std::mem::take(&mut state.system),
            assignment: std::mem::take(&mut state.values),
            failed: state.failed.take(),
            labels: std::mem::take(&mut state.labels),
        }
    }
}

fn push(matrix: &mut Matrix, wire: &Wire) {
    let constant = (0u32, wire.constant_part());
    matrix.push(std::iter::once(constant).chain(wire.terms().iter().copied()));
}
