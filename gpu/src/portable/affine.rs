//! Many additions of affine points for the price of one inversion.
//!
//! An affine addition takes 3 products once the inverse of the difference of abscissas is known, and Montgomery's
//! trick inverts a batch at 3 products each; a projective addition takes 11.

use ark_ec::{
    AffineRepr,
    short_weierstrass::{Affine, SWCurveConfig},
};
use ark_ff::Zero;

use super::coordinate::Coordinate;

/// A finite point, or the origin, which is not on the curve, for the point at infinity.
///
/// The curve is y^2 = x^3 + b: both of BN254's groups are, over F = Fq and Fq2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point<F> {
    x: F,
    y: F,
}

impl<F: Coordinate> Point<F> {
    pub const INFINITY: Self = Self { x: F::ZERO, y: F::ZERO };

    pub fn is_infinite(&self) -> bool {
        self.x.is_zero() && self.y.is_zero()
    }

    #[inline(always)]
    pub fn negated_if(mut self, negative: bool) -> Self {
        if negative {
            self.y = -self.y;
        }
        self
    }

    /// What must be inverted to add the two: never zero.
    #[inline(always)]
    fn denominator(&self, other: &Self) -> F {
        let difference = other.x - self.x;
        if difference.is_zero() || self.x.is_zero() || other.x.is_zero() {
            return self.special_denominator(other);
        }
        difference
    }

    #[cold]
    fn special_denominator(&self, other: &Self) -> F {
        if self.is_infinite() || other.is_infinite() {
            F::one()
        } else if self.x != other.x {
            other.x - self.x
        } else if self.y == other.y {
            // The group's order is odd: y is not zero.
            self.y.double()
        } else {
            F::one()
        }
    }

    /// The sum, given the inverse of [`Point::denominator`].
    #[inline(always)]
    fn add(&self, other: &Self, inverse: &F) -> Self {
        if self.x == other.x || self.x.is_zero() || other.x.is_zero() {
            return self.add_special(other, inverse);
        }
        self.along((other.y - self.y).times(inverse), other)
    }

    #[cold]
    fn add_special(&self, other: &Self, inverse: &F) -> Self {
        if self.is_infinite() {
            *other
        } else if other.is_infinite() {
            *self
        } else if self.x != other.x {
            self.along((other.y - self.y).times(inverse), other)
        } else if self.y == other.y {
            let square = self.x.square();
            self.along((square.double() + square).times(inverse), other)
        } else {
            Self::INFINITY
        }
    }

    #[inline(always)]
    fn along(&self, slope: F, other: &Self) -> Self {
        let x = slope.square() - self.x - other.x;
        Self { x, y: slope.times(&(self.x - x)) - self.y }
    }
}

impl<P: SWCurveConfig<BaseField: Coordinate>> From<&Affine<P>> for Point<P::BaseField> {
    fn from(point: &Affine<P>) -> Self {
        debug_assert!(P::COEFF_A.is_zero(), "a curve with a linear term");
        point.xy().map_or(Self::INFINITY, |(x, y)| Self { x, y })
    }
}

impl<F: Coordinate> Point<F> {
    /// The point as arkworks holds it.
    pub fn to_affine<P: SWCurveConfig<BaseField = F>>(self) -> Affine<P> {
        if self.is_infinite() { Affine::identity() } else { Affine::new_unchecked(self.x, self.y) }
    }
}

/// Segments of points that are summed, each to one point, by rounds of pairwise additions.
pub struct Segments<F> {
    points: Vec<Point<F>>,
    lengths: Vec<usize>,
    denominators: Vec<F>,
    /// The product of all later denominators.
    suffixes: Vec<F>,
}

impl<F: Coordinate> Segments<F> {
    /// No segments yet.
    pub fn new() -> Self {
        Self { points: Vec::new(), lengths: Vec::new(), denominators: Vec::new(), suffixes: Vec::new() }
    }

    /// Opens a segment of the points that follow; it must not stay empty.
    pub fn push(&mut self, points: impl Iterator<Item = Point<F>>) {
        let start = self.points.len();
        self.points.extend(points);
        self.lengths.push(self.points.len() - start);
    }

    /// The sums of the segments, in order; afterwards there are none.
    pub fn sum(&mut self, mut sink: impl FnMut(Point<F>)) {
        while self.lengths.iter().any(|length| *length > 1) {
            self.halve();
        }
        self.points.drain(..).for_each(&mut sink);
        self.lengths.clear();
    }

    fn halve(&mut self) {
        self.denominators.clear();
        let mut read = 0;
        for length in &self.lengths {
            let pairs = self.points[read..read + length].chunks_exact(2);
            self.denominators.extend(pairs.map(|pair| pair[0].denominator(&pair[1])));
            read += length;
        }

        self.suffixes.resize(self.denominators.len(), F::one());
        let mut product = F::one();
        for (suffix, denominator) in self.suffixes.iter_mut().zip(&self.denominators).rev() {
            *suffix = product;
            product = product.times(denominator);
        }
        let mut inverse = product.inverted().unwrap_or(F::one());

        // Sums move down into the places of points already read.
        let mut batch = self.denominators.iter().zip(&self.suffixes);
        let (mut read, mut write) = (0, 0);
        for length in &mut self.lengths {
            let end = read + *length;
            while read + 1 < end {
                let (first, second) = (self.points[read], self.points[read + 1]);
                let Some((denominator, suffix)) = batch.next() else { return };
                self.points[write] = first.add(&second, &inverse.times(suffix));
                inverse = inverse.times(denominator);
                read += 2;
                write += 1;
            }
            if read < end {
                self.points[write] = self.points[read];
                read += 1;
                write += 1;
            }
            *length = length.div_ceil(2);
        }
        self.points.truncate(write);
    }
}
