//! Sparse matrices times vectors, and the first row where a product is not what it should be.

use crate::every_backend;

every_backend!(
    multiplies_rows_of_any_length,
    multiplies_rows_that_end_anywhere,
    multiplies_largest_values,
    multiplies_zeros,
    finds_the_first_false_product
);

pub mod check {
    use ark_bn254::Fr;
    use ark_ff::{AdditiveGroup, Field};
    use ark_std::rand::{Rng, rngs::StdRng};
    use assay_gpu::{Backend, SparseMatrix};

    use crate::samples;

    /// A matrix as its bytes.
    pub struct Owned {
        pub starts: Vec<[u8; 4]>,
        pub columns: Vec<[u8; 4]>,
        pub values: Vec<[u8; 32]>,
    }

    impl Owned {
        /// Rows of these lengths, with random columns; among the values 0, 1 and -1.
        pub fn new(lengths: &[usize], num_columns: usize, rng: &mut StdRng) -> Self {
            let total = lengths.iter().sum();
            Self::with_values(lengths, num_columns, &samples::field(total, rng), rng)
        }

        fn with_values(lengths: &[usize], num_columns: usize, values: &[Fr], rng: &mut StdRng) -> Self {
            let ends = lengths.iter().scan(0, |end, len| {
                *end += *len as u32;
                Some(*end)
            });
            Self {
                starts: std::iter::once(0).chain(ends).map(u32::to_le_bytes).collect(),
                columns: values.iter().map(|_| rng.gen_range(0..num_columns as u32).to_le_bytes()).collect(),
                values: values.iter().map(|value| bytes(value.0.0)).collect(),
            }
        }

        pub fn view(&self) -> SparseMatrix<'_> {
            SparseMatrix { starts: &self.starts, columns: &self.columns, values: &self.values }
        }

        /// The product by its definition, from the bytes, in another order than any backend's.
        pub fn product(&self, z: &[Fr], len: usize) -> Vec<Fr> {
            let number = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes) as usize;
            let mut out = vec![Fr::ZERO; len];
            for (row, pair) in self.starts.windows(2).enumerate() {
                for entry in (number(&pair[0])..number(&pair[1])).rev() {
                    let limbs = std::array::from_fn(|i| u64::from_le_bytes(self.values[entry].as_chunks().0[i]));
                    out[row] += Fr::new_unchecked(ark_ff::BigInt(limbs)) * z[number(&self.columns[entry])];
                }
            }
            out
        }
    }

    fn bytes(limbs: [u64; 4]) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.as_chunks_mut().0.iter_mut().zip(limbs).for_each(|(bytes, limb)| *bytes = limb.to_le_bytes());
        bytes
    }

    fn same<B: Backend>(backend: &B, matrix: &Owned, z: &[Fr], len: usize) {
        let prepared = backend.prepare_matrix(matrix.view());
        let product = backend.multiply(&prepared, &backend.lend(z), len);
        assert!(backend.download(&product) == matrix.product(z, len), "{} rows, {} entries", matrix.starts.len() - 1, matrix.columns.len());
    }

    /// Lengths around the sizes of tiles, in which a device cuts rows.
    pub fn multiplies_rows_of_any_length<B: Backend>(backend: &B) {
        let mut rng = samples::rng(100);
        let z = samples::field(77, &mut rng);
        let cases: [Vec<usize>; 12] = [
            vec![],
            vec![0],
            vec![1],
            vec![0; 5000],
            vec![1022],
            vec![1023],
            vec![1024],
            vec![1025, 1, 0, 3],
            vec![2, 0, 9000, 0, 0, 1, 2],
            vec![3, 4097, 1, 4095, 2048],
            [vec![0; 3000], vec![2500], vec![0; 2100]].concat(),
            (0..2000).map(|_| rng.gen_range(0..4)).collect(),
        ];
        for lengths in cases {
            let matrix = Owned::new(&lengths, z.len(), &mut rng);
            same(backend, &matrix, &z, lengths.len());
            same(backend, &matrix, &z, lengths.len() + 1000);
        }
        let long = Owned::new(&[5, 100_000, 7], z.len(), &mut rng);
        same(backend, &long, &z, 3);
    }

    /// Every row of 300 to 1100 entries among others, so that rows end at most places of a tile.
    pub fn multiplies_rows_that_end_anywhere<B: Backend>(backend: &B) {
        let mut rng = samples::rng(101);
        let z = samples::field(50, &mut rng);
        for _ in 0..4 {
            let lengths: Vec<usize> = (0..60).map(|i| if i % 3 == 0 { rng.gen_range(300..1100) } else { rng.gen_range(0..40) }).collect();
            same(backend, &Owned::new(&lengths, z.len(), &mut rng), &z, 64);
        }
    }

    pub fn multiplies_largest_values<B: Backend>(backend: &B) {
        let mut rng = samples::rng(102);
        let z = samples::largest(9);
        let lengths = [3000, 1, 0, 12];
        for value in [samples::largest(1)[0], Fr::ONE, -Fr::ONE, Fr::ZERO] {
            same(backend, &Owned::with_values(&lengths, z.len(), &[value; 3013], &mut rng), &z, 4);
        }
    }

    pub fn multiplies_zeros<B: Backend>(backend: &B) {
        let mut rng = samples::rng(103);
        let matrix = Owned::new(&[4, 0, 2000], 6, &mut rng);
        same(backend, &matrix, &[Fr::ZERO; 6], 16);
        // Nothing to multiply with, and nothing that is multiplied.
        same(backend, &Owned::new(&[0, 0], 1, &mut rng), &[], 2);
    }

    pub fn finds_the_first_false_product<B: Backend>(backend: &B) {
        let mut rng = samples::rng(104);
        for len in [1, 2, 255, 257, 5000, 9001] {
            let (a, b) = (samples::field(len, &mut rng), samples::field(len, &mut rng));
            let c: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
            let find = |c: &[Fr], below| {
                let [a, b, c] = [&a, &b, c].map(|values| backend.upload(values));
                backend.first_false_product(&a, &b, &c, below)
            };
            assert_eq!(find(&c, len), None);
            let last = len - 1;
            for wrong in [vec![0], vec![last], vec![len / 2], vec![len / 3, last], (len / 2..len).collect(), vec![0, last]] {
                let mut c = c.clone();
                wrong.iter().for_each(|i| c[*i] += Fr::ONE);
                assert_eq!(find(&c, len), Some(wrong[0]), "{wrong:?} of {len}");
                // Only those below a limit count.
                assert_eq!(find(&c, wrong[0] + 1), Some(wrong[0]));
                assert_eq!(find(&c, wrong[0]), None);
            }
        }
    }
}
