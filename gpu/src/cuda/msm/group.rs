//! The two groups: their coordinates as limbs, and the names of their kernels.

use ark_bn254::{Fq, Fq2, g1, g2};
use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::{Field, Zero};

use crate::cuda::{kernels::Kernels, memory::Limbs};

/// A coordinate as limbs.
pub trait Coordinate: Field {
    /// How many elements of the prime field it is.
    const ELEMENTS: usize;

    /// Into as many limbs as there are elements.
    fn write(&self, to: &mut [Limbs]);
    fn read(limbs: &[Limbs]) -> Self;
}

impl Coordinate for Fq {
    const ELEMENTS: usize = 1;

    fn write(&self, to: &mut [Limbs]) {
        to[0] = self.0.0;
    }

    fn read(limbs: &[Limbs]) -> Self {
        Self::new_unchecked(ark_ff::BigInt(limbs[0]))
    }
}

impl Coordinate for Fq2 {
    const ELEMENTS: usize = 2;

    fn write(&self, to: &mut [Limbs]) {
        self.c0.write(to);
        self.c1.write(&mut to[1..]);
    }

    fn read(limbs: &[Limbs]) -> Self {
        Self::new(Fq::read(limbs), Fq::read(&limbs[1..]))
    }
}

/// A group whose points the kernels add.
pub trait Group: SWCurveConfig<BaseField: Coordinate> {
    const KERNELS: Kernels;
    const ACCUMULATE: &'static str;
    const MERGE: &'static str;
    const WEIGH_BUCKETS: &'static str;
    const SUM_POINTS: &'static str;
    const MULTIPLES: &'static str;
    /// Windows wider than this have too many buckets.
    const MOST_WINDOW_BITS: u32;
    /// Windows wider than this have too many buckets, even if they share them: as many as the others have together.
    const MOST_SHARED_BITS: u32 = Self::MOST_WINDOW_BITS + 3;

    /// Elements of the prime field that make up an affine point.
    const POINT: usize = 2 * <Self::BaseField as Coordinate>::ELEMENTS;
    /// Elements of the prime field that make up a bucket (X, Y, ZZ, ZZZ).
    const BUCKET: usize = 4 * <Self::BaseField as Coordinate>::ELEMENTS;
}

impl Group for g1::Config {
    const KERNELS: Kernels = Kernels::FirstGroup;
    const ACCUMULATE: &'static str = "accumulate_g1";
    const MERGE: &'static str = "merge_g1";
    const WEIGH_BUCKETS: &'static str = "weigh_buckets_g1";
    const SUM_POINTS: &'static str = "sum_points_g1";
    const MULTIPLES: &'static str = "multiples_g1";
    const MOST_WINDOW_BITS: u32 = 17;
}

impl Group for g2::Config {
    const KERNELS: Kernels = Kernels::SecondGroup;
    const ACCUMULATE: &'static str = "accumulate_g2";
    const MERGE: &'static str = "merge_g2";
    const WEIGH_BUCKETS: &'static str = "weigh_buckets_g2";
    const SUM_POINTS: &'static str = "sum_points_g2";
    const MULTIPLES: &'static str = "multiples_g2";
    const MOST_WINDOW_BITS: u32 = 16;
}

/// The point of these coordinates (X, Y, ZZ, ZZZ). With ZZ = z^2 and ZZZ = z^3, (X ZZ^2, Y ZZ^3, ZZZ) is the same point in
/// Jacobian coordinates, and no inversion is needed.
pub fn point<P: Group>(coordinates: &[Limbs]) -> Projective<P> {
    let size = <P::BaseField as Coordinate>::ELEMENTS;
    let read = |index: usize| <P::BaseField as Coordinate>::read(&coordinates[index * size..]);
    let (x, y, zz, zzz) = (read(0), read(1), read(2), read(3));
    if zz.is_zero() {
        return Projective::zero();
    }
    let square = zz.square();
    Projective::new_unchecked(x * square, y * square * zz, zzz)
}
