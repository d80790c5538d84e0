//! Sums of points and transforms next to other libraries', on the same inputs in one run: CPU time of all threads.
//!
//! ```text
//! cargo bench -p assay-benches --bench comparison -- [PART OF A NAME] [--runs N]
//! ```
//! Linux only. Each run goes through all competitors of a row, so that a change of the machine's pace meets all of them;
//! the figures are medians, the ratio is to the best of the others.

#[path = "../arguments/mod.rs"]
mod arguments;
#[path = "../clock/mod.rs"]
mod clock;
#[path = "../inputs/mod.rs"]
mod inputs;
mod others;

use std::hint::black_box;

use ark_bn254::{Fr, G1Affine, G2Affine, G2Projective};
use ark_ec::VariableBaseMSM;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_gpu::{Backend, IntSlice, Portable};
use inputs::{field, points};

type Run<'a> = Box<dyn FnMut() + 'a>;

/// Ends a run whose result nobody reads.
fn keep<T>(result: T) {
    black_box(result);
}

/// Those who do the same work: ours first.
struct Row<'a> {
    name: String,
    elements: usize,
    ours: Vec<(&'static str, Run<'a>)>,
    others: Vec<(&'static str, Run<'a>)>,
}

fn main() {
    let (filter, runs) = arguments::read();
    println!("CPU time of {} threads, median of {runs} runs", rayon::current_num_threads());
    println!("{:<14} {:<12} {:>12} {:>14} {:>8}", "work", "who", "ms", "ns an element", "ratio");
    let wanted = |name: &str| name.contains(&filter);
    for log_len in [16, 18, 20].into_iter().filter(|log_len| wanted(&format!("g1 2^{log_len}"))) {
        sums_of_g1(log_len, runs);
    }
    for log_len in [16, 18].into_iter().filter(|log_len| wanted(&format!("g2 2^{log_len}"))) {
        sums_of_g2(log_len, runs);
    }
    for log_len in [16, 20].into_iter().filter(|log_len| wanted(&format!("int8 2^{log_len}"))) {
        sums_of_int8(log_len, runs);
    }
    for log_len in [14, 18, 20].into_iter().filter(|log_len| wanted(&format!("ntt 2^{log_len}"))) {
        transforms(log_len, runs);
    }
}

impl Row<'_> {
    fn print(mut self, runs: usize) {
        let mut times = vec![vec![]; self.ours.len() + self.others.len()];
        for run in 0..=runs {
            for ((_, work), times) in self.ours.iter_mut().chain(&mut self.others).zip(&mut times) {
                let start = clock::of_process();
                work();
                // The first run only warms caches, tables and pools.
                if run > 0 {
                    times.push(clock::of_process() - start);
                }
            }
        }
        let medians: Vec<f64> = times
            .iter_mut()
            .map(|times| {
                times.sort_by(f64::total_cmp);
                times[times.len() / 2]
            })
            .collect();
        let best = medians[self.ours.len()..].iter().copied().fold(f64::INFINITY, f64::min);
        for ((who, _), time) in self.ours.iter().chain(&self.others).zip(&medians) {
            let ratio = if best.is_finite() { format!("{:.3}", time / best) } else { String::from("-") };
            println!("{:<14} {who:<12} {:>12.2} {:>14.2} {ratio:>8}", self.name, time / 1e6, time / self.elements as f64);
        }
    }
}

/// Boxes what a backend does, for each backend of this machine.
macro_rules! on_every_backend {
    ($backend:ident => $run:expr) => {{
        let mut ours: Vec<(&'static str, Run<'_>)> = vec![];
        #[cfg(target_arch = "x86_64")]
        if let Some($backend) = assay_gpu::Ifma::detect() {
            ours.push(("assay ifma", Box::new($run)));
        }
        let $backend = Portable;
        ours.push(("assay portable", Box::new($run)));
        ours
    }};
}

fn sums_of_g1(log_len: usize, runs: usize) {
    let mut rng = StdRng::seed_from_u64(1);
    let points: Vec<G1Affine> = points(1 << log_len, &mut rng);
    let scalars = field(1 << log_len, &mut rng);
    let ours = on_every_backend!(backend => {
        let (bases, scalars) = (backend.prepare_bases(&points), backend.upload(&scalars));
        move || keep(backend.msm(&bases, 0, &scalars))
    });
    let others = others::sums_of_g1(&points, &scalars);
    Row { name: format!("g1 2^{log_len}"), elements: 1 << log_len, ours, others }.print(runs);
}

fn sums_of_g2(log_len: usize, runs: usize) {
    let mut rng = StdRng::seed_from_u64(2);
    let points: Vec<G2Affine> = points(1 << log_len, &mut rng);
    let scalars = field(1 << log_len, &mut rng);
    let indices: Vec<u32> = (0..1 << log_len).collect();
    let ours = on_every_backend!(backend => {
        let bases = backend.prepare_bases_g2(&points);
        let (scalars, indices) = (&scalars, &indices);
        move || keep(backend.msm_g2(&bases, &backend.classify(&backend.lend(scalars)), indices))
    });
    let others: Vec<(_, Run<'_>)> = vec![("ark-ec", Box::new(|| keep(G2Projective::msm_unchecked(&points, &scalars))))];
    Row { name: format!("g2 2^{log_len}"), elements: 1 << log_len, ours, others }.print(runs);
}

fn sums_of_int8(log_len: usize, runs: usize) {
    let mut rng = StdRng::seed_from_u64(3);
    let points: Vec<G1Affine> = points(1 << log_len, &mut rng);
    let values: Vec<i8> = (0..1 << log_len).map(|_| rng.r#gen()).collect();
    let ours = on_every_backend!(backend => {
        let (bases, ints) = (backend.prepare_bases(&points), backend.upload_ints(IntSlice::I8(&values)));
        move || keep(backend.msm_ints(&bases, 0, &ints, 0, 1 << log_len))
    });
    let scalars: Vec<Fr> = values.iter().map(|value| Fr::from(*value)).collect();
    let others = others::sums_of_small(&points, &scalars);
    Row { name: format!("int8 2^{log_len}"), elements: 1 << log_len, ours, others }.print(runs);
}

fn transforms(log_len: usize, runs: usize) {
    let values = field(1 << log_len, &mut StdRng::seed_from_u64(4));
    let ours = on_every_backend!(backend => {
        let mut values = backend.upload(&values);
        move || backend.ntt(&mut values, false)
    });
    let domain = Radix2EvaluationDomain::<Fr>::new(1 << log_len).expect("a domain of a power of two");
    let mut theirs = values.clone();
    let others: Vec<(_, Run<'_>)> = vec![("ark-poly", Box::new(move || domain.fft_in_place(&mut theirs)))];
    Row { name: format!("ntt 2^{log_len}"), elements: 1 << log_len, ours, others }.print(runs);
}
