//! Every kernel's time an element on every backend, next to the least that its arithmetic and its bytes take.
//!
//! ```text
//! cargo bench -p assay-benches --bench kernel_table -- [PART OF A NAME] [--runs N]
//! ```
//! One thread, its CPU time, the median of several runs. Linux only. A floor is the larger of two: multiplications by the
//! table in `floors.rs` at the rate of independent ones, and bytes at the rate of a copy of that size.

#[path = "../arguments/mod.rs"]
mod arguments;
#[path = "../clock/mod.rs"]
mod clock;
mod floors;
#[path = "../inputs/mod.rs"]
mod inputs;
mod rates;

use std::hint::black_box;

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_gpu::{Backend, IntSlice, Portable};
use floors::{ADDITION, ADDITION_G2, Work, additions, product_round, transform};
use inputs::points;

const LOG_LEN: usize = 17;
const LEN: usize = 1 << LOG_LEN;

/// What is measured on a backend.
struct Table<'a, B> {
    backend: &'a B,
    multiplication: f64,
    filter: &'a str,
    runs: usize,
}

fn main() {
    let (filter, runs) = arguments::read();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    pool.install(|| {
        let multiplication = rates::multiplication_ns();
        println!("a multiplication of 64 bits: {multiplication:.3} ns");
        println!("{:<28} {:<9} {:>10} {:>10} {:>10} {:>10} {:>6}", "kernel", "backend", "ns/elem", "arith", "bytes", "floor", "ratio");
        Table { backend: &Portable, multiplication, filter: &filter, runs }.print();
        #[cfg(target_arch = "x86_64")]
        if let Some(ifma) = assay_gpu::Ifma::detect() {
            let multiplication = rates::multiply_add_ns(&ifma);
            println!("a multiply-add of 52 bits on eight lanes: {:.3} ns", 8. * multiplication);
            Table { backend: &ifma, multiplication, filter: &filter, runs }.print();
        }
    });
}

fn field(len: usize) -> Vec<Fr> {
    inputs::field(len, &mut StdRng::seed_from_u64(1))
}

