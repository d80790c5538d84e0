//! Large sums of points and transforms on the device, beside the processor of the same machine: wall time.
//!
//! ```text
//! cargo bench -p assay-benches --bench device_table -- [--sums 20,22,24] [--transforms 22,24] [--runs N] [--json FILE]
//! ```
//! The figures are medians; the results of both are compared. Points and values are where each computes before the clock runs.
//! 2^24 takes about 4 GiB of the computer's memory, and 3 GiB of the device's.

mod arguments;
#[path = "../inputs/mod.rs"]
mod inputs;

use std::{fs::File, hint::black_box, io::Write, time::Instant};

use arguments::Arguments;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use assay_gpu::{Backend, Choice, Cuda, Portable};
use inputs::{field, parallel_points};

/// Evaluates with the best backend of the processor; the first of the results comes with its name.
macro_rules! on_processor {
    ($backend:ident => $run:expr) => {
        match assay_gpu::processor() {
            #[cfg(target_arch = "x86_64")]
            Choice::Ifma($backend) => named($backend.name(), $run),
            _ => {
                let $backend = Portable;
                named($backend.name(), $run)
            }
        }
    };
}

fn main() {
    let arguments = Arguments::read();
    let cuda = Cuda::detect().unwrap_or_else(|reason| panic!("no device to measure: {reason}"));
    let mut file = arguments.json.as_ref().map(|path| File::create(path).unwrap_or_else(|e| panic!("{path}: {e}")));
    println!("{:<10} {:>12} {:>14} {:>12} {:>8}", "work", "device, ms", "processor, ms", "who", "ratio");
    let mut row = |work: &str, log_len: u32, device: f64, (processor, who): (f64, &str)| {
        let ratio = processor / device;
        println!("{work} 2^{log_len:<5} {:>12.3} {:>14.3} {who:>12} {ratio:>7.1}x", device * 1e3, processor * 1e3);
        if let Some(file) = &mut file {
            let line = format!(
                "{{\"kind\":\"kernel\",\"work\":\"{work}\",\"log_len\":{log_len},\"gpu_seconds\":{device:e},\
                 \"processor\":\"{who}\",\"processor_seconds\":{processor:e},\"ratio\":{ratio:e}}}"
            );
            writeln!(file, "{line}").expect("the file takes a line");
        }
    };
    for &log_len in &arguments.sums {
        let len = 1 << log_len;
        let points: Vec<G1Affine> = parallel_points(len, &mut StdRng::seed_from_u64(1));
        let scalars = field(len, &mut StdRng::seed_from_u64(2));
        let (device, sum) = sums(&cuda, &points, &scalars, arguments.runs);
        let (processor, expected) = on_processor!(backend => sums(&backend, &points, &scalars, arguments.runs));
        assert_eq!(sum, expected, "sums of 2^{log_len} points");
        row("g1 sum", log_len, device, processor);
    }
    for &log_len in &arguments.transforms {
        let values = field(1 << log_len, &mut StdRng::seed_from_u64(3));
        let (device, transformed) = transforms(&cuda, &values, arguments.runs);
        let (processor, expected) = on_processor!(backend => transforms(&backend, &values, arguments.runs));
        assert!(transformed == expected, "transforms of 2^{log_len}");
        row("ntt", log_len, device, processor);
    }
}

fn named<T>(name: &'static str, (seconds, result): (f64, T)) -> ((f64, &'static str), T) {
    ((seconds, name), result)
}

/// The median of runs, each of which waits for its end, and the last result. The first run only warms caches and tables.
fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> (f64, T) {
    let mut last = run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            last = black_box(run());
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], last)
}

fn sums<B: Backend>(backend: &B, points: &[G1Affine], scalars: &[Fr], runs: usize) -> (f64, G1Projective) {
    let (bases, scalars) = (backend.prepare_bases(points), backend.upload(scalars));
    median(runs, || backend.msm(&bases, 0, &scalars))
}

/// Forward and back in turn, so that the values stay what they are; both take as long. One element is read: it is there when the
/// transform has ended.
fn transforms<B: Backend>(backend: &B, values: &[Fr], runs: usize) -> (f64, Vec<Fr>) {
    let mut vector = backend.upload(values);
    let mut inverse = true;
    let (seconds, _) = median(2 * runs + 1, || {
        inverse = !inverse;
        backend.ntt(&mut vector, inverse);
        backend.get(&vector, 0)
    });
    // One more makes it an odd number of them.
    backend.ntt(&mut vector, !inverse);
    (seconds, backend.download(&vector))
}
