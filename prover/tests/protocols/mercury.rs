//! Mercury openings: every size, with and without salt, and every part of a proof replaced.

use crate::dense::{assert_unequal, mle, random, rng};
use ark_bn254::{Fr, G1Affine, G1Projective, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup, scalar_mul::BatchMulPreprocessing};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use assay_circuits::{
    Error, Transcript,
    mercury::{self as scalar, Points, Proof, Scalars},
};
use assay_gpu::{Backend, IntSlice, Portable};
use assay_prover::{kzg, mercury};
use assay_verifier::kzg::Powers;

pub const IDENTITY: &str = "Mercury's inner-product identity";

/// Powers of a tau that the tests know.
pub struct Reference {
    pub bases: <Portable as Backend>::Bases,
    pub powers: Powers,
}

impl Reference {
    pub fn new(len: usize, seed: u64) -> Self {
        let tau = Fr::rand(&mut rng(seed));
        let exponents: Vec<Fr> = core::iter::successors(Some(Fr::ONE), |power| Some(*power * tau)).take(len).collect();
        let g1 = G1Projective::generator();
        let points = BatchMulPreprocessing::new(g1, len).batch_mul(&exponents);
        let g2 = G2Projective::generator();
        let powers = Powers { g1: g1.into_affine(), g2: g2.into_affine(), tau_g2: (g2 * tau).into_affine() };
        Self { bases: Portable.prepare_bases(&points), powers }
    }

    pub fn commit(&self, coefficients: &[Fr]) -> G1Projective {
        kzg::commit(&Portable, &self.bases, &Portable.upload(coefficients))
    }

    /// The whole verifier.
    pub fn check(&self, commitment: G1Projective, point: &[Fr], value: Fr, proof: &Proof) -> Result<(), Error> {
        let mut transcript = start(commitment, point);
        let opening = scalar::verify(&proof.scalars, &proof.points.digests(), point, &value, &mut transcript)?;
        assay_verifier::kzg::verify(&self.powers, commitment, &proof.points, &opening)
    }
}

/// A transcript that binds the commitment and the point.
pub fn start(commitment: G1Projective, point: &[Fr]) -> Transcript<Fr> {
    let mut transcript = Transcript::new("mercury test");
    transcript.absorb(&[assay_circuits::points_digest([&commitment.into_affine()])]);
    transcript.absorb(point);
    transcript
}

/// A polynomial, its commitment, and an honest opening.
struct Opened {
    reference: Reference,
    commitment: G1Projective,
    point: Vec<Fr>,
    value: Fr,
    proof: Proof,
}

impl Opened {
    fn new(log_len: usize, salt: usize, seed: u64) -> Self {
        let mut rng = rng(seed);
        let reference = Reference::new((1 << log_len) + salt, seed);
        let f = random((1 << log_len) + salt, &mut rng);
        let point = random(log_len, &mut rng);
        let value = mle(&f[..1 << log_len], &point);
        let commitment = reference.commit(&f);
        let vector = Portable.upload(&f);
        let proof = mercury::open(&Portable, &reference.bases, &vector, &point, value, &mut start(commitment, &point));
        Self { reference, commitment, point, value, proof }
    }

    fn check(&self, proof: &Proof) -> Result<(), Error> {
        self.reference.check(self.commitment, &self.point, self.value, proof)
    }
}

#[test]
fn every_size_is_accepted_with_and_without_salt() {
    for log_len in 0..=12 {
        let b1 = 1 << scalar::split(log_len).0;
        for salt in [0, 1, b1 / 2, b1] {
            let opened = Opened::new(log_len, salt, (log_len * 100 + salt) as u64);
            opened.check(&opened.proof).unwrap_or_else(|error| panic!("2^{log_len} values, {salt} salts: {error}"));
        }
    }
}

#[test]
fn salt_changes_the_commitment_and_not_the_claim() {
    let reference = Reference::new(40, 1);
    let mut f = random(40, &mut rng(2));
    let point = random(5, &mut rng(3));
    let value = mle(&f[..32], &point);
    let mut commitments = Vec::new();
    for _ in 0..3 {
        let commitment = reference.commit(&f);
        let vector = Portable.upload(&f);
        let proof = mercury::open(&Portable, &reference.bases, &vector, &point, value, &mut start(commitment, &point));
        reference.check(commitment, &point, value, &proof).unwrap();
        commitments.push(commitment);
        f[32..].iter_mut().for_each(|salt| *salt = salt.square());
    }
    assert!(commitments[0] != commitments[1] && commitments[1] != commitments[2]);
}

#[test]
fn prover_and_verifier_leave_one_transcript() {
    let Opened { reference, commitment, point, value, proof } = Opened::new(5, 2, 1);
    let (mut ours, mut theirs) = (start(commitment, &point), start(commitment, &point));
    let mut f = random(34, &mut rng(1));
    f.truncate(34);
    assert_eq!(reference.commit(&f), commitment);
    let again = mercury::open(&Portable, &reference.bases, &Portable.upload(&f), &point, value, &mut ours);
    scalar::verify(&proof.scalars, &proof.points.digests(), &point, &value, &mut theirs).unwrap();
    assert_eq!(proof, again);
    assert_eq!(ours.squeeze(), theirs.squeeze());
}

