//! What is done when a GPU fails: the same work once more on the GPU, then on the processor.
//!
//! ```text
//! try ---- fails ----> try again ---- fails ----> the processor, unless a GPU is required
//!  |                     |                          |
//!  result                result, one retry          result, one retry and one fallback
//! ```
//! A GPU fails by the panic of a device that does not answer ([`device_failure`]), by a proof that does not verify, or by any other
//! panic: a wrong number may break what the host expects of it. A bug panics on the processor as well, which is its end. A GPU that
//! is stuck in its work is not tried again.
//! Every other error is that of the work, and is the work's end.

use std::panic::{self, AssertUnwindSafe};

use anyhow::{Result, anyhow};
use assay_gpu::cuda::device_failure;
use assay_prover::wrap;

use super::computer::Incidents;
use crate::output::sentence;

/// What a panic of the host is taken for, whose own words have been printed.
const UNEXPECTED: &str = "what the GPU computed broke the proof off";

/// What is asked for after a failure.
pub enum Next<'a> {
    /// The GPU, opened anew, unless it is stuck.
    Again,
    /// What computes in its place, if anything may, and why.
    Instead(&'a str),
}

/// Does `work` on a GPU, and where that fails, on what comes `next`.
///
/// # Errors
/// Those of the work; or the GPU's two failures, where nothing computes in its place.
pub fn guarded<D, T>(
    incidents: &mut Incidents,
    device: D,
    mut next: impl FnMut(Next<'_>) -> Result<Option<D>>,
    mut work: impl FnMut(D) -> Result<T>,
) -> Result<T> {
    let first = match tried(|| work(device)) {
        Ok(done) => return done,
        Err(reason) => reason,
    };
    incidents.reason = Some(first.clone());
    let reasons = match next(Next::Again) {
        Ok(Some(device)) => {
            incidents.retries += 1;
            match tried(|| work(device)) {
                Ok(done) => return done,
                Err(second) if second == first => format!("{first}, twice"),
                Err(second) => format!("{first}; then {second}"),
            }
        }
        Ok(None) => first,
        Err(error) => format!("{first}; then {}", sentence(&error)),
    };
    match next(Next::Instead(&reasons))? {
        Some(device) => {
            incidents.fallbacks += 1;
            work(device)
        }
        None => Err(anyhow!("{reasons}; unset ASSAY_REQUIRE_GPU to compute on the processor")),
    }
}

/// The work's own end, good or bad; or how the GPU failed.
fn tried<T>(work: impl FnOnce() -> Result<T>) -> Result<Result<T>, String> {
    // What the work held is gone with it: nothing that its panic left half done is seen again.
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => match done.as_ref().err().and_then(unverified) {
            Some(check) => Err(format!("a proof that the GPU made does not verify ({check})")),
            None => Ok(done),
        },
        Err(panic) => Err(device_failure(&*panic).unwrap_or(UNEXPECTED).to_owned()),
    }
}