impl<B: Backend> Table<'_, B> {
    fn row<I, R>(&self, name: &str, len: usize, work: Work, input: impl Fn() -> I, kernel: impl Fn(I) -> R) {
        if !name.contains(self.filter) {
            return;
        }
        let mut times: Vec<f64> = (0..=self.runs)
            .map(|_| {
                let input = input();
                let start = clock::of_thread();
                let result = black_box(kernel(input));
                let time = clock::of_thread() - start;
                drop(result);
                time / len as f64
            })
            .skip(1)
            .collect();
        times.sort_by(f64::total_cmp);
        let time = times[times.len() / 2];
        let arithmetic = work.arithmetic(self.backend.name() == "ifma", self.multiplication);
        let bytes = work.bytes * rates::byte_ns(((work.bytes * len as f64) as usize).clamp(1 << 12, 1 << 27));
        let floor = arithmetic.max(bytes);
        let backend = self.backend.name();
        println!("{name:<28} {backend:<9} {time:>10.3} {arithmetic:>10.3} {bytes:>10.3} {floor:>10.3} {:>6.2}", time / floor);
    }

    fn print(&self) {
        self.vectors();
        self.ints();
        self.rounds();
        self.univariate();
        self.sums();
    }

    fn vectors(&self) {
        let b = self.backend;
        let (a, r) = (b.upload(&field(LEN)), field(2)[1]);
        let point = field(LOG_LEN);
        let copy = || b.duplicate(&a);
        let work = |fixed, bytes| Work { fixed, bytes, ..Work::default() };
        self.row("eq_table", LEN, work(1., 32.), || (), |()| b.eq_table(&point, r));
        self.row("add_scaled", LEN, work(1., 96.), copy, |mut t| {
            b.add_scaled(&mut t, 0, &a, r);
            t
        });
        let in_place = |name: &str, work: Work, kernel: &dyn Fn(&mut B::Vector)| {
            self.row(name, LEN, work, copy, |mut t| {
                kernel(&mut t);
                t
            })
        };
        in_place("fold", work(0.5, 48.), &|t| b.fold(t, r));
        in_place("fold_tailed", work(0.5, 48.), &|t| b.fold_tailed(t, LOG_LEN, r, r));
        in_place("sum_halves", work(0., 48.), &|t| b.sum_halves(t));
        self.row("dot", LEN, Work { unreduced: 1., bytes: 64., ..Work::default() }, || (), |()| b.dot(&a, &a));
        let long = b.upload(&field(1 << 9));
        let weights = [None, Some(&long)];
        let sums = Work { unreduced: 1., bytes: 32., ..Work::default() };
        self.row("weigh_field", LEN, sums, || (), |()| b.weigh_field(&a, &[LEN >> 9, 1 << 9], &weights));
    }

    fn ints(&self) {
        let b = self.backend;
        let mut rng = StdRng::seed_from_u64(3);
        let (a, r) = (b.upload(&field(LEN)), field(2)[1]);
        macro_rules! width {
            ($type:ty, $variant:ident) => {{
                let values: Vec<$type> = (0..LEN).map(|_| rng.r#gen()).collect();
                let ints = b.upload_ints(IntSlice::$variant(&values));
                let bytes = size_of::<$type>() as f64;
                let name = |kernel: &str| format!("{kernel}/{}", stringify!($type));
                let work = |ints, rounds, bytes| Work { ints, rounds, bytes, ..Work::default() };
                self.row(&name("ints_to_field"), LEN, work(1., 1., 32. + bytes), || (), |()| b.ints_to_field(&ints));
                self.row(&name("fold_ints"), LEN, work(1., 0.5, 16. + bytes), || (), |()| b.fold_ints(&ints, r));
                self.row(&name("product_round_ints"), LEN, work(1., 0., 32. + bytes), || (), |()| b.product_round_ints(&ints, &a));
                self.row(
                    &name("combine_ints/2"),
                    LEN,
                    work(2., 1., 32. + 2. * bytes),
                    || b.duplicate(&a),
                    |mut t| {
                        b.combine_ints(&mut t, 0, r, &[(&ints, r), (&ints, r)]);
                        t
                    },
                );
                let (rows, columns) = (b.upload(&field(LEN >> 9)), b.upload(&field(1 << 9)));
                let weights = [Some(&rows), Some(&columns)];
                self.row(&name("weigh/both"), LEN, work(1., 0., bytes), || (), |()| b.weigh(&ints, &[LEN >> 9, 1 << 9], &weights));
            }};
        }
        width!(i8, I8);
        width!(u8, U8);
        width!(i16, I16);
        width!(u16, U16);
        width!(i32, I32);
        width!(u32, U32);
        width!(i64, I64);
    }

    fn rounds(&self) {
        let b = self.backend;
        let (a, r) = (b.upload(&field(LEN)), field(2)[1]);
        for d in 1..=4 {
            self.row(&format!("product_round/{d}"), LEN, product_round(d), || (), |()| b.product_round(&vec![&a; d], LOG_LEN));
        }
        let work = Work { fixed: 1., unreduced: 0.5, bytes: 96., ..Work::default() };
        self.row(
            "fold_product_round/2",
            LEN,
            work,
            || [b.duplicate(&a), b.duplicate(&a)],
            |mut factors| {
                let [x, y] = &mut factors;
                b.fold_product_round(&mut [x, y], LOG_LEN, r);
                factors
            },
        );
        let layer = Work { products: 0.5, unreduced: 1., reductions: 0.5, bytes: 96., ..Work::default() };
        self.row("fraction_layer", LEN, layer, || (), |()| b.fraction_layer(&a, &a, LOG_LEN));
        let eq = b.upload(&field(LEN / 2));
        let round = Work { unreduced: 3., reductions: 1., bytes: 144., ..Work::default() };
        self.row("fraction_round", LEN, round, || (), |()| b.fraction_round([&a; 4], [r; 4], LOG_LEN, &eq));
        let unit_layer = Work { products: 0.5, bytes: 64., ..Work::default() };
        self.row("unit_fraction_layer", LEN, unit_layer, || (), |()| b.unit_fraction_layer(&a));
        let two = Work { products: 1., unreduced: 1., bytes: 80., ..Work::default() };
        self.row("eq_product_round", LEN, two, || (), |()| b.eq_product_round(&a, &a, &eq));
        // A layer of 2 LEN fractions.
        let split = Work { fixed: 1., bytes: 208., ..round };
        let (whole, weights) = (b.upload(&field(2 * LEN)), b.upload(&field(LEN / 2)));
        self.row(
            "split_fraction_round",
            LEN,
            split,
            || (b.duplicate(&whole), b.duplicate(&whole)),
            |layer| b.split_fraction_round(layer, LOG_LEN + 1, r, &weights),
        );
        let work = Work { fixed: 2., unreduced: 1.5, reductions: 0.5, bytes: 216., ..Work::default() };
        self.row(
            "fold_fraction_round",
            LEN,
            work,
            || ([(); 4].map(|()| b.duplicate(&a)), b.duplicate(&eq)),
            |(mut layer, mut eq)| {
                b.fold_fraction_round(&mut layer, [r; 4], LOG_LEN, &mut eq, r);
                (layer, eq)
            },
        );
    }

    fn univariate(&self) {
        let b = self.backend;
        let (a, x) = (b.upload(&field(LEN)), field(2)[1]);
        self.row("evaluate", LEN, Work { unreduced: 1., bytes: 32., ..Work::default() }, || (), |()| b.evaluate(&a, x));
        for power in [1, 256] {
            let work = Work { fixed: 1., bytes: 64., ..Work::default() };
            self.row(&format!("divide/{power}"), LEN, work, || (), |()| b.divide(&a, power, x));
        }
        for log_len in [14, 18, 20] {
            let values = b.upload(&field(1 << log_len));
            self.row(
                &format!("ntt/{log_len}"),
                1 << log_len,
                transform(1 << log_len),
                || b.duplicate(&values),
                |mut t| {
                    b.ntt(&mut t, false);
                    t
                },
            );
        }
        let values = field(1 << 16);
        let (a, c) = (b.upload(&values), b.upload(&values.iter().map(|a| a * a).collect::<Vec<_>>()));
        let six = transform(1 << 16).times(6.);
        let work = Work { products: 1., fixed: six.fixed + 4., bytes: 128., ..Work::default() };
        let inputs = || (b.duplicate(&a), b.duplicate(&a), b.duplicate(&c));
        self.row("quotient/16", 1 << 16, work, inputs, |(x, y, z)| b.quotient(x, y, z));
    }

    fn sums(&self) {
        if !["msm/16", "msm/18", "msm_ints/i8/20", "msm_g2/16"].iter().any(|name| name.contains(self.filter)) {
            return;
        }
        let (b, mut rng) = (self.backend, StdRng::seed_from_u64(4));
        let points_g1: Vec<G1Affine> = points(1 << 20, &mut rng);
        let bases = b.prepare_bases(&points_g1);
        for log_len in [16, 18] {
            let n = 1 << log_len;
            let scalars = b.upload(&field(n));
            self.row(&format!("msm/{log_len}"), n, ADDITION.times(additions(n, 254)), || (), |()| b.msm(&bases, 0, &scalars));
        }
        let values: Vec<i8> = (0..1 << 20).map(|_| rng.r#gen()).collect();
        let ints = b.upload_ints(IntSlice::I8(&values));
        self.row("msm_ints/i8/20", 1 << 20, ADDITION.times(1.), || (), |()| b.msm_ints(&bases, 0, &ints, 0, 1 << 20));
        let points_g2: Vec<G2Affine> = points(1 << 16, &mut rng);
        let bases = b.prepare_bases_g2(&points_g2);
        let scalars = b.classify(&b.lend(&field(1 << 16)));
        let indices: Vec<u32> = (0..1 << 16).collect();
        let work = ADDITION_G2.times(additions(1 << 16, 254));
        self.row("msm_g2/16", 1 << 16, work, || (), |()| b.msm_g2(&bases, &scalars, &indices));
    }
}
