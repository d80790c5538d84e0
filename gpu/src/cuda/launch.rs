//! Starting kernels.

use cudarc::driver::LaunchConfig;

use super::{device::Device, memory::Limbs};

/// Threads of a block.
pub const THREADS: u32 = 256;

/// Blocks for each multiprocessor: enough for each to always have another one ready.
pub const BLOCKS_EACH: u32 = 16;

/// A count as the kernels take it.
pub fn count(n: usize) -> u32 {
    assert!(n < 1 << 31, "{n} elements are more than one launch handles");
    n as u32
}

/// How many blocks handle `n` elements, one thread an element or, beyond what the device holds, several.
pub fn blocks(device: &Device, n: usize) -> u32 {
    count(n).div_ceil(THREADS).clamp(1, BLOCKS_EACH * device.multiprocessors())
}

/// Blocks of threads without shared memory.
pub fn grid(blocks: u32) -> LaunchConfig {
    LaunchConfig { grid_dim: (blocks, 1, 1), block_dim: (THREADS, 1, 1), shared_mem_bytes: 0 }
}

/// One thread for each of `n` elements.
pub fn elements(device: &Device, n: usize) -> LaunchConfig {
    grid(blocks(device, n))
}

/// Blocks whose threads share one field element each.
pub fn sharing(blocks: u32) -> LaunchConfig {
    LaunchConfig { shared_mem_bytes: THREADS * size_of::<Limbs>() as u32, ..grid(blocks) }
}

/// Starts a kernel: `launch!(device, Set, "name", shape, arguments...)`.
///
/// The arguments must be those of the kernel, type by type; addresses come from [`super::memory::Buffer`], which checks
/// that as much memory is there as the kernel touches.
macro_rules! launch {
    ($device:expr, $set:ident, $name:expr, $shape:expr, $($argument:expr),+ $(,)?) => {
        $crate::cuda::launch::launch_from!($device, $crate::cuda::kernels::Kernels::$set, $name, $shape, $($argument),+)
    };
}
pub(super) use launch;

/// [`launch`] from a set that is an expression.
macro_rules! launch_from {
    ($device:expr, $set:expr, $name:expr, $shape:expr, $($argument:expr),+ $(,)?) => {{
        let device: &$crate::cuda::device::Device = $device;
        #[allow(unused_imports)]
        use cudarc::driver::PushKernelArg as _;
        let function = device.kernel($set, $name);
        // SAFETY: the arguments are the kernel's parameters in number, order and size, and every address was given out for
        // the range that the kernel touches. All kernels are on one stream, which copies of the other one to these
        // buffers are ordered with, so that nothing else runs on them meanwhile, and they are freed behind the kernel.
        let started = unsafe { device.stream().launch_builder(&function)$(.arg(&$argument))+.launch($shape) };
        $crate::cuda::failure::answer(started);
    }};
}
pub(super) use launch_from;
