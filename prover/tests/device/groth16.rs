//! Groth16 on a device: the bytes of the processor's proofs, refusals, and the memory that a kept key takes.

use ark_bn254::Fr;
use ark_ff::Field;
use assay_gpu::{Cuda, Portable};
use assay_prover::groth16::{KeptKey, PreparedKey, prove_with_blinding, setup};

use crate::samples::{Style, rng, separate_products, system};

/// With a key that stays on the device, and with one that is sent for each proof or each use.
pub fn is_proven_on(cuda: &Cuda) {
    cuda.limit_memory(cuda.memory().total);
    let style = Style { num_constraints: 1100, num_instance: 40, booleans: 50, unused: 7 };
    let (r1cs, z) = system(style, &mut rng(1));
    let key = PreparedKey::from_ark(&setup(&r1cs, &mut rng(2)).unwrap(), &r1cs).unwrap();
    let (r, s) = (Fr::from(5), Fr::from(6));
    let expected = prove_with_blinding(&Portable, &key, &z, r, s).unwrap();
    for keep in [true, false] {
        cuda.keep_points(keep);
        assert_eq!(prove_with_blinding(cuda, &key, &z, r, s).unwrap(), expected);
        let before = cuda.memory().live;
        let kept = KeptKey::new(cuda, &key);
        let held = (cuda.memory().live - before) as u64;
        assert_eq!(kept.prove_with_blinding(&z, r, s).unwrap(), expected);
        // The estimate leaves out the borders of tiles, and counts a place for each term of a sum whose points are sent.
        let [with, without] = [true, false].map(|keeps| key.device_bytes(keeps).usual);
        let places = 64 * 2 * key.shape().domain().max(key.shape().num_variables()) as u64;
        let estimated = if keep { with + places - without } else { 0 };
        assert!(held.abs_diff(estimated) < 200, "{held} bytes are kept, {estimated} estimated");
    }
    names_the_first_violated_constraint(cuda);
}

fn names_the_first_violated_constraint(cuda: &Cuda) {
    let num_constraints = 1500;
    let (r1cs, z) = separate_products(num_constraints);
    let key = PreparedKey::from_ark(&setup(&r1cs, &mut rng(3)).unwrap(), &r1cs).unwrap();
    for violated in [vec![0], vec![num_constraints - 1], vec![750], vec![1024, 1400]] {
        let mut wrong = z.clone();
        violated.iter().for_each(|row| wrong[3 + 3 * row] += Fr::ONE);
        let error = prove_with_blinding(cuda, &key, &wrong, Fr::ONE, Fr::ONE).unwrap_err();
        assert_eq!(error.to_string(), format!("constraint {} of {num_constraints} does not hold (counted from 0)", violated[0]));
    }
}
