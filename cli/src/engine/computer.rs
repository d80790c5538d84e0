//! What computes in a command: the chosen backend, and the processor where a GPU fails.

use anyhow::Result;
use assay_gpu::Choice;
use serde_json::{Value, json};

use super::backend::name;
use crate::output::Output;

/// The backend of a command.
pub struct Computer<'a> {
    choice: Choice,
    name: &'static str,
    /// Whether it was a GPU at first.
    gpu: bool,
    incidents: Incidents,
    output: &'a Output,
}

/// How often a GPU failed, and what it said first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incidents {
    /// Second tries on the GPU.
    pub retries: u32,
    /// Work that the processor did instead.
    pub fallbacks: u32,
    /// What the first failure was.
    pub reason: Option<String>,
}

impl<'a> Computer<'a> {
    /// The backend that the environment asks for, or the best one of the processor.
    pub fn new(output: &'a Output) -> Result<Self> {
        let choice = assay_gpu::select()?;
        let name = name(choice)?;
        Ok(Computer { choice, name, gpu: name == "cuda", incidents: Incidents::default(), output })
    }

    /// The name of the backend that computes now.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How the GPU did, for scripts; nothing where none was used.
    pub fn report(&self) -> Value {
        let Incidents { retries, fallbacks, reason } = &self.incidents;
        if self.gpu { json!({ "retries": retries, "fallbacks": fallbacks, "reason": reason }) } else { Value::Null }
    }

    /// Does work. Where a GPU fails, it is done again, and may be done on the processor in the end: the work starts over.
    ///
    /// # Errors
    /// Those of the work, or the failures of a GPU that is required.
    pub fn compute<T>(&mut self, mut work: impl FnMut(Choice) -> Result<T>) -> Result<T> {
        match self.choice {
            #[cfg(feature = "cuda")]
            Choice::Cuda(cuda) => self.compute_on(cuda, work),
            choice => work(choice),
        }
    }

    #[cfg(feature = "cuda")]
    fn compute_on<T>(&mut self, cuda: assay_gpu::Cuda, work: impl FnMut(Choice) -> Result<T>) -> Result<T> {
        let (before, processor, output) = (self.incidents.clone(), assay_gpu::processor(), self.output);
        let processor_name = name(processor)?;
        let mut opened = cuda;
        let again = || {
            opened = cuda.reopen()?;
            Ok(Choice::Cuda(opened))
        };
        let instead = |reason: &str| {
            let substitute = (!assay_gpu::gpu_required()).then_some(processor);
            if substitute.is_some() {
                output.warn(format_args!("{reason}; the processor computes instead, with the {processor_name} backend"));
            }
            substitute
        };
        let done = super::guard::guarded(&mut self.incidents, self.choice, again, instead, work)?;
        if self.incidents.fallbacks > before.fallbacks {
            (self.choice, self.name) = (processor, processor_name);
        } else if self.incidents.retries > before.retries {
            self.choice = Choice::Cuda(opened);
            let reason = self.incidents.reason.as_deref().unwrap_or_default();
            output.warn(format_args!("{reason}; the GPU was opened anew, and the second try succeeded"));
        }
        Ok(done)
    }
}
