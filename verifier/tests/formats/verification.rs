use crate::vectors::ALL;
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, UniformRand};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use assay_core::Program;
use assay_core::interval::Interval;
use assay_verifier::{Error, InputValue, PreparedKey, Receipt, Reference, VerifyingKey, verify};

#[test]
fn frozen_receipts_verify() {
    for vector in ALL {
        let (receipt, key) = (vector.receipt(), vector.key());
        assert_eq!(receipt.encode(), vector.receipt, "{}", vector.name);
        assert_eq!(key.encode(), vector.key, "{}", vector.name);
        assert_eq!(Program::decode(vector.program).unwrap(), key.program);
        assert_eq!(verify(&receipt, &key).unwrap(), &receipt.statement);
        let prepared = PreparedKey::new(key.clone()).unwrap();
        assert!(prepared.verify(&receipt).unwrap().development);
        assert_eq!(prepared.program_id(), key.program_id());
    }
}

#[test]
fn another_statement_is_rejected() {
    for vector in ALL {
        let (receipt, key) = (vector.receipt(), PreparedKey::new(vector.key()).unwrap());
        let fails = |f: &dyn Fn(&mut Receipt)| {
            let mut changed = receipt.clone();
            f(&mut changed);
            key.verify(&changed).unwrap_err()
        };
        assert!(matches!(fails(&|r| r.statement.program_id[0] ^= 1), Error::Program { .. }));
        assert!(matches!(fails(&|r| r.reference[0] ^= 1), Error::Reference { .. }));
        assert!(matches!(fails(&|r| r.statement.context[0] ^= 1), Error::Proof(_)));
        let assay_core::Ints::I8(_) = receipt.statement.outputs[0].data else { panic!("the vectors' outputs are int8") };
        assert!(matches!(
            fails(&|r| {
                if let assay_core::Ints::I8(v) = &mut r.statement.outputs[0].data {
                    v[0] ^= 1;
                }
            }),
            Error::Proof(_)
        ));
        assert!(matches!(fails(&|r| r.proof.rows.truncate(0)), Error::Count { .. }));
        assert!(matches!(fails(&|r| r.proof.opening = None), Error::Count { .. }));
        assert!(matches!(fails(&|r| r.proof.rows[0] = G1Affine::generator()), Error::Proof(_)));
        let off = G1Affine::new_unchecked(1u64.into(), 1u64.into());
        assert!(matches!(fails(&|r| r.proof.rows[0] = off), Error::Proof(assay_circuits::Error::OffCurve { .. })));
        assert!(matches!(fails(&|r| r.proof.opening.as_mut().unwrap().at_alpha = G1Affine::identity()), Error::Proof(_)));
    }
}

#[test]
fn another_private_input_is_rejected() {
    let (receipt, key) = (ALL[1].receipt(), PreparedKey::new(ALL[1].key()).unwrap());
    let mut changed = receipt;
    let InputValue::Private(rows) = &mut changed.statement.inputs[0] else { panic!("the vector's input is private") };
    rows[0] = (rows[0] + G1Affine::generator()).into_affine();
    assert!(matches!(key.verify(&changed), Err(Error::Proof(_))));
}

#[test]
fn another_key_is_rejected() {
    let fails = |f: &dyn Fn(&mut VerifyingKey)| {
        let mut key = ALL[0].key();
        f(&mut key);
        verify(&ALL[0].receipt(), &key).unwrap_err()
    };
    assert!(matches!(verify(&ALL[0].receipt(), &ALL[1].key()), Err(Error::Program { .. })));
    assert!(matches!(fails(&|k| k.constant_rows[0] = G1Affine::generator()), Error::Program { .. }));
    assert!(matches!(fails(&|k| k.constant_rows.clear()), Error::Count { .. }));
    assert!(matches!(fails(&|k| k.program.name.push('x')), Error::Program { .. }));
    assert!(matches!(fails(&|k| k.reference.development = false), Error::BadReference(_)));
    assert!(matches!(fails(&|k| k.reference.g2[1] = G2Affine::identity()), Error::BadReference(_)));
    assert!(matches!(fails(&|k| k.reference = Reference::new(k.reference.g2, false)), Error::Reference { .. }));
    // Bounds that nobody inferred.
    let last = ALL[0].key().program.nodes.len() - 1;
    assert!(matches!(fails(&|k| k.program.nodes[last].range = Interval { lo: 0, hi: 0 }), Error::BadKey(_)));
}

