//! Exact execution: the reference semantics of programs, and the trace that a proof is made from.

mod contract;
mod elementwise;
mod view;

use crate::error::Error;
use crate::flatten::{Flat, FlatScan, flatten};
use crate::program::{Op, Program, TensorId};
use crate::tensor::{DType, Ints, Tensor};

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
pub struct Trace {
    tensors: Vec<Option<Ints>>,
}

impl Trace {
    /// The padded entries of a tensor that was kept.
    pub fn get(&self, tensor: TensorId) -> Option<&Ints> {
        self.tensors.get(tensor.index())?.as_ref()
    }
}

/// The outputs in a trace that kept them.
///
/// # Errors
/// One was not kept.
pub fn outputs(flat: &Flat, trace: &Trace) -> Result<Vec<Tensor>, Error> {
    let missing = || Error::Invalid("the trace did not keep an output".into());
    let convert = |port: &crate::program::Port| {
        let data = trace.get(port.tensor).ok_or_else(missing)?.clone();
        Tensor { shape: flat.program.shape(port.tensor).clone(), data }.retyped(port.dtype)
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
    let ports = &flat.program.inputs;
    if inputs.len() != ports.len() {
        return Err(Error::mismatch("the number of inputs", ports.len(), inputs.len()));
    }
    let mut given = Vec::with_capacity(inputs.len());
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
        given.push(&tensor.data);
    }
    run(flat, &given, keep, alter)
}

fn run(flat: &Flat, inputs: &[&Ints], keep: impl Fn(TensorId) -> bool, alter: &mut dyn FnMut(TensorId, &mut Ints)) -> Result<Trace, Error> {
    let program = &flat.program;
    let mut uses = vec![0usize; program.nodes.len()];
    let operands = |op: &Op| match op {
        Op::Scan { scan, .. } => flat.scans[*scan].init.iter().chain(&flat.scans[*scan].captures).copied().collect(),
        op => op.operands(program),
    };
    program.nodes.iter().flat_map(|n| operands(&n.op)).for_each(|t| uses[t.index()] += 1);
    let mut tensors: Vec<Option<Ints>> = (0..program.nodes.len()).map(|_| None).collect();
    let mut trajectories: Vec<Option<Vec<Ints>>> = flat.scans.iter().map(|_| None).collect();
    for (index, node) in program.nodes.iter().enumerate() {
        let (dtype, shape) = (node.storage(), &node.shape);
        let get = |t: TensorId| tensors[t.index()].as_ref().ok_or_else(|| Error::Invalid(format!("tensor {} was dropped too early", t.0)));
        let mut value = match &node.op {
            Op::Input(i) => convert(inputs.get(*i).ok_or_else(|| Error::mismatch("the number of inputs", i + 1, inputs.len()))?, dtype),
            Op::Const(i) => {
                let constant = &program.constants[*i];
                let values = constant.values.as_ref().ok_or_else(|| {
                    Error::Invalid(format!("the values of constant `{}` are not in this key; use the proving key", constant.name))
                })?;
                convert(values, dtype)
            }
            Op::View { src, view } => view::execute(get(*src)?, program.shape(*src), view, dtype),
            Op::Linear { terms, constant } => {
                let operands = terms.iter().map(|(t, c)| Ok((get(*t)?, *c))).collect::<Result<Vec<_>, Error>>()?;
                elementwise::linear(&operands, *constant, dtype)
            }
            Op::Contract { x, y, x_axes, y_axes, out_axes } => {
                let operand = |t: TensorId, axes| Ok::<_, Error>(contract::Operand { data: get(t)?, node: program.node(t), axes });
                contract::execute(&operand(*x, x_axes)?, &operand(*y, y_axes)?, out_axes, shape, dtype)
            }
            Op::Mul { a, b } => elementwise::zip(get(*a)?, get(*b)?, dtype, |a, b| a * b),
            Op::Lookup { x, table } => {
                let (table, argument) = (&program.tables[*table], program.node(*x).padded_range);
                if argument.lo < table.lo || argument.hi > table.hi() {
                    // Bounds that cannot see private weights may be wider than the table; the values must not be.
                    let (lo, hi) = get(*x)?.min_max();
                    if let Some(value) = [lo, hi].into_iter().find(|v| !(table.lo..=table.hi()).contains(v)) {
                        let what = format!("an argument of table `{}` at `{}`", table.name, node.name);
                        return Err(Error::ValueOutOfRange { what, value, lo: table.lo, hi: table.hi() });
                    }
                }
                elementwise::map(get(*x)?, dtype, |x| table.values[(x - table.lo).clamp(0, table.values.len() as i64 - 1) as usize].into())
            }
            Op::RoundShift { x, shift, rounding } => elementwise::map(get(*x)?, dtype, |x| crate::infer::round_shift(x, *shift, *rounding)),
            Op::Div { x, d } => elementwise::zip(get(*x)?, get(*d)?, dtype, i64::div_euclid),
            Op::Scan { scan, carry } => {
                if trajectories[*scan].is_none() {
                    let s = &flat.scans[*scan];
                    let init = s.init.iter().map(|t| get(*t)).collect::<Result<Vec<_>, _>>()?;
                    let captures = s.captures.iter().map(|t| get(*t)).collect::<Result<Vec<_>, _>>()?;
                    trajectories[*scan] = Some(run_scan(s, &init, &captures).map_err(|e| e.at(&node.name))?);
                }
                let all = trajectories[*scan].as_mut().ok_or_else(|| Error::Invalid("a scan has no trajectory".into()))?;
                convert(&std::mem::replace(&mut all[*carry], Ints::U8(vec![])), dtype)
            }
            Op::Rem { .. } | Op::Concat { .. } => return Err(Error::Invalid("a composite operation in a flat program".into())),
        };
        alter(TensorId(index as u32), &mut value);
        tensors[index] = Some(value);
        for t in operands(&node.op) {
            uses[t.index()] -= 1;
            if uses[t.index()] == 0 && !keep(t) {
                tensors[t.index()] = None;
            }
        }
        if uses[index] == 0 && !keep(TensorId(index as u32)) {
            tensors[index] = None;
        }
    }
    Ok(Trace { tensors })
}

