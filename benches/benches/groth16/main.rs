//! Our Groth16 prover on every backend of this machine next to taceo-groth16 and ark-groth16: same key, same matrices, same assignment, one run.
//!
//! ```text
//! cargo bench -p assay-benches --bench groth16 -- [LOG_SIZE..] [--dense] [--boolean] [--runs N] [--only NAME]..
//! cargo bench -p assay-benches --bench groth16 -- --wrap [--runs N] [--only NAME]..     the wrap circuit of the digits network
//! ```
//! Sizes default to 14, 16 and 18, kinds to both, runs to 5, provers to all. `assay-cuda` keeps the key on its device; the others
//! have it in the computer's memory. Provers take turns; each figure is the median. CPU time is
//! user and system time of all threads. Memory is the peak of a process of its own, which holds only that prover's key,
//! matrices and assignment. Linux only, since it reads /proc.

mod measure;
mod provers;
mod system;

use std::{env, path::PathBuf, process::Command};

use measure::{Sample, measure, median, peak_bytes, reset_peak};
use provers::{Inputs, NAMES};
use system::Kind;

struct Arguments {
    sizes: Vec<u32>,
    kinds: Vec<Kind>,
    runs: usize,
    only: Vec<String>,
}

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [command, name, folder] = words.as_slice()
        && command == "--peak-of"
    {
        print_peak(name, &PathBuf::from(folder));
        return;
    }
    let arguments = parse(&words);
    println!("{} threads; medians of {} runs that take turns", rayon::current_num_threads(), arguments.runs);
    println!("{:<22} {:<14} {:>9} {:>9} {:>10} {:>9}", "system", "prover", "CPU s", "wall s", "peak MB", "CPU/taceo");
    for kind in &arguments.kinds {
        for size in &arguments.sizes {
            compare(*kind, *size, &arguments);
        }
    }
}

fn parse(words: &[String]) -> Arguments {
    let mut arguments = Arguments { sizes: vec![], kinds: vec![], runs: 5, only: vec![] };
    let (mut words, mut wrap) = (words.iter(), false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--dense" => arguments.kinds.push(Kind::Dense),
            "--boolean" => arguments.kinds.push(Kind::Boolean),
            "--wrap" => wrap = true,
            "--runs" => {
                arguments.runs = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).expect("--runs takes a number above 0")
            }
            "--only" => {
                let name = words.next().filter(|name| NAMES.contains(&name.as_str()));
                arguments.only.push(name.unwrap_or_else(|| panic!("--only takes one of {NAMES:?}")).clone());
            }
            size => arguments.sizes.push(size.parse().unwrap_or_else(|_| panic!("{size}: neither an option nor a logarithm of a size"))),
        }
    }
    if wrap {
        // It has a size of its own.
        (arguments.kinds, arguments.sizes) = (vec![Kind::Wrap], vec![16]);
    }
    if arguments.sizes.is_empty() {
        arguments.sizes = vec![14, 16, 18];
    }
    if arguments.kinds.is_empty() {
        arguments.kinds = vec![Kind::Dense, Kind::Boolean];
    }
    arguments
}

fn compare(kind: Kind, size: u32, arguments: &Arguments) {
    let folder = env::temp_dir().join(format!("assay-bench-{}-{}-{size}", std::process::id(), kind.name()));
    provers::make(kind, size, &folder);
    let system = format!("2^{size} {}", kind.name());
    let chosen = |name: &&str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
    let inputs = Inputs::of(&folder);
    let mut loaded = Vec::new();
    for name in NAMES.into_iter().filter(chosen) {
        match inputs.load(name) {
            Ok(prover) => loaded.push(prover),
            Err(reason) => println!("{system:<22} {name:<14} skipped: {reason}"),
        }
    }
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); loaded.len()];
    for _ in 0..arguments.runs {
        for (prover, samples) in loaded.iter().zip(&mut samples) {
            samples.push(measure(|| prover.prove()));
        }
    }
    let names: Vec<&str> = loaded.iter().map(|prover| prover.name()).collect();
    drop(loaded);
    drop(inputs);
    let cpu: Vec<f64> = samples.iter().map(|samples| median(samples.iter().map(|sample| sample.cpu))).collect();
    let taceo = names.iter().position(|name| *name == "taceo").map(|index| cpu[index]);
    for ((name, cpu), samples) in names.iter().zip(&cpu).zip(&samples) {
        let wall = median(samples.iter().map(|sample| sample.wall));
        let program = env::current_exe().expect("the path of this program");
        let output = Command::new(program).args(["--peak-of", name]).arg(&folder).output().expect("a process of its own");
        let peak: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of bytes");
        let ratio = taceo.map_or("-".to_owned(), |taceo| format!("{:.2}", cpu / taceo));
        println!("{system:<22} {name:<14} {cpu:>9.2} {wall:>9.3} {:>10.0} {ratio:>9}", peak / 1e6);
    }
    std::fs::remove_dir_all(&folder).expect("the scratch folder goes away");
}

fn print_peak(name: &str, folder: &std::path::Path) {
    let inputs = Inputs::of(folder);
    let prover = inputs.load(name).expect("a prover of this machine");
    reset_peak();
    prover.prove();
    println!("{}", peak_bytes());
}