/// The check that a finished proof failed, if that is what an error says.
fn unverified(error: &anyhow::Error) -> Option<&str> {
    let inner = error.downcast_ref::<assay_prover::Error>().and_then(assay_prover::Error::unverified);
    inner.or_else(|| error.downcast_ref::<wrap::Error>()?.unverified())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = "the CUDA device failed: out of memory";

    type Try = fn() -> Result<u32>;

    /// What the tries do, in order, and whether there is a processor: the result, the incidents, and how many tries there were.
    fn outcome(tries: &[Try], processor: bool) -> (Result<u32>, Incidents, usize) {
        let (mut incidents, mut done) = (Incidents::default(), 0);
        let work = |place: usize| {
            done += 1;
            assert_eq!(place, done, "the device, the device opened again, the processor");
            if place == 3 { Ok(100) } else { tries[place - 1]() }
        };
        let next = |next: Next<'_>| match next {
            Next::Again => Ok(Some(2)),
            Next::Instead(_) => Ok(processor.then_some(3)),
        };
        let result = guarded(&mut incidents, 1, next, work);
        (result, incidents, done)
    }

    fn fails() -> Result<u32> {
        panic!("{FAILED}")
    }

    fn lies() -> Result<u32> {
        Err(assay_prover::Error::Unverified("an evaluation".into()).into())
    }

    #[test]
    fn work_that_succeeds_is_done_once() {
        assert!(matches!(outcome(&[|| Ok(7)], true), (Ok(7), incidents, 1) if incidents == Incidents::default()));
    }

    #[test]
    fn a_failure_is_tried_again() {
        let (result, incidents, tries) = outcome(&[fails, || Ok(7)], true);
        assert_eq!((result.expect("a number"), tries), (7, 2));
        assert_eq!(incidents, Incidents { retries: 1, fallbacks: 0, reason: Some(FAILED.into()) });
    }

    #[test]
    fn two_failures_leave_it_to_the_processor() {
        const TRIES: [[Try; 2]; 3] = [[fails, fails], [lies, fails], [lies, lies]];
        for (tries, said) in TRIES.into_iter().zip(["the CUDA device failed", "does not verify", "does not verify"]) {
            let (result, incidents, tries) = outcome(&tries, true);
            assert_eq!((result.expect("a number"), tries), (100, 3));
            assert_eq!((incidents.retries, incidents.fallbacks), (1, 1));
            assert!(incidents.reason.expect("a reason").contains(said));
        }
    }

    #[test]
    fn a_required_gpu_has_no_substitute() {
        let (result, incidents, tries) = outcome(&[fails, lies], false);
        let said = result.expect_err("an error").to_string();
        assert!(said.starts_with(&format!("{FAILED}; then a proof that the GPU made does not verify")), "{said}");
        assert!(said.ends_with("unset ASSAY_REQUIRE_GPU to compute on the processor"), "{said}");
        assert_eq!((incidents.retries, incidents.fallbacks, tries), (1, 0, 2));
    }

    #[test]
    fn a_device_that_stays_closed_counts_as_a_failure() {
        let (mut incidents, mut said) = (Incidents::default(), String::new());
        let next = |next: Next<'_>| match next {
            Next::Again => Err(anyhow!("no device")),
            Next::Instead(reason) => {
                said = reason.to_owned();
                Ok(Some(true))
            }
        };
        let work = |processor: bool| if processor { Ok(100) } else { fails() };
        let result = guarded(&mut incidents, false, next, work);
        assert_eq!(result.expect("a number"), 100);
        assert_eq!(said, format!("{FAILED}; then no device"));
        assert_eq!(incidents, Incidents { retries: 0, fallbacks: 1, reason: Some(FAILED.into()) });
    }

    #[test]
    fn a_device_that_is_stuck_is_not_tried_again() {
        let (mut incidents, mut said) = (Incidents::default(), String::new());
        let next = |next: Next<'_>| {
            if let Next::Instead(reason) = next {
                said = reason.to_owned();
            }
            Ok(matches!(next, Next::Instead(_)).then_some(true))
        };
        let work = |processor: bool| if processor { Ok(100) } else { fails() };
        assert_eq!(guarded(&mut incidents, false, next, work).expect("a number"), 100);
        assert_eq!(said, FAILED);
        assert_eq!(incidents, Incidents { retries: 0, fallbacks: 1, reason: Some(FAILED.into()) });
    }

    #[test]
    fn wrapped_proofs_that_do_not_verify_count_too() {
        let errors: [fn() -> wrap::Error; 4] = [
            || wrap::Error::Unverified("a check".into()),
            || wrap::Error::Inner(assay_prover::Error::Unverified("a check".into())),
            || wrap::Error::Groth16(assay_prover::groth16::Error::Unverified),
            || wrap::Error::Groth16(assay_prover::groth16::Error::Fault { constraint: 7 }),
        ];
        for error in errors {
            assert!(unverified(&error().into()).is_some(), "{}", error());
        }
    }

    #[test]
    fn the_works_own_errors_end_it() {
        let (result, incidents, tries) = outcome(&[|| Err(assay_prover::Error::Input("two inputs".into()).into())], true);
        assert_eq!((result.expect_err("an error").to_string(), tries), ("two inputs".into(), 1));
        assert_eq!(incidents, Incidents::default());
        let (result, _, tries) = outcome(&[fails, || Err(anyhow!("no"))], true);
        assert_eq!((result.expect_err("an error").to_string(), tries), ("no".into(), 2));
    }

    #[test]
    fn a_panic_of_the_host_counts_until_the_processor_panics_too() {
        let (result, incidents, tries) = outcome(&[|| panic!("a wrong number"), || panic!("a wrong number")], true);
        assert_eq!((result.expect("a number"), tries), (100, 3));
        assert_eq!(incidents, Incidents { retries: 1, fallbacks: 1, reason: Some(UNEXPECTED.into()) });

        let work = |_: u32| -> Result<()> { panic!("a bug") };
        let on_all = || guarded(&mut Incidents::default(), 1, |_| Ok(Some(2)), work);
        let panic = panic::catch_unwind(AssertUnwindSafe(on_all)).expect_err("a panic");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"a bug"));
    }
}
