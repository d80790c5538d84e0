//! Sparse matrices that stay on the device, and those that are sent for each product; matrices that are none.

use crate::every_backend;

every_backend!(counts_matrices_that_stay, sends_matrices_in_pieces, nothing_outside_a_broken_matrix_is_touched);

mod check {
    use std::panic::{self, AssertUnwindSafe};

    use ark_std::rand::{Rng, rngs::StdRng};
    use assay_gpu::{Backend, Cuda};

    use crate::{memory::Limited, samples, sparse::check::Owned};

    /// Rows of all kinds, and 21000 entries or more, in two dozen tiles.
    fn matrix(num_columns: usize, rng: &mut StdRng) -> (Owned, usize) {
        let lengths: Vec<usize> = [vec![3; 2000], vec![0; 1500], vec![15_000, 1, 2]].concat();
        (Owned::new(&lengths, num_columns, rng), lengths.len())
    }

    pub fn counts_matrices_that_stay(cuda: &Cuda) {
        let (matrix, rows) = matrix(40, &mut samples::rng(110));
        let before = cuda.memory().live;
        let prepared = cuda.prepare_matrix(matrix.view());
        let entries = matrix.columns.len();
        let tiles = (rows + entries).div_ceil(1024);
        assert_eq!(cuda.memory().live, before + 36 * entries + 4 * (rows + 1) + 4 * (tiles + 1));
        drop(prepared);
        assert_eq!(cuda.memory().live, before);
    }

    pub fn sends_matrices_in_pieces(cuda: &Cuda) {
        let mut rng = samples::rng(111);
        let (matrix, rows) = matrix(40, &mut rng);
        let z = samples::field(40, &mut rng);
        let expected = matrix.product(&z, 4096);
        let lent = cuda.lend(&z);
        let same = || {
            let before = cuda.memory().live;
            let prepared = cuda.prepare_matrix(matrix.view());
            assert_eq!(cuda.memory().live, before, "the matrix is kept");
            assert!(cuda.download(&cuda.multiply(&prepared, &lent, 4096)) == expected);
            assert_eq!(cuda.memory().live, before);
        };
        cuda.keep_points(false);
        same();
        cuda.keep_points(true);
        // For the product and the starts of the rows; and for pieces of one tile, and of several.
        let always = 32 * 4096 + 4 * (rows + 1);
        for more in [50_000, 400_000] {
            let _limited = Limited::to(cuda, always + more);
            same();
        }
    }

    /// A file may change while it is mapped. What is computed then means nothing, but no other memory is read or written, which
    /// the address sanitizer watches.
    pub fn nothing_outside_a_broken_matrix_is_touched(cuda: &Cuda) {
        let mut rng = samples::rng(112);
        let z = samples::field(40, &mut rng);
        let lent = cuda.lend(&z);
        for kind in 0..4 {
            let (mut matrix, rows) = matrix(40, &mut rng);
            match kind {
                0 => matrix.columns.iter_mut().for_each(|column| *column = rng.r#gen()),
                1 => matrix.starts.iter_mut().for_each(|start| *start = rng.r#gen()),
                2 => matrix.starts.reverse(),
                _ => matrix.starts.fill(u32::MAX.to_le_bytes()),
            }
            for keep in [true, false] {
                cuda.keep_points(keep);
                let multiplied = panic::catch_unwind(AssertUnwindSafe(|| {
                    let prepared = cuda.prepare_matrix(matrix.view());
                    cuda.len(&cuda.multiply(&prepared, &lent, rows))
                }));
                // The processor looks where pieces begin, and may find that there is no such place.
                assert!(multiplied.is_ok_and(|len| len == rows) || !keep, "kind {kind}");
            }
            cuda.keep_points(true);
        }
        // The device still works.
        let (matrix, rows) = matrix(40, &mut rng);
        let product = cuda.multiply(&cuda.prepare_matrix(matrix.view()), &lent, rows);
        assert!(cuda.download(&product) == matrix.product(&z, rows));
    }
}
