//! The self-test, on a device that is right, and on one where a kernel is wrong once.

use std::{collections::BTreeSet, ffi::CString, fs, path::Path};

use assay_gpu::cuda::Fault;

use crate::stand_in;

/// Kernels that the self-test does not reach: so few terms need one level only, and multiples are made where somebody asks for
/// them.
const UNREACHED: [&str; 2] = ["add_tile_totals", "multiples"];

/// Kernels whose results are places: a wrong one writes outside its memory, which ends the stand-in, as it ends a context.
const PLACES: [&str; 2] = ["count_digits", "scan_tiles"];

/// Kernels whose one wrong bit does not count: the lowest one of a number whose length is asked for, and that of a total which
/// nobody adds.
const UNNOTICED: [&str; 2] = ["largest_size", "divide_totals"];

/// All kernels, and the family that each belongs to: one source for several types or groups.
fn kernels() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cuda/ptx");
    let mut kernels = Vec::new();
    for entry in fs::read_dir(folder).expect("the modules") {
        let text = fs::read_to_string(entry.expect("a module").path()).expect("a text");
        for name in text.lines().filter_map(|line| line.split_once(".entry ")?.1.split_once('(')) {
            let endings = ["_i8", "_u8", "_i16", "_u16", "_i32", "_u32", "_i64", "_field", "_full", "_g1", "_g2"];
            let family = endings.iter().fold(name.0, |family, ending| family.strip_suffix(ending).unwrap_or(family));
            kernels.push((name.0.to_owned(), family.to_owned()));
        }
    }
    assert!(kernels.len() > 100, "{} kernels", kernels.len());
    kernels
}

#[test]
fn a_wrong_kernel_is_found() {
    stand_in::in_one_order(|cuda, library| {
        assert_eq!(cuda.self_test(), Ok(()));
        if std::env::var_os("ASSAY_SHIM_FLAGS").is_some() {
            // What kernels make of wrong numbers is the sanitizer's business only where the numbers are ours.
            return;
        }
        let (mut all, mut found) = (BTreeSet::new(), BTreeSet::new());
        let left_out = |family: &str| UNREACHED.iter().chain(&PLACES).chain(&UNNOTICED).any(|name| *name == family);
        for (name, family) in kernels().into_iter().filter(|(_, family)| !left_out(family)) {
            let c_name = CString::new(name.clone()).expect("a name");
            // SAFETY: the library exports a function of this type.
            unsafe { library.get::<extern "C" fn(*const i8)>(b"shim_break_kernel").expect("shim_break_kernel")(c_name.as_ptr()) };
            match cuda.self_test() {
                Ok(()) => {}
                Err(Fault::Differs(_)) => drop(found.insert(family.clone())),
                Err(other) => panic!("{name}: {other}"),
            }
            all.insert(family);
        }
        let missed: Vec<_> = all.difference(&found).collect();
        assert!(missed.is_empty(), "{missed:?}");
    });
}
