//! A dishonest prover: everything follows from its lies, so that only the relation they break can tell. Each lie is told to the
//! native verifier and to the wrap circuit, which must fail at the same check.

use crate::harness::{Ready, rng};
use assay_circuits::r1cs::Mode;
use assay_core::program::Op;
use assay_core::system::Source;
use assay_core::{Ints, Tensor, TensorId};
use assay_gpu::Portable;
use assay_prover::inner::{Form, Unverified, argue};
use assay_prover::witness::{Lies, Witness};
use assay_prover::{Error, Options, Proven, Workplace, prove_witness, wrap};

/// What the checks of LogUp's leaves say.
pub const LEAVES: &str = "the denominators of the lookups";
/// What LogUp says where the looked-up values are not the tables'.
pub const SUM: &str = "the sum of a LogUp tree";
/// What the sumchecks of contractions, products, views and merges say.
pub const RELATION: &str = "the relations of a batched sumcheck";
/// What the equality of a scan's two sides says.
pub const EQUAL: &str = "two tensors that the program equates";
/// What a column says that is not the one committed to.
pub const KZG: &str = "the KZG opening equation does not hold";

/// Changes some of a tensor's or a column's entries.
pub type Change<'a> = &'a dyn Fn(&mut Vec<i64>);

/// What a prover pretends.
#[derive(Default)]
pub struct Forgery<'a> {
    tensors: Vec<(TensorId, Change<'a>)>,
    columns: Vec<(usize, Change<'a>)>,
}

impl<'a> Forgery<'a> {
    /// Changes a tensor; what is computed from it follows.
    pub fn tensor(mut self, tensor: TensorId, change: Change<'a>) -> Self {
        self.tensors.push((tensor, change));
        self
    }

    /// Changes a column that is derived from the tensors.
    pub fn column(mut self, column: usize, change: Change<'a>) -> Self {
        self.columns.push((column, change));
        self
    }

    /// Proves it, for a statement with these inputs.
    pub fn prove(&self, ready: &Ready, inputs: &[Tensor]) -> Result<Proven, Error> {
        self.prove_stating(ready, inputs, inputs)
    }

    /// Proves a run on `inputs` as one on `stated`.
    pub fn prove_stating(&self, ready: &Ready, inputs: &[Tensor], stated: &[Tensor]) -> Result<Proven, Error> {
        let apply = |ints: &mut Ints, change: Change<'_>| {
            let mut values = ints.to_i64();
            change(&mut values);
            *ints = Ints::I64(values);
        };
        let mut tensor =
            |id: TensorId, ints: &mut Ints| self.tensors.iter().filter(|t| t.0 == id).for_each(|(_, change)| apply(ints, *change));
        let mut column =
            |index: usize, ints: &mut Ints| self.columns.iter().filter(|c| c.0 == index).for_each(|(_, change)| apply(ints, *change));
        let mut lie = || Witness::lying(&ready.key.system, inputs, Lies { tensor: &mut tensor, column: &mut column });
        let place = Workplace::new(&Portable, &ready.key, &ready.srs.g1);
        let options = Options { context: b"context".to_vec(), ..Options::default() };
        let proven = prove_witness(&place, stated, lie()?, &options, &mut rng(2), &|_| ());
        if !ready.key.plan.openings.is_empty() {
            let form = Form::Wrapped;
            let wrapped = argue(&place, stated, place.take(lie()?), form, &options, &mut rng(2), &|_| ())?;
            agrees(ready, &wrapped, proven.as_ref().err());
        }
        proven
    }

    /// Asserts that the same prover without its lies convinces the verifier, and with them fails one of the named checks.
    pub fn fails(&self, ready: &Ready, inputs: &[Tensor], checks: &[&str]) {
        ready.prove(inputs);
        rejected(self.prove(ready, inputs), checks);
    }
}

/// Asserts that the wrap circuit's constraints fail at the check that the native verifier names, or hold where it accepts. The group
/// equation is outside the circuit: the constraints hold where only that fails.
fn agrees(ready: &Ready, proof: &Unverified, native: Option<&Error>) {
    let recorded = wrap::assign(&ready.key, proof, Mode::Record).unwrap();
    let violated = recorded.system.first_violation(&recorded.assignment);
    let label = violated.map(|row| recorded.label(row).unwrap_or("no check"));
    match native {
        Some(Error::Unverified(message)) if !message.contains(KZG) => {
            let label = label.unwrap_or_else(|| panic!("the circuit accepts what fails {message}"));
            assert!(message.contains(label), "the circuit fails {label}, the native verifier {message}");
        }
        _ => assert_eq!(label, None),
    }
}

/// Asserts that verification failed at one of the named checks.
pub fn rejected(result: Result<Proven, Error>, checks: &[&str]) {
    match result {
        Ok(_) => panic!("a false statement verifies; expected it to fail {checks:?}"),
        Err(Error::Unverified(message)) => {
            assert!(checks.iter().any(|c| message.contains(c)), "failed {message}, expected one of {checks:?}")
        }
        Err(other) => panic!("the prover could not lie: {other}"),
    }
}

/// The `nth` tensor of the flat program whose operation is the wanted one.
pub fn tensor(ready: &Ready, nth: usize, wanted: impl Fn(&Op) -> bool) -> TensorId {
    let nodes = ready.key.system.flat.program.nodes.iter().enumerate();
    let mut found = nodes.filter(|(_, n)| wanted(&n.op)).map(|(i, _)| TensorId(i as u32));
    found.nth(nth).expect("the program has no such tensor")
}

/// The `nth` column whose source is the wanted one.
pub fn column(ready: &Ready, nth: usize, wanted: impl Fn(&Source) -> bool) -> usize {
    let columns = ready.key.system.layout.columns.iter().enumerate();
    let mut found = columns.filter(|(_, c)| wanted(&c.source)).map(|(i, _)| i);
    found.nth(nth).expect("the program has no such column")
}

/// Adds to one entry.
pub fn add(at: usize, by: i64) -> impl Fn(&mut Vec<i64>) {
    move |values| values[at] += by
}

/// Sets one entry.
pub fn set(at: usize, to: i64) -> impl Fn(&mut Vec<i64>) {
    move |values| values[at] = to
}
