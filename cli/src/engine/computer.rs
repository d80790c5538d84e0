//! What computes in a command: the chosen backend, and the processor where a GPU fails or is too small.

use anyhow::Result;
use assay_core::Program;
use assay_core::limits::Economy;
use assay_gpu::Choice;
use assay_prover::wrap::WrapProvingKey;
use serde_json::{Value, json};

use super::backend::name;
use super::choice::{Chosen, Gpu, choose};
#[cfg(feature = "cuda")]
use super::gpu_memory::GpuMemory;
use crate::output::Output;

/// The backend of a command.
pub struct Computer<'a> {
    choice: Choice,
    name: &'static str,
    /// Whether it was a GPU at first, or would have been.
    gpu: bool,
    incidents: Incidents,
    #[cfg(feature = "cuda")]
    memory: Option<GpuMemory>,
    #[cfg_attr(not(feature = "cuda"), allow(dead_code))]
    program: String,
    #[cfg_attr(not(feature = "cuda"), allow(dead_code))]
    output: &'a Output,
}

/// Where work is done, and how much of a proof is held there at a time.
#[derive(Clone, Copy)]
pub struct Place {
    /// The backend.
    pub choice: Choice,
    /// What fits it.
    pub economy: Economy,
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
    /// The backend that the environment asks for, or the best one that there is. A GPU must have the memory to prove the
    /// program: `gpu_memory`, what the environment allows, or what is free.
    ///
    /// # Errors
    /// A wish that cannot be met.
    pub fn new(program: &Program, gpu_memory: Option<u64>, output: &'a Output) -> Result<Self> {
        let Chosen { choice, gpu } = choose(output)?;
        let name = name(choice)?;
        let incidents = match &gpu {
            #[cfg(feature = "cuda")]
            Gpu::Refused(reason) => Incidents { retries: 0, fallbacks: 1, reason: Some(reason.clone()) },
            _ => Incidents::default(),
        };
        #[allow(unused_mut)]
        let mut computer = Computer {
            choice,
            name,
            gpu: !matches!(gpu, Gpu::Absent(_)),
            incidents,
            #[cfg(feature = "cuda")]
            memory: None,
            program: program.name.clone(),
            output,
        };
        #[cfg(feature = "cuda")]
        if let Choice::Cuda(cuda) = choice {
            computer.memory = Some(super::gpu_settings::memory(cuda, program, gpu_memory)?);
            computer.plan()?;
        }
        #[cfg(not(feature = "cuda"))]
        let _ = gpu_memory;
        Ok(computer)
    }

    /// Makes sure that there is memory for the wrap as well, beside so many powers of tau.
    ///
    /// # Errors
    /// There is not, and a GPU is required.
    pub fn expect_wrap(&mut self, key: &WrapProvingKey, powers: usize) -> Result<()> {
        #[cfg(feature = "cuda")]
        if let Some(memory) = &mut self.memory {
            memory.include_wrap(&key.groth16, powers);
            self.plan()?;
        }
        #[cfg(not(feature = "cuda"))]
        let _ = (key, powers);
        Ok(())
    }

    /// Says what of the GPU's memory will be held.
    pub fn announce(&self) {
        #[cfg(feature = "cuda")]
        if let Some(memory) = &self.memory {
            let [needed, budget] = [memory.needed(), memory.budget].map(crate::output::bytes);
            self.output.line(format_args!("the GPU will hold about {needed} of {budget}"));
        }
    }

    /// The name of the backend that computes now.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How the GPU did, for scripts; nothing where none was used.
    pub fn report(&self) -> Value {
        if !self.gpu {
            return Value::Null;
        }
        let Incidents { retries, fallbacks, reason } = &self.incidents;
        #[allow(unused_mut)]
        let mut report = json!({ "retries": retries, "fallbacks": fallbacks, "reason": reason });
        #[cfg(feature = "cuda")]
        if let (Some(memory), Choice::Cuda(cuda)) = (&self.memory, self.choice) {
            report["needed_bytes"] = memory.needed().into();
            report["budget_bytes"] = memory.budget.into();
            report["peak_bytes"] = cuda.memory().peak.into();
            report["keeps_points"] = memory.keeps_points().into();
            report["in_pieces"] = (memory.economy() != Economy::WHOLE).into();
        }
        report
    }

