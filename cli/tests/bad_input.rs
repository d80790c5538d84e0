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
