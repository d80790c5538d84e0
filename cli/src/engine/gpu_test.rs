//! The machine's GPU, tested whatever is remembered of it.

use anyhow::{Result, bail};
use assay_gpu::cuda::{Fault, Identity};
use assay_gpu::{Choice, Cuda, Wish};

use super::about::AboutGpu;
use super::{gpu_settings, verdicts};
use crate::output::Output;

/// A GPU that was tested.
pub struct TestedGpu {
    /// Which one it is.
    pub about: AboutGpu,
    /// What is wrong with it, if anything.
    pub fault: Option<Fault>,
    /// Seconds of the test.
    pub seconds: f64,
    /// Whether proofs are computed on it from here on.
    pub used: bool,
}

/// Tests the GPU of this machine, and remembers what came of it.
///
/// # Errors
/// There is none, or the environment asks for what it cannot have.
pub fn test_gpu(output: &Output) -> Result<TestedGpu> {
    gpu_settings::limit_waits()?;
    let (identity, cuda) = match Identity::of_first().and_then(|identity| Ok((identity, Cuda::detect()?))) {
        Ok(found) => found,
        Err(reason) => bail!("no GPU: {reason}"),
    };
    let about = AboutGpu::of(cuda);
    let (tested, seconds) = verdicts::test(cuda, &identity, output)?;
    let used = match assay_gpu::wish()? {
        Wish::For(choice) => matches!(choice, Choice::Cuda(_)),
        Wish::Best => tested.is_ok(),
    };
    Ok(TestedGpu { about, fault: tested.err(), seconds, used })
}
