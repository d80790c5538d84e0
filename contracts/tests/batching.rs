//! Two equations share one pairing product: what is wrong in one cannot be made up for in the other.
//!
//! A forger who knows every logarithm makes the KZG equation fail by a known amount and shifts C so that the product is 1 for
//! the t that it expects. It is caught because t depends on C.

mod chain;
mod synthetic;

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, Field, PrimeField, Zero};
use assay_contracts::Call;
use assay_contracts::abi::keccak;
use assay_verifier::wrap::{WrapKey, WrappedReceipt};
use chain::{Chain, bytecode};
use synthetic::fixtures::{CONTEXT, setup};

/// The hash that the contract multiplies the KZG equation by.
fn batching_scalar(key: &WrapKey, receipt: &WrappedReceipt) -> Fr {
    Fr::from_be_bytes_mod_order(&keccak(&Call::unverified(key, receipt).unwrap().calldata()))
}

/// Whether the product of the Groth16 equation and a KZG equation that fails by `error [1]_1`, to the power of t, is 1.
fn product_is_one(key: &WrapKey, receipt: &WrappedReceipt, error: Fr, t: Fr) -> bool {
    let proof = &receipt.proof.groth16;
    let public = key.public_inputs(&receipt.statement, &receipt.proof);
    let ic = &key.groth16.ic;
    let inputs = public.iter().zip(&ic[1..]).fold(ic[0].into_group(), |sum, (x, point)| sum + *point * x);
    let failing: G1Projective = G1Affine::generator() * -error * t;
    let left = [-proof.a.into_group(), key.groth16.alpha_g1.into_group(), inputs + failing, proof.c.into_group()];
    let right = [proof.b, key.groth16.beta_g2, G2Affine::generator(), key.groth16.delta_g2];
    Bn254::multi_pairing(left.map(|point| point.into_affine()), right).is_zero()
}

#[test]
fn rejects_errors_that_cancel_for_an_expected_batching_scalar() {
    let name = "BudgetVerifier";
    let mut setup = setup(name);
    let mut chain = Chain::new();
    let caller = chain.account(1);
    let (verifier, _) = chain.deploy(caller, &bytecode(name));

    // A Groth16 proof for an evaluation that is wrong by 1; the KZG equation fails by -[1]_1.
    let error = Fr::ONE;
    let receipt = setup.receipt_with_error(CONTEXT, error);
    let known = batching_scalar(&setup.key, &receipt);
    assert!(product_is_one(&setup.key, &receipt, error, Fr::ZERO), "the Groth16 half holds");
    for (what, t) in [("1", Fr::ONE), ("that of the receipt before C was shifted", known)] {
        let mut forged = receipt.clone();
        let shift = G1Affine::generator() * (error * t * setup.delta().inverse().unwrap());
        forged.proof.groth16.c = (forged.proof.groth16.c + shift).into_affine();
        assert!(product_is_one(&setup.key, &forged, error, t), "the forgery works for t = {what}");
        setup.key.verify(&forged).unwrap_err();
        let calldata = Call::unverified(&setup.key, &forged).unwrap().calldata();
        assert!(chain.call(caller, verifier, 0, calldata).unwrap_err().is("InvalidProof()"), "t = {what}");
    }
}
