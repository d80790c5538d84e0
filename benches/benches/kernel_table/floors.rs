//! What a kernel must at least do for an element, and how long that takes.
//!
//! Multiply-adds of 52 bits (`ifma`, eight lanes each) and multiplications of 64 bits (`portable`), by operation:
//!
//! | operation | ifma | portable | |
//! | --- | --- | --- | --- |
//! | product | 101 | 36 | 50 + 51; 16 + 16 + 4 |
//! | fixed: product with a factor known in advance | 84 | 36 | Shoup's way: columns 4 to 9 of one product, 0 to 4 of two |
//! | square | 81 | 30 | cross products once |
//! | unreduced product, to be summed | 50 | 16 | |
//! | reduction of a sum | 51 | 20 | |
//! | int: integer of up to 52 bits times a field element | 10 | 4 | i64 counts as one too: a lower bound |
//! | round: reduction by one limb | 11 | 5 | |
//!
//! An addition of points in a batch is five products and a square: three for its share of the inversion, the slope, its
//! square, and y. Over Fq2 a product is three unreduced ones and two reductions, a square two products.

/// Operations and bytes for one element.
#[derive(Clone, Copy, Default)]
pub struct Work {
    pub products: f64,
    pub fixed: f64,
    pub squares: f64,
    pub unreduced: f64,
    pub reductions: f64,
    pub ints: f64,
    pub rounds: f64,
    pub bytes: f64,
}

impl Work {
    /// Nanoseconds of arithmetic, given those of one multiplication an element.
    pub fn arithmetic(&self, ifma: bool, multiplication: f64) -> f64 {
        let [p, f, s, u, r, i, o] = if ifma { [101., 84., 81., 50., 51., 10., 11.] } else { [36., 36., 30., 16., 20., 4., 5.] };
        let count = p * self.products
            + f * self.fixed
            + s * self.squares
            + u * self.unreduced
            + r * self.reductions
            + i * self.ints
            + o * self.rounds;
        count * multiplication
    }

    /// This, `times` over.
    pub fn times(self, times: f64) -> Self {
        Self {
            products: self.products * times,
            fixed: self.fixed * times,
            squares: self.squares * times,
            unreduced: self.unreduced * times,
            reductions: self.reductions * times,
            ints: self.ints * times,
            rounds: self.rounds * times,
            bytes: self.bytes * times,
        }
    }
}

/// An addition of points of the first group in a batch, which reads one of 64 bytes.
pub const ADDITION: Work = Work { products: 5., squares: 1., fixed: 0., unreduced: 0., reductions: 0., ints: 0., rounds: 0., bytes: 64. };

/// The same in the second group: 5 (3 unreduced + 2 reductions) and a square of two products.
pub const ADDITION_G2: Work =
    Work { products: 2., squares: 0., fixed: 0., unreduced: 15., reductions: 10., ints: 0., rounds: 0., bytes: 128. };

/// Additions a point for n scalars of so many bits: with the best window of c bits, one a point and window, two a bucket.
pub fn additions(n: usize, bits: usize) -> f64 {
    let cost = |c: usize| ((bits + 1).div_ceil(c) * (n + (2 << (c - 1)))) as f64 / n as f64;
    (4..=20).map(cost).fold(f64::INFINITY, f64::min)
}

/// A transform: half a product an element and level; one pass over memory.
pub fn transform(n: usize) -> Work {
    Work { fixed: 0.5 * f64::from(n.ilog2()), bytes: 64., ..Work::default() }
}

/// The round of d factors, for each pair and each of d points: d - 2 products and one that is summed.
pub fn product_round(d: usize) -> Work {
    let (pairs, d) = (0.5, d as f64);
    if d < 2. {
        return Work { bytes: 32., ..Work::default() };
    }
    Work { products: pairs * d * (d - 2.), unreduced: pairs * d, bytes: 32. * d, ..Work::default() }
}
