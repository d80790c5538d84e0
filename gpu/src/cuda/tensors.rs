//! Kernels of the executor: entry by entry, products of matrices, histograms and bounds.

#![allow(unsafe_code)]

use assay_core::DType;
use cudarc::driver::LaunchConfig;

use super::{
    device::Device,
    launch::{BLOCKS_EACH, THREADS, blocks, count, elements, grid, launch},
    memory::{Buffer, Ints},
    typed::{Combination, Entries},
};

/// Rows and columns of outputs a block makes of bytes, and the words it keeps of each.
const SQUARE: usize = 64;
const STRIP: usize = 8;

/// Rows and columns of outputs a block makes of wider integers.
const WIDE: usize = 16;

/// The longest sum of products of bytes that a 32-bit integer holds whatever the bytes: 255 * 255 * 2^15 < 2^31.
const LONGEST: usize = 1 << 15;

/// Bins that fit a block's shared memory.
const LOCAL_BINS: usize = 1 << 12;

/// Blocks that leave partial bounds, which the host compares.
const PARTIALS: u32 = 1 << 10;

/// Blocks along the second and third axes of a launch.
const MOST_BLOCKS: usize = 65_535;

/// The kernel for bytes of these types.
fn bytes_kernel(x: &Ints, y: &Ints) -> Option<&'static str> {
    match (x, y) {
        (Ints::I8(_), Ints::I8(_)) => Some("multiply_bytes_i8_i8"),
        (Ints::I8(_), Ints::U8(_)) => Some("multiply_bytes_i8_u8"),
        (Ints::U8(_), Ints::I8(_)) => Some("multiply_bytes_u8_i8"),
        (Ints::U8(_), Ints::U8(_)) => Some("multiply_bytes_u8_u8"),
        _ => None,
    }
}

/// Whether [`multiply_bytes`] multiplies these matrices.
pub fn multiplies_bytes(x: &Ints, y: &Ints, [batch, rows, inner, _]: [usize; 4]) -> bool {
    bytes_kernel(x, y).is_some() && inner <= LONGEST && batch <= MOST_BLOCKS && rows.div_ceil(SQUARE) <= MOST_BLOCKS
}

pub fn multiply_bytes(device: &Device, x: &Ints, y: &Ints, [batch, rows, inner, columns]: [usize; 4]) -> Ints {
    assert_eq!(x.len(), batch * rows * inner, "the left matrices");
    assert_eq!(y.len(), batch * inner * columns, "the right matrices");
    assert!(inner <= LONGEST, "sums of {inner} products may exceed 32 bits");
    let Some(kernel) = bytes_kernel(x, y) else { panic!("products of bytes want bytes") };
    let out = Buffer::<i32>::uninitialised(device, batch * rows * columns);
    if out.len() > 0 {
        let blocks = (columns.div_ceil(SQUARE), rows.div_ceil(SQUARE), batch);
        assert!(blocks.1 <= MOST_BLOCKS && blocks.2 <= MOST_BLOCKS, "{batch} matrices of {rows} rows are more than one launch handles");
        let shape = LaunchConfig {
            grid_dim: (count(blocks.0), count(blocks.1), count(blocks.2)),
            block_dim: (THREADS, 1, 1),
            shared_mem_bytes: (2 * SQUARE * (STRIP + 1) * size_of::<u32>()) as u32,
        };
        let (left, right) = (x.at(0, x.len()), y.at(0, y.len()));
        launch!(device, Tensors, kernel, shape, out.all(), left, right, count(rows), count(inner), count(columns));
    }
    Ints::I32(out)
}

/// The products of matrices of 32-bit or 64-bit integers, summed in 64 bits.
pub fn multiply_wide(device: &Device, x: &Ints, y: &Ints, [batch, rows, inner, columns]: [usize; 4], dtype: DType) -> Ints {
    assert_eq!(x.len(), batch * rows * inner, "the left matrices");
    assert_eq!(y.len(), batch * inner * columns, "the right matrices");
    let (kernel, bytes) = match (x, y) {
        (Ints::I32(_), Ints::I32(_)) => ("multiply_wide_i32", size_of::<i32>()),
        (Ints::I64(_), Ints::I64(_)) => ("multiply_wide_i64", size_of::<i64>()),
        _ => panic!("products of wide integers want 32 or 64 bits on both sides"),
    };
    let out = Ints::uninitialised(device, dtype, batch * rows * columns);
    if out.len() > 0 {
        // Blocks take several tiles where there are more than keep the device busy.
        let tiles = batch * rows.div_ceil(WIDE) * columns.div_ceil(WIDE);
        let blocks = tiles.min((BLOCKS_EACH * device.multiprocessors()) as usize);
        let shape = LaunchConfig { shared_mem_bytes: (2 * WIDE * (WIDE + 1) * bytes) as u32, ..grid(count(blocks)) };
        let (left, right, sizes) = (x.at(0, x.len()), y.at(0, y.len()), [batch, rows, inner, columns].map(count));
        launch!(device, Tensors, kernel, shape, Entries::from(&out), left, right, sizes[0], sizes[1], sizes[2], sizes[3]);
    }
    out
}

