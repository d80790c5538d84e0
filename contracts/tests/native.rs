//! The synthetic receipts hold to the native verifier, and bind what they should.

mod synthetic;

use ark_bn254::Fr;
use synthetic::{BUDGET, DIGEST, LEAST, PRIVATE, Setup};

#[test]
fn the_native_verifier_accepts_them_and_no_changed_one() {
    for (seed, form) in [BUDGET, PRIVATE, LEAST, DIGEST].into_iter().enumerate() {
        let mut setup = Setup::new(form, seed as u64);
        let receipt = setup.receipt(b"context");
        setup.key.verify(&receipt).unwrap();
        let mut other = receipt.clone();
        other.proof.evaluation += Fr::from(1u64);
        setup.key.verify(&other).unwrap_err();
        let mut other = receipt.clone();
        other.statement.context.push(0);
        setup.key.verify(&other).unwrap_err();
    }
}
