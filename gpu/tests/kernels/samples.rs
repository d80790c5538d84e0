//! Seeded random data with the extremes mixed in.

use ark_bn254::Fr;
use ark_ff::{One, PrimeField, UniformRand, Zero};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_gpu::IntSlice;

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Field elements, a quarter of them 0, 1 or -1.
pub fn field(len: usize, rng: &mut StdRng) -> Vec<Fr> {
    (0..len)
        .map(|_| match rng.gen_range(0..12) {
            0 => Fr::zero(),
            1 => Fr::one(),
            2 => -Fr::one(),
            _ => Fr::rand(rng),
        })
        .collect()
}

/// The element whose limbs are the order less one, everywhere: sums of products carry the furthest.
pub fn largest(len: usize) -> Vec<Fr> {
    let mut limbs = Fr::MODULUS;
    limbs.0[0] -= 1;
    vec![Fr::new_unchecked(limbs); len]
}

/// Integers of one type.
#[derive(Clone, Debug)]
pub enum Owned {
    I8(Vec<i8>),
    U8(Vec<u8>),
    I16(Vec<i16>),
    U16(Vec<u16>),
    I32(Vec<i32>),
    U32(Vec<u32>),
    I64(Vec<i64>),
}

impl Owned {
    pub fn slice(&self) -> IntSlice<'_> {
        match self {
            Self::I8(v) => IntSlice::I8(v),
            Self::U8(v) => IntSlice::U8(v),
            Self::I16(v) => IntSlice::I16(v),
            Self::U16(v) => IntSlice::U16(v),
            Self::I32(v) => IntSlice::I32(v),
            Self::U32(v) => IntSlice::U32(v),
            Self::I64(v) => IntSlice::I64(v),
        }
    }

    pub fn field(&self) -> Vec<Fr> {
        match self {
            Self::I8(v) => v.iter().map(|x| Fr::from(*x)).collect(),
            Self::U8(v) => v.iter().map(|x| Fr::from(*x)).collect(),
            Self::I16(v) => v.iter().map(|x| Fr::from(*x)).collect(),
            Self::U16(v) => v.iter().map(|x| Fr::from(*x)).collect(),
            Self::I32(v) => v.iter().map(|x| Fr::from(*x)).collect(),
            Self::U32(v) => v.iter().map(|x| Fr::from(*x)).collect(),
            Self::I64(v) => v.iter().map(|x| Fr::from(*x)).collect(),
        }
    }
}

/// One vector of each type, extremes included; then one of each type's minimum and maximum alone.
pub fn ints(len: usize, rng: &mut StdRng) -> Vec<Owned> {
    macro_rules! mixed {
        ($type:ty) => {
            (0..len)
                .map(|_| match rng.gen_range(0..12) {
                    0 => <$type>::MIN,
                    1 => <$type>::MAX,
                    2 => 0,
                    3 => 1,
                    _ => rng.r#gen(),
                })
                .collect()
        };
    }
    vec![
        Owned::I8(mixed!(i8)),
        Owned::U8(mixed!(u8)),
        Owned::I16(mixed!(i16)),
        Owned::U16(mixed!(u16)),
        Owned::I32(mixed!(i32)),
        Owned::U32(mixed!(u32)),
        Owned::I64(mixed!(i64)),
        Owned::I8(vec![i8::MIN; len]),
        Owned::U8(vec![u8::MAX; len]),
        Owned::I16(vec![i16::MIN; len]),
        Owned::U16(vec![u16::MAX; len]),
        Owned::I32(vec![i32::MIN; len]),
        Owned::U32(vec![u32::MAX; len]),
        Owned::I64(vec![i64::MIN; len]),
        Owned::I64(vec![i64::MAX; len]),
    ]
}