/// The carried tensors after every step, then after the padding steps, which all start from zeros.
fn run_scan(scan: &FlatScan, init: &[&Ints], captures: &[&Ints]) -> Result<Vec<Ints>, Error> {
    let body = &scan.body;
    let ports = &body.program.outputs;
    let padded_steps = scan.steps.next_power_of_two();
    let mut out: Vec<Ints> = ports.iter().map(|p| Ints::zeros(p.dtype, padded_steps * body.program.shape(p.tensor).num_padded())).collect();
    let step = |carried: &[&Ints]| -> Result<Vec<Ints>, Error> {
        let mut next = run(body, &[carried, captures].concat(), |t| ports.iter().any(|p| p.tensor == t), &mut |_, _| ())?;
        let mut results = vec![];
        for port in ports {
            let last_use = ports.iter().filter(|p| p.tensor == port.tensor).count() == 1;
            let slot = &mut next.tensors[port.tensor.index()];
            let value =
                if last_use { slot.take() } else { slot.clone() }.ok_or_else(|| Error::Invalid("a scan's step has no result".into()))?;
            let ((lo, hi), (least, most)) = (port.dtype.bounds(), value.min_max());
            if least < lo || most > hi {
                return Err(Error::ValueOutOfRange {
                    what: format!("`{}` of a scan", port.name),
                    value: if least < lo { least } else { most },
                    lo,
                    hi,
                });
            }
            results.push(convert(&value, port.dtype));
        }
        Ok(results)
    };
    let mut carried: Vec<Ints> = init.iter().zip(ports).map(|(v, p)| convert(v, p.dtype)).collect();
    for t in 0..scan.steps {
        carried = step(&carried.iter().collect::<Vec<_>>())?;
        out.iter_mut().zip(&carried).for_each(|(all, now)| write_at(all, t * now.len(), now));
    }
    if padded_steps > scan.steps {
        let zeros: Vec<Ints> = carried.iter().map(|c| Ints::zeros(c.dtype(), c.len())).collect();
        let idle = step(&zeros.iter().collect::<Vec<_>>())?;
        for t in scan.steps..padded_steps {
            out.iter_mut().zip(&idle).for_each(|(all, now)| write_at(all, t * now.len(), now));
        }
    }
    Ok(out)
}

/// Copies `values` into `target`, both of one type, from `start`.
fn write_at(target: &mut Ints, start: usize, values: &Ints) {
    match (target, values) {
        (Ints::I8(t), Ints::I8(v)) => t[start..start + v.len()].copy_from_slice(v),
        (Ints::U8(t), Ints::U8(v)) => t[start..start + v.len()].copy_from_slice(v),
        (Ints::I16(t), Ints::I16(v)) => t[start..start + v.len()].copy_from_slice(v),
        (Ints::U16(t), Ints::U16(v)) => t[start..start + v.len()].copy_from_slice(v),
        (Ints::I32(t), Ints::I32(v)) => t[start..start + v.len()].copy_from_slice(v),
        (Ints::I64(t), Ints::I64(v)) => t[start..start + v.len()].copy_from_slice(v),
        _ => unreachable!("a scan's step converts its results to the trajectory's type"),
    }
}

/// The same values in another type that holds them.
fn convert(values: &Ints, dtype: DType) -> Ints {
    if values.dtype() == dtype { values.clone() } else { elementwise::map(values, dtype, |x| x) }
}
