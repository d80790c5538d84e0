//! Many additions of affine points for the price of one inversion.
//!
//! An affine addition takes 3 products once the inverse of the difference of abscissas is known, and Montgomery's
//! trick inverts a batch at 3 products each; a projective addition takes 11.

use ark_bn254::{Fq, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field, One, Zero};

/// A finite point, or the origin, which is not on the curve, for the point at infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    x: Fq,
    y: Fq,
}

impl Point {
    pub const INFINITY: Self = Self { x: Fq::ZERO, y: Fq::ZERO };

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
    fn denominator(&self, other: &Self) -> Fq {
        let difference = other.x - self.x;
        if difference.is_zero() || self.x.is_zero() || other.x.is_zero() {
            return self.special_denominator(other);
        }
        difference
    }

    #[cold]
    fn special_denominator(&self, other: &Self) -> Fq {
        if self.is_infinite() || other.is_infinite() {
            Fq::one()
        } else if self.x != other.x {
            other.x - self.x
        } else if self.y == other.y {
            // The group's order is odd: y is not zero.
            self.y.double()
        } else {
            Fq::one()
        }
    }

    /// The sum, given the inverse of [`Point::denominator`].
    #[inline(always)]
    fn add(&self, other: &Self, inverse: &Fq) -> Self {
        if self.x == other.x || self.x.is_zero() || other.x.is_zero() {
            return self.add_special(other, inverse);
        }
        self.along((other.y - self.y) * inverse, other)
    }

    #[cold]
    fn add_special(&self, other: &Self, inverse: &Fq) -> Self {
        if self.is_infinite() {
            *other
        } else if other.is_infinite() {
            *self
        } else if self.x != other.x {
            self.along((other.y - self.y) * inverse, other)
        } else if self.y == other.y {
            let square = self.x.square();
            self.along((square.double() + square) * inverse, other)
        } else {
            Self::INFINITY
        }
    }

    #[inline(always)]
    fn along(&self, slope: Fq, other: &Self) -> Self {
        let x = slope.square() - self.x - other.x;
        Self { x, y: slope * (self.x - x) - self.y }
    }
}

impl From<&G1Affine> for Point {
    fn from(point: &G1Affine) -> Self {
        point.xy().map_or(Self::INFINITY, |(x, y)| Self { x, y })
    }
}

impl From<Point> for G1Affine {
    fn from(point: Point) -> Self {
        if point.is_infinite() { Self::identity() } else { Self::new_unchecked(point.x, point.y) }
    }
}

/// Segments of points that are summed, each to one point, by rounds of pairwise additions.
#[derive(Default)]
pub struct Segments {
    points: Vec<Point>,
    lengths: Vec<usize>,
    denominators: Vec<Fq>,
    /// The product of all later denominators.
    suffixes: Vec<Fq>,
}

impl Segments {
    /// Opens a segment of the points that follow; it must not stay empty.
    pub fn push(&mut self, points: impl Iterator<Item = Point>) {
        let start = self.points.len();
        self.points.extend(points);
        self.lengths.push(self.points.len() - start);
    }

    /// The sums of the segments, in order; afterwards there are none.
    pub fn sum(&mut self, mut sink: impl FnMut(Point)) {
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

        self.suffixes.resize(self.denominators.len(), Fq::one());
        let mut product = Fq::one();
        for (suffix, denominator) in self.suffixes.iter_mut().zip(&self.denominators).rev() {
            *suffix = product;
            product *= denominator;
        }
        let mut inverse = product.inverse().unwrap_or(Fq::one());

        // Sums move down into the places of points already read.
        let mut batch = self.denominators.iter().zip(&self.suffixes);
        let (mut read, mut write) = (0, 0);
        for length in &mut self.lengths {
            let end = read + *length;
            while read + 1 < end {
                let (first, second) = (self.points[read], self.points[read + 1]);
                let Some((denominator, suffix)) = batch.next() else { return };
                self.points[write] = first.add(&second, &(inverse * suffix));
                inverse *= denominator;
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
