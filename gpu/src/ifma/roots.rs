//! The roots of unity of a tree of divisions, as factors eight at a time.
//!
//! ```text
//! X^2m - t^2 = (X^m - t) (X^m + t)        t = root(b) = e(b_0 / 4 + b_1 / 8 + b_2 / 16 + ..),  e(x) of order 1/x
//! ```
//! where b numbers the nodes of a level of the tree from the left and b_i are its binary digits: node b has the children
//! 2 b and 2 b + 1, and `root(b)` does not depend on the level. A transform of length n needs the first n / 2 of them,
//! and the first n are the powers of the root of order 2 n in bit-reversed order.

use std::sync::{Arc, Mutex, PoisonError};

use ark_bn254::Fr;
use ark_ff::FftField;

use super::field::{Fixed, Lanes, avx512, canonical, fixed, fixed_all, narrow, scaled, splat, spread, unzip, words, wrapped};

/// As many roots as the largest transform so far needed.
static ROOTS: Mutex<Option<Arc<Vec<Fixed<Fr>>>>> = Mutex::new(None);

/// A table of roots.
#[derive(Clone)]
pub struct Roots(Arc<Vec<Fixed<Fr>>>);

avx512! {
    /// At least the first `count` roots, a power of two from 8 up.
    pub fn roots(count: usize) -> Roots {
        let mut kept = ROOTS.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = match &*kept {
            Some(table) if 8 * table.len() >= count => return Roots(Arc::clone(table)),
            Some(table) => Vec::clone(table),
            None => vec![first()],
        };
        table.reserve_exact(count / 8 - table.len());
        while 8 * table.len() < count {
            // One more digit turns by another half of the smallest angle so far.
            let turn = fixed_all(&root_of_order(32 * table.len()));
            for i in 0..table.len() {
                let turned = scaled([&lanes(&table[i])], [&turn])[0];
                table.push(fixed(canonical(wrapped(turned))));
            }
        }
        let table = Arc::new(table);
        *kept = Some(Arc::clone(&table));
        Roots(table)
    }

    #[inline]
    fn lanes(factors: &Fixed<Fr>) -> Lanes<Fr> {
        Lanes(factors.value, std::marker::PhantomData)
    }

    fn first() -> Fixed<Fr> {
        let one = splat::<Fr>([1, 0, 0, 0, 0]);
        let mut limbs = [[0u64; 8]; 5];
        for i in 0..8 {
            let power = (0..3).filter(|bit| i >> bit & 1 == 1).map(|bit| root_of_order(4 << bit)).product::<Fr>();
            for (row, limb) in limbs.iter_mut().zip(narrow(ark_ff::PrimeField::into_bigint(power).0)) {
                row[i] = limb;
            }
        }
        let mut first = one;
        for (limb, row) in first.0.iter_mut().zip(&limbs) {
            *limb = words(row);
        }
        fixed(first)
    }
}

impl Roots {
    /// The roots `8 i .. 8 i + 8`.
    #[inline]
    pub fn eight(&self, i: usize) -> &Fixed<Fr> {
        &self.0[i]
    }
}

avx512! {
    /// What node b and its two children divide by, each in all lanes.
    #[inline]
    pub fn of_node(roots: &Roots, b: usize) -> [Fixed<Fr>; 3] {
        [b, 2 * b, 2 * b + 1].map(|b| spread(roots.eight(b / 8), b % 8))
    }

    /// What the nodes `8 i .. 8 i + 8` and their children divide by, one node a lane.
    #[inline]
    pub fn of_nodes(roots: &Roots, i: usize) -> [Fixed<Fr>; 3] {
        let [even, odd] = unzip(roots.eight(2 * i), roots.eight(2 * i + 1));
        [*roots.eight(i), even, odd]
    }
}

fn root_of_order(order: usize) -> Fr {
    Fr::get_root_of_unity(order as u64).unwrap_or_else(|| panic!("no root of unity of order {order}"))
}
