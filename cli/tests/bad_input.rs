//! Bad input: one clear sentence, exit code 2, no partial output, no panic.

mod scratch;

use scratch::Folder;

/// A version 1 `.npy` file of int8 elements.
fn npy(shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|i1', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn arguments_are_explained() {
    let folder = Folder::new("arguments");
    for (arguments, sentence) in [
        (&["run", "matmul:3x5"][..], "`matmul:3x5` is not of the form matmul:MxKxN with sizes from 1 to 1048576"),
        (&["run", "matmul:0x1x1"], "is not of the form matmul:MxKxN"),
        (&["run", "sort:9"], "`sort:9` is neither a file nor a built-in program"),
        (&["run", "nothing.toml"], "the job file nothing.toml does not exist"),
        (&["run", "matmul:2x2x2", "--input", "nothing.npy"], "the input nothing.npy does not exist"),
        (&["run", "matmul:2x2x2", "--input", "."], "the input . is a folder, not a file"),
        (&["run", "matmul:2x2x2", "-o", "none/x.npy"], "cannot write the output none/x.npy: its folder does not exist"),
        (&["run", "matmul:2x2x2", "-o", "z=x.npy"], "the program's outputs are c"),
        (&["srs", "verify", "nothing"], "no reference string `nothing`: it is neither in the cache"),
        (&["srs", "verify", "../x"], "no reference string `../x`"),
        (&["verify", "nothing.receipt"], "the receipt nothing.receipt does not exist"),
        (&["prove", "matmul:2x2x2"], "where should the receipt go? give --output FILE"),
        (&["prove", "matmul:2x2x2", "--context", "xyz", "-o", "r"], "the context `xyz` is neither a file nor hexadecimal digits"),
    ] {
        folder.refuses(arguments, sentence);
    }
    assert!(folder.is_empty());
}

#[test]
fn damaged_and_unfit_arrays_are_explained() {
    let folder = Folder::new("arrays");
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("empty", vec![], "this is not a .npy file"),
        ("text", b"hello".to_vec(), "this is not a .npy file"),
        ("cut", npy("(2, 2)", &[1, 2, 3]), "holds 3 bytes of elements where its shape [2, 2] of int8 takes 4"),
        ("long", npy("(2, 2)", &[0; 5]), "holds 5 bytes"),
        ("header", npy("(2, 2)", &[0; 4])[..20].to_vec(), "ends after 20 bytes, inside its header"),
        ("hostile", npy("(99999999, 99999999, 99999999)", &[]), "too large"),
        ("shape", npy("(4,)", &[0; 4]), "expected an array of shape [2,2], found [4]"),
        ("version", b"\x93NUMPY\x09\x00\x00\x00".to_vec(), "version 9.0 is not supported"),
    ];
    for (name, bytes, sentence) in cases {
        let file = format!("{name}.npy");
        folder.write(&file, &bytes);
        folder.refuses(&["run", "matmul:2x2x2", "--input", &file, "-o", "out.npy"], sentence);
    }
    assert!(!folder.names().iter().any(|name| name.contains("out")), "{:?}", folder.names());
}

#[test]
fn inputs_that_do_not_exist_or_repeat_are_explained() {
    let folder = Folder::new("inputs");
    folder.write("x.npy", &npy("(2, 2)", &[1; 4]));
    folder.refuses(&["run", "matmul:2x2x2", "--input", "q=x.npy"], "no input `q`; it takes `a` (int8 [2,2]), `b` (int8 [2,2])");
    folder.refuses(&["run", "matmul:2x2x2", "--input", "x.npy", "--input", "a=x.npy"], "input `a` is given twice");
}

#[test]
fn job_files_are_explained() {
    let folder = Folder::new("jobs");
    for (text, sentence) in [
        ("program = 3", "is wrong in line 1"),
        ("program = 'matmul:2x2x2'\nsecret = 1", "is wrong in line 2"),
        ("[inputs]\na = 'x.npy'", "missing field `program`"),
        ("program = 'matmul:2x2x2'\n[inputs]\na = 'x.npy'", "x.npy does not exist"),
        ("\u{0}", "is wrong in line 1"),
    ] {
        folder.write("job.toml", text.as_bytes());
        folder.refuses(&["run", "job.toml"], sentence);
    }
    folder.write("job.toml", &[0xff, 0xfe]);
    folder.refuses(&["run", "job.toml"], "is not text");
}

