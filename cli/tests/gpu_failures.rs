//! A GPU that fails while it computes: tried again, then replaced by the processor, unless it is required.

#![cfg(all(feature = "cuda", target_os = "linux"))]

mod scratch;
mod stand_in;

use scratch::Folder;
use serde_json::{Value, json};
use stand_in::run;

const PROVE: [&str; 4] = ["prove", "heat2d:4x4x2", "-o", "x"];

/// Proves with a fault, which must not show in the receipt; the object and what was said.
fn proves(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Option<(Value, String)> {
    let folder = Folder::new(name);
    let (code, object, said) = run(&folder, arguments, variables)?;
    assert_eq!(code, 0, "{said}");
    folder.succeeds(&["verify", "x"]);
    Some((object, said))
}

#[test]
fn a_launch_that_fails_once_is_tried_again() {
    let Some((object, said)) = proves("fails-once", &PROVE, &[("SHIM_FAIL_LAUNCH", "60")]) else { return };
    let reason = "the CUDA device failed: unspecified launch failure";
    assert_eq!(said, format!("warning: {reason}; the GPU was opened anew, and the second try succeeded\n"));
    assert_eq!(object["backend"], "cuda");
    assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(1), &json!(0)));
    assert_eq!(object["gpu"]["reason"], reason);
}

#[test]
fn an_allocation_that_fails_once_is_tried_again() {
    let Some((object, said)) = proves("allocation", &PROVE, &[("SHIM_FAIL_ALLOCATION", "60")]) else { return };
    assert!(said.starts_with("warning: the CUDA device failed: out of memory"), "{said}");
    assert_eq!((&object["backend"], &object["gpu"]["retries"]), (&json!("cuda"), &json!(1)));
}

#[test]
fn a_launch_that_fails_twice_leaves_it_to_the_processor() {
    // What the first context broke with, or the one after it; with a driver that a new context does not mend.
    let faults: [&[(&str, &str)]; 2] = [&[("SHIM_FAIL_LAUNCH", "60+")], &[("SHIM_FAIL_LAUNCH", "60"), ("SHIM_STAYS_BROKEN", "1")]];
    for (name, fault) in ["fails-twice", "stays-broken"].into_iter().zip(faults) {
        let Some((object, said)) = proves(name, &PROVE, fault) else { return };
        assert!(said.starts_with("warning: the CUDA device failed: unspecified launch failure"), "{said}");
        let backend = object["backend"].as_str().expect("a name");
        assert!(["portable", "ifma"].contains(&backend));
        assert!(said.ends_with(&format!("; the processor computes instead, with the {backend} backend\n")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(1), &json!(1)));
    }
}

#[test]
fn without_another_device_that_fails_the_first_one_goes_on() {
    // Rows that are spread over the devices, of which the second one runs no kernel.
    let variables = [("SHIM_DEVICES", "2"), ("SHIM_BROKEN_DEVICE", "1")];
    let Some((object, said)) = proves("another-fails", &["prove", "heat2d:64x64x32", "-o", "x"], &variables) else { return };
    let reason = "the CUDA device failed: unspecified launch failure";
    assert_eq!(said, format!("warning: {reason}; the GPU was opened anew, and the second try succeeded\n"));
    assert_eq!(object["backend"], "cuda");
    assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(1), &json!(0)));
}

