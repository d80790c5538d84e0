//! The witness: a program's trace, and the columns that a proof commits to.

use crate::error::Error;
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use assay_core::execute::{Trace, outputs, trace, trace_altered};
use assay_core::system::{Source, System, TableSpec, WireId, WireKind};
use assay_core::{Ints, Tensor, TensorId};
use assay_gpu::{Backend, IntSlice};
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

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

    /// The entries of a wire that stands for a tensor or a column.
    ///
    /// # Errors
    /// The wire stands for neither.
    pub fn entries(&self, system: &System, wire: WireId) -> Result<&Ints, Error> {
        entries(system, &self.trace, &self.columns, wire)
    }

    /// The entries of a column.
    ///
    /// # Errors
    /// A column without entries.
    pub fn column(&self, system: &System, column: usize) -> Result<&Ints, Error> {
        self.columns[column]
            .as_ref()
            .or_else(|| self.trace.get(tensor_of(system, column)?))
            .ok_or_else(|| Error::internal("a column has no entries"))
    }
}

/// The tensor whose entries a column has, if it is not a derived one.
fn tensor_of(system: &System, column: usize) -> Option<TensorId> {
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

/// What the relations of a proof read: integers by tensor and by column.
pub struct Resident<'a, B: Backend> {
    backend: &'a B,
    system: &'a System,
    tensors: HashMap<TensorId, Arc<B::Ints>>,
    columns: Vec<Option<Arc<B::Ints>>>,
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

/// The integers of a trace as a backend takes them.
pub fn slice(ints: &Ints) -> IntSlice<'_> {
    part(ints, 0..ints.len())
}

/// [`slice`] of some entries.
///
/// # Panics
/// If there are fewer.
pub fn part(ints: &Ints, range: Range<usize>) -> IntSlice<'_> {
    match ints {
        Ints::I8(v) => IntSlice::I8(&v[range]),
        Ints::U8(v) => IntSlice::U8(&v[range]),
        Ints::I16(v) => IntSlice::I16(&v[range]),
        Ints::U16(v) => IntSlice::U16(&v[range]),
        Ints::I32(v) => IntSlice::I32(&v[range]),
        Ints::I64(v) => IntSlice::I64(&v[range]),
    }
}

impl<'a, B: Backend> Resident<'a, B> {
    /// Uploads a witness.
    pub fn new(backend: &'a B, system: &'a System, witness: &Witness) -> Self {
        let upload = |ints: &Ints| Arc::new(backend.upload_ints(slice(ints)));
        let columns = witness.columns.iter().map(|c| c.as_ref().map(upload)).collect();
        let ids = (0..system.flat.program.nodes.len() as u32).map(TensorId);
        let tensors = ids.filter_map(|t| Some((t, upload(witness.trace.get(t)?)))).collect();
        Resident { backend, system, tensors, columns }
    }

    /// The entries of a wire that stands for a tensor or a column.
    ///
    /// # Errors
    /// The wire stands for neither.
    pub fn wire(&self, wire: WireId) -> Result<&B::Ints, Error> {
        self.find(wire).map(Arc::as_ref)
    }

    /// [`Resident::wire`], to keep.
    ///
    /// # Errors
    /// The wire stands for neither.
    pub fn shared(&self, wire: WireId) -> Result<Arc<B::Ints>, Error> {
        self.find(wire).cloned()
    }

    fn find(&self, wire: WireId) -> Result<&Arc<B::Ints>, Error> {
        let w = self.system.wire(wire);
        let column = match w.kind {
            WireKind::Column(c) => self.columns[c].as_ref(),
            _ => None,
        };
        column.or_else(|| self.tensors.get(&w.tensor?)).ok_or_else(|| Error::internal("a relation reads a tensor that was not kept"))
    }

    /// The entries of a column.
    ///
    /// # Errors
    /// A column without entries.
    pub fn column(&self, column: usize) -> Result<&B::Ints, Error> {
        self.columns[column]
            .as_ref()
            .or_else(|| self.tensors.get(&tensor_of(self.system, column)?))
            .map(Arc::as_ref)
            .ok_or_else(|| Error::internal("a column has no entries"))
    }

    /// The value of a wire with entries at a point given by the weights of its high and low variables.
    ///
    /// # Errors
    /// As [`Resident::wire`].
    pub fn evaluate(&self, wire: WireId, high: &B::Vector, low: &B::Vector) -> Result<Fr, Error> {
        let dims = [self.backend.len(high), self.backend.len(low)];
        let value = self.backend.weigh(self.wire(wire)?, &dims, &[Some(high), Some(low)]);
        Ok(self.backend.get(&value, 0))
    }
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

/// How often each entry of a table is looked up.
fn multiplicities(system: &System, trace: &Trace, columns: &[Option<Ints>], table: usize, honest: bool) -> Result<Ints, Error> {
    let size = 1usize << system.table_vars(table);
    let lo = match system.tables[table] {
        TableSpec::Function { table } => system.flat.program.tables[table].lo,
        _ => 0,
    };
    let mut counts = vec![0u32; size];
    for lookup in system.lookups.iter().filter(|l| l.table == table) {
        let (terms, constant) = expand(system, lookup.x);
        let terms = terms
            .iter()
            .map(|&(w, c)| {
                Ok((entries(system, trace, columns, w)?, small(c).ok_or_else(|| Error::internal("a lookup's argument is not integral"))?))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let start = small(constant).ok_or_else(|| Error::internal("a lookup's argument is not integral"))? - lo;
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
            let part = part.ok_or_else(|| Error::internal("a looked-up value is not in its table"))?;
            counts.iter_mut().zip(part).for_each(|(c, p)| *c += p);
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    Ok(match most {
        0..256 => Ints::U8(counts.iter().map(|&c| c as u8).collect()),
        256..65536 => Ints::U16(counts.iter().map(|&c| c as u16).collect()),
        _ => Ints::I64(counts.iter().map(|&c| i64::from(c)).collect()),
    })
}
