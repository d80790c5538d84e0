//! The executor's kernels, which only the CUDA backend has, against plain loops.

use crate::on_cuda;

on_cuda!(multiplies_bytes, counts_occurrences);

mod check {
    use ark_std::rand::Rng;
    use assay_gpu::{Backend, Cuda, IntSlice};

    use crate::samples;

    fn product(x: &[i64], y: &[i64], [batch, rows, inner, columns]: [usize; 4]) -> Vec<i64> {
        let mut out = Vec::new();
        for b in 0..batch {
            for i in 0..rows {
                for j in 0..columns {
                    out.push((0..inner).map(|k| x[(b * rows + i) * inner + k] * y[(b * inner + k) * columns + j]).sum());
                }
            }
        }
        out
    }

    pub fn multiplies_bytes(cuda: &Cuda) {
        let mut rng = samples::rng(70);
        let shapes = [[1, 1, 1, 1], [1, 3, 5, 2], [2, 64, 32, 64], [3, 65, 33, 66], [1, 7, 300, 130], [2, 5, 0, 3], [0, 2, 2, 2]];
        for [batch, rows, inner, columns] in shapes {
            let mut matrices = |len: usize| {
                let signed: Vec<i8> = (0..len).map(|_| rng.r#gen()).collect();
                let unsigned: Vec<u8> = (0..len).map(|_| rng.r#gen()).collect();
                [cuda.upload_ints(IntSlice::I8(&signed)), cuda.upload_ints(IntSlice::U8(&unsigned))]
            };
            let (left, right) = (matrices(batch * rows * inner), matrices(batch * inner * columns));
            for (x, y) in left.iter().flat_map(|x| right.iter().map(move |y| (x, y))) {
                let out = cuda.multiply_bytes(x, y, [batch, rows, inner, columns]);
                let expected = product(&cuda.download_ints(x), &cuda.download_ints(y), [batch, rows, inner, columns]);
                assert_eq!(cuda.download_ints(&out), expected);
            }
        }
        // The largest sums.
        let x = cuda.upload_ints(IntSlice::U8(&vec![u8::MAX; 1 << 15]));
        for (y, each) in [(IntSlice::I8(&vec![i8::MIN; 1 << 15]), -128), (IntSlice::U8(&vec![u8::MAX; 1 << 15]), 255)] {
            let out = cuda.multiply_bytes(&x, &cuda.upload_ints(y), [1, 1, 1 << 15, 1]);
            assert_eq!(cuda.download_ints(&out), [255 * each * (1 << 15)]);
        }
    }

    pub fn counts_occurrences(cuda: &Cuda) {
        let mut rng = samples::rng(71);
        for ints in samples::ints(5000, &mut rng) {
            let uploaded = cuda.upload_ints(ints.slice());
            let values = cuda.download_ints(&uploaded);
            for (low, size) in [(-128, 256), (0, 1), (0, 0), (-5000, 9000), (i64::MIN, 77), (i64::MAX - 3, 4)] {
                let mut expected = vec![0i64; size];
                let mut outside = 0;
                for value in &values {
                    match usize::try_from(i128::from(*value) - i128::from(low)) {
                        Ok(place) if place < size => expected[place] += 1,
                        _ => outside += 1,
                    }
                }
                let (counts, others) = cuda.histogram(&uploaded, low, size);
                assert_eq!((cuda.download_ints(&counts), others), (expected, outside), "from {low}, {size} bins");
            }
        }
    }
}
