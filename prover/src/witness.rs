//! The witness: a program's trace, and the columns that a proof commits to.

use crate::error::Error;
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use assay_core::execute::{Trace, outputs, trace, trace_altered};
use assay_core::system::{Lookup, Source, System, TableSpec, WireId, WireKind};
use assay_core::{Ints, Tensor, TensorId};
use rayon::prelude::*;

/// Elements a task works on.
const CHUNK: usize = 1 << 14;

/// What a prover knows: the tensors of a run, and the columns derived from them.
pub struct Witness {
    /// The tensors that relations read.
    pub trace: Trace,
    /// By column: entries that are not those of a tensor.
    pub columns: Vec<Option<Ints>>,
    /// The outputs, in port order.
    pub outputs: Vec<Tensor>,
}

/// How a dishonest prover departs from the program, for tests of soundness.
pub struct Lies<'a> {
    /// Changes a tensor as soon as it is computed; everything that reads it follows.
    pub tensor: &'a mut dyn FnMut(TensorId, &mut Ints),
    /// Changes a derived column.
    pub column: &'a mut dyn FnMut(usize, &mut Ints),
}

impl Witness {
    /// Runs the program.
    ///
    /// # Errors
    /// Inputs that do not fit.
    pub fn new(system: &System, inputs: &[Tensor]) -> Result<Witness, Error> {
        let keep = kept(system);
        let trace = trace(&system.flat, inputs, |t: TensorId| keep[t.index()])?;
        Witness::derive(system, trace, &mut |_, _| (), true)
    }

    /// A witness that is false in chosen places and consistent everywhere else.
    ///
    /// # Errors
    /// Inputs that do not fit.
    pub fn lying(system: &System, inputs: &[Tensor], lies: Lies<'_>) -> Result<Witness, Error> {
        let keep = kept(system);
        let trace = trace_altered(&system.flat, inputs, |t: TensorId| keep[t.index()], lies.tensor)?;
        Witness::derive(system, trace, lies.column, false)
    }

    fn derive(system: &System, trace: Trace, alter: &mut dyn FnMut(usize, &mut Ints), honest: bool) -> Result<Witness, Error> {
        let outputs = outputs(&system.flat, &trace)?;
        let mut columns: Vec<Option<Ints>> = system.layout.columns.iter().map(|c| derive(&c.source, &trace)).collect::<Result<_, _>>()?;
        columns.iter_mut().enumerate().for_each(|(i, c)| c.iter_mut().for_each(|ints| alter(i, ints)));
        for table in 0..system.tables.len() {
            let mut counts = multiplicities(system, &trace, &columns, table, honest)?;
            let column = system.layout.multiplicities(table);
            let column = column.ok_or_else(|| Error::internal("a table has no multiplicities"))?;
            alter(column, &mut counts);
            columns[column] = Some(counts);
        }
        Ok(Witness { trace, columns, outputs })
    }
}

/// The tensor whose entries a column has, if it is not a derived one.
pub(crate) fn tensor_of(system: &System, column: usize) -> Option<TensorId> {
    match system.layout.columns[column].source {
        Source::Tensor(t) => Some(t),
        Source::Constant(_) => system.wires.iter().find(|w| matches!(w.kind, WireKind::Column(c) if c == column)).and_then(|w| w.tensor),
        _ => None,
    }
}

fn entries<'a>(system: &System, trace: &'a Trace, columns: &'a [Option<Ints>], wire: WireId) -> Result<&'a Ints, Error> {
    let w = system.wire(wire);
    let column = match w.kind {
        WireKind::Column(c) => columns[c].as_ref(),
        _ => None,
    };
    column.or_else(|| trace.get(w.tensor?)).ok_or_else(|| Error::internal("a relation reads a tensor that was not kept"))
}

/// The tensors that a proof reads again after execution.
pub fn kept(system: &System) -> Vec<bool> {
    let mut kept = vec![false; system.flat.program.nodes.len()];
    let mut keep = |tensor: Option<TensorId>| {
        if let Some(t) = tensor {
            kept[t.index()] = true;
        }
    };
    for wire in &system.wires {
        match &wire.kind {
            WireKind::Contract { x, y, .. } => [x, y].into_iter().for_each(|w| keep(system.wire(*w).tensor)),
            WireKind::Mul { a, b } => [a, b].into_iter().for_each(|w| keep(system.wire(*w).tensor)),
            WireKind::View { src, .. } => keep(system.wire(*src).tensor),
            _ => {}
        }
        if matches!(wire.kind, WireKind::Contract { .. } | WireKind::Mul { .. } | WireKind::View { .. }) {
            keep(wire.tensor);
        }
    }
    for lookup in &system.lookups {
        expand(system, lookup.x).0.iter().for_each(|(w, _)| keep(system.wire(*w).tensor));
    }
    for wire in system.wires.iter().filter(|w| matches!(w.kind, WireKind::Column(_))) {
        keep(wire.tensor);
    }
    for column in &system.layout.columns {
        match column.source {
            Source::Tensor(t) | Source::Limb { tensor: t, .. } | Source::LimbNonZero { tensor: t, .. } | Source::Tie { tensor: t, .. } => {
                keep(Some(t))
            }
            Source::Constant(_) | Source::Multiplicity(_) => {}
        }
    }
    system.flat.program.outputs.iter().for_each(|p| keep(Some(p.tensor)));
    kept
}