#[test]
fn damaged_reference_strings_are_explained() {
    let folder = Folder::new("strings");
    folder.succeeds(&["srs", "new", "--power", "6", "-o", "good.srs"]);
    let good = folder.read("good.srs");
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    for (name, bytes, sentence) in [
        ("cut", good[..good.len() - 1].to_vec(), "truncated or damaged"),
        ("head", good[..100].to_vec(), "truncated or damaged"),
        ("long", [&good[..], &[0]].concat(), "truncated or damaged"),
        ("header", flipped(60), "header does not match its checksum"),
        ("point", flipped(400), "block 0 of the reference string does not match its checksum"),
        ("version", flipped(8), "is not supported"),
        ("other", b"PK\x03\x04".to_vec(), "this is not an Assay reference string"),
        ("ceremony", b"ptau".to_vec(), "import it with `assay srs import FILE.ptau`"),
    ] {
        let file = format!("{name}.srs");
        folder.write(&file, &bytes);
        folder.refuses(&["srs", "verify", &file], sentence);
    }
    folder.write("cut.ptau", b"ptau\x01\x00");
    folder.refuses(&["srs", "import", "cut.ptau"], "truncated or damaged");
    folder.refuses(&["srs", "import", "good.srs"], "this is not a powers-of-tau (.ptau) file");
    folder.refuses(&["srs", "import", "cut.ptau", "--name", "../x"], "cannot name a reference string");
    folder.refuses(&["srs", "import", "cut.ptau", "--name", "development"], "is taken by the development reference string");
}

#[test]
#[cfg(target_os = "linux")]
fn full_disks_and_endless_files_are_explained() {
    let folder = Folder::new("disks");
    folder.refuses(&["run", "matmul:2x2x2", "-o", "/dev/full"], "the disk is full; free some space");
    folder.refuses(&["srs", "new", "--power", "4", "-o", "/dev/full"], "the disk is full; free some space");
    folder.refuses(&["verify", "/dev/zero"], "the receipt /dev/zero is larger than");
    folder.refuses(&["run", "/dev/zero.toml"], "does not exist");
    assert!(folder.is_empty());
}

fn example(name: &str) -> String {
    format!("{}/../examples/digits/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn damaged_and_unsupported_models_are_explained() {
    let folder = Folder::new("models");
    let model = std::fs::read(example("digits_qoperator.onnx")).expect("a fixture");
    let renamed = |from: &[u8], to: &[u8]| {
        let at = (0..model.len()).find(|&at| model[at..].starts_with(from)).expect("an occurrence");
        [&model[..at], to, &model[at + from.len()..]].concat()
    };
    for (name, bytes, sentence) in [
        ("empty", vec![], "the model empty.onnx"),
        ("text", b"hello, world".to_vec(), "the model text.onnx"),
        ("cut", model[..model.len() / 2].to_vec(), "the ONNX file is broken at byte"),
        ("long", [&model[..], b"\xff\xff\xff\xff"].concat(), "the ONNX file is broken at byte"),
        ("hostile", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec(), "the ONNX file is broken at byte"),
        ("operator", renamed(b"QLinearConv", b"QLinearCone"), "(QLinearCone)"),
    ] {
        let file = format!("{name}.onnx");
        folder.write(&file, &bytes);
        folder.refuses(&["prove", &file, "--input", &example("one.npy"), "-o", "out.receipt"], sentence);
        folder.refuses(&["inspect", &file], sentence);
    }
    folder.refuses(&["run", "nothing.onnx"], "the model nothing.onnx does not exist");
    assert!(!folder.names().iter().any(|name| name.contains("out")), "{:?}", folder.names());
}

#[test]
fn inputs_that_do_not_fit_a_network_are_explained() {
    let folder = Folder::new("unfit");
    let model = example("digits_qdq.onnx");
    let floats = |shape: &str, values: &[f32]| {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &data].concat()
    };
    folder.write("shape.npy", &floats("(1, 1, 8, 9)", &[0.0; 72]));
    folder.write("nan.npy", &floats("(1, 1, 8, 8)", &[f32::NAN; 64]));
    folder.write("range.npy", &npy("(1, 1, 8, 8)", &[0xff; 64]));
    for (file, sentence) in
        [("shape.npy", "[1, 1, 8, 9]"), ("nan.npy", "element 0 is not a number"), ("range.npy", "element 0 is -1, outside 0..=255")]
    {
        folder.refuses(&["prove", &model, "--input", file, "-o", "out.receipt"], sentence);
    }
    folder.refuses(&["prove", &model, "-o", "out.receipt"], "input `image` is missing: give --input image=FILE.npy");
    folder.refuses(
        &["prove", &model, "--input", &example("one.npy"), "--private", "img", "-o", "out.receipt"],
        "--private img: no such input; the program has `image`, and `weights` stands for its parameters",
    );
    folder.refuses(&["prove", "matmul:2x2x2", "--private", "weights", "-o", "out.receipt"], "has no parameters that could be hidden");
    assert!(!folder.names().iter().any(|name| name.contains("out")), "{:?}", folder.names());
}

