//! Kernels that end in a few sums: inner products and round polynomials.

#![allow(unsafe_code)]

use ark_bn254::Fr;
use cudarc::driver::LaunchConfig;

use super::{
    device::Device,
    launch::{THREADS, blocks, count, launch, sharing},
    memory::{Address, Buffer, Ints, Limbs, Vector, element, for_widths, limbs},
};

/// Blocks that leave partial sums; one more block adds them up.
const PARTIALS: u32 = 4 * THREADS;

/// Partial sums of `sums` totals, by as many blocks as the shape says.
pub struct Partials {
    buffer: Buffer<Limbs>,
    sums: u32,
    blocks: u32,
}

impl Partials {
    /// For a pass over `n` elements.
    pub fn new(device: &Device, n: usize, sums: usize) -> Self {
        let blocks = blocks(device, n).min(PARTIALS);
        let sums = sums as u32;
        Self { buffer: Buffer::uninitialised(device, (blocks * sums) as usize), sums, blocks }
    }

    pub fn address(&self) -> Address {
        self.buffer.all()
    }

    pub fn shape(&self) -> LaunchConfig {
        sharing(self.blocks)
    }

    /// The threads that take part.
    pub fn threads(&self) -> u32 {
        self.blocks * THREADS
    }

    /// The totals.
    pub fn finish(self, device: &Device) -> Vec<Fr> {
        let totals = if self.blocks == 1 {
            self.buffer
        } else {
            let totals = Buffer::uninitialised(device, self.sums as usize);
            launch!(device, Vectors, "sum_partials", sharing(self.sums), totals.all(), self.address(), self.blocks);
            totals
        };
        totals.download(device, 0, self.sums as usize).into_iter().map(element).collect()
    }
}

/// `sum_i a[i] b[i]`.
pub fn dot(device: &Device, a: &Vector, b: &Vector) -> Fr {
    let len = a.0.len();
    assert_eq!(len, b.0.len());
    let partials = Partials::new(device, len, 1);
    launch!(device, Vectors, "dot", partials.shape(), partials.address(), a.0.all(), b.0.all(), count(len));
    partials.finish(device)[0]
}

/// The addresses of a round's factors, and their one physical length; a kernel for d factors takes the first d.
fn addresses<'a>(factors: impl ExactSizeIterator<Item = &'a Vector>, log_len: usize) -> ([Address; 4], usize) {
    assert!((1..=4).contains(&factors.len()), "a round of {} factors", factors.len());
    let (mut all, mut len) = ([0; 4], None);
    for (address, factor) in all.iter_mut().zip(factors) {
        let first = *len.get_or_insert(factor.0.len());
        assert_eq!(factor.0.len(), first, "factors of different lengths");
        *address = factor.0.all();
    }
    let len = len.unwrap_or(0);
    assert!(len <= 1 << log_len, "{len} values in a vector of {}", 1usize << log_len);
    (all, len)
}

/// The values at X = 0, 2, ..., d of `sum_x prod_j f_j(X, x)` for d factors of virtual length 2^log_len with tails of zeros.
pub fn product_round(device: &Device, factors: &[&Vector], log_len: usize) -> Vec<Fr> {
    let (d, half) = (factors.len(), 1 << (log_len - 1));
    let (addresses, len) = addresses(factors.iter().copied(), log_len);
    let partials = Partials::new(device, len.min(half), d);
    let name = ["product_round_1", "product_round_2", "product_round_3", "product_round_4"][d - 1];
    launch!(device, Vectors, name, partials.shape(), partials.address(), addresses, count(half), count(len));
    partials.finish(device)
}

/// Binds variable 0 of the factors to r, and computes the next round from what the kernel holds in registers.
pub fn fold_product_round(device: &Device, factors: &mut [&mut Vector], log_len: usize, r: Fr) -> Vec<Fr> {
    let (d, quarter) = (factors.len(), 1 << (log_len - 2));
    let (addresses, len) = addresses(factors.iter().map(|factor| &**factor), log_len);
    let partials = Partials::new(device, len.min(quarter), d);
    let name = ["fold_product_round_1", "fold_product_round_2", "fold_product_round_3", "fold_product_round_4"][d - 1];
    launch!(device, Vectors, name, partials.shape(), partials.address(), addresses, limbs(&r), count(quarter), count(len));
    factors.iter_mut().for_each(|factor| factor.0.truncate(len.min(2 * quarter)));
    partials.finish(device)
}

/// The values at X = 0 and 2 of `sum_x ints(X, x) factor(X, x)`.
pub fn product_round_ints(device: &Device, ints: &Ints, factor: &Vector) -> Vec<Fr> {
    let len = ints.len();
    assert_eq!(len, factor.0.len());
    assert!(len.is_multiple_of(2), "a round over {len} values");
    let partials = Partials::new(device, len / 2, 2);
    let name = for_widths!("product_round_ints")[ints.width()];
    launch!(device, Vectors, name, partials.shape(), partials.address(), ints.at(0, len), factor.0.all(), count(len / 2));
    partials.finish(device)
}
