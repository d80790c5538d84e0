//! What is counted as used, and what happens at the limit.

use std::panic::AssertUnwindSafe;

use assay_gpu::{Backend as _, IntSlice};

use crate::every_backend;

every_backend!(counts_what_is_allocated, fails_beyond_the_limit, gives_up_root_tables);

/// A limit that ends with this value.
pub struct Limited<'a>(&'a assay_gpu::Cuda);

impl<'a> Limited<'a> {
    /// To so many bytes beyond those in use, of which tables that would be given up are none.
    pub fn to(cuda: &'a assay_gpu::Cuda, more: usize) -> Self {
        let full = Self::beside_tables(cuda, 0);
        // Takes their place, or fails where there are none.
        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| cuda.upload_ints(IntSlice::U8(&[0]))));
        drop(full);
        Self::beside_tables(cuda, more)
    }

    /// To so many bytes beyond those in use.
    fn beside_tables(cuda: &'a assay_gpu::Cuda, more: usize) -> Self {
        cuda.limit_memory(cuda.memory().live + more);
        Self(cuda)
    }
}

impl Drop for Limited<'_> {
    fn drop(&mut self) {
        self.0.limit_memory(self.0.memory().total);
    }
}

/// What the device's failure says.
pub fn failure<T>(action: impl FnOnce() -> T) -> String {
    let panic = std::panic::catch_unwind(AssertUnwindSafe(action)).err().expect("a failure");
    assay_gpu::cuda::device_failure(&*panic).expect("a failure of the device").to_owned()
}

mod check {
    use ark_bn254::Fr;
    use ark_ff::Zero;
    use assay_gpu::{Backend, Cuda, IntSlice};

    use super::{Limited, failure};
    use crate::samples;

    pub fn counts_what_is_allocated(cuda: &Cuda) {
        let before = cuda.memory();
        assert_eq!(before.limit, before.total);
        let vector = cuda.upload(&vec![Fr::zero(); 1000]);
        let ints = cuda.upload_ints(IntSlice::U16(&[7; 50]));
        let during = cuda.memory();
        assert_eq!(during.live, before.live + 32_000 + 100);
        assert_eq!(during.free, before.free - 32_000 - 100);
        assert!(during.peak >= during.live);
        drop(vector);
        assert_eq!(cuda.memory().live, before.live + 100);
        drop(ints);
        let after = cuda.memory();
        assert_eq!((after.live, after.free), (before.live, before.free));
        assert_eq!(after.peak, during.peak);
    }

    pub fn fails_beyond_the_limit(cuda: &Cuda) {
        let limited = Limited::to(cuda, 3200);
        let live = cuda.memory().live;
        let vector = cuda.upload(&[Fr::zero(); 60]);
        let said = failure(|| cuda.duplicate(&vector));
        let (live, limit) = (live + 1920, live + 3200);
        assert_eq!(said, format!("the CUDA device failed: out of memory: 1920 bytes are needed, and {live} of at most {limit} are in use"));
        // What was there can still be used.
        assert_eq!(cuda.get(&vector, 59), Fr::zero());
        assert_eq!(cuda.len(&cuda.slice(&vector, 0, 40)), 40);
        drop(limited);
        assert_eq!(cuda.len(&cuda.duplicate(&vector)), 60);
    }

    pub fn gives_up_root_tables(cuda: &Cuda) {
        let mut rng = samples::rng(80);
        let values = samples::field(1 << 9, &mut rng);
        let mut vector = cuda.upload(&values);
        cuda.ntt(&mut vector, false);
        let with_roots = cuda.memory().live;
        let limited = Limited::beside_tables(cuda, 1000);
        let more = cuda.upload(&[Fr::zero(); 100]);
        assert!(cuda.memory().live < with_roots, "the table is still there");
        drop((limited, more));
        // The table is made again.
        cuda.ntt(&mut vector, true);
        assert_eq!(cuda.download(&vector), values);
    }
}