#[test]
fn receipts_and_keys_that_cannot_be_read_are_explained() {
    let folder = Folder::new("unreadable");
    folder.succeeds(&["prove", "matmul:2x3x4", "-o", "good.receipt"]);
    folder.succeeds(&["compile", "matmul:2x3x4", "-o", "keys"]);
    let (receipt, key) = (folder.read("good.receipt"), folder.read("keys/vk"));
    let long = |bytes: &[u8]| [bytes, &[0]].concat();
    for (name, bytes) in [
        ("empty", vec![]),
        ("cut", receipt[..receipt.len() - 1].to_vec()),
        ("head", receipt[..20].to_vec()),
        ("long", long(&receipt)),
        ("key", key.clone()),
        ("noise", vec![0xa5; 4000]),
    ] {
        folder.write(name, &bytes);
        folder.refuses(&["verify", name], "is not a readable receipt");
    }
    for (name, bytes) in [("cut.vk", key[..key.len() - 1].to_vec()), ("long.vk", long(&key)), ("receipt.vk", receipt.clone())] {
        folder.write(name, &bytes);
        folder.refuses(&["verify", "good.receipt", "--vk", name], "is not a usable verifying key");
    }
    folder.refuses(&["verify", "good.receipt", "--vk", "none"], "the verifying key none does not exist");
    std::fs::remove_dir_all(folder.0.join(".cache/keys")).expect("the keys");
    folder.refuses(&["verify", "good.receipt"], "give --vk FILE (`assay compile` makes it)");
}

#[test]
fn a_reference_string_that_is_too_small_is_explained() {
    let folder = Folder::new("powers");
    folder.write("small.ptau", include_bytes!("../../prover/src/srs/fixtures/power6.ptau"));
    folder.succeeds(&["srs", "import", "small.ptau"]);
    let job = ["prove", &example("digits_qdq.onnx"), "--input", &example("one.npy"), "-o", "out.receipt", "--srs", "small"];
    folder.refuses(&job, "powers of tau and the imported reference string has 127: import a ceremony file of a larger power");
    folder.refuses(&["prove", "matmul:2x2x2", "-o", "out.receipt", "--srs", "small.ptau"], "import it with `assay srs import FILE.ptau`");
    assert!(!folder.names().iter().any(|name| name.contains("out")), "{:?}", folder.names());
    // It serves for what is small enough, and receipts under it are no development ones.
    let proven = folder.json(&["prove", "heat2d:2x2x1", "-o", "out.receipt", "--srs", "small"]);
    assert_eq!(proven["development"], false);
    folder.succeeds(&["verify", "out.receipt"]);
    folder.succeeds(&["compile", "matmul:2x2x2", "-o", "keys", "--srs", "small"]);
    folder.write("a.npy", &npy("(2, 2)", &[1; 4]));
    folder.refuses(&["prove", "keys", "--input", "a.npy", "--input", "b=a.npy", "-o", "x"], "this key was made with reference string");
}

#[test]
fn programs_beyond_the_memory_are_refused_before_they_take_it() {
    let folder = Folder::new("memory");
    for (arguments, sentence) in [
        (&["run", "matmul:131072x65536x131072", "--max-memory", "16"][..], "would take about 208 GiB of memory"),
        (&["prove", "matmul:131072x65536x131072", "-o", "x"], "verifying would take about"),
        (&["prove", "matmul:65536x131071x4", "--private", "a", "-o", "x"], "`a` alone takes"),
        (&["run", "matmul:1024x131072x1024"], "the values of output `c`"),
        (&["run", "heat2d:1048576x1048576x1048576"], "in `t1`: a tensor of shape"),
    ] {
        folder.refuses(arguments, sentence);
    }
    folder.refuses(&["prove", "matmul:4096x4096x4", "--private", "a", "--max-memory", "1", "-o", "x"], "proving would take about");
    assert!(folder.is_empty());
}

#[test]
fn contexts_that_are_too_long_are_explained() {
    let folder = Folder::new("contexts");
    folder.write("long", &[0; 4097]);
    folder.refuses(&["prove", "matmul:2x2x2", "--context", "long", "-o", "x"], "the context long is larger than 4096 bytes");
    folder
        .refuses(&["prove", "matmul:2x2x2", "--context", &"00".repeat(4097), "-o", "x"], "at most 4096 are allowed: bind its hash instead");
}

#[test]
fn unknown_backends_are_explained() {
    let folder = Folder::new("backends");
    let output = folder.command(&["prove", "matmul:2x2x2", "-o", "x"]).env("ASSAY_BACKEND", "abacus").output().expect("the command runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no such backend; the names are"));
    assert!(folder.is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn a_receipt_that_finds_the_disk_full_is_explained() {
    let folder = Folder::new("receipt-disk");
    folder.refuses(&["prove", "matmul:2x2x2", "-o", "/dev/full"], "cannot write the receipt /dev/full: the disk is full");
    folder.refuses(&["compile", "matmul:2x2x2", "-o", "/dev/full"], "/dev/full");
    assert!(folder.is_empty());
}
