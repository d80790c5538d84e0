//! A key made ready on a backend, for any number of proofs.

use crate::error::Error;
use crate::keys::ProvingKey;
use crate::resident::Resident;
use crate::witness::Witness;
use ark_bn254::G1Affine;
use assay_core::execute::Held;
use assay_core::program::Op;
use assay_core::{DType, Ints, Tensor};
use assay_gpu::Backend;
use std::sync::Arc;

/// What all proofs with a key share, where a backend computes: powers of tau, and for a backend that runs programs itself their
/// constants and tables.
pub struct Workplace<'a, B: Backend> {
    /// What computes.
    pub backend: &'a B,
    /// The program and its key.
    pub key: &'a ProvingKey,
    /// The powers of tau.
    pub bases: B::Bases,
    constants: Vec<Option<Arc<B::Ints>>>,
    tables: Vec<Option<Arc<B::Ints>>>,
}

impl<'a, B: Backend> Workplace<'a, B> {
    /// Takes as many powers of tau as the key needs.
    ///
    /// # Panics
    /// If there are fewer than [`ProvingKey::num_powers`].
    pub fn new(backend: &'a B, key: &'a ProvingKey, powers: &[G1Affine]) -> Self {
        let bases = backend.keep_bases(&powers[..key.num_powers()]);
        let (mut constants, mut tables) = (vec![], vec![]);
        if let Some(executor) = backend.executor() {
            let program = &key.system.flat.program;
            constants.resize(program.constants.len(), None);
            for node in &program.nodes {
                if let Op::Const(index) = node.op
                    && let (None, Some(values)) = (&constants[index], &program.constants[index].values)
                {
                    constants[index] = Some(executor.place(values, node.storage()));
                }
            }
            let place = |table: &assay_core::program::Table| executor.place(&Ints::I32(table.values.clone()), DType::I32);
            tables = program.tables.iter().map(|table| Some(place(table))).collect();
        }
        Workplace { backend, key, bases, constants, tables }
    }

    /// Runs the program, on the backend if it does that.
    ///
    /// # Errors
    /// Inputs that do not fit.
    pub fn run(&self, inputs: &[Tensor]) -> Result<Resident<'a, B>, Error> {
        let system = &self.key.system;
        match self.backend.executor() {
            Some(executor) => Resident::run(self.backend, executor, system, &Held::new(&self.constants, &self.tables), inputs),
            None => Ok(self.take(Witness::new(system, inputs)?)),
        }
    }

    /// Takes a witness from the host, true or not.
    pub fn take(&self, witness: Witness) -> Resident<'a, B> {
        Resident::new(self.backend, &self.key.system, witness)
    }
}
