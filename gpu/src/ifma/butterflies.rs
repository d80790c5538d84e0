//! Two levels of a transform at once: four values of each of eight columns.
//!
//! Down the tree, a node's polynomial is divided by its children's; up the tree is the transpose of that:
//!
//! ```text
//! down:  u = x_0 + t x_2    v = x_1 + t x_3        up:  y_0 = x_0 + x_1 + x_2 + x_3
//!        u' = x_0 - t x_2   v' = x_1 - t x_3            y_1 = d + e,      d = s (x_0 - x_1)
//!        y_0 = u + s v      y_2 = u' + s' v'            y_2 = t (x_0 + x_1 - x_2 - x_3)
//!        y_1 = u - s v      y_3 = u' - s' v'            y_3 = t (d - e),  e = s' (x_2 - x_3)
//! ```
//! for the roots t of the node, s and s' of its children. Values in memory between passes lie anywhere below
//! 2^256 = 5.28 p; products below are at most 1.27 p.

#![allow(unsafe_code)]

use ark_bn254::Fr;

use super::field::{
    Fixed, Lanes, Modulus, add, avx512, canonical, carried, gather, load, multiple_of_p, multiples, normalise, scaled, scatter, store, sub,
    subtract_once, within, wrapped,
};

/// Where four times eight elements lie: `[j][lane]` at `starts[j] + lane * step`.
#[derive(Clone, Copy)]
pub struct Places {
    /// The first lane's.
    pub starts: [*mut Fr; 4],
    /// In elements.
    pub step: usize,
}

/// What becomes of values on their way to memory.
#[derive(Clone, Copy)]
pub enum End<'a> {
    /// Any value below 2^256 serves the next pass.
    Open,
    /// The canonical one.
    Canonical,
    /// The canonical one times a factor.
    Scaled(&'a Fixed<Fr>),
}

avx512! {
    /// Eight of the elements.
    ///
    /// # Safety
    /// The places must be readable.
    #[inline]
    unsafe fn read(places: &Places, j: usize) -> Lanes<Fr> {
        let start = places.starts[j].cast_const();
        // SAFETY: the caller's.
        unsafe { gather(std::array::from_fn(|i| start.add(i * places.step).cast())) }
    }

    /// Replaces eight of the elements.
    ///
    /// # Safety
    /// The places must be writable.
    #[inline]
    unsafe fn write(places: &Places, j: usize, value: Lanes<Fr>) {
        let start = places.starts[j];
        // SAFETY: the caller's.
        unsafe { scatter(value, std::array::from_fn(|i| start.add(i * places.step).cast())) }
    }

    /// Two levels down, in place.
    ///
    /// # Safety
    /// All places must be readable and writable, by nobody else meanwhile.
    #[inline]
    pub unsafe fn down(places: &Places, [t, s, r]: &[Fixed<Fr>; 3], end: End<'_>) {
        // SAFETY: the caller's.
        let [x0, x1, x2, x3] = unsafe { [read(places, 0), read(places, 1), read(places, 2), read(places, 3)] };
        let [p2, p3] = scaled([&x2, &x3], [t, t]);
        let two = multiple_of_p::<Fr, 2>();
        let v0 = carried(add(x1, p3));
        let v1 = carried(add(sub(x1, p3), two));
        let [v0, v1] = scaled([&v0, &v1], [s, r]);
        // Below 1.67 p, so that sums are below 4.8 p.
        let x0 = within::<Fr, 45>(x0, const { &<Fr as Modulus>::MULTIPLES });
        let u0 = add(x0, p2);
        let u1 = sub(x0, p2);
        let out = [add(u0, v0), add(sub(u0, v0), two), add(add(u1, v1), two), add(sub(u1, v1), multiple_of_p::<Fr, 3>())];
        for j in 0..4 {
            let value = wrapped(out[j]);
            let value = match end {
                End::Open => value,
                End::Canonical => canonical(value),
                End::Scaled(factor) => subtract_once(wrapped(scaled([&value], [factor])[0])),
            };
            // SAFETY: the caller's.
            unsafe { write(places, j, value) };
        }
    }

    /// Two levels up, in place.
    ///
    /// # Safety
    /// All places must be readable and writable, by nobody else meanwhile.
    #[inline]
    pub unsafe fn up(places: &Places, [t, s, r]: &[Fixed<Fr>; 3]) {
        // SAFETY: the caller's.
        let [x0, x1, x2, x3] = unsafe { [read(places, 0), read(places, 1), read(places, 2), read(places, 3)] };
        let six = multiple_of_p::<Fr, 6>();
        let d = carried(add(sub(x0, x1), six));
        let e = carried(add(sub(x2, x3), six));
        let (low, high) = (add(x0, x1), add(x2, x3));
        let [d, e] = scaled([&d, &e], [s, r]);
        // Below 2^258, of which intervals of 2^255 are told apart: 3.65 p is left.
        let sum = within::<Fr, 47>(normalise(add(low, high)), const { &WIDE });
        // SAFETY: the caller's.
        unsafe {
            write(places, 0, normalise(sum));
            write(places, 1, wrapped(add(d, e)));
        }
        let low = carried(add(sub(low, high), multiple_of_p::<Fr, 11>()));
        let high = carried(add(sub(d, e), multiple_of_p::<Fr, 2>()));
        let [low, high] = scaled([&low, &high], [t, t]);
        // SAFETY: the caller's.
        unsafe {
            write(places, 2, wrapped(low));
            write(places, 3, wrapped(high));
        }
    }

    /// One level with the root 1, either way: `(x + y, x - y)` of any values below 2^256.
    #[inline]
    pub fn sum_and_difference(low: &mut [Fr; 8], high: &mut [Fr; 8]) {
        let (x, y) = (load(low), load(high));
        let difference = add(sub(x, y), multiple_of_p::<Fr, 6>());
        store(normalise(within::<Fr, 47>(normalise(add(x, y)), const { &WIDE })), low);
        store(normalise(within::<Fr, 47>(normalise(difference), const { &WIDE })), high);
    }
}

/// For values below 2^258: `floor(x / p) p` at the lower ends of intervals of length 2^255.
const WIDE: [[u64; 8]; 5] = multiples(&<Fr as Modulus>::P, 47);
