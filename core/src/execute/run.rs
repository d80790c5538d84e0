//! A run: node after node, each tensor dropped as soon as nobody needs it.

use super::Trace;
use super::contract::Operand;
use super::machine::{Held, Machine};
use crate::error::Error;
use crate::flatten::{Flat, FlatScan};
use crate::program::{Op, TensorId};
use crate::tensor::DType;

/// Input `index` in a type; the machine's tensor.
type Inputs<'a, T> = &'a dyn Fn(usize, DType) -> Result<T, Error>;

pub(super) fn run<M: Machine + ?Sized>(
    machine: &M,
    flat: &Flat,
    held: &Held<'_, M::Tensor>,
    inputs: Inputs<'_, M::Tensor>,
    keep: impl Fn(TensorId) -> bool,
    alter: &mut dyn FnMut(TensorId, &mut M::Tensor),
) -> Result<Trace<M::Tensor>, Error> {
    let program = &flat.program;
    let mut uses = vec![0usize; program.nodes.len()];
    let operands = |op: &Op| match op {
        Op::Scan { scan, .. } => flat.scans[*scan].init.iter().chain(&flat.scans[*scan].captures).copied().collect(),
        op => op.operands(program),
    };
    program.nodes.iter().flat_map(|n| operands(&n.op)).for_each(|t| uses[t.index()] += 1);
    let mut tensors: Vec<Option<M::Tensor>> = (0..program.nodes.len()).map(|_| None).collect();
    let mut trajectories: Vec<Option<Vec<Option<M::Tensor>>>> = flat.scans.iter().map(|_| None).collect();
    for (index, node) in program.nodes.iter().enumerate() {
        let (dtype, shape) = (node.storage(), &node.shape);
        let get = |t: TensorId| tensors[t.index()].as_ref().ok_or_else(|| Error::Invalid(format!("tensor {} was dropped too early", t.0)));
        let mut value = match &node.op {
            Op::Input(i) => inputs(*i, dtype)?,
            Op::Const(i) => match held.constant(*i) {
                Some(held) => machine.convert(held, dtype),
                None => {
                    let constant = &program.constants[*i];
                    let values = constant.values.as_ref().ok_or_else(|| {
                        Error::Invalid(format!("the values of constant `{}` are not in this key; use the proving key", constant.name))
                    })?;
                    machine.place(values, dtype)
                }
            },
            Op::View { src, view } => machine.view(get(*src)?, program.shape(*src), view, dtype),
            Op::Linear { terms, constant } => {
                let operands = terms.iter().map(|(t, c)| Ok((get(*t)?, *c))).collect::<Result<Vec<_>, Error>>()?;
                machine.linear(&operands, *constant, dtype)
            }
            Op::Contract { x, y, x_axes, y_axes, out_axes } => {
                let operand = |t: TensorId, axes| Ok::<_, Error>(Operand { data: get(t)?, node: program.node(t), axes });
                machine.contract(operand(*x, x_axes)?, operand(*y, y_axes)?, out_axes, shape, dtype)
            }
            Op::Mul { a, b } => machine.mul(get(*a)?, get(*b)?, dtype),
            Op::Lookup { x, table: t } => {
                let (table, argument) = (&program.tables[*t], program.node(*x).padded_range);
                if argument.lo < table.lo || argument.hi > table.hi() {
                    // Bounds that cannot see private weights may be wider than the table; the values must not be.
                    let (lo, hi) = machine.min_max(get(*x)?);
                    if let Some(value) = [lo, hi].into_iter().find(|v| !(table.lo..=table.hi()).contains(v)) {
                        let what = format!("an argument of table `{}` at `{}`", table.name, node.name);
                        return Err(Error::ValueOutOfRange { what, value, lo: table.lo, hi: table.hi() });
                    }
                }
                machine.lookup(get(*x)?, table, held.table(*t), dtype)
            }
            Op::RoundShift { x, shift, rounding } => machine.round_shift(get(*x)?, *shift, *rounding, dtype),
            Op::Div { x, d } => machine.div(get(*x)?, get(*d)?, dtype),
            Op::Scan { scan, carry } => {
                if trajectories[*scan].is_none() {
                    let s = &flat.scans[*scan];
                    let init = s.init.iter().map(|t| get(*t)).collect::<Result<Vec<_>, _>>()?;
                    let captures = s.captures.iter().map(|t| get(*t)).collect::<Result<Vec<_>, _>>()?;
                    trajectories[*scan] = Some(run_scan(machine, s, &held.of(s), &init, &captures).map_err(|e| e.at(&node.name))?);
                }
                let trajectory = trajectories[*scan].as_mut().and_then(|all| all.get_mut(*carry)?.take());
                machine.convert(&trajectory.ok_or_else(|| Error::Invalid("a scan has no trajectory".into()))?, dtype)
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
fn run_scan<M: Machine + ?Sized>(
    machine: &M,
    scan: &FlatScan,
    held: &Held<'_, M::Tensor>,
    init: &[&M::Tensor],
    captures: &[&M::Tensor],
) -> Result<Vec<Option<M::Tensor>>, Error> {
    let body = &scan.body;
    let ports = &body.program.outputs;
    let padded_steps = scan.steps.next_power_of_two();
    let sizes: Vec<usize> = ports.iter().map(|p| body.program.shape(p.tensor).num_padded()).collect();
    let mut out: Vec<M::Tensor> = ports.iter().zip(&sizes).map(|(p, size)| machine.zeros(p.dtype, padded_steps * size)).collect();
    let step = |carried: &[M::Tensor]| -> Result<Vec<M::Tensor>, Error> {
        let inputs = |i: usize, dtype: DType| {
            let input = carried.get(i).or_else(|| captures.get(i - carried.len()).copied());
            let missing = || Error::mismatch("the number of inputs", i + 1, carried.len() + captures.len());
            Ok(machine.convert(input.ok_or_else(missing)?, dtype))
        };
        let mut next = run(machine, body, held, &inputs, |t| ports.iter().any(|p| p.tensor == t), &mut |_, _| ())?;
        let mut results = vec![];
        for port in ports {
            let last_use = ports.iter().filter(|p| p.tensor == port.tensor).count() == 1;
            let slot = &mut next.tensors[port.tensor.index()];
            let value =
                if last_use { slot.take() } else { slot.clone() }.ok_or_else(|| Error::Invalid("a scan's step has no result".into()))?;
            let ((lo, hi), (least, most)) = (port.dtype.bounds(), machine.min_max(&value));
            if least < lo || most > hi {
                return Err(Error::ValueOutOfRange {
                    what: format!("`{}` of a scan", port.name),
                    value: if least < lo { least } else { most },
                    lo,
                    hi,
                });
            }
            results.push(machine.convert(&value, port.dtype));
        }
        Ok(results)
    };
    let mut write = |t: usize, now: &[M::Tensor]| {
        out.iter_mut().zip(&sizes).zip(now).for_each(|((all, size), now)| machine.write_at(all, t * size, now));
    };
    let mut carried: Vec<M::Tensor> = init.iter().zip(ports).map(|(v, p)| machine.convert(v, p.dtype)).collect();
    for t in 0..scan.steps {
        carried = step(&carried)?;
        write(t, &carried);
    }
    if padded_steps > scan.steps {
        let zeros: Vec<M::Tensor> = ports.iter().zip(&sizes).map(|(p, size)| machine.zeros(p.dtype, *size)).collect();
        let idle = step(&zeros)?;
        (scan.steps..padded_steps).for_each(|t| write(t, &idle));
    }
    Ok(out.into_iter().map(Some).collect())
}
