//! Transforms over radix-2 domains, and the quotient of Groth16 (see [`crate::portable`]'s for the mathematics).

#![allow(unsafe_code)]

use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use cudarc::driver::{DeviceRepr, LaunchConfig};

use super::{
    device::Device,
    launch::{count, elements, launch},
    memory::{Address, Limbs, Vector, limbs},
    vectors::outer_product,
};
use crate::portable::ntt::inverse_of;

/// Elements of a tile, as a power of two: what 32 KiB of shared memory hold.
const LOG_TILE: u32 = 10;

/// Neighbouring columns of a tile whose rows are far apart: four elements are a line of 128 bytes.
const LOG_COLUMNS: u32 = 2;

/// Powers of a root of unity, of the largest order so far; transforms of smaller order take every 2^k-th.
#[derive(Default)]
pub struct RootTable(Mutex<Option<Arc<Table>>>);

struct Table {
    log_order: u32,
    /// From 0 to half the order.
    powers: Vector,
}

impl RootTable {
    fn at_least(&self, device: &Device, log_order: u32) -> Arc<Table> {
        let mut largest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match largest.as_ref() {
            Some(table) if table.log_order >= log_order => table.clone(),
            _ => {
                // The smaller one makes place first.
                *largest = None;
                largest.insert(Arc::new(Table::new(device, log_order))).clone()
            }
        }
    }

    /// Gives up the table, which the next transform makes again, and says whether there was one. A table that is just being
    /// made, by the thread that asks for memory or by another one, stays.
    pub fn clear(&self) -> bool {
        match self.0.try_lock() {
            Ok(mut largest) => largest.take().is_some(),
            Err(TryLockError::Poisoned(largest)) => largest.into_inner().take().is_some(),
            Err(TryLockError::WouldBlock) => false,
        }
    }
}

impl Table {
    /// The product of a table of low powers and a table of high ones.
    fn new(device: &Device, log_order: u32) -> Self {
        let Some(root) = Fr::get_root_of_unity(1 << log_order) else { panic!("no root of unity of order 2^{log_order}") };
        let half = 1usize << (log_order - 1);
        let log_low = log_order / 2;
        let powers = |root: Fr, len: usize| {
            let powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |power| Some(*power * root)).take(len).collect();
            Vector::upload(device, &powers)
        };
        let low = powers(root, 1 << log_low);
        let high = powers(root.pow([1 << log_low]), (half >> log_low) + 1);
        Self { log_order, powers: outer_product(device, &high.0, &low.0, half + 1) }
    }
}

/// The table as the kernels take it.
#[repr(C)]
#[derive(Clone, Copy)]
struct Roots {
    powers: Address,
    log_order: u32,
    inverse: u32,
    shifted: u32,
}

// SAFETY: addresses and numbers, laid out as in C.
unsafe impl DeviceRepr for Roots {}

/// Levels done at once.
#[repr(C)]
#[derive(Clone, Copy)]
struct Pass {
    log_len: u32,
    first: u32,
    levels: u32,
    log_columns: u32,
}

// SAFETY: numbers, laid out as in C.
unsafe impl DeviceRepr for Pass {}

impl Pass {
    /// Passes over all levels, long butterflies first: the last fills tiles with neighbours, the others share the rest.
    fn plan(log_len: u32) -> Vec<Self> {
        let last = log_len.min(LOG_TILE);
        let rest = log_len - last;
        let wide = rest.div_ceil(LOG_TILE - LOG_COLUMNS);
        let mut passes = Vec::new();
        let mut first = 0;
        for pass in 0..wide {
            let levels = (rest - first).div_ceil(wide - pass);
            passes.push(Self { log_len, first, levels, log_columns: LOG_COLUMNS });
            first += levels;
        }
        passes.push(Self { log_len, first, levels: last, log_columns: 0 });
        passes
    }

    fn shape(&self) -> LaunchConfig {
        let log_tile = self.levels + self.log_columns;
        LaunchConfig {
            grid_dim: (1 << (self.log_len - log_tile), 1, 1),
            block_dim: ((1 << log_tile) / 2, 1, 1),
            shared_mem_bytes: (size_of::<Limbs>() << log_tile) as u32,
        }
    }
}

/// Which points the values belong to, and which way the transform goes. The inverse does not divide by the length.
#[derive(Clone, Copy)]
struct Domain {
    inverse: bool,
    shifted: bool,
}

/// Natural order to bit-reversed order.
fn to_scrambled(device: &Device, values: &mut Vector, domain: Domain) {
    transform_passes(device, values, domain, "ntt_dif", Pass::plan(log_len(values)));
}

/// Bit-reversed order to natural order.
fn from_scrambled(device: &Device, values: &mut Vector, domain: Domain) {
    let mut passes = Pass::plan(log_len(values));
    passes.reverse();
    transform_passes(device, values, domain, "ntt_dit", passes);
}

fn transform_passes(device: &Device, values: &mut Vector, domain: Domain, kernel: &'static str, passes: Vec<Pass>) {
    let log_len = log_len(values);
    if log_len == 0 {
        return;
    }
    let table = device.roots().at_least(device, log_len + u32::from(domain.shifted));
    let roots =
        Roots { powers: table.powers.0.all(), log_order: table.log_order, inverse: domain.inverse.into(), shifted: domain.shifted.into() };
    for pass in passes {
        launch!(device, Transforms, kernel, pass.shape(), values.0.all(), roots, pass);
    }
}

fn log_len(values: &Vector) -> u32 {
    values.0.len().ilog2()
}

/// Coefficients to values (or back, `inverse`) over the powers of arkworks' root of unity, natural order in and out.
pub fn transform(device: &Device, values: &mut Vector, inverse: bool) {
    let len = values.0.len();
    assert!(len.is_power_of_two() && len.ilog2() <= Fr::TWO_ADICITY, "a transform of length {len}");
    to_scrambled(device, values, Domain { inverse, shifted: false });
    let factor = if inverse { inverse_of(len) } else { Fr::ONE };
    let shape = elements(device, len);
    launch!(device, Transforms, "reverse", shape, values.0.all(), limbs(&factor), u32::from(inverse), len.ilog2());
}

/// The coefficients of the quotient, one fewer than there are values; `a b = c` must hold everywhere.
pub fn quotient(device: &Device, mut a: Vector, mut b: Vector, mut c: Vector) -> Vector {
    let len = a.0.len();
    assert!(len.is_power_of_two() && len.ilog2() < Fr::TWO_ADICITY, "a quotient over {len} values");
    assert!(b.0.len() == len && c.0.len() == len);
    for values in [&mut a, &mut b] {
        to_scrambled(device, values, Domain { inverse: true, shifted: false });
        from_scrambled(device, values, Domain { inverse: false, shifted: true });
    }
    to_scrambled(device, &mut c, Domain { inverse: true, shifted: false });
    // The transforms left a factor `len` each.
    let one = inverse_of(len);
    launch!(device, Transforms, "multiply", elements(device, len), a.0.all(), b.0.all(), limbs(&(one * one)), count(len));
    drop(b);
    to_scrambled(device, &mut a, Domain { inverse: true, shifted: true });
    let out = Vector::uninitialised(device, len - 1);
    if len > 1 {
        let half = limbs(&inverse_of(2 * len));
        let shape = elements(device, len);
        launch!(device, Transforms, "quotient_high", shape, out.0.all(), c.0.all(), a.0.all(), half, len.ilog2(), count(len - 1));
    }
    out
}
