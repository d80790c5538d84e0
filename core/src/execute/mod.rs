//! Exact execution: the reference semantics of programs, and the trace that a proof is made from.

mod contract;
mod elementwise;
mod gather;
mod host;
mod machine;
mod product;
mod run;
mod view;

pub use contract::Operand;
pub use gather::{Digit, Gather, Part, Place};
pub use host::Host;
pub use machine::{Held, Machine};
pub use product::Product;

use crate::error::Error;
use crate::flatten::{Flat, flatten};
use crate::program::{Program, TensorId};
use crate::tensor::{DType, Ints, Tensor, retyped};

/// Runs a program on inputs in port order and returns its outputs in port order.
///
/// # Errors
/// Inputs that do not fit the ports, or a carried value that leaves its declared type.
pub fn execute(program: &Program, inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
    let flat = flatten(program)?;
    let ports: Vec<TensorId> = flat.program.outputs.iter().map(|p| p.tensor).collect();
    let trace = trace(&flat, inputs, |t| ports.contains(&t))?;
    outputs(&flat, &trace)
}

/// The tensors of one run of a flat program, padded; those that nobody keeps are dropped as soon as they are used up.
pub struct Trace<T = Ints> {
    tensors: Vec<Option<T>>,
}

impl<T> Trace<T> {
    /// The padded entries of a tensor that was kept.
    pub fn get(&self, tensor: TensorId) -> Option<&T> {
        self.tensors.get(tensor.index())?.as_ref()
    }

    /// The tensors that were kept, in order.
    pub fn into_tensors(self) -> impl Iterator<Item = (TensorId, T)> {
        self.tensors.into_iter().enumerate().filter_map(|(index, tensor)| Some((TensorId(index as u32), tensor?)))
    }
}

/// The outputs in a trace that kept them.
///
/// # Errors
/// One was not kept.
pub fn outputs(flat: &Flat, trace: &Trace) -> Result<Vec<Tensor>, Error> {
    outputs_on(&Host, flat, trace)
}

/// [`outputs`] of a machine's trace.
///
/// # Errors
/// As [`outputs`].
pub fn outputs_on<M: Machine + ?Sized>(machine: &M, flat: &Flat, trace: &Trace<M::Tensor>) -> Result<Vec<Tensor>, Error> {
    let missing = || Error::Invalid("the trace did not keep an output".into());
    let convert = |port: &crate::program::Port| {
        let data = machine.fetch(trace.get(port.tensor).ok_or_else(missing)?);
        retyped(flat.program.shape(port.tensor), &data, port.dtype)
    };
    flat.program.outputs.iter().map(convert).collect()
}

/// Runs a flat program and keeps the tensors that `keep` names.
///
/// # Errors
/// Inputs that do not fit the ports, or a carried value that leaves its declared type.
pub fn trace(flat: &Flat, inputs: &[Tensor], keep: impl Fn(TensorId) -> bool) -> Result<Trace, Error> {
    trace_altered(flat, inputs, keep, &mut |_, _| ())
}

/// [`trace`] on a machine, where the tensors stay.
///
/// # Errors
/// As [`trace`].
pub fn trace_on<M: Machine + ?Sized>(
    machine: &M,
    flat: &Flat,
    held: &Held<'_, M::Tensor>,
    inputs: &[Tensor],
    keep: impl Fn(TensorId) -> bool,
) -> Result<Trace<M::Tensor>, Error> {
    check(flat, inputs)?;
    run::run(machine, flat, held, &input_of(machine, inputs), keep, &mut |_, _| ())
}

/// [`trace`] of a machine that miscomputes: `alter` may change each result before anything reads it. For tests of soundness.
///
/// # Errors
/// As [`trace`].
pub fn trace_altered(
    flat: &Flat,
    inputs: &[Tensor],
    keep: impl Fn(TensorId) -> bool,
    alter: &mut dyn FnMut(TensorId, &mut Ints),
) -> Result<Trace, Error> {
    check(flat, inputs)?;
    run::run(&Host, flat, &Held::NOTHING, &input_of(&Host, inputs), keep, alter)
}

/// Checks that inputs fit a program's ports.
fn check(flat: &Flat, inputs: &[Tensor]) -> Result<(), Error> {
    let ports = &flat.program.inputs;
    if inputs.len() != ports.len() {
        return Err(Error::mismatch("the number of inputs", ports.len(), inputs.len()));
    }
    for (port, tensor) in ports.iter().zip(inputs) {
        let shape = flat.program.shape(port.tensor);
        if tensor.shape != *shape {
            return Err(Error::mismatch(format!("the shape of input `{}`", port.name), shape, &tensor.shape));
        }
        let ((lo, hi), (least, most)) = (port.dtype.bounds(), tensor.data.min_max());
        if tensor.data.len() != shape.num_padded() || least < lo || most > hi {
            let value = if least < lo { least } else { most };
            return Err(Error::ValueOutOfRange { what: format!("an element of input `{}`", port.name), value, lo, hi });
        }
    }
    Ok(())
}

/// The inputs of a run, placed when they are asked for.
fn input_of<'a, M: Machine + ?Sized>(machine: &'a M, inputs: &'a [Tensor]) -> impl Fn(usize, DType) -> Result<M::Tensor, Error> + 'a {
    move |i, dtype| match inputs.get(i) {
        Some(tensor) => Ok(machine.place(&tensor.data, dtype)),
        None => Err(Error::mismatch("the number of inputs", i + 1, inputs.len())),
    }
}
