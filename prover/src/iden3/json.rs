//! Proofs, public values and verifying keys as the JSON that snarkjs and circom's verifiers read.

use std::fmt::Display;

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::pairing::Pairing;
use ark_ff::Zero;
use ark_groth16::{Proof, VerifyingKey};

/// A verifying key, as `snarkjs zkey export verificationkey` writes it.
pub fn verifying_key_json(key: &VerifyingKey<Bn254>) -> String {
    let public = key.gamma_abc_g1.len().saturating_sub(1);
    let target = Bn254::pairing(key.alpha_g1, key.beta_g2).0;
    let halves = [target.c0, target.c1].map(|half| list(&[half.c0, half.c1, half.c2].map(|value| pair(&value))));
    let ic: Vec<String> = key.gamma_abc_g1.iter().map(g1).collect();
    format!(
        "{{\n \"protocol\": \"groth16\",\n \"curve\": \"bn128\",\n \"nPublic\": {public},\n \"vk_alpha_1\": {},\n \
         \"vk_beta_2\": {},\n \"vk_gamma_2\": {},\n \"vk_delta_2\": {},\n \"vk_alphabeta_12\": {},\n \"IC\": {}\n}}\n",
        g1(&key.alpha_g1),
        g2(&key.beta_g2),
        g2(&key.gamma_g2),
        g2(&key.delta_g2),
        list(&halves),
        list(&ic),
    )
}

/// A proof.
pub fn proof_json(proof: &Proof<Bn254>) -> String {
    format!(
        "{{\n \"pi_a\": {},\n \"pi_b\": {},\n \"pi_c\": {},\n \"protocol\": \"groth16\",\n \"curve\": \"bn128\"\n}}\n",
        g1(&proof.a),
        g2(&proof.b),
        g1(&proof.c),
    )
}

/// The public values, the constant 1 left out.
pub fn public_json(values: &[Fr]) -> String {
    list(&values.iter().map(quoted).collect::<Vec<_>>()) + "\n"
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

/// arkworks prints zero as nothing or "0" depending on its version: the number is written out here.
fn quoted(value: &(impl Display + Zero)) -> String {
    if value.is_zero() { "\"0\"".into() } else { format!("\"{value}\"") }
}

fn pair(value: &Fq2) -> String {
    list(&[quoted(&value.c0), quoted(&value.c1)])
}

/// Projective coordinates: x, y, 1; or 0, 1, 0.
fn g1(point: &G1Affine) -> String {
    let numbers = match point.xy() {
        Some((x, y)) => [x, y, Fq::from(1)],
        None => [0, 1, 0].map(Fq::from),
    };
    list(&numbers.map(|number| quoted(&number)))
}

fn g2(point: &G2Affine) -> String {
    let numbers = match point.xy() {
        Some((x, y)) => [x, y, Fq2::from(1)],
        None => [0, 1, 0].map(Fq2::from),
    };
    list(&numbers.map(|number| pair(&number)))
}
