//! A memory budget for the GPU: announced, kept, and refused where it is too small.

#![cfg(all(feature = "cuda", target_os = "linux"))]

mod scratch;
mod stand_in;

use scratch::Folder;
use serde_json::{Value, json};
use stand_in::{command, run, stderr};

const PROVE: [&str; 4] = ["prove", "heat2d:4x4x2", "-o", "x"];

fn number(object: &Value, name: &str) -> u64 {
    object["gpu"][name].as_u64().unwrap_or_else(|| panic!("{name}: {object}"))
}

#[test]
fn what_will_be_held_is_said_before() {
    let Some(driver) = stand_in::folder() else { return };
    let folder = Folder::new("announced");
    let arguments = [&PROVE[..], &["--gpu-memory", "1GiB"]].concat();
    let output = command(&folder, &arguments, &[("LD_LIBRARY_PATH", driver), ("ASSAY_BACKEND", "cuda")]).output().expect("it runs");
    let said = stderr(&output);
    assert!(said.contains("the GPU will hold about 1.") && said.contains(" MiB of 1.0 GiB\n"), "{said}");
    for variables in [&[][..], &[("ASSAY_GPU_MEMORY", "2 GiB")]] {
        let (code, object, said) = run(&folder, &PROVE, variables).expect("the stand-in");
        assert_eq!((code, said.as_str()), (0, ""));
        let (needed, peak, budget) = (number(&object, "needed_bytes"), number(&object, "peak_bytes"), number(&object, "budget_bytes"));
        assert!(peak <= needed && needed <= budget, "{object}");
        // Of the 8 GiB that the stand-in has, some are spared.
        assert_eq!(budget, if variables.is_empty() { 15 << 29 } else { 2 << 30 });
        assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(0), &json!(0)));
    }
    let estimated = folder.json(&["inspect", "heat2d:4x4x2"]);
    let (usual, least) = (&estimated["proof"]["estimated_gpu_memory_bytes"], &estimated["proof"]["least_gpu_memory_bytes"]);
    assert!(least.as_u64().is_some_and(|least| least > 0) && usual.as_u64() >= least.as_u64(), "{estimated}");
}

#[test]
fn a_tight_budget_is_kept() {
    let folder = Folder::new("tight");
    // Less than a proof with everything at once holds.
    let arguments = ["prove", "heat2d:64x64x32", "-o", "x", "--gpu-memory", "40MiB"];
    let Some((code, object, said)) = run(&folder, &arguments, &[]) else { return };
    assert_eq!((code, said.as_str()), (0, ""), "{object}");
    assert_eq!((&object["backend"], &object["gpu"]["in_pieces"]), (&json!("cuda"), &json!(true)));
    assert!(number(&object, "peak_bytes") <= number(&object, "needed_bytes"), "{object}");
    assert!(number(&object, "needed_bytes") <= 40 << 20, "{object}");
    folder.succeeds(&["verify", "x"]);
}

#[test]
fn multiples_are_precomputed_where_they_are_asked_for() {
    let folder = Folder::new("multiples");
    let Some((_, without, _)) = run(&folder, &PROVE, &[("ASSAY_GPU_PRECOMPUTE", "0")]) else { return };
    let (code, with, said) = run(&folder, &PROVE, &[("ASSAY_GPU_PRECOMPUTE", "1")]).expect("the stand-in");
    assert_eq!((code, said.as_str(), &with["backend"]), (0, "", &json!("cuda")), "{with}");
    assert!(number(&with, "needed_bytes") > number(&without, "needed_bytes"), "{with}");
    assert!(number(&with, "peak_bytes") <= number(&with, "needed_bytes"), "{with}");
    folder.succeeds(&["verify", "x"]);
    let wrapped = [&PROVE[..], &["--wrap"]].concat();
    let (_, without, _) = run(&folder, &wrapped, &[]).expect("the stand-in");
    let tight = format!("{}B", 2 * number(&without, "needed_bytes"));
    let limited = [&wrapped[..], &["--gpu-memory", &tight]].concat();
    let (code, with, said) = run(&folder, &limited, &[("ASSAY_GPU_PRECOMPUTE", "1")]).expect("the stand-in");
    assert_eq!((code, said.as_str(), &with["backend"]), (0, "", &json!("cuda")), "{with}");
    assert!(number(&with, "needed_bytes") > number(&without, "needed_bytes"), "{with}");
    assert!(number(&with, "peak_bytes") <= number(&with, "needed_bytes"), "{with}");
    folder.succeeds(&["verify", "x"]);
}