    /// What makes keys: the processor. A wrong commitment would outlive the command, and no proof under it would verify.
    pub fn for_keys(&self) -> Choice {
        match self.choice {
            #[cfg(feature = "cuda")]
            Choice::Cuda(_) => assay_gpu::processor(),
            choice => choice,
        }
    }

    /// Does work. Where a GPU fails, it is done again, and may be done on the processor in the end: the work starts over.
    ///
    /// # Errors
    /// Those of the work, or the failures of a GPU that is required.
    pub fn compute<T>(&mut self, mut work: impl FnMut(Place) -> Result<T>) -> Result<T> {
        match self.choice {
            #[cfg(feature = "cuda")]
            Choice::Cuda(cuda) => self.compute_on(cuda, work),
            choice => work(Place { choice, economy: Economy::USUAL }),
        }
    }

    /// Chooses the way to prove that fits the GPU, or the processor.
    #[cfg(feature = "cuda")]
    fn plan(&mut self) -> Result<()> {
        let (Some(memory), Choice::Cuda(cuda)) = (&mut self.memory, self.choice) else { return Ok(()) };
        if let Err(least) = memory.choose() {
            let (reason, given) = (memory.refusal(&self.program, least), memory.given);
            let remedy = if given { "allow more" } else { "free some" };
            if assay_gpu::gpu_required() {
                anyhow::bail!("{reason}: {remedy}, or unset ASSAY_REQUIRE_GPU to compute on the processor");
            }
            self.use_processor(&format!("{reason}: {remedy} to use the GPU"))?;
            self.incidents.fallbacks += 1;
            self.incidents.reason.get_or_insert(reason);
            return Ok(());
        }
        cuda.keep_points(memory.keeps_points());
        cuda.precompute_within(usize::try_from(memory.for_multiples()).unwrap_or(usize::MAX));
        Ok(())
    }

    #[cfg(feature = "cuda")]
    fn use_processor(&mut self, reason: &str) -> Result<()> {
        self.choice = assay_gpu::processor();
        self.name = name(self.choice)?;
        self.memory = None;
        self.output.warn(format_args!("{reason}; the processor computes instead, with the {} backend", self.name));
        Ok(())
    }

    #[cfg(feature = "cuda")]
    fn compute_on<T>(&mut self, cuda: assay_gpu::Cuda, work: impl FnMut(Place) -> Result<T>) -> Result<T> {
        use super::guard::{Next, guarded};
        use assay_gpu::cuda::Unavailable;
        let economy = self.memory.as_ref().map_or(Economy::PIECES, GpuMemory::economy);
        let mut incidents = Incidents::default();
        let next = |next: Next<'_>| match next {
            Next::Again => {
                let opened = match assay_gpu::Cuda::reopen() {
                    Err(Unavailable::Stuck) => return Ok(None),
                    opened => opened?,
                };
                // Memory may have been what was missing, whatever was estimated.
                opened.keep_points(false);
                self.memory.iter_mut().for_each(GpuMemory::choose_least);
                self.choice = Choice::Cuda(opened);
                Ok(Some(Place { choice: self.choice, economy: Economy::LEAST }))
            }
            Next::Instead(_) if assay_gpu::gpu_required() => Ok(None),
            Next::Instead(reason) => {
                self.use_processor(reason)?;
                Ok(Some(Place { choice: self.choice, economy: Economy::USUAL }))
            }
        };
        let done = guarded(&mut incidents, Place { choice: Choice::Cuda(cuda), economy }, next, work)?;
        if let (Some(reason), 0) = (&incidents.reason, incidents.fallbacks) {
            self.output.warn(format_args!("{reason}; the GPU was opened anew, and the second try succeeded"));
        }
        self.incidents.retries += incidents.retries;
        self.incidents.fallbacks += incidents.fallbacks;
        self.incidents.reason = self.incidents.reason.take().or(incidents.reason);
        Ok(done)
    }
}