#[test]
fn integers_commit_like_field_elements() {
    let reference = Reference::new(40, 1);
    let ints: Vec<i8> = (0..50i32).map(|i| (i * 37 % 256 - 128) as i8).collect();
    let salt = random(3, &mut rng(4));
    let mut row: Vec<Fr> = ints[10..31].iter().map(|x| Fr::from(*x)).collect();
    row.resize(32, Fr::ZERO);
    row.extend_from_slice(&salt);
    let uploaded = Portable.upload_ints(IntSlice::I8(&ints));
    let plain = Portable.msm_ints(&reference.bases, 0, &uploaded, 10, 21);
    assert_eq!(plain, reference.commit(&row[..32]));
    let salted = plain + kzg::commit_at(&Portable, &reference.bases, 32, &salt);
    assert_eq!(salted, reference.commit(&row));
}

#[test]
fn rejects_another_value_point_or_commitment() {
    for (log_len, salt) in [(0, 0), (0, 1), (1, 1), (2, 0), (5, 3)] {
        let mut opened = Opened::new(log_len, salt, 8);
        let proof = opened.proof.clone();
        opened.value += Fr::ONE;
        assert!(opened.check(&proof).is_err());
        opened.value -= Fr::ONE;
        for i in 0..log_len {
            opened.point[i] += Fr::ONE;
            assert!(opened.check(&proof).is_err());
            opened.point[i] -= Fr::ONE;
        }
        opened.check(&proof).unwrap();
        opened.commitment += G1Projective::generator();
        assert!(opened.check(&proof).is_err());
    }
}

#[test]
fn rejects_the_right_transcript_over_another_commitment() {
    // The transcript is the honest one: only the group equation can tell.
    let Opened { reference, commitment, point, value, proof } = Opened::new(5, 3, 8);
    let digests = proof.points.digests();
    let opening = scalar::verify(&proof.scalars, &digests, &point, &value, &mut start(commitment, &point)).unwrap();
    let other = commitment + G1Projective::generator();
    assert_eq!(assay_verifier::kzg::verify(&reference.powers, commitment, &proof.points, &opening), Ok(()));
    assert_eq!(assay_verifier::kzg::verify(&reference.powers, other, &proof.points, &opening), Err(Error::Opening));
    // Each point on its own, under the honest challenges.
    for i in 0..8 {
        let mut points = proof.points.to_array();
        points[i] = (points[i] + G1Projective::generator()).into_affine();
        let points = Points::from_array(points);
        assert_eq!(assay_verifier::kzg::verify(&reference.powers, commitment, &points, &opening), Err(Error::Opening), "point {i}");
    }
}

#[test]
fn rejects_every_point_replaced() {
    let opened = Opened::new(5, 3, 8);
    for i in 0..8 {
        for replacement in 0..3 {
            let mut points = opened.proof.points.to_array();
            points[i] = match replacement {
                0 => G1Affine::identity(),
                1 => (points[i] + G1Projective::generator()).into_affine(),
                _ => points[(i + 1) % 8],
            };
            let proof = Proof { points: Points::from_array(points), ..opened.proof.clone() };
            assert!(matches!(opened.check(&proof), Err(Error::Opening | Error::Unequal { .. })), "point {i}, replacement {replacement}");
        }
    }
}

#[test]
fn rejects_points_off_the_curve() {
    let opened = Opened::new(3, 1, 8);
    let digests = opened.proof.points.digests();
    let mut transcript = start(opened.commitment, &opened.point);
    let opening = scalar::verify(&opened.proof.scalars, &digests, &opened.point, &opened.value, &mut transcript).unwrap();
    for i in 0..8 {
        let mut points = opened.proof.points.to_array();
        points[i] = G1Affine::new_unchecked(points[i].x, points[i].y + ark_bn254::Fq::ONE);
        let result = assay_verifier::kzg::verify(&opened.reference.powers, opened.commitment, &Points::from_array(points), &opening);
        assert!(matches!(result, Err(Error::OffCurve { .. })));
    }
}

#[test]
fn rejects_every_number_tampered_with() {
    for (log_len, salt) in [(0, 1), (2, 0), (5, 3)] {
        let opened = Opened::new(log_len, salt, 8);
        for i in 0..7 {
            let mut scalars = opened.proof.scalars.to_array();
            scalars[i] += Fr::ONE;
            let proof = Proof { scalars: Scalars::from_array(scalars), ..opened.proof.clone() };
            assert_unequal(opened.check(&proof), IDENTITY);
        }
    }
}

#[test]
fn rejects_swapped_and_replayed_proofs() {
    let (a, b) = (Opened::new(5, 3, 8), Opened::new(5, 3, 9));
    assert!(a.check(&b.proof).is_err());
    let mut scalars = a.proof.scalars.clone();
    scalars.g.swap(0, 1);
    assert!(a.check(&Proof { scalars, ..a.proof.clone() }).is_err());
    assert!(a.check(&Proof { points: b.proof.points, ..a.proof.clone() }).is_err());
}
