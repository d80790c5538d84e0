//! Receipts as calldata, and back.

mod synthetic;

use assay_contracts::{Call, Error, decode_calldata, encode_calldata};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use synthetic::fixtures::{CONTEXT, FIXTURES, setup};

#[test]
fn what_is_written_can_be_read_and_nothing_else() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    for (name, ..) in FIXTURES {
        let mut setup = setup(name);
        let receipt = setup.receipt(CONTEXT);
        let bytes = encode_calldata(&setup.key, &receipt).unwrap();
        let call = decode_calldata(&setup.key, &bytes).unwrap();
        assert_eq!(call, Call::new(&setup.key, &receipt).unwrap());
        assert!(call.speaks_of(&receipt.statement));
        assert_eq!(call.input_digest(), receipt.statement.input_digest());

        for length in [0, 4, bytes.len() - 1, bytes.len() + 1] {
            let mut other = bytes.clone();
            other.resize(length, 0);
            decode_calldata(&setup.key, &other).unwrap_err();
        }
        // The words between the parts: changed, they are refused; elsewhere the call is another one.
        for _ in 0..200 {
            let mut other = bytes.clone();
            let place = rng.gen_range(0..other.len());
            other[place] ^= rng.gen_range(1..=255u8);
            match decode_calldata(&setup.key, &other) {
                Ok(found) => assert!(found != call && found.calldata() == other),
                Err(error) => assert_eq!(error, Error::NotCanonical),
            }
        }
    }
}

#[test]
fn a_receipt_that_does_not_hold_is_not_sent() {
    let mut setup = setup("PrivateVerifier");
    let mut receipt = setup.receipt(CONTEXT);
    receipt.proof.rows.swap(0, 1);
    assert!(matches!(Call::new(&setup.key, &receipt), Err(Error::Verifier(_))));
    receipt.key[0] ^= 1;
    assert!(matches!(Call::unverified(&setup.key, &receipt), Err(Error::OtherKey { .. })));
    receipt.key[0] ^= 1;
    receipt.proof.rows.pop();
    assert_eq!(Call::unverified(&setup.key, &receipt), Err(Error::Count { what: "rows of the witness", expected: 3, found: 2 }));
}

#[test]
fn another_statement_is_told_apart() {
    let mut setup = setup("BudgetVerifier");
    let receipt = setup.receipt(CONTEXT);
    let call = Call::new(&setup.key, &receipt).unwrap();
    let mut other = receipt.statement.clone();
    other.context.push(1);
    assert!(!call.speaks_of(&other));
    assert!(!call.speaks_of(&setup.receipt(CONTEXT).statement));
}
