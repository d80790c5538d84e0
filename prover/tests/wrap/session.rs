//! Wraps small programs.

use crate::harness::{Ready, rng};
use assay_circuits::r1cs::{Mode, Recorded};
use assay_core::Tensor;
use assay_gpu::Portable;
use assay_prover::inner::{Form, Unverified, argue};
use assay_prover::wrap::{self, WrapProvingKey, Wrapped, Wrapper};
use assay_prover::{Options, Witness, Workplace};

pub fn setup(ready: &Ready) -> WrapProvingKey {
    wrap::setup(&ready.key, &mut rng(11)).unwrap()
}

pub fn wrapped(ready: &Ready, key: &WrapProvingKey, inputs: &[Tensor], seed: u64) -> Wrapped {
    let place = Workplace::new(&Portable, &ready.key, &ready.srs.g1);
    let options = Options { context: b"job 7".to_vec(), ..Options::default() };
    let wrapper = Wrapper::keeping(&Portable, key);
    wrap::prove(&place, &wrapper, inputs, &options, &mut rng(seed), &|_| ()).unwrap()
}

/// An inner proof that is to be wrapped, whatever its witness says.
pub fn inner(ready: &Ready, witness: Witness, inputs: &[Tensor], seed: u64) -> Unverified {
    let place = Workplace::new(&Portable, &ready.key, &ready.srs.g1);
    let options = Options { context: b"job 7".to_vec(), ..Options::default() };
    argue(&place, inputs, place.take(witness), Form::Wrapped, &options, &mut rng(seed), &|_| ()).unwrap()
}

/// The circuit with what a proof assigns to it.
pub fn recorded(ready: &Ready, proof: &Unverified) -> Recorded {
    wrap::assign(&ready.key, proof, Mode::Record).unwrap()
}

/// The name of the first check that a proof violates in the circuit; `None`: its assignment satisfies the constraints.
pub fn violated(ready: &Ready, proof: &Unverified) -> Option<String> {
    let recorded = recorded(ready, proof);
    let row = recorded.system.first_violation(&recorded.assignment);
    assert_eq!(row.is_some(), recorded.failed.is_some(), "the recorder and the constraints disagree");
    row.map(|row| recorded.label(row).unwrap_or("no check").to_owned())
}
