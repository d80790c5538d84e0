//! Field elements and points from a seed, as ffjavascript draws them, so that snarkjs finds the same ones.
//!
//! The stream is ChaCha20's with a zero nonce. A field element is four 64-bit words, least significant first, each
//! with its upper half first, cut to 254 bits and drawn again until below the order; the integer is the element's
//! Montgomery form. A point is an x, a bit that asks for the greater y, drawn again until x is on the curve, and
//! times the cofactor.

use std::marker::PhantomData;

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ec::{AffineRepr, CurveConfig, CurveGroup};
use ark_ff::{BigInt, Field, Fp, MontBackend, MontConfig, PrimeField, Zero};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// The stream of a seed: the first 32 bytes of a hash, read as big-endian words.
pub(super) struct Stream(ChaCha20Rng);

impl Stream {
    pub(super) fn new(hash: &[u8]) -> Self {
        let mut seed = [0u8; 32];
        for (word, bytes) in seed.chunks_exact_mut(4).zip(hash.chunks_exact(4)) {
            word.copy_from_slice(bytes);
            word.reverse();
        }
        Stream(ChaCha20Rng::from_seed(seed))
    }

    fn word(&mut self) -> u64 {
        let high = u64::from(self.0.next_u32());
        high << 32 | u64::from(self.0.next_u32())
    }

    fn element<C: MontConfig<4>>(&mut self) -> Fp<MontBackend<C, 4>, 4> {
        loop {
            let mut limbs = [0; 4].map(|_: u64| self.word());
            limbs[3] &= u64::MAX >> 2;
            let integer = BigInt::new(limbs);
            if integer < C::MODULUS {
                return Fp(integer, PhantomData);
            }
        }
    }

    pub(super) fn fr(&mut self) -> Fr {
        self.element()
    }

    fn fq2(&mut self) -> Fq2 {
        let c0 = self.element();
        Fq2::new(c0, self.element())
    }

    fn greater(&mut self) -> bool {
        self.0.next_u32() & 1 == 1
    }

    /// A point of G1 whose logarithm nobody knows.
    pub(super) fn g1(&mut self) -> G1Affine {
        loop {
            let (x, greater): (Fq, bool) = (self.element(), self.greater());
            if let Some(y) = (x.square() * x + ark_bn254::g1::Config::COEFF_B).sqrt() {
                return G1Affine::new_unchecked(x, if is_greater(&y) == greater { y } else { -y });
            }
        }
    }

    /// A point of G2 whose logarithm nobody knows.
    pub(super) fn g2(&mut self) -> G2Affine {
        loop {
            let (x, greater) = (self.fq2(), self.greater());
            if let Some(y) = (x.square() * x + ark_bn254::g2::Config::COEFF_B).sqrt() {
                let leading = if y.c1.is_zero() { y.c0 } else { y.c1 };
                let point = G2Affine::new_unchecked(x, if is_greater(&leading) == greater { y } else { -y });
                return point.mul_bigint(ark_bn254::g2::Config::COFACTOR).into_affine();
            }
        }
    }
}

/// Above half the order.
fn is_greater(value: &Fq) -> bool {
    value.into_bigint() > Fq::MODULUS_MINUS_ONE_DIV_TWO
}

/// The point r of a proof of knowledge.
pub(super) fn hash_to_g2(transcript: &[u8; 64]) -> G2Affine {
    Stream::new(transcript).g2()
}

#[cfg(test)]
mod tests {
    use ark_ff::MontFp;

    use super::*;

    /// The values that ffjavascript 0.3.1 draws from this seed, one after another.
    #[test]
    fn draws_what_ffjavascript_draws() {
        let seed: Vec<u8> = [1u32, 2, 3, 4, 5, 6, 7, 0xffff_fff8].iter().flat_map(|word| word.to_be_bytes()).collect();
        let mut stream = Stream::new(&seed);
        assert_eq!(stream.fr(), MontFp!("19056840000520145489128379839045871389619243733930089025679093680834154300603"));
        let g1 = G1Affine::new_unchecked(
            MontFp!("21164566088903785652493257680250033151648150808236170506488571891783381702685"),
            MontFp!("7664551664523662595253959044304526230136186396825482466690643188029779846097"),
        );
        assert_eq!(stream.g1(), g1);
        let g2 = G2Affine::new_unchecked(
            Fq2::new(
                MontFp!("509902843912724523646406428249124073070504442422150366015446405070875419127"),
                MontFp!("19725771108445329525062932952766279481616368273148024683261280285210928806974"),
            ),
            Fq2::new(
                MontFp!("123812803807064423824854702557898373826469748666930029540756327965920331194"),
                MontFp!("10982557884781403693159713394273500528522200169184920552746579271002172233106"),
            ),
        );
        let drawn = stream.g2();
        assert_eq!(drawn, g2);
        assert!(drawn.is_in_correct_subgroup_assuming_on_curve());
    }
}
