//! A GPU that fails in the middle of a command.

use std::panic::{self, AssertUnwindSafe};

use anyhow::{Result, anyhow};
use assay_gpu::cuda::device_failure;

/// Runs a command. What a backend says about a failed device, by a panic, becomes the command's error; other panics stay.
pub fn explained<T>(command: impl FnOnce() -> Result<T>) -> Result<T> {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if device_failure(info.payload()).is_none() {
            usual(info);
        }
    }));
    // What the command held is gone with it: nothing that its panic left half done is seen again.
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|panic| match device_failure(&*panic) {
        Some(sentence) => Err(anyhow!("{sentence}; ASSAY_BACKEND=processor, without ASSAY_REQUIRE_GPU, computes on the processor")),
        None => panic::resume_unwind(panic),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_panics_and_errors_stay() {
        assert_eq!(explained(|| Ok(7)).expect("a number"), 7);
        assert_eq!(explained::<()>(|| Err(anyhow!("no"))).expect_err("an error").to_string(), "no");
        let panic = panic::catch_unwind(|| explained::<()>(|| panic!("a bug"))).expect_err("a panic");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"a bug"));
    }
}
