use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, Field, PrimeField, UniformRand};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use assay_core::encode::{Reader, Writer};
use assay_verifier::elements::{read_g1, read_g2, read_scalar, write_g1, write_g2, write_scalar};

fn g1(bytes: &[u8]) -> Option<G1Affine> {
    read_g1(&mut Reader::new(bytes)).ok()
}

fn encoded(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    write(&mut out);
    out.finish()
}

#[test]
fn elements_round_trip() {
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..20 {
        let (s, p, q) = (Fr::rand(&mut rng), G1Affine::rand(&mut rng), G2Affine::rand(&mut rng));
        assert_eq!(read_scalar(&mut Reader::new(&encoded(|o| write_scalar(o, &s)))).unwrap(), s);
        assert_eq!(g1(&encoded(|o| write_g1(o, &p))), Some(p));
        assert_eq!(read_g2(&mut Reader::new(&encoded(|o| write_g2(o, &q)))).unwrap(), q);
    }
    let zero = G1Affine::identity();
    assert_eq!(g1(&encoded(|o| write_g1(o, &zero))), Some(zero));
    assert_eq!(encoded(|o| write_scalar(o, &Fr::from(258u64)))[..3], [2, 1, 0]);
}

#[test]
fn scalars_beyond_the_modulus_are_rejected() {
    let modulus = Fr::MODULUS.to_bytes_le();
    assert!(read_scalar(&mut Reader::new(&modulus)).is_err());
    let mut plus_one = modulus;
    plus_one[0] += 1;
    assert!(read_scalar(&mut Reader::new(&plus_one)).is_err());
    assert!(read_scalar(&mut Reader::new(&[0xff; 32])).is_err());
}

#[test]
fn points_have_one_encoding() {
    let mut rng = StdRng::seed_from_u64(2);
    let point = G1Affine::rand(&mut rng);
    let bytes = encoded(|o| write_g1(o, &point));
    // The other sign is the other point.
    let mut negated = bytes.clone();
    negated[31] ^= 0x80;
    assert_eq!(g1(&negated), Some(-point));
    // Infinity with a coordinate, both flags at once, infinity with a sign.
    for flags in [0x40, 0xc0] {
        let mut flagged = bytes.clone();
        flagged[31] |= flags;
        assert_eq!(g1(&flagged), None, "{flags:x}");
    }
    let mut signed_infinity = [0u8; 32];
    signed_infinity[31] = 0xc0;
    assert_eq!(g1(&signed_infinity), None);
    let mut infinity_with_one = [0u8; 32];
    (infinity_with_one[0], infinity_with_one[31]) = (1, 0x40);
    assert_eq!(g1(&infinity_with_one), None);
}

#[test]
fn coordinates_are_reduced_and_on_the_curve() {
    // x = 1 is the generator's coordinate: x + p names the same residue.
    let mut unreduced = Fq::MODULUS.to_bytes_le();
    unreduced[0] += 1;
    assert_eq!(g1(&unreduced), None);
    let off = (2u64..).find(|x| (Fq::from(*x).pow([3u64]) + Fq::from(3u64)).sqrt().is_none()).unwrap();
    let bytes = [off.to_le_bytes().to_vec(), vec![0; 24]].concat();
    assert_eq!(g1(&bytes), None);
}

#[test]
fn points_of_the_twist_outside_the_group_are_rejected() {
    let outside = (1u64..).find_map(|x| G2Affine::get_point_from_x_unchecked(x.into(), true)).unwrap();
    assert!(outside.is_on_curve() && !outside.is_in_correct_subgroup_assuming_on_curve());
    let bytes = encoded(|o| write_g2(o, &outside));
    assert!(read_g2(&mut Reader::new(&bytes)).is_err());
    assert!(read_g2(&mut Reader::new(&encoded(|o| write_g2(o, &G2Affine::generator())))).is_ok());
}
