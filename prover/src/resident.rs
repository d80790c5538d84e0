//! A run where a backend computes: what relations, lookups and the opening read.

use crate::error::Error;
use crate::witness::{Witness, kept, narrow, not_in_table, place, tensor_of};
use ark_bn254::Fr;
use assay_core::execute::{Held, outputs_on, trace_on};
use assay_core::system::{Source, System, WireId, WireKind};
use assay_core::{Ints, Tensor, TensorId};
use assay_gpu::{Backend, Executor, IntSlice};
use std::collections::HashMap;
use std::sync::Arc;

/// Integers by tensor and by column, on a backend.
pub struct Resident<'a, B: Backend> {
    backend: &'a B,
    system: &'a System,
    tensors: HashMap<TensorId, Arc<B::Ints>>,
    columns: Vec<Option<Arc<B::Ints>>>,
    /// By column: multiplicities, which the host reads too.
    counts: HashMap<usize, Ints>,
    /// The outputs, in port order.
    pub(crate) outputs: Vec<Tensor>,
}

impl<'a, B: Backend> Resident<'a, B> {
    /// Moves a witness to a backend.
    pub fn new(backend: &'a B, system: &'a System, witness: Witness) -> Self {
        let Witness { trace, columns, outputs } = witness;
        let tables = (0..system.tables.len()).filter_map(|table| system.layout.multiplicities(table));
        let counts = tables.filter_map(|column| Some((column, columns[column].clone()?))).collect();
        let upload = |ints: Ints| Arc::new(backend.upload_int_vec(ints));
        let tensors = trace.into_tensors().map(|(tensor, ints)| (tensor, upload(ints))).collect();
        let columns = columns.into_iter().map(|column| column.map(upload)).collect();
        Resident { backend, system, tensors, columns, counts, outputs }
    }

    /// Runs the program on a backend that executes; what it gives stays there, but for outputs and multiplicities.
    ///
    /// # Errors
    /// Inputs that do not fit.
    pub(crate) fn run(
        backend: &'a B,
        executor: &dyn Executor<Tensor = Arc<B::Ints>>,
        system: &'a System,
        held: &Held<'_, Arc<B::Ints>>,
        inputs: &[Tensor],
    ) -> Result<Self, Error> {
        let keep = kept(system);
        let trace = trace_on(executor, &system.flat, held, inputs, |t: TensorId| keep[t.index()])?;
        let outputs = outputs_on(executor, &system.flat, &trace)?;
        let (tensors, counts) = (trace.into_tensors().collect(), HashMap::new());
        let mut resident = Resident { backend, system, tensors, columns: vec![], counts, outputs };
        let columns = system.layout.columns.iter().map(|c| resident.derive(executor, &c.source));
        resident.columns = columns.collect::<Result<_, _>>()?;
        for table in 0..system.tables.len() {
            let counts = resident.multiplicities(executor, table)?;
            let column = system.layout.multiplicities(table).ok_or_else(|| Error::internal("a table has no multiplicities"))?;
            resident.columns[column] = Some(Arc::new(backend.upload_ints(IntSlice::from(&counts))));
            resident.counts.insert(column, counts);
        }
        Ok(resident)
    }

    fn derive(&self, executor: &dyn Executor<Tensor = Arc<B::Ints>>, source: &Source) -> Result<Option<Arc<B::Ints>>, Error> {
        let tensor = |t: &TensorId| self.tensors.get(t).ok_or_else(|| Error::internal("a column reads a tensor that was not kept"));
        Ok(match source {
            Source::Constant(_) | Source::Tensor(_) | Source::Multiplicity(_) => None,
            Source::Limb { tensor: t, add, low, width } => Some(executor.limb(tensor(t)?, *add, *low, *width)),
            Source::LimbNonZero { tensor: t, add, low, width } => Some(executor.limb_exceeds(tensor(t)?, *add, *low, *width, 0)),
            Source::Tie { tensor: t, shift } => Some(executor.limb_exceeds(tensor(t)?, 1 << (shift - 1), 0, shift + 1, 1 << shift)),
        })
    }

    fn multiplicities(&self, executor: &dyn Executor<Tensor = Arc<B::Ints>>, table: usize) -> Result<Ints, Error> {
        let size = 1usize << self.system.table_vars(table);
        let mut counts = vec![0u32; size];
        for lookup in self.system.lookups.iter().filter(|l| l.table == table) {
            let (terms, start) = place(self.system, lookup)?;
            let terms = terms.into_iter().map(|(wire, coef)| Ok((self.find(wire)?, coef))).collect::<Result<Vec<_>, Error>>()?;
            if terms.is_empty() {
                continue;
            }
            let (own, outside) = executor.count(&terms, start, size);
            if outside > 0 {
                return Err(not_in_table());
            }
            counts.iter_mut().zip(own).for_each(|(count, own)| *count += own);
        }
        Ok(narrow(&counts))
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

    /// The multiplicities of a table.
    ///
    /// # Errors
    /// There are none.
    pub(crate) fn counts(&self, table: usize) -> Result<&Ints, Error> {
        let counts = self.system.layout.multiplicities(table).and_then(|column| self.counts.get(&column));
        counts.ok_or_else(|| Error::internal("a table has no multiplicities"))
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