/// A wire as a linear combination of wires that have entries: terms and constant.
pub(crate) fn expand(system: &System, wire: WireId) -> (Vec<(WireId, Fr)>, Fr) {
    let w = system.wire(wire);
    match &w.kind {
        WireKind::Linear { terms, constant } if w.tensor.is_none() => {
            let (mut out, mut sum) = (vec![], *constant);
            for &(operand, coef) in terms {
                let (inner, c) = expand(system, operand);
                out.extend(inner.into_iter().map(|(w, k)| (w, k * coef)));
                sum += c * coef;
            }
            (out, sum)
        }
        _ => (vec![(wire, Fr::from(1u64))], Fr::from(0u64)),
    }
}

fn derive(source: &Source, trace: &Trace) -> Result<Option<Ints>, Error> {
    let entries = |tensor: &TensorId| trace.get(*tensor).ok_or_else(|| Error::internal("a column reads a tensor that was not kept"));
    let limb = |x: i64, add: i64, low: u32, width: u32| ((x + add) >> low) & ((1 << width) - 1);
    Ok(match source {
        Source::Constant(_) | Source::Tensor(_) | Source::Multiplicity(_) => None,
        Source::Limb { tensor, add, low, width } if *width <= 8 => {
            Some(Ints::U8(map(entries(tensor)?, |x| limb(x, *add, *low, *width) as u8)))
        }
        Source::Limb { tensor, add, low, width } => Some(Ints::U16(map(entries(tensor)?, |x| limb(x, *add, *low, *width) as u16))),
        Source::LimbNonZero { tensor, add, low, width } => {
            Some(Ints::U8(map(entries(tensor)?, |x| u8::from(limb(x, *add, *low, *width) != 0))))
        }
        Source::Tie { tensor, shift } => {
            Some(Ints::U8(map(entries(tensor)?, |x| u8::from(limb(x, 1 << (shift - 1), 0, shift + 1) > 1 << shift))))
        }
    })
}

fn map<T: Send>(ints: &Ints, f: impl Fn(i64) -> T + Sync) -> Vec<T> {
    #[allow(clippy::unnecessary_cast)]
    let out = assay_core::with_ints!(ints, v => v.par_iter().with_min_len(CHUNK).map(|&x| f(x as i64)).collect());
    out
}

/// A small field element as an integer.
fn small(value: Fr) -> Option<i64> {
    let to = |x: Fr| {
        let limbs = x.into_bigint();
        (limbs.num_bits() < 63).then(|| limbs.as_ref()[0] as i64)
    };
    to(value).or_else(|| to(-value).map(|v| -v))
}

/// A lookup's place in its table as an integral combination of wires.
pub(crate) fn place(system: &System, lookup: &Lookup) -> Result<(Vec<(WireId, i64)>, i64), Error> {
    let lo = match system.tables[lookup.table] {
        TableSpec::Function { table } => system.flat.program.tables[table].lo,
        _ => 0,
    };
    let integer = |value: Fr| small(value).ok_or_else(|| Error::internal("a lookup's argument is not integral"));
    let (terms, constant) = expand(system, lookup.x);
    let terms = terms.into_iter().map(|(wire, coef)| Ok((wire, integer(coef)?))).collect::<Result<_, Error>>()?;
    Ok((terms, integer(constant)? - lo))
}

/// What is said where a multiplicity has nothing to count.
pub(crate) fn not_in_table() -> Error {
    Error::internal("a looked-up value is not in its table")
}

/// Multiplicities in a narrow type.
pub(crate) fn narrow(counts: &[u32]) -> Ints {
    match counts.iter().copied().max().unwrap_or(0) {
        0..256 => Ints::U8(counts.iter().map(|&c| c as u8).collect()),
        256..65536 => Ints::U16(counts.iter().map(|&c| c as u16).collect()),
        _ => Ints::I64(counts.iter().map(|&c| i64::from(c)).collect()),
    }
}

/// How often each entry of a table is looked up.
fn multiplicities(system: &System, trace: &Trace, columns: &[Option<Ints>], table: usize, honest: bool) -> Result<Ints, Error> {
    let size = 1usize << system.table_vars(table);
    let mut counts = vec![0u32; size];
    for lookup in system.lookups.iter().filter(|l| l.table == table) {
        let (terms, start) = place(system, lookup)?;
        let terms =
            terms.into_iter().map(|(w, coef)| Ok((entries(system, trace, columns, w)?, coef))).collect::<Result<Vec<_>, Error>>()?;
        let len = terms.first().map_or(0, |t| t.0.len());
        let tasks = (len / CHUNK).clamp(1, rayon::current_num_threads().min((1 << 24) / size).max(1));
        let per_task = len.div_ceil(tasks);
        let partial: Vec<Option<Vec<u32>>> = (0..tasks)
            .into_par_iter()
            .map(|task| {
                let mut counts = vec![0u32; size];
                let (mut at, end) = (task * per_task, ((task + 1) * per_task).min(len));
                let mut indices = vec![0i64; CHUNK];
                while at < end {
                    let indices = &mut indices[..CHUNK.min(end - at)];
                    indices.fill(start);
                    for (ints, coef) in &terms {
                        #[allow(clippy::unnecessary_cast)]
                        {
                            assay_core::with_ints!(*ints, v => indices.iter_mut().zip(&v[at..]).for_each(|(o, x)| *o += coef * *x as i64));
                        }
                    }
                    for &i in indices.iter() {
                        match usize::try_from(i).ok().and_then(|i| counts.get_mut(i)) {
                            Some(count) => *count += 1,
                            None if honest => return None,
                            None => {}
                        }
                    }
                    at += indices.len();
                }
                Some(counts)
            })
            .collect();
        for part in partial {
            let part = part.ok_or_else(not_in_table)?;
            counts.iter_mut().zip(part).for_each(|(c, p)| *c += p);
        }
    }
    Ok(narrow(&counts))
}
