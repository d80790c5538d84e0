//! `sum_k (k + 1) bucket_k` of every window, eight runs of buckets side by side.
//!
//! Additions are the complete ones of Renes, Costello and Batina (2016, algorithm 7) for a = 0: no exceptions. They are
//! homogeneous, so that products off by 2^4 only scale a point's coordinates together.

#![allow(unsafe_code)]

use ark_bn254::Fq;
use ark_ec::short_weierstrass::Projective;
use ark_ff::{AdditiveGroup, Zero};

use super::{
    super::field::{add, avx512, blend, normalise, reduce, sub},
    coordinate::Coordinate,
    engine::Packed,
};

/// Eight points (x/z, y/z), coordinates below 2.33 p.
struct Points<L> {
    x: L,
    y: L,
    z: L,
}

impl<L: Copy> Clone for Points<L> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Copy> Copy for Points<L> {}

/// The weighted sums of `windows` windows, whose buckets follow each other.
pub fn sums<F: Coordinate>(buckets: &[Packed<F>], windows: usize) -> Vec<Projective<F::Curve>> {
    let width = buckets.len() / windows;
    // Windows are cut into as many runs as it takes to fill eight lanes.
    let mut runs = 1;
    while runs * windows < 8 && width.is_multiple_of(2 * runs) {
        runs *= 2;
    }
    let len = width / runs;
    let mut parts = Vec::with_capacity((runs * windows).next_multiple_of(8));
    for start in (0..runs * windows).step_by(8) {
        // SAFETY: buckets are summed only by a backend whose processor was checked.
        parts.extend(unsafe { eight_runs(&buckets[start * len..buckets.len().min((start + 8) * len)], len) });
    }
    parts.truncate(runs * windows);
    parts.chunks(runs).map(|runs| join(runs, len)).collect()
}

/// A run's plain and weighted sum.
type Part<F> = [Projective<<F as Coordinate>::Curve>; 2];

/// From the runs of one window: the weights of run s begin at `s len`.
fn join<P: ark_ec::short_weierstrass::SWCurveConfig>(runs: &[[Projective<P>; 2]], len: usize) -> Projective<P> {
    let mut total = runs[0][1];
    let (mut above, mut steps) = (Projective::zero(), Projective::zero());
    for [plain, weighted] in runs[1..].iter().rev() {
        above += plain;
        steps += above;
        total += weighted;
    }
    let mut product = Projective::zero();
    for bit in (0..usize::BITS - len.leading_zeros()).rev() {
        product.double_in_place();
        if len >> bit & 1 == 1 {
            product += steps;
        }
    }
    total + product
}

avx512! {
    /// Up to eight runs of `len` buckets.
    fn eight_runs<F: Coordinate>(buckets: &[Packed<F>], len: usize) -> [Part<F>; 8] {
        // SAFETY: this function has the instructions; places are those of buckets.
        unsafe {
            let (none, one, b3) = (F::broadcast(&F::ZERO), F::broadcast(&F::ONE), F::broadcast(&F::b3()));
            let mut plain = Points { x: none, y: one, z: none };
            let mut weighted = plain;
            let infinity = Packed::<F>::INFINITY;
            for i in (0..len).rev() {
                let bucket = |run: usize| buckets.get(run * len + i).unwrap_or(&infinity);
                let bucket = [bucket(0), bucket(1), bucket(2), bucket(3), bucket(4), bucket(5), bucket(6), bucket(7)];
                let x = F::gather(bucket.map(|point| (&raw const point.x).cast()));
                let y = F::gather(bucket.map(|point| (&raw const point.y).cast()));
                let infinite = bucket.iter().enumerate().fold(0, |mask, (lane, point)| mask | u8::from(point.is_infinite()) << lane);
                let y = F::zip(y, one, |y, one| blend(infinite, y, one));
                let z = F::zip(one, none, |one, none| blend(infinite, one, none));
                plain = sum::<F>(&plain, &Points { x, y, z }, &b3);
                weighted = sum::<F>(&weighted, &plain, &b3);
            }
            let (plain, weighted) = (download::<F>(&plain), download::<F>(&weighted));
            std::array::from_fn(|lane| [plain[lane], weighted[lane]])
        }
    }

    #[inline(never)]
    unsafe fn sum<F: Coordinate>(a: &Points<F::Lanes>, b: &Points<F::Lanes>, b3: &F::Lanes) -> Points<F::Lanes> {
        // SAFETY: this function has the instructions.
        unsafe {
            let plus = |a: F::Lanes, b: F::Lanes| F::zip(a, b, |a, b| normalise(add(a, b)));
            let less = |a: F::Lanes, b: F::Lanes, c: F::Lanes| F::zip(F::zip(a, b, |a, b| sub(a, b)), c, |a, c| reduce(sub(a, c)));
            let left = [plus(a.x, a.y), plus(a.y, a.z), plus(a.x, a.z)];
            let right = [plus(b.x, b.y), plus(b.y, b.z), plus(b.x, b.z)];
            let [xx, yy, zz] = F::products([&a.x, &a.y, &a.z], [&b.x, &b.y, &b.z]);
            let [xy, yz, xz] = F::products([&left[0], &left[1], &left[2]], [&right[0], &right[1], &right[2]]);
            let (xy, yz, xz) = (less(xy, xx, yy), less(yz, yy, zz), less(xz, xx, zz));
            let triple = F::map(xx, |xx| normalise(add(add(xx, xx), xx)));
            let zz = F::times_b3(&zz, b3);
            let (high, low) = (plus(yy, zz), F::less_b3(yy, zz));
            let xz = F::times_b3(&xz, b3);
            let [m0, m1, m2] = F::products([&yz, &xy, &triple], [&xz, &low, &xz]);
            let [m3, m4, m5] = F::products([&low, &triple, &high], [&high, &xy, &yz]);
            Points {
                x: F::zip(m1, m0, |a, b| reduce(sub(a, b))),
                y: F::zip(m3, m2, |a, b| reduce(add(a, b))),
                z: F::zip(m5, m4, |a, b| reduce(add(a, b))),
            }
        }
    }

    unsafe fn download<F: Coordinate>(points: &Points<F::Lanes>) -> [Projective<F::Curve>; 8] {
        let read = |v: F::Lanes| {
            let mut values = [F::ZERO; 8];
            // SAFETY: this function has the instructions; each place is an element.
            unsafe { F::scatter(F::map(v, |v| super::super::field::canonical::<Fq>(v)), values.each_mut().map(|value| (value as *mut F).cast())) };
            values
        };
        let (x, y, z) = (read(points.x), read(points.y), read(points.z));
        std::array::from_fn(|lane| {
            let (x, y, z) = (x[lane], y[lane], z[lane]);
            // From (x/z, y/z) to arkworks' (x/z^2, y/z^3).
            if z.is_zero() { Projective::zero() } else { Projective::new_unchecked(x * z, y * z.square(), z) }
        })
    }
}