#[test]
fn a_gpu_that_is_too_small_leaves_it_to_the_processor() {
    let folder = Folder::new("too-small");
    let arguments = [&PROVE[..], &["--gpu-memory", "100KiB"]].concat();
    let allowed = "--gpu-memory or ASSAY_GPU_MEMORY allows 100 KiB: allow more";
    for (arguments, variable, limit) in [
        (&arguments[..], ("SHIM_UNUSED", "1"), allowed),
        (&PROVE, ("ASSAY_GPU_MEMORY", "100KiB"), allowed),
        (&PROVE, ("SHIM_MEMORY", "160000"), "its free memory is 146 KiB: free some"),
    ] {
        let Some((code, object, said)) = run(&folder, arguments, &[variable]) else { return };
        assert_eq!(code, 0, "{said}");
        assert!(said.starts_with("warning: proving `heat2d:4x4x2` takes at least 1."), "{said}");
        let backend = object["backend"].as_str().expect("a name");
        let rest =
            format!(" MiB of the GPU's memory, and {limit} to use the GPU; the processor computes instead, with the {backend} backend\n");
        assert!(said.ends_with(&rest) && said.lines().count() == 1, "{said}");
        assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(0), &json!(1)));
        folder.succeeds(&["verify", "x"]);
    }
}

#[test]
fn a_required_gpu_that_is_too_small_is_an_error() {
    let folder = Folder::new("required-small");
    let arguments = [&PROVE[..], &["--gpu-memory", "100KiB"]].concat();
    let Some((code, object, said)) = run(&folder, &arguments, &[("ASSAY_REQUIRE_GPU", "1")]) else { return };
    assert_eq!(code, 2);
    let sentence = object["error"].as_str().expect("a sentence");
    assert!(sentence.ends_with("allows 100 KiB: allow more, or unset ASSAY_REQUIRE_GPU to compute on the processor"), "{sentence}");
    assert_eq!(said, format!("error: {sentence}\n"));
    assert!(folder.is_empty());
}

#[test]
fn sizes_that_are_none_are_refused() {
    let folder = Folder::new("sizes");
    let Some((code, object, _)) = run(&folder, &PROVE, &[("ASSAY_GPU_MEMORY", "much")]) else { return };
    assert_eq!((code, &object["error"]), (2, &json!("ASSAY_GPU_MEMORY: `much` is not a size such as 8GiB or 512MiB")));
    let output = folder.run(&[&PROVE[..], &["--gpu-memory", "8GB"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`8GB` is not a size such as 8GiB or 512MiB"), "{}", stderr(&output));
    assert!(folder.is_empty());
}

#[test]
fn benches_keep_the_budget() {
    let folder = Folder::new("bench-small");
    let arguments = ["bench", "--quick", "heat2d:4x4x2", "--gpu-memory", "100KiB"];
    let Some((code, object, said)) = run(&folder, &arguments, &[]) else { return };
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("warning: heat2d:4x4x2: proving `heat2d:4x4x2` takes at least"), "{said}");
    assert_eq!((&object["gpu"]["retries"], &object["gpu"]["fallbacks"]), (&json!(0), &json!(1)));
}

#[test]
fn a_wrap_is_counted_too() {
    let folder = Folder::new("wrap-memory");
    let arguments = [&PROVE[..], &["--wrap"]].concat();
    let Some((code, object, said)) = run(&folder, &arguments, &[]) else { return };
    assert_eq!((code, said.as_str()), (0, ""));
    let (needed, peak) = (number(&object, "needed_bytes"), number(&object, "peak_bytes"));
    assert!(peak <= needed && needed < 8 * peak, "{object}");
    // Enough for the proof, and for the wrap in its smallest form only.
    let tight = format!("{}B", needed / 2);
    let (code, object, said) = run(&folder, &[&arguments[..], &["--gpu-memory", &tight]].concat(), &[]).expect("the stand-in");
    assert_eq!((code, said.as_str()), (0, ""), "{object}");
    assert!(number(&object, "peak_bytes") <= needed / 2, "{object}");
    assert_eq!((&object["backend"], &object["gpu"]["keeps_points"]), (&json!("cuda"), &json!(false)));
    folder.succeeds(&["verify", "x"]);
}
