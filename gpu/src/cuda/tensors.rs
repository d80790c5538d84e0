//! Kernels of the executor: products of byte matrices, and histograms.

#![allow(unsafe_code)]

use cudarc::driver::LaunchConfig;

use super::{
    device::Device,
    launch::{THREADS, count, elements, launch},
    memory::{Buffer, Ints, for_widths},
};

/// Rows and columns of outputs a block makes, and the words it keeps of each.
const SQUARE: usize = 64;
const STRIP: usize = 8;

/// The longest sum of products of bytes that a 32-bit integer holds whatever the bytes: 255 * 128 * 2^15 < 2^30.
const LONGEST: usize = 1 << 15;

/// Bins that fit a block's shared memory.
const LOCAL_BINS: usize = 1 << 12;

/// Blocks along the second and third axes of a launch.
const MOST_BLOCKS: usize = 65_535;

pub fn multiply_bytes(device: &Device, x: &Ints, y: &Ints, [batch, rows, inner, columns]: [usize; 4]) -> Ints {
    assert_eq!(x.len(), batch * rows * inner, "the left matrices");
    assert_eq!(y.len(), batch * inner * columns, "the right matrices");
    assert!(inner <= LONGEST, "sums of {inner} products may exceed 32 bits");
    let kernel = match (x, y) {
        (Ints::I8(_), Ints::I8(_)) => "multiply_bytes_i8",
        (Ints::U8(_), Ints::I8(_)) => "multiply_bytes_u8",
        _ => panic!("products of bytes want bytes on the left and signed bytes on the right"),
    };
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

pub fn histogram(device: &Device, ints: &Ints, low: i64, size: usize) -> (Ints, usize) {
    let len = ints.len();
    let counts = Buffer::<u32>::zeroed(device, size + 1);
    if len > 0 {
        let local = if size < LOCAL_BINS { size + 1 } else { 0 };
        let shape = LaunchConfig { shared_mem_bytes: (local * size_of::<u32>()) as u32, ..elements(device, len) };
        let name = for_widths!("histogram")[ints.width()];
        launch!(device, Tensors, name, shape, counts.all(), ints.at(0, len), low, count(size), count(local), count(len));
    }
    let outside = counts.download(device, size, 1)[0] as usize;
    let mut counts = counts;
    counts.truncate(size);
    (Ints::U32(counts), outside)
}
