//! `assay gpu`: the machine's GPU, tested.

use anyhow::Result;

use crate::output::{Output, Verdict};

/// Show the GPU of this machine, test it anew, and say whether proofs are computed on it
#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
#[cfg(feature = "cuda")]
pub fn run(output: &Output) -> Result<Verdict> {
    use crate::engine;
    use crate::output::seconds;

    let found = engine::test_gpu(output)?;
    output.line(&found.about);
    let took = seconds(found.seconds);
    match &found.fault {
        None => output.line(format_args!("its self-test passed, in {took}")),
        Some(fault) => output.line(format_args!("its self-test failed, in {took}: {fault}")),
    }
    let by = match (found.used, &found.fault) {
        (true, None) => "proofs are computed on it",
        (true, Some(_)) => "proofs are computed on it nevertheless, since ASSAY_BACKEND or ASSAY_REQUIRE_GPU asks for it",
        (false, None) => "proofs are computed on the processor, since ASSAY_BACKEND asks for it",
        (false, Some(_)) => "proofs are computed on the processor; a newer driver, or a test of the GPU's memory, may help",
    };
    output.line(by);
    let mut report = found.about.report();
    report["used"] = found.used.into();
    report["passed"] = found.fault.is_none().into();
    report["fault"] = found.fault.as_ref().map(ToString::to_string).into();
    report["self_test_seconds"] = found.seconds.into();
    output.object(&report)?;
    Ok(if found.fault.is_none() { Verdict::Done } else { Verdict::Invalid })
}

/// Says that there is none.
#[cfg(not(feature = "cuda"))]
pub fn run(_: &Output) -> Result<Verdict> {
    anyhow::bail!("no GPU: cuda is not part of this build")
}