#[test]
fn a_kernel_that_never_ends_leaves_it_to_the_processor() {
    let reason = "the CUDA device failed: it has not answered for 0.5 s";
    let variables = [("SHIM_HANG_LAUNCH", "60"), ("ASSAY_GPU_TIMEOUT", "0.5")];
    let Some((object, said)) = proves("hangs", &PROVE, &variables) else { return };
    let backend = object["backend"].as_str().expect("a name");
    assert!(["portable", "ifma"].contains(&backend));
    assert_eq!(said, format!("warning: {reason}; the processor computes instead, with the {backend} backend\n"));
    // It was not tried again.
    assert_eq!(object["gpu"], json!({ "retries": 0, "fallbacks": 1, "reason": reason }));

    // In the wrap, and where the GPU is required.
    let wrap = [&PROVE[..], &["--wrap"]].concat();
    let variables = [("SHIM_HANG_LAUNCH", "400"), ("ASSAY_GPU_TIMEOUT", "0.5")];
    let (object, said) = proves("hangs-in-the-wrap", &wrap, &variables).expect("the stand-in");
    assert!(said.starts_with(&format!("warning: {reason}")) && said.lines().count() == 1, "{said}");
    assert_eq!(object["gpu"]["fallbacks"], 1);
    let folder = Folder::new("hangs-required");
    let variables = [&variables[..], &[("ASSAY_REQUIRE_GPU", "1")]].concat();
    let (code, object, said) = run(&folder, &wrap, &variables).expect("the stand-in");
    let sentence = format!("{reason}; unset ASSAY_REQUIRE_GPU to compute on the processor");
    assert_eq!((code, &object["error"], said), (2, &json!(sentence), format!("error: {sentence}\n")));
    assert!(folder.is_empty());
}

#[test]
fn a_wrong_result_is_caught_and_computed_again() {
    for (kernel, retries, fallbacks) in [("fold_product_round_2", 1, 0), ("weigh_buckets_g1", 1, 0), ("fold_product_round_2+", 1, 1)] {
        let Some((object, said)) = proves("wrong", &PROVE, &[("SHIM_WRONG_KERNEL", kernel)]) else { return };
        assert!(said.starts_with("warning: a proof that the GPU made does not verify ("), "{kernel}: {said}");
        assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(retries), &json!(fallbacks)), "{kernel}");
    }
}

#[test]
fn wrapped_proofs_survive_failures_too() {
    // Only the wrap launches these kernels. Rows are wrong each time: one alone does not show where the other factor is 0.
    let arguments = [&PROVE[..], &["--wrap"]].concat();
    for (kernel, check, fallbacks) in [("weigh_buckets_g2", "the pairing equation", 0), ("multiply_rows+", "a constraint", 1)] {
        let Some((object, said)) = proves("wrap", &arguments, &[("SHIM_WRONG_KERNEL", kernel)]) else { return };
        assert!(said.starts_with(&format!("warning: a proof that the GPU made does not verify ({check} of the wrap)")), "{said}");
        assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(1), &json!(fallbacks)), "{kernel}");
    }
}

#[test]
fn a_required_gpu_is_tried_twice_and_not_replaced() {
    let folder = Folder::new("required");
    let variables = [("SHIM_FAIL_LAUNCH", "60+"), ("ASSAY_REQUIRE_GPU", "1")];
    let Some((code, object, said)) = run(&folder, &PROVE, &variables) else { return };
    assert_eq!(code, 2);
    let sentence = object["error"].as_str().expect("a sentence");
    assert!(sentence.starts_with("the CUDA device failed: unspecified launch failure"), "{sentence}");
    assert!(sentence.ends_with("; unset ASSAY_REQUIRE_GPU to compute on the processor"), "{sentence}");
    assert_eq!(said, format!("error: {sentence}\n"));
    assert!(folder.is_empty());
}

#[test]
fn bad_input_is_not_tried_again() {
    let folder = Folder::new("bad-input");
    folder.write("x.npy", b"no array");
    let Some((code, _, said)) = run(&folder, &["prove", "matmul:2x2x2", "-i", "x.npy", "-o", "x"], &[]) else { return };
    assert_eq!((code, said.lines().count()), (2, 1), "{said}");
}

#[test]
fn benches_count_failures() {
    let folder = Folder::new("bench-fails");
    let Some((code, object, said)) = run(&folder, &["bench", "--quick", "heat2d:4x4x2"], &[("SHIM_FAIL_LAUNCH", "60+")]) else { return };
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("warning: heat2d:4x4x2: the CUDA device failed"), "{said}");
    assert_eq!(object["gpu"]["name"], "CPU stand-in");
    assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(1), &json!(1)));
    assert_eq!(object["jobs"][0]["gpu"]["fallbacks"], 1);
    assert_ne!(object["jobs"][0]["backend"], "cuda");
}