/// `constant + sum_j coef_j x_j`, of at least one term.
pub fn combine(device: &Device, terms: &[(&Ints, i64)], constant: i64, dtype: DType) -> Ints {
    within(device, terms, constant, &|combination, len| {
        let out = Ints::uninitialised(device, dtype, len);
        if len > 0 {
            launch!(device, Tensors, "combine", elements(device, len), Entries::from(&out), combination, count(len));
        }
        out
    })
}

/// Hands a combination to a kernel, with sums of its first terms in 64 bits where they are too many.
fn within<T>(device: &Device, terms: &[(&Ints, i64)], constant: i64, kernel: &dyn Fn(Combination, usize) -> T) -> T {
    let len = terms.first().map_or(0, |term| term.0.len());
    if terms.len() <= Combination::MOST {
        return kernel(Combination::new(terms, constant), len);
    }
    let (first, rest) = terms.split_at(Combination::MOST);
    let sum = combine(device, first, constant, DType::I64);
    let terms: Vec<(&Ints, i64)> = [(&sum, 1)].into_iter().chain(rest.iter().copied()).collect();
    within(device, &terms, 0, kernel)
}

/// `a * b`, or the quotient of a by b.
pub fn pairwise(device: &Device, kernel: &'static str, a: &Ints, b: &Ints, dtype: DType) -> Ints {
    let len = a.len();
    assert_eq!(b.len(), len, "operands of different lengths");
    let out = Ints::uninitialised(device, dtype, len);
    if len > 0 {
        let shape = elements(device, len);
        launch!(device, Tensors, kernel, shape, Entries::from(&out), Entries::from(a), Entries::from(b), count(len));
    }
    out
}

/// `values[x - lo]`, or the nearest of them; they are 32-bit integers.
pub fn look_up(device: &Device, x: &Ints, values: &Ints, lo: i64, dtype: DType) -> Ints {
    let Ints::I32(table) = values else { panic!("a table has 32-bit values") };
    assert!(table.len() > 0, "a table has values");
    let len = x.len();
    let out = Ints::uninitialised(device, dtype, len);
    if len > 0 {
        let (shape, size) = (elements(device, len), count(table.len()));
        launch!(device, Tensors, "look_up", shape, Entries::from(&out), Entries::from(x), table.all(), lo, size, count(len));
    }
    out
}

/// `x / 2^shift` by a rule: 0 down, 1 to the nearest and ties up, 2 to the nearest and ties to even.
pub fn round_shift(device: &Device, x: &Ints, shift: u32, rule: u32, dtype: DType) -> Ints {
    assert!((1..64).contains(&shift));
    let len = x.len();
    let out = Ints::uninitialised(device, dtype, len);
    if len > 0 {
        let shape = elements(device, len);
        launch!(device, Tensors, "round_shift", shape, Entries::from(&out), Entries::from(x), shift, rule, count(len));
    }
    out
}

/// Bits of `x + add`, or whether they are more than a bound.
pub fn limb(device: &Device, x: &Ints, add: i64, low: u32, width: u32, most: Option<u64>, dtype: DType) -> Ints {
    assert!(width < 64 && low < 64);
    let (mask, compare, most) = ((1u64 << width) - 1, u32::from(most.is_some()), most.unwrap_or(0));
    let len = x.len();
    let out = Ints::uninitialised(device, dtype, len);
    if len > 0 {
        let shape = elements(device, len);
        launch!(device, Tensors, "limb", shape, Entries::from(&out), Entries::from(x), add, mask, most, low, compare, count(len));
    }
    out
}

/// How often each of `0..size` occurs in a combination, and how many other integers there are.
pub fn histogram(device: &Device, terms: &[(&Ints, i64)], constant: i64, size: usize) -> (Buffer<u32>, usize) {
    within(device, terms, constant, &|combination, len| {
        let mut counts = Buffer::<u32>::zeroed(device, size + 1);
        if len > 0 {
            let local = if size < LOCAL_BINS { size + 1 } else { 0 };
            let shape = LaunchConfig { shared_mem_bytes: (local * size_of::<u32>()) as u32, ..elements(device, len) };
            launch!(device, Tensors, "histogram", shape, counts.all(), combination, count(size), count(local), count(len));
        }
        let outside = counts.download(device, size, 1)[0] as usize;
        counts.truncate(size);
        (counts, outside)
    })
}

/// The least and the greatest integer; (0, 0) if there are none.
pub fn min_max(device: &Device, ints: &Ints) -> (i64, i64) {
    if ints.len() == 0 {
        return (0, 0);
    }
    // As many threads as integers at most, but for the last block, so that each block has some.
    let blocks = blocks(device, ints.len()).min(PARTIALS);
    let partials = Buffer::<i64>::uninitialised(device, 2 * blocks as usize);
    let shape = LaunchConfig { shared_mem_bytes: 2 * THREADS * size_of::<i64>() as u32, ..grid(blocks) };
    launch!(device, Tensors, "min_max", shape, partials.all(), Entries::from(ints), count(ints.len()));
    let partials = partials.download(device, 0, 2 * blocks as usize);
    partials.chunks_exact(2).fold((i64::MAX, i64::MIN), |(lo, hi), pair| (lo.min(pair[0]), hi.max(pair[1])))
}
