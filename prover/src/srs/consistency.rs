//! Whether a string really holds successive powers of one tau.
//!
//! ```text
//! P_0 = [1]_1,  H_0 = [1]_2,  e(sum_i r_i P_{i+1}, H_0) = e(sum_i r_i P_i, H_1)   for random 128-bit r_i
//! ```

use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInt, Zero};
use rand::{CryptoRng, RngCore};

use super::{Origin, Srs, SrsError, development, generators};

/// Powers that one step of the check takes, which bounds its memory.
const STEP: usize = 1 << 16;

impl Srs {
    /// Checks every equation above, that tau is neither 0 nor 1, that all points are on the curve and in the group, and that the
    /// development string, and only it, is marked as such. Takes one multi-scalar multiplication of the string's length.
    ///
    /// # Errors
    /// [`SrsError::Inconsistent`] or [`SrsError::InvalidPoint`], naming what fails.
    ///
    /// # Soundness
    /// A string that is not `([tau^i]_1)_i, [1]_2, [tau]_2` for some tau passes with probability at most 2^-128,
    /// provided that `rng` is unpredictable to whoever made the string. It says nothing about who knows tau: for an imported string, verify the
    /// ceremony's contributions with the ceremony's own tools.
    pub fn verify_consistency(&self, rng: &mut (impl RngCore + CryptoRng)) -> Result<(), SrsError> {
        check_ends(&self.g1, &self.g2, self.origin)?;
        for (index, point) in self.g1.iter().enumerate() {
            if point.is_zero() || !point.is_on_curve() {
                return Err(SrsError::InvalidPoint { what: format!("power {index} in G1") });
            }
        }
        if !self.g2.iter().all(|p| !p.is_zero() && p.is_on_curve() && p.is_in_correct_subgroup_assuming_on_curve()) {
            return Err(SrsError::InvalidPoint { what: "a point in G2".into() });
        }
        let (mut low, mut high) = (G1Projective::zero(), G1Projective::zero());
        let last = self.g1.len() - 1;
        for start in (0..last).step_by(STEP) {
            let end = last.min(start + STEP);
            let scalars: Vec<BigInt<4>> = (start..end).map(|_| BigInt::new([rng.next_u64(), rng.next_u64(), 0, 0])).collect();
            low += G1Projective::msm_bigint(&self.g1[start..end], &scalars);
            high += G1Projective::msm_bigint(&self.g1[start + 1..end + 1], &scalars);
        }
        let product = Bn254::multi_pairing([high.into_affine(), (-low).into_affine()], [self.g2[0], self.g2[1]]);
        if !product.is_zero() {
            return Err(SrsError::Inconsistent { what: "the points in G1 are not successive powers of the tau in G2" });
        }
        Ok(())
    }
}

/// The checks that need no pairing: generators first, tau neither 0 nor 1, and the development mark is honest.
pub(super) fn check_ends(g1: &[G1Affine], g2: &[G2Affine; 2], origin: Origin) -> Result<(), SrsError> {
    let (first, second) = generators();
    if g1.first() != Some(&first) {
        return Err(SrsError::Inconsistent { what: "the first point in G1 is not the generator" });
    }
    if g2[0] != second {
        return Err(SrsError::Inconsistent { what: "the first point in G2 is not the generator" });
    }
    if g2[1].is_zero() || g2[1] == second {
        return Err(SrsError::Inconsistent { what: "tau is 0 or 1" });
    }
    match (g2[1] == development::tau_g2(), origin) {
        (true, Origin::Imported) => {
            Err(SrsError::Inconsistent { what: "the file claims a ceremony, but its tau is the public development one" })
        }
        (false, Origin::Development) => {
            Err(SrsError::Inconsistent { what: "the file is marked as the development string, but its tau is another" })
        }
        _ => Ok(()),
    }
}