#[test]
fn a_receipt_cut_anywhere_is_rejected() {
    for vector in ALL {
        for end in 0..vector.receipt.len() {
            assert!(Receipt::decode(&vector.receipt[..end]).is_err(), "{} {end}", vector.name);
        }
        for end in 0..vector.key.len() {
            assert!(VerifyingKey::decode(&vector.key[..end]).is_err(), "{} {end}", vector.name);
        }
        assert!(Receipt::decode(&[vector.receipt, &[0]].concat()).is_err());
        assert!(VerifyingKey::decode(&[vector.key, &[0]].concat()).is_err());
    }
}

#[test]
fn flipped_bits_never_decode_to_another_encoding_nor_verify() {
    let mut rng = StdRng::seed_from_u64(1);
    for vector in ALL {
        let key = PreparedKey::new(vector.key()).unwrap();
        for at in 0..vector.receipt.len() {
            let mut changed = vector.receipt.to_vec();
            changed[at] ^= 1 << rng.gen_range(0..8);
            if let Ok(receipt) = Receipt::decode(&changed) {
                assert_eq!(receipt.encode(), changed, "{} {at}", vector.name);
                if rng.gen_range(0..16) == 0 {
                    assert!(key.verify(&receipt).is_err(), "{} {at}", vector.name);
                }
            }
        }
        for at in 0..vector.key.len() {
            let mut changed = vector.key.to_vec();
            changed[at] ^= 1 << rng.gen_range(0..8);
            if let Ok(key) = VerifyingKey::decode(&changed) {
                assert_eq!(key.encode(), changed, "{} {at}", vector.name);
            }
        }
    }
}

#[test]
fn every_scalar_of_the_proof_matters() {
    let mut rng = StdRng::seed_from_u64(2);
    for vector in ALL {
        let (receipt, key) = (vector.receipt(), PreparedKey::new(vector.key()).unwrap());
        let mut count = 0;
        receipt.proof.scalars.map(&mut |_| count += 1);
        for _ in 0..60 {
            let (target, by) = (rng.gen_range(0..count), Fr::rand(&mut rng));
            let mut changed = receipt.clone();
            let mut index = 0;
            changed.proof.scalars = changed.proof.scalars.map(&mut |s| {
                index += 1;
                if index - 1 == target { *s + by } else { *s }
            });
            assert!(key.verify(&changed).is_err(), "{} scalar {target} of {count}", vector.name);
        }
        let mut zeroed = receipt.clone();
        zeroed.proof.scalars = zeroed.proof.scalars.map(&mut |_| Fr::ZERO);
        assert!(key.verify(&zeroed).is_err());
    }
}

#[test]
fn the_reference_digest_is_the_one_that_files_carry() {
    let digest: String = ALL[0].key().reference.digest.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(digest, "3e1cecbcf512cb794dd88e0a20c601bcc0892389e2f0313a6257e5d18e0d7010");
}

/// Prints milliseconds. `cargo test --release -p assay-verifier -- --ignored --nocapture duration`
#[test]
#[ignore = "a measurement"]
fn duration() {
    for vector in ALL {
        let time = |f: &dyn Fn()| {
            let start = std::time::Instant::now();
            (0..20).for_each(|_| f());
            start.elapsed().as_secs_f64() * 50.0
        };
        let (receipt, key) = (vector.receipt(), PreparedKey::new(vector.key()).unwrap());
        println!(
            "{}: receipt {} bytes, decoded in {:.2} ms; key {} bytes, decoded and prepared in {:.2} ms; verified in {:.2} ms",
            vector.name,
            vector.receipt.len(),
            time(&|| drop(vector.receipt())),
            vector.key.len(),
            time(&|| drop(PreparedKey::new(vector.key()).unwrap())),
            time(&|| assert!(key.verify(&receipt).is_ok())),
        );
    }
}
